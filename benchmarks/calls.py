"""`make profile`: what a start imports, and 5000 calls of one provider: how many a second, where the time goes."""

from __future__ import annotations

import asyncio
import os
import pstats
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.imports import milliseconds
from benchmarks.page import machine, write
from benchmarks.served import PROVIDER, Served, served
from benchmarks.shares import shares
from terraform_plugin.testing import ProtocolClient

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


async def for_each(numbers: Iterable[int], work: Callable[[int], Awaitable[None]]) -> None:
    """Work on numbers, several at once. No two are the same, for names are unique."""
    waiting = iter(numbers)

    async def some() -> None:
        for number in waiting:
            await work(number)

    await asyncio.gather(*(some() for _ in range(AT_ONCE)))


async def plan_all(client: ProtocolClient, numbers: Iterable[int]) -> None:
    """Plan connections."""

    async def plan(number: int) -> None:
        response = await client.plan(TYPE, config_of(number))
        assert not response.errors, response.errors

    await for_each(numbers, plan)


async def measured(provider: Served) -> tuple[float, float]:
    """Return calls per second, and the provider's processor time for one call in seconds."""
    async with provider.client() as client:
        await client.configure({})
        await plan_all(client, range(WARM))
        started, used = time.perf_counter(), sum(provider.process.cpu_times()[:2])
        await plan_all(client, range(WARM, WARM + CALLS))
        elapsed, used = time.perf_counter() - started, sum(provider.process.cpu_times()[:2]) - used
    return CALLS / elapsed, used / CALLS


def profiled() -> Mapping[str, float]:
    """Return which part of the provider's processor time each layer takes. Python's profiler counts in the process."""
    with tempfile.TemporaryDirectory() as temporary:
        statistics = Path(temporary) / "profile"
        with served(OFFLINE, [PROVIDER[0], "-m", "cProfile", "-o", str(statistics), *PROVIDER[1:]]) as provider:
            asyncio.run(measured(provider))
        return shares(pstats.Stats(str(statistics)).stats)  # type: ignore[attr-defined] # it is there, typeshed lacks it


def main() -> None:
    """Measure and print; with PAGE=1 also write the page."""
    took = milliseconds()
    imports = [f"| {part} | {spent:.0f} ms |" for part, spent in {**took, "together": sum(took.values())}.items()]
    with served(OFFLINE) as provider:
        per_second, seconds = asyncio.run(measured(provider))
    layers = [f"| {layer} | {part:.0%} |" for layer, part in profiled().items() if part >= 0.005]
    lines = [
        machine(),
        *("| imports | time |", "| --- | ---: |", *imports, ""),
        f"{per_second:.0f} calls per second, {seconds * 1000:.2f} ms of processor time for each.\n",
        *("| layer | part |", "| --- | ---: |", *layers),
    ]
    text = "".join(f"{line}\n" for line in lines)
    sys.stdout.write(text)
    if os.environ.get("PAGE"):
        write("calls", text)


if __name__ == "__main__":
    main()
