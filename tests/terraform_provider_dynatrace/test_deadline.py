"""How long an operation may still take."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable

import pytest

from terraform_provider_dynatrace.deadline import OutOfTime, begin, deadline, in_time, remaining, until


def test_without_a_deadline_there_is_time_without_end() -> None:
    """There is no timeout."""
    assert remaining() == math.inf


@pytest.mark.virtual_time
async def test_the_nearer_deadline_counts() -> None:
    """A block cannot give itself more time than the block around it has, unless it says so."""
    with deadline(50):
        with deadline(100):
            assert remaining() == 50
        with deadline(10):
            assert remaining() == 10
        with deadline(100, instead=True):
            assert remaining() == 100
        assert remaining() == 50
    assert remaining() == math.inf


@pytest.mark.virtual_time
async def test_after_the_deadline_no_time_is_left() -> None:
    """The remaining time is never negative."""
    with deadline(-1):
        assert remaining() == 0


@pytest.mark.virtual_time
async def test_what_is_done_for_several_has_an_end_of_its_own() -> None:
    """A page of objects also serves other callers."""
    with deadline(10), until(math.inf):
        assert remaining() == math.inf


@pytest.mark.virtual_time
async def test_each_call_has_its_own_time() -> None:
    """The deadline of one call does not apply to others."""

    async def call(seconds: float) -> float:
        begin(seconds)
        await asyncio.sleep(1)
        return remaining()

    assert await asyncio.gather(*(asyncio.create_task(call(seconds)) for seconds in (5, 50))) == [4, 49]
    assert remaining() == math.inf


@pytest.mark.virtual_time
@pytest.mark.parametrize(("grace", "after"), [(0, 3), (2, 5)])
async def test_nothing_is_waited_for_longer_than_the_operation_may_take(grace: float, after: float) -> None:
    """What waits is cancelled, and the error names the argument that gives more time."""
    with deadline(3), pytest.raises(OutOfTime, match="operation_timeout"):
        await in_time(asyncio.Event().wait(), grace)
    assert asyncio.get_running_loop().time() == 1000 + after


async def _value() -> str:
    return "value"


async def _timeout() -> str:
    raise TimeoutError("of its own")


@pytest.mark.virtual_time
@pytest.mark.parametrize(("waiting", "outcome"), [(_value, "value"), (_timeout, "of its own")])
async def test_a_result_before_the_deadline_is_returned(waiting: Callable[[], Awaitable[str]], outcome: str) -> None:
    """A value, or a failure of any kind."""
    with deadline(3):
        try:
            came = await in_time(waiting())
        except TimeoutError as failure:
            came = str(failure)

    assert came == outcome
