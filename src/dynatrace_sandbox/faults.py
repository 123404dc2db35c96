"""Faults that a test scripts: which requests they strike, how often, and what happens then. Data, no HTTP.

A fault strikes the requests that fit its method and path: the next `times` of them after the first `skip`, or every
one. Where several fit, the one scripted first strikes. `acts` says whether the server does its work before the
mishap: a connection reset with `acts` is a lost answer.
"""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from email.utils import format_datetime
from fnmatch import fnmatchcase
from typing import Any

import msgspec

KINDS = {
    "answer": "answers with `status`, `headers` and `body` instead",
    "reset": "resets the connection without an answer",
    "hang": "answers after `seconds`",
    "hold": "answers once it is released",
    "half": "sends the headers and half of the body, then closes the connection",
    "truncate": "sends a complete answer whose body is cut in half",
}
"""What can go wrong, and what it does."""

_DEFAULT_STATUS = 503
_MOMENT = re.compile(r"\{(date|seconds|microseconds)\+(\d+)\}")


class Script(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a fault is.

    `method` may be `*`; `path` and `query` are shell-style patterns, so that an empty `query` means requests without
    one. `times` None strikes for ever. `headers` may speak of a moment that many seconds after the answer: `{date+2}`
    (an HTTP date), `{seconds+2}` and `{microseconds+2}` (since 1970).
    """

    kind: str
    method: str = "*"
    path: str = "*"
    query: str = "*"
    times: int | None = 1
    skip: int = 0
    acts: bool = False
    status: int = _DEFAULT_STATUS
    headers: dict[str, str] = {}
    body: str = ""
    seconds: float = 0

    def fits(self, method: str, path: str, query: str = "") -> bool:
        """Return whether a request is one of those the fault is about."""
        return self.method in ("*", method) and fnmatchcase(path, self.path) and fnmatchcase(query, self.query)

    def headers_at(self, now: float) -> dict[str, str]:
        """Return the headers with their moments filled in; `now` is in seconds since 1970."""
        return {name: _MOMENT.sub(lambda found: _moment(found, now), text) for name, text in self.headers.items()}


def parse_script(known: Any) -> Script:
    """Return the script that a JSON object describes. Raises `ValueError`."""
    try:
        script = msgspec.convert(known, Script)
    except msgspec.ValidationError as error:
        raise ValueError(f"a fault cannot be made of this: {error}") from error
    if script.kind not in KINDS:
        raise ValueError(f"a fault needs a kind: one of {', '.join(KINDS)}")
    return script


class Fault:
    """A script at work; `struck` counts its victims, `holding` those that wait for its release."""

    def __init__(self, number: int, script: Script) -> None:
        self.number = number
        self.script = script
        self.seen = 0
        self.struck = 0
        self.holding = 0
        self._released = asyncio.Event()
        self._news = asyncio.Condition()

    def strikes(self, method: str, path: str, query: str = "") -> bool:
        """Count a request, and return whether it is a victim."""
        if not self.script.fits(method, path, query):
            return False
        self.seen += 1
        strikes = self.seen > self.script.skip and (self.script.times is None or self.struck < self.script.times)
        self.struck += strikes
        return strikes

    async def hold(self) -> None:
        """Wait for the release, and let others know that somebody waits."""
        await self._hold(1)
        try:
            await self._released.wait()
        finally:
            await self._hold(-1)

    async def _hold(self, change: int) -> None:
        self.holding += change
        async with self._news:
            self._news.notify_all()

    async def wait_until_holding(self, count: int) -> None:
        """Return as soon as `count` requests wait for the release."""
        async with self._news:
            await self._news.wait_for(lambda: self.holding >= count)

    def release(self) -> None:
        """Let everything that waits go on, and strike no more."""
        self.script = Script(self.script.kind, times=0)
        self._released.set()

    def as_json(self) -> dict[str, Any]:
        """Return the fault as the control path shows it."""
        counts = {"id": self.number, "struck": self.struck, "holding": self.holding}
        return counts | {"kind": self.script.kind, "method": self.script.method, "path": self.script.path}


class Faults:
    """The faults of one sandbox, in the order they were scripted."""

    def __init__(self) -> None:
        self._faults: dict[int, Fault] = {}
        self._last = 0

    def add(self, script: Script) -> Fault:
        """Start a fault."""
        self._last += 1
        self._faults[self._last] = Fault(self._last, script)
        return self._faults[self._last]

    def get(self, number: int) -> Fault | None:
        """Return a fault by its number."""
        return self._faults.get(number)

    def all(self) -> list[Fault]:
        """Return every fault."""
        return list(self._faults.values())

    def clear(self) -> None:
        """End every fault and let go what they hold."""
        for fault in self._faults.values():
            fault.release()
        self._faults.clear()

    def striking(self, method: str, path: str, query: str = "") -> Fault | None:
        """Return the fault that strikes this request, if any; later ones don't see it."""
        return next((fault for fault in self._faults.values() if fault.strikes(method, path, query)), None)


def _moment(found: re.Match[str], now: float) -> str:
    kind, then = found[1], now + int(found[2])
    if kind == "date":
        return format_datetime(datetime.fromtimestamp(then, UTC), usegmt=True)
    return str(int(then * (1_000_000 if kind == "microseconds" else 1)))
