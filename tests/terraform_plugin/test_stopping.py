"""An interrupt ends what waits."""

import asyncio

import pytest

from terraform_plugin.stopping import Stopped, pause, stop_requested, use_stop_event


async def test_a_pause_ends_by_itself() -> None:
    """A pause ends after its time, whether or not there is a stop event that nobody sets."""
    await pause(0)
    use_stop_event(asyncio.Event())
    await pause(0.001)
    assert not stop_requested()


async def test_a_pause_ends_when_terraform_stops() -> None:
    """A stop request ends a pause of any length."""
    stop = asyncio.Event()
    use_stop_event(stop)
    waiting = asyncio.create_task(pause(3600))
    await asyncio.sleep(0)
    stop.set()
    with pytest.raises(Stopped, match="Interrupted"):
        await waiting


async def test_after_a_stop_nothing_waits_any_more() -> None:
    """A pause that begins later ends at once, too."""
    stop = asyncio.Event()
    stop.set()
    use_stop_event(stop)
    assert stop_requested()
    with pytest.raises(Stopped):
        await pause(3600)
