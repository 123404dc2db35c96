"""One limiter for everything that talks to one tenant."""

from __future__ import annotations

import asyncio

import pytest

from terraform_provider_dynatrace.client.limiter import Limiter
from tests.terraform_provider_dynatrace.far_end import Time


async def test_nobody_waits_while_nothing_was_refused() -> None:
    """The usual case costs nothing."""
    time = Time()

    await Limiter(1, clock=time.clock, pause=time.pause).backed_off()

    assert time.waited == []


async def test_the_longest_pause_counts() -> None:
    """A shorter one does not end it."""
    time = Time()
    limiter = Limiter(1, clock=time.clock, pause=time.pause)
    limiter.back_off(3)
    limiter.back_off(1)

    await limiter.backed_off()

    assert time.waited == [3]


async def test_a_slot_is_free_again_after_a_failure() -> None:
    """Nothing is locked for ever."""

    async def story() -> None:
        limiter = Limiter(1)
        with pytest.raises(LookupError):
            async with limiter.slot():
                raise LookupError
        async with limiter.slot():
            return

    await asyncio.wait_for(story(), 5)
