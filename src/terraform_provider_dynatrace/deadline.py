"""How long the operation may still take: what waits asks here, so that users read the last real failure.

Moments are those of the running event loop's clock.
"""

from __future__ import annotations

import asyncio
import math
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, TypeVar

from terraform_plugin.diagnostics import Error

if TYPE_CHECKING:
    from collections.abc import Awaitable, Iterator

T = TypeVar("T")
ADVICE = "operation_timeout in the provider block, or create in the timeouts block of a resource that has one"
_end: ContextVar[float] = ContextVar("terraform_provider_dynatrace.deadline", default=math.inf)


class OutOfTime(Error):
    """The operation's time is over while it waits for others: nothing was sent for it, or no answer is of use."""

    def __init__(self) -> None:
        super().__init__(
            "The time for the operation is over",
            "It was still waiting for its turn, or for an answer that others wait for too, because Dynatrace answers "
            f"slowly. Try again later, or raise {ADVICE}.",
        )


def begin(seconds: float) -> None:
    """Give everything that runs in this context `seconds` from now: the whole of one call of Terraform's."""
    _end.set(_now() + seconds)


@contextmanager
def deadline(seconds: float, *, instead: bool = False) -> Iterator[None]:
    """Let everything inside the block end within `seconds`, or earlier where a block around it says so.

    `instead`: whatever is said around it. Nothing is cancelled: waiting code gives up with its last failure instead of
    waiting past the end.
    """
    with until(_now() + seconds if instead else min(_end.get(), _now() + seconds)):
        yield


@contextmanager
def until(moment: float) -> Iterator[None]:
    """Let the block end at this moment, infinity for never: what it does is done for several operations at once."""
    token = _end.set(moment)
    try:
        yield
    finally:
        _end.reset(token)


def end() -> float:
    """Return the moment at which the operation's time is over: infinity without a deadline."""
    return _end.get()


def remaining() -> float:
    """Return the seconds left of the operation: infinity without a deadline, 0 after it."""
    return math.inf if _end.get() == math.inf else max(0.0, _end.get() - _now())


async def in_time(waiting: Awaitable[T], grace: float = 0) -> T:
    """Return what is waited for. Raises `OutOfTime` `grace` seconds after the end of the operation."""
    moment = _end.get() + grace
    try:
        async with asyncio.timeout_at(None if moment == math.inf else moment) as limit:
            return await waiting
    except TimeoutError:
        if limit.expired():
            raise OutOfTime from None
        raise


def _now() -> float:
    return asyncio.get_running_loop().time()
