"""The requests to the Dynatrace side and their outcomes: for tests that count, and for people."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from itertools import islice
from typing import Any
from urllib.parse import quote

MOST_ENTRIES = 50_000
"""How many requests a journal keeps: about 30 MB."""

MOST_CHARACTERS = 20_000_000
"""How many characters the paths and queries in a journal may have together."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Entry:
    """One request and its outcome."""

    method: str
    """`GET`, `POST` …"""
    path: str
    """Without the query."""
    query: str
    """As sent, without the question mark."""
    status: int | None
    """The HTTP status of the response; None if the client got no response."""
    credential: str
    """`api-token`, `oauth`, `platform-token`, `none` or `unknown`. Never the secret."""
    fault: str | None
    """The kind of the fault that was applied to the request, if any."""
    at: float
    """When the request came, in seconds since 1970."""
    seconds: float
    """How long the response took."""

    def matches(self, method: str, path: str) -> bool:
        """Return whether the request fits a method (`*`: any) and a shell-style pattern of paths."""
        return method in ("*", self.method) and fnmatchcase(self.path, path)


class Journal:
    """The newest requests since the last reset, oldest first.

    When there are more than `most_entries`, or their paths and queries have more than `most_characters`, the oldest
    are dropped.
    """

    def __init__(self, most_entries: int = MOST_ENTRIES, most_characters: int = MOST_CHARACTERS) -> None:
        self._most_entries = most_entries
        self._most_characters = most_characters
        self._entries: deque[Entry] = deque()
        self._characters = 0
        self._added = asyncio.Condition()

    async def add(self, entry: Entry) -> None:
        """Append one entry and wake up everybody who waits for it."""
        self._entries.append(entry)
        self._characters += len(entry.path) + len(entry.query)
        while len(self._entries) > self._most_entries or self._characters > self._most_characters:
            dropped = self._entries.popleft()
            self._characters -= len(dropped.path) + len(dropped.query)
        # The path is decoded; a line break in it must not start a line of the log.
        _log.debug("%s %s: %s (%s)", entry.method, quote(entry.path), entry.status or "no response", entry.credential)
        async with self._added:
            self._added.notify_all()

    def reset(self) -> None:
        """Drop every entry."""
        self._entries.clear()
        self._characters = 0

    @property
    def count(self) -> int:
        """How many requests the journal has."""
        return len(self._entries)

    def entries(self, method: str = "*", path: str = "*") -> list[dict[str, Any]]:
        """Return the matching requests."""
        return [asdict(entry) for entry in self._entries if entry.matches(method, path)]

    def newest(self, count: int) -> list[Entry]:
        """Return the newest requests, newest first."""
        return list(islice(reversed(self._entries), count))

    async def wait_for(self, method: str, path: str, count: int, seconds: float) -> list[dict[str, Any]]:
        """Return the matching requests as soon as there are `count` of them. Raises `TimeoutError` after `seconds`."""
        async with asyncio.timeout(seconds), self._added:
            await self._added.wait_for(lambda: sum(entry.matches(method, path) for entry in self._entries) >= count)
        return self.entries(method, path)
