"""`make profile`: what a start imports, and 5000 calls of one provider: how many a second, where the time goes."""

from __future__ import annotations

import asyncio
import os
import pstats
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from benchmarks.importing import measured as imports
from benchmarks.importing import shown as shown_imports
from benchmarks.machine import described
from benchmarks.page import write
from benchmarks.processes import cpu_seconds
from benchmarks.served import Served, debugged, with_tls
from benchmarks.shares import shares, shown
from terraform_plugin.testing import ProtocolClient, in_process
from terraform_provider_dynatrace.provider import DynatraceProvider

CALLS = 5000
WARM = 100  # calls before the clock runs
AT_ONCE = 10  # as many as Terraform makes by default
OFFLINE = {
    "DYNATRACE_ENV_URL": "http://127.0.0.1:9",
    "DYNATRACE_API_TOKEN": "dt0c01.BENCHMARK.BENCHMARK",
    "DYNATRACE_VALIDATE_AT_PLAN": "false",
}
"""A plan that makes no request: only what speaks to Terraform is measured."""

TYPE = "dynatrace_aws_connection"


def config_of(number: int) -> dict[str, Any]:
    """Return the configuration of a connection."""
    return {"name": f"connection-{number}", "web_identity": [{"consumers": ["APP:dynatrace.aws.connector"]}]}


async def planned(client: ProtocolClient, numbers: Iterable[int]) -> None:
    """Plan connections, several at once; no two with the same number, for names are unique."""
    waiting = iter(numbers)

    async def some() -> None:
        for number in waiting:
            answer = await client.plan(TYPE, config_of(number))
            assert not answer.errors, answer.errors

    await asyncio.gather(*(some() for _ in range(AT_ONCE)))


async def over_the_socket(served: Served, count: int) -> tuple[float, float]:
    """Return calls per second, and the provider's processor time for one call in milliseconds."""
    async with served.client() as client:
        await client.configure({})
        await planned(client, range(WARM))
        started, used = time.perf_counter(), cpu_seconds(served.process_id)
        await planned(client, range(WARM, WARM + count))
        elapsed, used = time.perf_counter() - started, cpu_seconds(served.process_id) - used
    return count / elapsed, used / count * 1000


async def without_a_socket(count: int) -> float:
    """Return calls per second where client and provider are one process."""
    async with in_process(DynatraceProvider(OFFLINE)) as client:
        await client.configure({})
        await planned(client, range(WARM))
        started = time.perf_counter()
        await planned(client, range(WARM, WARM + count))
        return count / (time.perf_counter() - started)


async def growth(after: Iterable[int]) -> dict[int, float]:
    """Return the milliseconds of processor that one plan takes after so many others, in one process."""
    found: dict[int, float] = {}
    async with in_process(DynatraceProvider(OFFLINE)) as client:
        await client.configure({})
        done = 0
        for count in after:
            await planned(client, range(done, count))
            started = time.process_time()
            await planned(client, range(count, count + WARM))
            found[count], done = (time.process_time() - started) / WARM * 1000, count + WARM
    return found


def profiled(count: int) -> Mapping[str, float]:
    """Return which part of the provider's processor time each layer takes. Python's profiler counts in the process."""
    with tempfile.TemporaryDirectory() as temporary:
        statistics = Path(temporary) / "profile"
        command = [sys.executable, "-m", "cProfile", "-o", str(statistics), "-m", "terraform_provider_dynatrace"]
        with debugged(OFFLINE, command) as served:
            asyncio.run(over_the_socket(served, count))
        return shares(pstats.Stats(str(statistics)).stats)  # type: ignore[attr-defined] # it is there, typeshed lacks it


def main() -> None:
    """Measure and print; with PAGE=1 also write the page."""
    text = f"{described()}\n{shown_imports(imports())}\n{''.join(f'- {line}.' + chr(10) for line in _told())}"
    text += f"\n{shown(profiled(CALLS))}"
    sys.stdout.write(text)
    if os.environ.get("PAGE"):
        write("calls", text)


def _told() -> Iterator[str]:
    """Yield one line for each way to call."""
    with tempfile.TemporaryDirectory() as temporary, with_tls(Path(temporary), OFFLINE) as served:
        yield _both("over the socket, with TLS", *asyncio.run(over_the_socket(served, CALLS)))
    with debugged(OFFLINE) as served:
        yield _both("over the socket, without TLS", *asyncio.run(over_the_socket(served, CALLS)))
    yield f"in the process of its client, without a socket: {asyncio.run(without_a_socket(CALLS)):.0f} calls per second"
    grown = asyncio.run(growth((10, 200, 1000, 3000)))
    costs = ", ".join(f"{milliseconds:.2f} ms after {count} others" for count, milliseconds in grown.items())
    yield f"in the process of its client, a plan takes {costs}"


def _both(how: str, per_second: float, milliseconds: float) -> str:
    return f"{how}: {per_second:.0f} calls per second, {milliseconds:.2f} ms of processor time for each"


if __name__ == "__main__":
    main()
