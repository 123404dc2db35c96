"""`make soak`: thousands of plan, apply and refresh operations against one provider process: is it flat?

Most are calls over the provider's own socket; in between real Terraform runs use the same process
(TF_REATTACH_PROVIDERS), each of which configures it anew. Exit status 1 where memory or descriptors grow. PROVIDER is
another command to start the provider with: one that leaks on purpose, to see that it is found.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from benchmarks.calls import TYPE, config_of, for_each
from benchmarks.commands import Folder
from benchmarks.configurations import connections
from benchmarks.contestants import contestants
from benchmarks.served import PROVIDER, Served, served
from benchmarks.servers import opened
from terraform_plugin.testing import ProtocolClient

ROUNDS = 24
CONNECTIONS = 30  # created, read, renamed and deleted in each round
READS = 3
OPERATIONS = CONNECTIONS * (2 + READS + 2 + 2)  # plan and apply three times, and the refreshes


class Held(NamedTuple):
    """What a process holds: MB (2**20 bytes) resident, and how many open descriptors."""

    megabytes: float
    descriptors: int


MOST_GROWTH = Held(megabytes=3, descriptors=10)
"""What may be more in the last quarter of a soak than in the second: caches of the allocator, and the pool of
connections to Dynatrace (none to `max_concurrency`)."""


def leaks(held: Sequence[Held]) -> list[str]:
    """Return what grew from the second quarter to the last by more than it may: medians, in words.

    The first quarter is left out: what is done for the first time stays in memory.
    """
    if not (quarter := len(held) // 4):
        raise ValueError(f"{len(held)} looks are too few to tell")
    second, last = (
        [statistics.median(values) for values in zip(*part, strict=True)]
        for part in (held[quarter : 2 * quarter], held[-quarter:])
    )
    return [
        f"{what} grew by {after - before:.0f}, more than the limit of {most}"
        for what, before, after, most in zip(Held._fields, second, last, MOST_GROWTH, strict=True)
        if after - before > most
    ]


async def lifetime(client: ProtocolClient, number: int) -> None:
    """Create a connection, read it, rename it and delete it."""
    state = await _applied(client, config_of(number), None)
    for _ in range(READS):
        state = (await client.read(TYPE, state)).value
    renamed = config_of(number) | {"name": f"renamed-{number}"}
    await _applied(client, None, await _applied(client, renamed, state))


async def _applied(
    client: ProtocolClient, config: dict[str, object] | None, prior: dict[str, object] | None
) -> dict[str, object]:
    planned = await client.plan(TYPE, config, prior)
    response = await client.apply(TYPE, config, planned, prior)
    if failed := [*planned.errors, *response.errors]:
        raise RuntimeError(f"{config or prior}: {failed}")
    return dict(response.value or {})


def soak(provider: Served, folder: Folder) -> list[Held]:
    """Do all rounds; return what the process held after each."""
    held = []
    started = time.monotonic()
    for number in range(ROUNDS):
        asyncio.run(_round(provider, range(number * CONNECTIONS, (number + 1) * CONNECTIONS)))
        for command in (folder.plan, folder.apply, folder.refresh, folder.destroy):
            command()
        held.append(Held(provider.process.memory_info().rss / 2**20, provider.process.num_fds()))
        done = f"{(number + 1) * OPERATIONS:5} operations, {4 * (number + 1):3} runs of Terraform"
        now = f"{held[-1].megabytes:5.1f} MB, {held[-1].descriptors} descriptors"
        sys.stdout.write(f"[{time.monotonic() - started:4.0f} s] {done}: {now}\n")
        sys.stdout.flush()
    return held


async def _round(provider: Served, numbers: Iterable[int]) -> None:
    async with provider.client() as client:
        if failed := (await client.configure({})).errors:
            raise RuntimeError(str(failed))
        await for_each(numbers, partial(lifetime, client))


def main() -> int:
    """Soak; return the exit status."""
    command = os.environ.get("PROVIDER", "").split() or PROVIDER
    with tempfile.TemporaryDirectory() as temporary, opened(os.environ) as server:
        place = Path(temporary)
        _, ours, *_ = contestants({}, place / "nowhere", place / "mirrors")
        with served(server.variables, command) as provider:
            variables = server.variables | {"TF_REATTACH_PROVIDERS": provider.reattach}
            configuration = connections(server.names("soak", 3), server.role_arn)
            found = leaks(soak(provider, Folder(place / "soak", ours, variables, configuration)))
    sys.stdout.write(
        f"Something grows: {'; '.join(found)}.\n" if found else "Memory and file descriptors do not grow.\n"
    )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
