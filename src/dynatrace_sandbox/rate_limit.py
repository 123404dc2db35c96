"""How many requests a second the tenant takes."""

from __future__ import annotations

import math
from collections.abc import Callable


class RateLimit:
    """A bucket that holds one second's requests and fills at `rate` a second; a rate of 0 sets no limit.

    `clock` gives seconds.
    """

    def __init__(self, rate: float, clock: Callable[[], float]) -> None:
        self._rate = rate
        self._clock = clock
        self._left = rate
        self._since = clock()

    def take(self) -> int | None:
        """Take one request out: None when it may pass, else the whole seconds until one may again."""
        if not self._rate:
            return None
        now = self._clock()
        self._left = min(max(self._rate, 1), self._left + (now - self._since) * self._rate)
        self._since = now
        if self._left >= 1:
            self._left -= 1
            return None
        return math.ceil((1 - self._left) / self._rate)
