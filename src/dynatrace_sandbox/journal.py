"""Which requests came to the Dynatrace side, and what they were answered: for tests that count, and for people."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from typing import Any

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Entry:
    """One request.

    `status` is what the client was told, None when it was told nothing; `credential` is the kind of credential
    it came with (`api-token`, `oauth`, `platform-token`, `none` or `unknown`), never the secret; `fault` the kind of
    fault that struck it, if any; `at` seconds since 1970, `seconds` how long the answer took.
    """

    method: str
    path: str
    query: str
    status: int | None
    credential: str
    fault: str | None
    at: float
    seconds: float

    def matches(self, method: str, path: str) -> bool:
        """Return whether the request fits a method (`*`: any) and a shell-style pattern of paths."""
        return method in ("*", self.method) and fnmatchcase(self.path, path)


class Journal:
    """Every request since the last reset, oldest first."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._news = asyncio.Condition()

    async def add(self, entry: Entry) -> None:
        """Write one entry down and wake whoever waits for it."""
        self._entries.append(entry)
        _log.debug("%s %s -> %s (%s)", entry.method, entry.path, entry.status, entry.credential)
        async with self._news:
            self._news.notify_all()

    def reset(self) -> None:
        """Forget everything."""
        self._entries.clear()

    def entries(self, method: str = "*", path: str = "*") -> list[dict[str, Any]]:
        """Return the fitting requests."""
        return [asdict(entry) for entry in self._entries if entry.matches(method, path)]

    async def wait_for(self, method: str, path: str, count: int) -> list[dict[str, Any]]:
        """Return the fitting requests as soon as there are `count` of them."""
        async with self._news:
            await self._news.wait_for(lambda: len(self.entries(method, path)) >= count)
        return self.entries(method, path)
