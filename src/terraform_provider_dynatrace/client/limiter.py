"""How many requests are sent, at a time and in a second: one limiter for everything that talks to one environment."""

from __future__ import annotations

import asyncio
import math
import time
from collections import deque
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from terraform_plugin.stopping import pause as _pause
from terraform_provider_dynatrace.deadline import in_time

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable


_SLOWER, _FASTER, _PROBING = 1.25, 0.995, 0.95
"""How the seconds between two requests change: at a refusal, at each request that is accepted, and at each of these
before the second refusal, when the interval is only an estimate."""
_NO_INTERVAL = 0.005
"""Seconds between two requests that are as good as none: the pace is not limited any more."""


class Limiter:
    """At most `max_concurrency` requests at a time, and as many in a second as the server accepts.

    Nothing is limited until the server refuses a request because of its rate. Then no request is sent for as long as
    the server asks, and after that one at a time, with an interval between them that follows what the server accepts.
    So those that waited do not come back at the same moment, to be refused again. Nobody waits here longer than the
    operation may take: `slot` and `turn` raise `OutOfTime`. `clock` counts seconds, `pause` waits them.
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
        self._next = -math.inf
        self._interval = 0.0
        self._slowed_at = -math.inf
        self._longest = math.inf
        self._is_estimating = False
        self._faster = _PROBING
        self._accepted: deque[float] = deque(maxlen=1000)

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Wait for a free slot and hold it inside the block."""
        await in_time(self._slots.acquire())
        try:
            yield
        finally:
            self._slots.release()

    def back_off(self, seconds: float, sent_at: float) -> None:
        """Let no request be sent for `seconds`: the server has refused the one that was sent at `sent_at`."""
        now = self._clock()
        self._quiet_until = max(self._quiet_until, now + seconds)
        if sent_at <= self._slowed_at:  # it was on its way when another one was refused, and says nothing new
            return
        self._slowed_at = now
        self._longest = seconds
        if self._interval:
            self._interval = min(self._interval * _SLOWER, seconds)
            self._faster = _FASTER
        else:
            self._is_estimating, self._faster = True, _PROBING
            self._estimate()

    def accepted(self) -> None:
        """Note that the server did not refuse a request because of its rate."""
        self._accepted.append(self._clock())
        if self._is_estimating:  # it was sent together with the one that was refused, and belongs to the same second
            self._estimate()
            return
        self._interval *= self._faster
        if self._interval < _NO_INTERVAL:
            self._interval = 0.0

    def _estimate(self) -> None:
        """Take the server's own rate as the first interval, if it allows a second's requests at once, as most do."""
        recent = sum(accepted > self._slowed_at - 1 for accepted in self._accepted)
        self._interval = min(1 / max(1, recent), self._longest)

    async def turn(self) -> float:
        """Wait until the next request may be sent, and return that moment."""
        while (seconds := max(self._quiet_until, self._next) - self._clock()) > 1e-9:
            await in_time(self._pause(seconds))
        now = self._clock()
        self._next = now + self._interval
        if self._interval:
            self._is_estimating = False
        return now
