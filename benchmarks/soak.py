"""`make soak`: thousands of plan, apply and refresh operations against one provider process: is it flat?

Most are calls over the provider's own socket; in between real Terraform runs use the same process
(TF_REATTACH_PROVIDERS), each of which configures it anew. Exit status 1 where memory or descriptors grow. PROVIDER is
another command to start the provider with: one that leaks on purpose, to see that it is found.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import Iterable
from pathlib import Path

from benchmarks.calls import AT_ONCE, TYPE, config_of
from benchmarks.configurations import connections
from benchmarks.contestants import contestants
from benchmarks.flatness import leaks
from benchmarks.folder import Folder
from benchmarks.processes import Look, look
from benchmarks.served import PROVIDER, Served, debugged
from benchmarks.tenant import opened
from terraform_plugin.testing import ProtocolClient

ROUNDS = 24
CONNECTIONS = 30  # created, read, renamed and deleted in each round
READS = 3
OPERATIONS = CONNECTIONS * (2 + READS + 2 + 2)  # plan and apply three times, and the refreshes


async def lifetimes(client: ProtocolClient, numbers: Iterable[int]) -> None:
    """Let connections live and die, several at once."""
    waiting = iter(numbers)

    async def some() -> None:
        for number in waiting:
            await _lifetime(client, number)

    await asyncio.gather(*(some() for _ in range(AT_ONCE)))


async def _lifetime(client: ProtocolClient, number: int) -> None:
    state = await _applied(client, config_of(number), None)
    for _ in range(READS):
        state = (await client.read(TYPE, state)).value
    renamed = config_of(number) | {"name": f"renamed-{number}"}
    await _applied(client, None, await _applied(client, renamed, state))


async def _applied(
    client: ProtocolClient, config: dict[str, object] | None, prior: dict[str, object] | None
) -> dict[str, object]:
    planned = await client.plan(TYPE, config, prior)
    answer = await client.apply(TYPE, config, planned, prior)
    if failed := [*planned.errors, *answer.errors]:
        raise RuntimeError(f"{config or prior}: {failed}")
    return dict(answer.value or {})


def soak(served: Served, folder: Folder) -> list[Look]:
    """Do all rounds; return what the process held after each."""
    looks = []
    started = time.monotonic()
    for number in range(ROUNDS):
        asyncio.run(_round(served, range(number * CONNECTIONS, (number + 1) * CONNECTIONS)))
        for command in (folder.plan, folder.apply, folder.refresh, folder.destroy):
            command()
        held = look(served.process_id)
        looks.append(held)
        done = f"{(number + 1) * OPERATIONS:5} operations, {4 * (number + 1):3} runs of Terraform"
        held_now = f"{held.megabytes:5.1f} MB, {held.descriptors} descriptors"
        sys.stdout.write(f"[{time.monotonic() - started:4.0f} s] {done}: {held_now}\n")
        sys.stdout.flush()
    return looks


async def _round(served: Served, numbers: Iterable[int]) -> None:
    async with served.client() as client:
        if failed := (await client.configure({})).errors:
            raise RuntimeError(str(failed))
        await lifetimes(client, numbers)


def main() -> int:
    """Soak; return the exit status."""
    command = os.environ.get("PROVIDER", "").split() or PROVIDER
    with tempfile.TemporaryDirectory() as temporary, opened(os.environ) as tenant:
        place = Path(temporary)
        _, ours, *_ = contestants({}, place / "nowhere", place / "mirrors")
        with debugged(tenant.variables, command) as served:
            variables = tenant.variables | {"TF_REATTACH_PROVIDERS": served.reattach}
            configuration = connections(tenant.names("soak", 3), tenant.role_arn)
            looks = soak(served, Folder(place / "soak", ours, variables, configuration))
    found = leaks([one.megabytes for one in looks], [one.descriptors for one in looks])
    sys.stdout.write(
        f"Something grows: {'; '.join(found)}.\n" if found else "Memory and file descriptors do not grow.\n"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
