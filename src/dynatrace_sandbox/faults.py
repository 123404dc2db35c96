"""Faults that a test defines: which requests they apply to, how often, and what happens then. Data, no HTTP.

A fault applies to the requests that match its method, path and query: to the next `times` of them after the first
`skip`, or to all. If several faults match a request, the oldest one applies.
"""

from __future__ import annotations

import asyncio
import re
from datetime import UTC, datetime
from email.utils import format_datetime
from fnmatch import fnmatchcase
from typing import Annotated, Any

import msgspec

KINDS = {
    "respond": "sends `status`, `headers` and `body` as the response",
    "reset": "resets the connection without a response",
    "hang": "responds after `seconds`",
    "hold": "responds when the fault is released",
    "disconnect": "sends the headers and half of the body, then closes the connection",
    "truncate": "sends a complete response with half of the body",
}
"""What each kind of fault does."""

MOST_FAULTS = 1000
"""How many faults a sandbox keeps."""

_MOMENT = re.compile(r"\{(date|seconds|microseconds)\+(\d{1,9})\}")
_HEADER_NAME, _HEADER_TEXT = re.compile(r"[A-Za-z0-9-]+"), re.compile(r"[\x20-\x7e]*")
_FRAMING = ("content-length", "transfer-encoding")
_WITHOUT_BODY = (204, 304)

Count = Annotated[int, msgspec.Meta(ge=0)]


class FaultScript(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The definition of a fault. A struct, because msgspec converts the control path's JSON into it."""

    kind: str
    """One of `KINDS`."""
    method: str = "*"
    """The method of the requests it applies to; `*`: any."""
    path: str = "*"
    """A shell-style pattern of paths."""
    query: str = "*"
    """A shell-style pattern of queries. An empty one matches requests without a query."""
    times: Count | None = 1
    """To how many requests it applies; None: to all."""
    skip: Count = 0
    """How many matching requests pass before."""
    acts: bool = False
    """Whether the server carries out the request before the fault. A reset with `acts` is a lost response."""
    status: Annotated[int, msgspec.Meta(ge=200, le=599)] = 503
    """The HTTP status of `respond`."""
    headers: dict[str, str] = {}
    """The headers of `respond`.

    `{date+2}` in a value becomes the HTTP date 2 seconds after the response; `{seconds+2}` and `{microseconds+2}`
    become that moment since 1970.
    """
    body: str = ""
    """The body of `respond`."""
    seconds: Annotated[float, msgspec.Meta(ge=0, le=600)] = 0
    """How long `hang` waits."""

    def matches(self, method: str, path: str, query: str = "") -> bool:
        """Return whether the fault is about such a request."""
        return self.method in ("*", method) and fnmatchcase(path, self.path) and fnmatchcase(query, self.query)

    def headers_at(self, now: float) -> dict[str, str]:
        """Return the headers with their moments filled in; `now` is in seconds since 1970."""
        return {name: _MOMENT.sub(lambda match: _moment(match, now), text) for name, text in self.headers.items()}


def parse_script(json: Any) -> FaultScript:
    """Return the fault that a JSON object defines. Raises `ValueError`."""
    try:
        script = msgspec.convert(json, FaultScript)
    except msgspec.ValidationError as error:
        raise ValueError(f"Invalid fault: {error}.") from error
    if script.kind not in KINDS:
        raise ValueError(f"Invalid fault: kind must be one of {', '.join(KINDS)}, got {script.kind!r}.")
    for name, text in script.headers.items():
        if not _HEADER_NAME.fullmatch(name) or not _HEADER_TEXT.fullmatch(text):
            raise ValueError(
                f"Invalid fault: {name!r} must be a header name with a value of printable ASCII characters."
            )
        if name.lower() in _FRAMING:
            raise ValueError(f"Invalid fault: the sandbox sets {name}. To cut a body, use disconnect or truncate.")
    if script.body and script.status in _WITHOUT_BODY:
        raise ValueError(f"Invalid fault: a response with status {script.status} has no body.")
    return script


class Fault:
    """A fault that is active."""

    def __init__(self, number: int, script: FaultScript) -> None:
        self.number = number
        """Its id on the control path."""
        self.script = script
        """Its definition."""
        self.applied = 0
        """To how many requests it has been applied."""
        self.holding = 0
        """How many requests wait for its release."""
        self._matched = 0
        self._released = asyncio.Event()
        self._changed = asyncio.Condition()

    def take(self, method: str, path: str, query: str = "") -> bool:
        """Count a request if it matches, and return whether the fault applies to it."""
        if self._released.is_set() or not self.script.matches(method, path, query):
            return False
        self._matched += 1
        if self._matched <= self.script.skip or self.applied == self.script.times:
            return False
        self.applied += 1
        return True

    async def hold(self) -> None:
        """Wait for the release; `wait_until_holding` notices."""
        await self._count_holding(1)
        try:
            await self._released.wait()
        finally:
            await self._count_holding(-1)

    async def _count_holding(self, change: int) -> None:
        self.holding += change
        async with self._changed:
            self._changed.notify_all()

    async def wait_until_holding(self, count: int, seconds: float) -> None:
        """Return as soon as `count` requests wait for the release. Raises `TimeoutError` after `seconds`."""
        async with asyncio.timeout(seconds), self._changed:
            await self._changed.wait_for(lambda: self.holding >= count)

    def release(self) -> None:
        """Let every held request go on, and apply to no further request."""
        self._released.set()

    def as_json(self) -> dict[str, Any]:
        """Return the fault as the control path shows it."""
        counts = {"id": self.number, "applied": self.applied, "holding": self.holding}
        return counts | {"kind": self.script.kind, "method": self.script.method, "path": self.script.path}


class Faults:
    """The active faults of one sandbox, oldest first."""

    def __init__(self) -> None:
        self._faults: dict[str, Fault] = {}
        self._last = 0

    def add(self, script: FaultScript) -> Fault:
        """Activate a fault. Raises `ValueError` if there are too many."""
        if len(self._faults) == MOST_FAULTS:
            raise ValueError(f"There are already {MOST_FAULTS} faults. Delete them with DELETE /sandbox/faults.")
        self._last += 1
        added = self._faults[str(self._last)] = Fault(self._last, script)
        return added

    def get(self, number: str) -> Fault | None:
        """Return a fault by its number, as a path has it."""
        return self._faults.get(number)

    def all(self) -> list[Fault]:
        """Return every fault."""
        return list(self._faults.values())

    def clear(self) -> None:
        """Remove every fault and let go what they hold."""
        for fault in self._faults.values():
            fault.release()
        self._faults.clear()

    def take(self, method: str, path: str, query: str = "") -> Fault | None:
        """Return the fault that applies to this request, if any; newer faults do not count the request."""
        return next((fault for fault in self._faults.values() if fault.take(method, path, query)), None)


def _moment(match: re.Match[str], now: float) -> str:
    unit, then = match[1], now + int(match[2])
    if unit == "date":
        return format_datetime(datetime.fromtimestamp(then, UTC), usegmt=True)
    return str(int(then * (1_000_000 if unit == "microseconds" else 1)))
