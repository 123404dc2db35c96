"""What went wrong, where, and what to do next: errors and warnings that Terraform shows to the user.

Code raises `Error` to stop, and calls `warn` to go on. Several errors at once are an `ExceptionGroup` of `Error`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from enum import IntEnum
from typing import Self

from msgspec import Struct

_CONTROL_CHARACTERS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def readable(text: str) -> str:
    """Return text with control characters, and marks that change the direction of text, written out: `\\u001b`.

    Names and messages come from elsewhere: such characters would control the terminal. Tabs and line breaks stay;
    Unicode's separators of lines and paragraphs do not. Source: Unicode's property Bidi_Control.
    """
    return _CONTROL_CHARACTERS.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


class Key(str):
    """A step into a map: `Path("tags", Key("team"))`. A plain `str` step is an attribute or block name."""

    __slots__ = ()


class Path(tuple[str | int, ...]):
    """The path of a value: attribute names (`str`), list indexes (`int`) and map keys (`Key`).

    Sets have no index, so a path into a set ends at the set. Source: protocol message `AttributePath`.
    """

    __slots__ = ()

    def __new__(cls, *steps: str | int) -> Self:
        return super().__new__(cls, steps)

    def __truediv__(self, step: str | int) -> Path:
        """Return the path one step further: `Path("web_identity") / 0 / "consumers"`."""
        return Path(*self, step)

    def __str__(self) -> str:
        """Return the path as Terraform writes it: `web_identity[0].consumers`, `tags["team"]`."""
        text = ""
        for step in self:
            if isinstance(step, Key):
                text += f'["{step}"]'
            elif isinstance(step, int):
                text += f"[{step}]"
            else:
                text += f".{step}" if text else step
        return text


class Severity(IntEnum):
    """Source: protocol enum `Diagnostic.Severity`. Terraform shows its value 0 but goes on, so it is missing."""

    ERROR = 1
    WARNING = 2


class Diagnostic(Struct, frozen=True):
    """One message for the user."""

    severity: Severity
    summary: str
    """One line."""
    detail: str = ""
    """What was tried, what came back, and what to do next."""
    path: Path = Path()
    """The attribute that it is about. An empty path stands for the whole block."""


class Error(Exception):
    """Stops the operation. Terraform shows it to the user.

    `summary`, `detail` and `path` are those of a `Diagnostic`. `argument` is for functions only: the index of the
    argument that is wrong, from 0.
    """

    def __init__(self, summary: str, detail: str = "", path: Path = Path(), *, argument: int | None = None) -> None:
        super().__init__(summary)
        self.summary = summary
        self.detail = detail
        self.path = path
        self.argument = argument

    def __str__(self) -> str:
        return f"{self.summary}: {self.detail}" if self.detail else self.summary

    def diagnostic(self) -> Diagnostic:
        return Diagnostic(Severity.ERROR, self.summary, self.detail, self.path)


_warnings: ContextVar[list[Diagnostic] | None] = ContextVar("terraform_plugin.warnings", default=None)


def warn(summary: str, detail: str = "", path: Path = Path()) -> None:
    """Show a warning with the result of the operation that is running. Outside of an operation it is dropped."""
    collected = _warnings.get()
    if collected is not None:
        collected.append(Diagnostic(Severity.WARNING, summary, detail, path))


@contextmanager
def collect_warnings() -> Iterator[list[Diagnostic]]:
    """Collect the warnings inside the block, also those of tasks that are started in it."""
    collected: list[Diagnostic] = []
    token = _warnings.set(collected)
    try:
        yield collected
    finally:
        _warnings.reset(token)
