"""The fault table: which fault, and what happens. `test_faults` tests every cell, `fault_page` prints them.

Source of the promises: the retry policy's defaults. Seconds are those with the longest jitter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Script = Mapping[str, Any]
OWNER, MONITOR, CONFIGURATION = "POST owner", "POST configuration", "PUT configuration"
COLUMNS = ("GET", "GET page", "POST", "PUT", "DELETE", "token", OWNER, MONITOR, CONFIGURATION)
NO_JSON = "Dynatrace did not return JSON"
REDIRECT = "Unexpected redirect from Dynatrace"
THROTTLED = "Dynatrace is rate-limiting requests (429)"
FAILED = "Dynatrace failed to process the request"
UNREACHABLE = "HOST cannot be reached"


@dataclass(frozen=True)
class Cell:
    """How often the struck request was sent, how many seconds were waited in between, the error's summary or "".

    `acted`: the server had done what was asked although it looks failed.
    """

    requests: int
    seconds: float
    error: str = ""
    acted: bool = False


@dataclass(frozen=True)
class Row:
    """A fault and its cell in each column. `script` is the sandbox's; None: nothing listens.

    `moment`: the server names a moment, and part of the seconds until then has passed when the client reads it.
    """

    script: Script | None
    cells: Mapping[str, Cell]
    moment: bool = False


def everywhere(cell: Cell, others: Mapping[str, Cell] | None = None) -> Mapping[str, Cell]:
    """Return the same cell for every column but those named."""
    return dict.fromkeys(COLUMNS, cell) | dict(others or {})


def answer(status: int, times: int | None = 1, **headers: str) -> Script:
    """Return a fault that answers instead of the server; `Retry_After` stands for `Retry-After`."""
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    return {"kind": "respond", "status": status, "times": times, "headers": named}


HTML = {"body": "<!doctype html><title>Sign in</title>", "headers": {"Content-Type": "text/html"}}
ONCE = Cell(1, 0.0)
AGAIN = Cell(2, 0.5)
EVER = Cell(17, 120.0, UNREACHABLE)
EVER_ACTED = Cell(17, 120.0, UNREACHABLE, acted=True)
# A new configuration has no external ID, so the list is read before the request is repeated.
FOUND = {MONITOR: ONCE}
EMPTY = {"DELETE": ONCE, OWNER: ONCE}  # the responses to these are empty

ROWS = {
    "429 three times, `Retry-After: 1`": Row(answer(429, 3, Retry_After="1"), everywhere(Cell(4, 3.3))),
    # A moment is reckoned from the server's Date header, which is up to two seconds old.
    "429, `Retry-After` a date 60 s away": Row(
        answer(429, Retry_After="{date+60}"), everywhere(Cell(2, 69.0)), moment=True
    ),
    "429, `X-RateLimit-Reset` 60 s away": Row(
        answer(429, X_RateLimit_Reset="{microseconds+60}"), everywhere(Cell(2, 69.0)), moment=True
    ),
    "429 without `Retry-After`": Row(answer(429), everywhere(AGAIN)),
    "429 every time, `Retry-After: 1`": Row(
        answer(429, None, Retry_After="1"), everywhere(Cell(101, 110.0, THROTTLED))
    ),
    "429, `Retry-After: 3600`": Row(answer(429, None, Retry_After="3600"), everywhere(Cell(1, 0.0, THROTTLED))),
    "500": Row(answer(500), everywhere(AGAIN)),
    "502 with an HTML page": Row({"kind": "respond", "status": 502, **HTML}, everywhere(AGAIN)),
    "503": Row(answer(503), everywhere(AGAIN)),
    "503 every time": Row(answer(503, None), everywhere(Cell(17, 120.0, FAILED))),
    "504": Row(answer(504), everywhere(AGAIN)),
    "504 after the server acted": Row({"kind": "respond", "status": 504, "acts": True}, everywhere(AGAIN, FOUND)),
    "connection refused": Row(None, everywhere(Cell(0, 10.0, UNREACHABLE))),
    "reset before the server acted": Row({"kind": "reset"}, everywhere(AGAIN)),
    "reset after the server acted": Row({"kind": "reset", "acts": True}, everywhere(AGAIN, FOUND)),
    "reset after the server acted, every time": Row(
        {"kind": "reset", "acts": True, "times": None},
        everywhere(EVER, dict.fromkeys(("POST", "PUT", "DELETE", OWNER, CONFIGURATION), EVER_ACTED) | FOUND),
    ),
    "no response in time, although the server acted": Row({"kind": "hold", "acts": True}, everywhere(AGAIN, FOUND)),
    "slow first byte, in time": Row({"kind": "hang", "seconds": 0.1}, everywhere(ONCE)),
    "half a response": Row({"kind": "disconnect"}, everywhere(AGAIN, EMPTY | FOUND)),
    "truncated JSON": Row({"kind": "truncate"}, everywhere(AGAIN, EMPTY | FOUND)),
    "200 with an HTML page": Row({"kind": "respond", "status": 200, **HTML}, everywhere(Cell(1, 0.0, NO_JSON))),
    "redirect to a login page": Row(
        answer(302, Location="https://sso.example.com/login"), everywhere(Cell(1, 0.0, REDIRECT))
    ),
}


@dataclass(frozen=True)
class Story:
    """A fault under a command of the real Terraform.

    `error` is its summary or "". `dynatrace` and `state` are the connection's name there afterwards, "" for none:
    "production" at first, "renamed" after an update. `requests` is how often the struck request was sent, `seconds` how
    long was waited in between, at most.
    """

    fault: str
    command: str
    requests: int
    seconds: float
    dynatrace: str
    state: str
    error: str = ""
    credentials: str = "api-token"


ONE = "*/settings/objects/*"
STRUCK: Mapping[str, Script] = {
    "create": {"method": "POST", "path": "*/settings/objects", "query": ""},  # not what only asks for validation
    "read": {"method": "GET", "path": ONE},
    "update": {"method": "PUT", "path": ONE, "query": ""},
    "delete": {"method": "DELETE", "path": ONE},
    "login": {"method": "POST", "path": "/sso/oauth2/token"},
}
"""The requests of each command that its fault strikes."""

STORIES = (
    Story("reset after the server acted", "create", 2, 0.5, "production", "production"),
    Story("429 three times, `Retry-After: 1`", "create", 4, 3.3, "production", "production"),
    Story("429 three times, `Retry-After: 1`", "read", 4, 3.3, "production", "production"),
    Story("429 three times, `Retry-After: 1`", "delete", 4, 3.3, "", ""),
    Story("503", "update", 2, 0.5, "renamed", "renamed"),
    Story("reset after the server acted", "update", 2, 0.5, "renamed", "renamed"),
    Story("reset before the server acted", "delete", 2, 0.5, "", ""),
    Story("reset after the server acted", "delete", 2, 0.5, "", ""),
    Story("truncated JSON", "create", 2, 0.5, "production", "production"),
    Story("truncated JSON", "read", 2, 0.5, "production", "production"),
    Story("200 with an HTML page", "create", 1, 0.0, "", "", NO_JSON),
    Story("200 with an HTML page", "read", 1, 0.0, "production", "production", NO_JSON),
    Story("redirect to a login page", "create", 1, 0.0, "", "", REDIRECT),
    Story("redirect to a login page", "read", 1, 0.0, "production", "production", REDIRECT),
    Story("429, `Retry-After: 3600`", "update", 1, 0.0, "production", "production", THROTTLED),
    Story("503", "login", 3, 0.5, "production", "production", credentials="oauth"),  # one login to plan, one to apply
)
