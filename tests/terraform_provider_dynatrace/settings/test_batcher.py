"""Requests of the same moment are sent together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from terraform_plugin.stopping import Stopped
from terraform_provider_dynatrace.deadline import OutOfTime, deadline, remaining
from terraform_provider_dynatrace.settings.batcher import Batcher


async def soon() -> None:
    """Let every task that can run do so once."""
    await asyncio.sleep(0)


class Doubling:
    """Returns the doubles of numbers, and fails for negative ones; `batches` has the batches."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []

    async def answer(self, numbers: Sequence[int]) -> Sequence[int | Exception]:
        self.batches.append(list(numbers))
        await asyncio.sleep(0)
        if 13 in numbers:
            raise LookupError("unlucky")
        return [ValueError(f"{number} is negative") if number < 0 else number * 2 for number in numbers]

    def batcher(self, max_batch: int = 100) -> Batcher[int, int]:
        return Batcher(self.answer, max_batch=max_batch, window=soon)


async def test_questions_of_the_same_moment_are_one_batch() -> None:
    """Each caller gets its own result."""
    doubling = Doubling()

    batcher = doubling.batcher()
    assert list(await asyncio.gather(*map(batcher.load, range(10)))) == [number * 2 for number in range(10)]
    assert doubling.batches == [list(range(10))]


async def test_a_later_question_is_a_batch_of_its_own() -> None:
    """A batch does not wait for later calls."""
    doubling = Doubling()

    batcher = doubling.batcher()
    assert [await batcher.load(1), await batcher.load(2)] == [2, 4]

    assert doubling.batches == [[1], [2]]


async def test_a_batch_has_a_limit() -> None:
    """More calls are several batches."""
    doubling = Doubling()

    batcher = doubling.batcher(max_batch=4)
    assert list(await asyncio.gather(*map(batcher.load, range(10)))) == [number * 2 for number in range(10)]
    assert [len(batch) for batch in doubling.batches] == [4, 4, 2]


async def test_a_failure_of_one_item_reaches_its_callers_only() -> None:
    """The other callers get their results."""
    batcher = Doubling().batcher()
    one, failed = list(await asyncio.gather(batcher.load(1), batcher.load(-1), return_exceptions=True))

    assert one == 2
    assert isinstance(failed, ValueError)


async def test_a_failure_of_all_reaches_every_caller() -> None:
    """It is the same error, which no caller changes."""
    batcher = Doubling().batcher()
    first, second = list(await asyncio.gather(batcher.load(1), batcher.load(13), return_exceptions=True))

    assert isinstance(first, LookupError)
    assert first is second


async def test_an_interrupt_reaches_every_caller() -> None:
    """Each caller gets an exception of the same type, whatever its constructor takes."""

    async def answer(numbers: Sequence[int]) -> Sequence[int | Exception]:
        raise Stopped

    batcher = Batcher(answer, max_batch=10, window=soon)

    for stopped in list(await asyncio.gather(*map(batcher.load, range(3)), return_exceptions=True)):
        assert isinstance(stopped, Stopped)
        assert stopped.diagnostic() == Stopped().diagnostic()


async def test_a_cancelled_caller_does_not_affect_others() -> None:
    """An operation that is cancelled leaves its batch to the others."""
    batcher = Doubling().batcher()
    first, second = (asyncio.create_task(batcher.load(number)) for number in (1, 2))
    await soon()
    first.cancel()
    assert await second == 4
    with pytest.raises(asyncio.CancelledError):
        await first


@pytest.mark.virtual_time
async def test_a_batch_has_the_latest_deadline_of_its_callers() -> None:
    """The operation of the first caller may end soon, while the others have more time."""
    left: list[float] = []

    async def answer(numbers: Sequence[int]) -> Sequence[int | Exception]:
        left.append(round(remaining(), 1))
        return numbers

    async def load(batcher: Batcher[int, int], seconds: float) -> None:
        with deadline(seconds):
            await batcher.load(1)

    batcher = Batcher(answer, max_batch=10)
    await asyncio.gather(load(batcher, 1), load(batcher, 7), load(batcher, 3))

    assert left == [7]


@pytest.mark.virtual_time
async def test_no_caller_waits_for_others_past_its_deadline() -> None:
    """A caller whose deadline is earlier gets an error, and the others get the result."""

    async def answer(numbers: Sequence[int]) -> Sequence[int | Exception]:
        await asyncio.sleep(6)
        return numbers

    async def load(batcher: Batcher[int, int], seconds: float) -> int:
        with deadline(seconds):
            return await batcher.load(1)

    batcher = Batcher(answer, max_batch=10)
    early, answered = list(await asyncio.gather(load(batcher, 1), load(batcher, 7), return_exceptions=True))

    assert isinstance(early, OutOfTime)
    assert answered == 1
