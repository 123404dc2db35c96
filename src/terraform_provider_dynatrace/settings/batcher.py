"""What is asked at the same time is answered together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Generic, NamedTuple, TypeVar

from terraform_provider_dynatrace.deadline import end, in_time, until

Q = TypeVar("Q")
A = TypeVar("A")

MAX_WINDOWS = 10  # how often more questions are waited for, at most
GRACE = 2.0  # seconds after the operation's end in which the batch gives its own, better failure


async def a_moment() -> None:
    """Wait a little: Terraform asks ten at a time; they arrive within a few milliseconds of each other."""
    await asyncio.sleep(0.005)


async def a_while() -> None:
    """Wait longer, where nobody is in a hurry: what Terraform creates ten at a time is ready one by one."""
    await asyncio.sleep(0.03)


class _Asked(NamedTuple, Generic[Q, A]):
    """A question, who waits for its answer, and when that operation's time is over."""

    question: Q
    asker: asyncio.Future[A]
    end: float


class Batcher(Generic[Q, A]):
    """Collects questions until no more arrive for a `moment`, then gives at most `most` of them to `answer` at once.

    `answer` returns, in the order of the questions, an answer or the exception that only this asker gets; an exception
    that it raises is everybody's.
    """

    def __init__(
        self,
        answer: Callable[[Sequence[Q]], Awaitable[Sequence[A | Exception]]],
        *,
        most: int,
        moment: Callable[[], Awaitable[None]] = a_moment,
    ) -> None:
        self._answer = answer
        self._most = most
        self._moment = moment
        self._waiting: list[_Asked[Q, A]] = []
        self._collecting = False
        self._tasks: set[asyncio.Task[None]] = set()

    async def ask(self, question: Q) -> A:
        """Return the answer to one question, asked together with others. Raises what `answer` gave for it.

        Others may have more time: `OutOfTime` is raised a little after the end of this asker's operation.
        """
        asker: asyncio.Future[A] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Asked(question, asker, end()))
        if not self._collecting:
            self._collecting = True
            task = asyncio.create_task(self._collect())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return await in_time(asker, GRACE)

    async def _collect(self) -> None:
        for _ in range(MAX_WINDOWS):
            seen = len(self._waiting)
            await self._moment()
            if len(self._waiting) == seen or len(self._waiting) >= self._most:
                break
        self._collecting = False
        batch, self._waiting = self._waiting, []
        await asyncio.gather(
            *(self._tell(batch[start : start + self._most]) for start in range(0, len(batch), self._most))
        )

    async def _tell(self, batch: Sequence[_Asked[Q, A]]) -> None:
        answers: Sequence[A | Exception]
        try:
            with until(max(one.end for one in batch)):  # this task is the first asker's child, but works for all
                answers = await self._answer([one.question for one in batch])
        except Exception as failure:  # noqa: BLE001 -- it is raised again, by every asker
            answers = [failure] * len(batch)
        for one, found in zip(batch, answers, strict=True):
            with suppress(asyncio.InvalidStateError):  # somebody stopped waiting
                if isinstance(found, Exception):
                    one.asker.set_exception(_twin(found))
                else:
                    one.asker.set_result(found)


def _twin(failure: Exception) -> Exception:
    """Return a copy that its asker may raise, which writes into it; exceptions do not copy by their constructors."""
    twin = type(failure).__new__(type(failure), *failure.args)
    twin.__dict__.update(failure.__dict__)
    twin.args, twin.__cause__, twin.__traceback__ = failure.args, failure.__cause__, failure.__traceback__
    return twin
