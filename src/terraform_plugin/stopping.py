"""Terraform's stop request: code that waits ends, code that acts finishes.

Source: the RPC `StopProvider`, which Terraform sends on the first interrupt
(docs/design/0008-sources.md#plugin-protocol). The process keeps serving afterwards: the results of running operations
are still recorded in the state.
"""

from __future__ import annotations

import asyncio
from contextvars import ContextVar

from terraform_plugin.diagnostics import Error


class Stopped(Error):
    """Raised by `pause` after a stop request."""

    def __init__(self) -> None:
        super().__init__(
            "Interrupted",
            "Terraform was interrupted while this operation was waiting. Everything done so far is in the state. Run "
            "the same command again to continue.",
        )


_stop: ContextVar[asyncio.Event | None] = ContextVar("terraform_plugin.stop", default=None)


def use_stop_event(event: asyncio.Event) -> None:
    """Let everything that runs in this context end when `event` is set. The server calls it once per RPC."""
    _stop.set(event)


def stop_requested() -> bool:
    """Return whether Terraform has requested a stop."""
    event = _stop.get()
    return event is not None and event.is_set()


async def pause(seconds: float) -> None:
    """Wait `seconds`. Raises `Stopped` as soon as Terraform requests a stop."""
    event = _stop.get()
    if event is None:
        await asyncio.sleep(seconds)
        return
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
    raise Stopped
