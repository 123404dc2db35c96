"""Terraform asks a provider to stop; code that waits notices, code that acts finishes.

Source: the RPC `StopProvider`, sent on the first interrupt. The process keeps serving afterwards: what is running is
still recorded in the state.
"""

from __future__ import annotations

import asyncio
from contextvars import ContextVar

from terraform_plugin.diagnostics import Error


class Stopped(Error):
    """Raised by `pause` when Terraform has asked to stop."""

    def __init__(self) -> None:
        super().__init__(
            "Interrupted",
            "Terraform was asked to stop while this was still waiting. What had been done so far is in the state; "
            "run the same command again to go on.",
        )


_stop: ContextVar[asyncio.Event | None] = ContextVar("terraform_plugin.stop", default=None)


def use_stop_event(event: asyncio.Event) -> None:
    """Let everything that runs in this context notice `event`. Called once per RPC by the server."""
    _stop.set(event)


def stop_requested() -> bool:
    """Return whether Terraform has asked to stop."""
    event = _stop.get()
    return event is not None and event.is_set()


async def pause(seconds: float) -> None:
    """Wait `seconds`. Raises `Stopped`, within a moment, when Terraform asks to stop."""
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
