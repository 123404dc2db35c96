"""An event loop whose time passes by itself: whoever waits for a moment is there at once, and in the right order.

A test with `pytest.mark.virtual_time` runs on one.
"""

from __future__ import annotations

import asyncio
import selectors
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


class _Jumping(selectors.DefaultSelector):
    """Instead of waiting for the network until somebody's time has come, says that it has come."""

    now = 1000.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is None:
            return super().select(None)
        found = super().select(0)
        if not found:
            self.now += max(timeout, 0)
        return found


class _Immediate(ThreadPoolExecutor):
    """Instead of a thread, which would take no time although others wait for it, the caller does the work."""

    def submit(self, work: Callable[..., T], /, *args: Any, **kwargs: Any) -> Future[T]:
        future: Future[T] = Future()
        try:
            future.set_result(work(*args, **kwargs))
        except Exception as failure:  # noqa: BLE001  # raised again where the result is asked for
            future.set_exception(failure)
        return future


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop for coroutines that need nothing from outside of this process; its first second is 1000."""

    def __init__(self) -> None:
        self._jumping = _Jumping()
        super().__init__(self._jumping)
        self.set_default_executor(_Immediate())

    def time(self) -> float:
        return self._jumping.now


class LoopTime:
    """The running event loop's seconds, in the form that a client takes."""

    @staticmethod
    def clock() -> float:
        return asyncio.get_running_loop().time()

    @staticmethod
    async def pause(seconds: float) -> None:
        await asyncio.sleep(seconds)
