"""How many requests a second the simulated environment accepts. Source: docs/design/0008-sources.md#rate-limits."""

from __future__ import annotations

import math
from collections.abc import Callable


class RateLimit:
    """A bucket that holds one second's requests and fills at `rate` a second; a rate of 0 sets no limit.

    `clock` gives seconds since 1970.
    """

    def __init__(self, rate: float, clock: Callable[[], float]) -> None:
        self._rate = rate
        self._clock = clock
        self._left = rate
        self._since = clock()

    def take(self) -> int | None:
        """Count a request: None if it is accepted, else the whole seconds until one is accepted again."""
        if not self._rate:
            return None
        now = self._clock()
        self._left = min(max(self._rate, 1), self._left + (now - self._since) * self._rate)
        self._since = now
        if self._left >= 1:
            self._left -= 1
            return None
        return math.ceil((1 - self._left) / self._rate)
