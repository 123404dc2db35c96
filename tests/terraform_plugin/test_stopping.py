"""An interrupt ends what waits."""

import asyncio

import pytest

from terraform_plugin.stopping import Stopped, pause, stop_requested, use_stop_event


def test_a_pause_ends_by_itself() -> None:
    """With nobody to stop it, and with somebody who does not."""

    async def twice() -> bool:
        await pause(0)
        use_stop_event(asyncio.Event())
        await pause(0.001)
        return stop_requested()

    assert not asyncio.run(twice())


def test_a_pause_ends_when_terraform_stops() -> None:
    """However long it was meant to be."""

    async def stopped() -> None:
        stop = asyncio.Event()
        use_stop_event(stop)
        waiting = asyncio.create_task(pause(3600))
        await asyncio.sleep(0)
        stop.set()
        await waiting

    with pytest.raises(Stopped, match="Interrupted"):
        asyncio.run(stopped())


def test_after_a_stop_nothing_waits_any_more() -> None:
    """A pause that begins later ends at once, too."""

    async def stopped() -> None:
        stop = asyncio.Event()
        stop.set()
        use_stop_event(stop)
        assert stop_requested()
        await pause(3600)

    with pytest.raises(Stopped):
        asyncio.run(stopped())
