"""Loads many values with one request: what is wanted at about the same time is loaded together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Generic, NamedTuple, TypeVar

from terraform_provider_dynatrace.deadline import end, in_time, until

K = TypeVar("K")
V = TypeVar("V")

MAX_WINDOWS = 10
"""How often a batch waits for one more window because keys arrived in the one before: 50 ms with the usual window."""
GRACE = 2.0
"""Seconds after the end of an operation in which the batch can still fail with its own error, which says more."""


async def usual_window() -> None:
    """Wait 5 ms: Terraform works on ten resources at a time, which arrive within a few milliseconds of each other."""
    await asyncio.sleep(0.005)


async def no_window() -> None:
    """Wait for nothing but what has arrived already."""
    await asyncio.sleep(0)


class _Waiting(NamedTuple, Generic[K, V]):
    """A key that is wanted, who waits for its value, and when that operation's time ends."""

    key: K
    caller: asyncio.Future[V]
    end: float


class Batcher(Generic[K, V]):
    """Loads keys in batches of at most `max_batch`.

    A key is loaded at once if nothing else is being loaded: a user who waits for one object does not wait for others.
    While something is being loaded, keys are collected until a `window` passes in which no more arrive.

    `load_many` returns, in the order of the keys, values, or exceptions for single keys; an exception that it raises is
    raised for all of them.
    """

    def __init__(
        self,
        load_many: Callable[[Sequence[K]], Awaitable[Sequence[V | Exception]]],
        *,
        max_batch: int,
        window: Callable[[], Awaitable[None]] = usual_window,
    ) -> None:
        self._load_many = load_many
        self._max_batch = max_batch
        self._window = window
        self._waiting: list[_Waiting[K, V]] = []
        self._collecting = False
        self._loading = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def load(self, key: K) -> V:
        """Return the value of one key, loaded together with others. Raises what `load_many` has for it.

        Others may have more time: `OutOfTime` is raised `GRACE` seconds after the end of this caller's operation.
        """
        caller: asyncio.Future[V] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Waiting(key, caller, end()))
        if not self._collecting:
            self._collecting = True
            task = asyncio.create_task(self._collect())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await in_time(caller, GRACE)

    async def _collect(self) -> None:
        # A window without a new key ends the collection. The number of windows is limited, so that a steady trickle of
        # keys cannot delay the first one for ever.
        for _ in range(MAX_WINDOWS):
            known = len(self._waiting)
            if not self._loading or known >= self._max_batch:
                break
            await self._window()
            if len(self._waiting) == known:
                break
        self._collecting = False
        collected, self._waiting = self._waiting, []
        starts = range(0, len(collected), self._max_batch)
        self._loading += 1
        try:
            await asyncio.gather(*(self._load(collected[start : start + self._max_batch]) for start in starts))
        finally:
            self._loading -= 1

    async def _load(self, batch: Sequence[_Waiting[K, V]]) -> None:
        values: Sequence[V | Exception]
        try:
            # This task began with the first caller's deadline, but works for all of them.
            with until(max(waiting.end for waiting in batch)):
                values = await self._load_many([waiting.key for waiting in batch])
        except Exception as failure:  # noqa: BLE001 -- every caller raises it again
            values = [failure] * len(batch)
        for waiting, value in zip(batch, values, strict=True):
            with suppress(asyncio.InvalidStateError):  # this caller has stopped waiting
                if isinstance(value, Exception):
                    waiting.caller.set_exception(value)
                else:
                    waiting.caller.set_result(value)
