"""What is asked once for many."""

from __future__ import annotations

import asyncio

import pytest

from terraform_provider_dynatrace.client.errors import Rejected
from terraform_provider_dynatrace.deadline import OutOfTime, deadline
from terraform_provider_dynatrace.settings.decision import Decision


async def test_a_verdict_that_is_known_is_not_waited_for() -> None:
    """It holds the reason of a refusal."""
    decision = Decision()
    assert not decision.is_expected
    refusal = Rejected("No")
    decision.settle(refusal)

    assert decision.is_expected
    assert await decision.wait()
    assert decision.refusal is refusal


@pytest.mark.parametrize("answered", [True, False])
async def test_others_wait_until_the_last_request_has_ended(*, answered: bool) -> None:
    """If all requests have failed, those who waited know that nobody will tell."""
    decision = Decision()
    ends = [asyncio.Event(), asyncio.Event()]

    async def ask(end: asyncio.Event, *, settles: bool) -> None:
        with decision.asking():
            await end.wait()
            if settles:
                decision.settle()

    asking = [asyncio.create_task(ask(ends[0], settles=False)), asyncio.create_task(ask(ends[1], settles=answered))]
    await asyncio.sleep(0)
    waiting = asyncio.create_task(decision.wait())
    ends[0].set()
    await asking[0]
    await asyncio.sleep(0)
    assert not waiting.done()
    ends[1].set()
    await asking[1]

    assert await waiting is answered
    assert decision.is_expected is answered


@pytest.mark.virtual_time
async def test_nobody_waits_longer_than_the_operation_may_take() -> None:
    """The request of another operation may take longer."""
    decision = Decision()
    with decision.asking(), deadline(5), pytest.raises(OutOfTime):
        await decision.wait()
