"""What is asked once for many."""

from __future__ import annotations

import asyncio

import pytest

from terraform_provider_dynatrace.client.errors import Rejected
from terraform_provider_dynatrace.deadline import OutOfTime, deadline
from terraform_provider_dynatrace.settings.verdict import Verdict


async def test_a_verdict_that_is_known_is_not_waited_for() -> None:
    """It holds the reason of a refusal."""
    verdict = Verdict()
    assert not verdict.is_expected
    refusal = Rejected("No")
    verdict.settle(refusal)

    assert verdict.is_expected
    assert await verdict.wait()
    assert verdict.refusal is refusal


@pytest.mark.parametrize("answered", [True, False])
async def test_others_wait_until_the_last_request_has_ended(*, answered: bool) -> None:
    """If all requests have failed, those who waited know that nobody will tell."""
    verdict = Verdict()
    ends = [asyncio.Event(), asyncio.Event()]

    async def ask(end: asyncio.Event, *, settles: bool) -> None:
        with verdict.asking():
            await end.wait()
            if settles:
                verdict.settle()

    asking = [asyncio.create_task(ask(ends[0], settles=False)), asyncio.create_task(ask(ends[1], settles=answered))]
    await asyncio.sleep(0)
    waiting = asyncio.create_task(verdict.wait())
    ends[0].set()
    await asking[0]
    await asyncio.sleep(0)
    assert not waiting.done()
    ends[1].set()
    await asking[1]

    assert await waiting is answered
    assert verdict.is_expected is answered


@pytest.mark.virtual_time
async def test_nobody_waits_longer_than_the_operation_may_take() -> None:
    """The request of another operation may take longer."""
    verdict = Verdict()
    with verdict.asking(), deadline(5), pytest.raises(OutOfTime):
        await verdict.wait()
