"""How much is asked at the same time: one limiter for everything that talks to one tenant."""

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
    """At most `max_concurrency` requests at a time, and none while the server wants a rest.

    A request keeps its place while it waits to be repeated: when the server is in trouble, less is asked of it. Nobody
    waits here longer than the operation may take: `place` and `rested` raise `OutOfTime`. `clock` counts seconds,
    `pause` waits them.
    """

    def __init__(
        self,
        max_concurrency: int,
        *,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], Awaitable[None]] = _pause,
    ) -> None:
        self._places = asyncio.Semaphore(max_concurrency)
        self._clock = clock
        self._pause = pause
        self._rest_until = -math.inf

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Wait for one of the places and hold it inside the block."""
        await in_time(self._places.acquire())
        try:
            yield
        finally:
            self._places.release()

    def rest(self, seconds: float) -> None:
        """Let nobody send anything for `seconds`: the server has told one of us that it has too much to do."""
        self._rest_until = max(self._rest_until, self._clock() + seconds)

    async def rested(self) -> None:
        """Wait until the server may be asked again."""
        while (seconds := self._rest_until - self._clock()) > 0:
            await in_time(self._pause(seconds))
