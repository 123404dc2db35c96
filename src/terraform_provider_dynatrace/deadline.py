"""How long the operation may still take: what waits asks here, so that users read the last real failure."""

from __future__ import annotations

import math
import time
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_end: ContextVar[float] = ContextVar("terraform_provider_dynatrace.deadline", default=math.inf)


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Let everything inside the block end within `seconds`, or earlier where a block around it says so.

    Nothing is cancelled: waiting code gives up with its last failure instead of waiting past the end.
    """
    token = _end.set(min(_end.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _end.reset(token)


@contextmanager
def no_deadline() -> Iterator[None]:
    """Let the block take its time: what it does is done for several operations at once."""
    token = _end.set(math.inf)
    try:
        yield
    finally:
        _end.reset(token)


def remaining() -> float:
    """Return the seconds left of the operation: infinity without a deadline, 0 after it."""
    return max(0.0, _end.get() - time.monotonic())
