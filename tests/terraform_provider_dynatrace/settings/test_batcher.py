"""What is asked at the same time is answered together."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from terraform_plugin.stopping import Stopped
from terraform_provider_dynatrace.deadline import OutOfTime, deadline, remaining
from terraform_provider_dynatrace.settings.batcher import Batcher


async def soon() -> None:
    """A moment without time: everybody who can run runs once."""
    await asyncio.sleep(0)


class Doubling:
    """Answers numbers with their doubles, and fails for negative ones; `batches` has what was asked together."""

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
    """Each asker gets its own answer."""
    doubling = Doubling()

    batcher = doubling.batcher()
    assert list(await asyncio.gather(*map(batcher.load, range(10)))) == [number * 2 for number in range(10)]
    assert doubling.batches == [list(range(10))]


async def test_a_later_question_is_a_batch_of_its_own() -> None:
    """Nobody waits for questions that never come."""
    doubling = Doubling()

    batcher = doubling.batcher()
    assert [await batcher.load(1), await batcher.load(2)] == [2, 4]

    assert doubling.batches == [[1], [2]]


async def test_a_batch_has_a_limit() -> None:
    """More questions are several batches, all of them answered."""
    doubling = Doubling()

    batcher = doubling.batcher(max_batch=4)
    assert list(await asyncio.gather(*map(batcher.load, range(10)))) == [number * 2 for number in range(10)]
    assert [len(batch) for batch in doubling.batches] == [4, 4, 2]


async def test_a_failure_of_one_is_only_its_askers() -> None:
    """The others get their answers."""
    batcher = Doubling().batcher()
    one, failed = list(await asyncio.gather(batcher.load(1), batcher.load(-1), return_exceptions=True))

    assert one == 2
    assert isinstance(failed, ValueError)


async def test_a_failure_of_all_reaches_every_caller() -> None:
    """It is one failure, and nobody changes it."""
    batcher = Doubling().batcher()
    first, second = list(await asyncio.gather(batcher.load(1), batcher.load(13), return_exceptions=True))

    assert isinstance(first, LookupError)
    assert first is second


async def test_an_interrupt_reaches_every_asker() -> None:
    """Each asker gets the same kind of exception, whatever its constructor takes."""

    async def answer(numbers: Sequence[int]) -> Sequence[int | Exception]:
        raise Stopped

    batcher = Batcher(answer, max_batch=10, window=soon)

    for stopped in list(await asyncio.gather(*map(batcher.load, range(3)), return_exceptions=True)):
        assert isinstance(stopped, Stopped)
        assert stopped.diagnostic() == Stopped().diagnostic()


async def test_who_stops_waiting_disturbs_nobody() -> None:
    """An operation that is cancelled leaves its batch to the others."""
    batcher = Doubling().batcher()
    first, second = (asyncio.create_task(batcher.load(number)) for number in (1, 2))
    await soon()
    first.cancel()
    assert await second == 4
    with pytest.raises(asyncio.CancelledError):
        await first


@pytest.mark.virtual_time
async def test_a_batch_has_the_longest_of_its_askers_deadlines() -> None:
    """The first asker's operation may be nearly over; the others' are not."""
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
async def test_nobody_waits_for_others_longer_than_the_operation_may_take() -> None:
    """Who has less time goes, with an error of its own; the answer still comes to who has more."""

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
