"""How many requests are sent at the same time: one limiter for everything that talks to one environment."""

from __future__ import annotations

import asyncio
import math
import time
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from terraform_plugin.stopping import pause as _pause
from terraform_provider_dynatrace.deadline import in_time

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable


class Limiter:
    """At most `max_concurrency` requests at a time, and none while the server asks for a pause.

    Nobody waits here longer than the operation may take: `slot` and `backed_off` raise `OutOfTime`. `clock` counts
    seconds, `pause` waits them.
    """

    def __init__(
        self,
        max_concurrency: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], Awaitable[None]] = _pause,
    ) -> None:
        self._slots = asyncio.Semaphore(max_concurrency)
        self._clock = clock
        self._pause = pause
        self._quiet_until = -math.inf

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Wait for a free slot and hold it inside the block."""
        await in_time(self._slots.acquire())
        try:
            yield
        finally:
            self._slots.release()

    def back_off(self, seconds: float) -> None:
        """Let no request be sent for `seconds`: the server has just refused one of them because of its rate."""
        self._quiet_until = max(self._quiet_until, self._clock() + seconds)

    async def backed_off(self) -> None:
        """Wait until requests may be sent again."""
        while (seconds := self._quiet_until - self._clock()) > 0:
            await in_time(self._pause(seconds))
