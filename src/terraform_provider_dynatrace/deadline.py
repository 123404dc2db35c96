"""How long an operation may still take. Whatever waits looks here, so that users read the last real failure.

Moments are those of the clock of the running event loop.
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
    """The operation timed out while it waited for others: nothing was sent for it, or its response came too late."""

    def __init__(self) -> None:
        super().__init__(
            "Operation timed out",
            "The operation timed out while it was waiting for Dynatrace, which is responding slowly. Try again later, "
            f"or raise {ADVICE}.",
        )


def begin(seconds: float) -> None:
    """Limit everything that runs in this context, the whole of one call of Terraform's, to `seconds` from now."""
    _end.set(_now() + seconds)


@contextmanager
def deadline(seconds: float, *, instead: bool = False) -> Iterator[None]:
    """Limit everything inside the block to `seconds`, or to less if a block around it does so.

    `instead`: the limit of a block around it does not count. Nothing is cancelled: code that waits gives up with its
    last failure instead of waiting past the end.
    """
    with until(_now() + seconds if instead else min(_end.get(), _now() + seconds)):
        yield


@contextmanager
def until(moment: float) -> Iterator[None]:
    """Limit the block to this moment, infinity for no limit: for work that is done for several operations at once."""
    token = _end.set(moment)
    try:
        yield
    finally:
        _end.reset(token)


def end() -> float:
    """Return the moment at which the operation times out: infinity without a deadline."""
    return _end.get()


def remaining() -> float:
    """Return the seconds left of the operation: infinity without a deadline, 0 after it."""
    return math.inf if _end.get() == math.inf else max(0.0, _end.get() - _now())


async def in_time(waiting: Awaitable[T], grace: float = 0) -> T:
    """Return what is waited for. Raises `OutOfTime` `grace` seconds after the operation times out."""
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
