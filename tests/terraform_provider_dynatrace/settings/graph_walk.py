"""Terraform's graph walk: what a command does with many resources."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


async def ten_at_a_time(tasks: Iterable[Callable[[], Awaitable[T]]]) -> list[T]:
    """Run tasks as Terraform does: ten workers, each of which begins the next task when its last one is done."""
    waiting = iter(tasks)
    results: list[T] = []

    async def worker() -> None:
        for task in waiting:
            results.append(await task())  # noqa: PERF401  # several workers fill one list

    await asyncio.gather(*(worker() for _ in range(10)))
    return results
