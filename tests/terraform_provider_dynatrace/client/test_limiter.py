"""One limiter for everything that talks to one environment."""

from __future__ import annotations

import asyncio
import random

import httpx2
import pytest

from dynatrace_sandbox.rate_limit import RateLimit
from terraform_provider_dynatrace.client.client import Client, Connection
from terraform_provider_dynatrace.client.limiter import Limiter
from tests.terraform_provider_dynatrace.far_end import API_TOKEN, ENVIRONMENT, USUAL, FarEnd, Time, json, refusal
from tests.virtual_time import LoopTime


async def test_without_refusals_no_request_waits() -> None:
    """There is no delay in the usual case."""
    time = Time()
    limiter = Limiter(1, clock=time.clock, pause=time.pause)

    for _ in range(100):
        await limiter.turn()
        limiter.accepted()

    assert time.waited == []


async def test_the_longest_pause_counts() -> None:
    """A shorter one does not end it."""
    time = Time()
    limiter = Limiter(1, clock=time.clock, pause=time.pause)
    limiter.back_off(3, time.now)
    limiter.back_off(1, time.now)

    await limiter.turn()

    assert time.waited == [3]


async def test_requests_follow_one_another_after_a_refusal() -> None:
    """At the rate that the server has accepted, and not all at once; each refusal counts once."""
    time = Time()
    limiter = Limiter(10, clock=time.clock, pause=time.pause)
    for _ in range(4):
        await limiter.turn()
        limiter.accepted()
    for _ in range(6):
        limiter.back_off(1, time.now)

    moments = [await limiter.turn() - 1000 for _ in range(4)]

    assert moments == pytest.approx([1, 1.25, 1.5, 1.75])


async def test_the_pace_is_forgotten_when_the_server_accepts_everything_again() -> None:
    """A rate limit of this morning does not slow down the afternoon of a long run."""
    time = Time()
    limiter = Limiter(10, clock=time.clock, pause=time.pause)
    limiter.back_off(1, time.now)

    for _ in range(1200):
        await limiter.turn()
        limiter.accepted()
    time.waited.clear()
    await limiter.turn()

    assert time.waited == []


async def test_a_slot_is_free_again_after_a_failure() -> None:
    """A failed request does not keep its slot."""

    async def story() -> None:
        limiter = Limiter(1)
        with pytest.raises(LookupError):
            async with limiter.slot():
                raise LookupError
        async with limiter.slot():
            return

    await asyncio.wait_for(story(), 5)


@pytest.mark.virtual_time
@pytest.mark.parametrize("at_a_time", [10, 25])
@pytest.mark.parametrize("hint", [True, False])
async def test_40_requests_come_through_a_server_that_allows_3_a_second(at_a_time: int, hint: bool) -> None:  # noqa: FBT001
    """None fails, in 1.5 times the time that the limit needs; few are refused twice, also without Retry-After."""
    limit = RateLimit(3, LoopTime.clock)
    refused: dict[str, int] = {}

    async def serve(request: httpx2.Request) -> httpx2.Response:
        wait = limit.take()
        if wait is None:
            return json({})
        refused[request.url.path] = refused.get(request.url.path, 0) + 1
        return refusal(429, "slow down", headers={"Retry-After": str(wait)} if hint else None)

    connection = Connection(
        ENVIRONMENT,
        USUAL,
        transport=FarEnd(serve),
        clock=LoopTime.clock,
        pause=LoopTime.pause,
        chance=random.Random(7).random,  # noqa: S311 -- jitter
    )
    client = Client(connection, API_TOKEN)
    workers = asyncio.Semaphore(at_a_time)

    async def create(number: int) -> None:
        async with workers:
            await client.request("GET", f"/{number}", access="read")

    start = LoopTime.clock()
    await asyncio.gather(*map(create, range(40)))

    assert LoopTime.clock() - start <= (40 - 3) / 3 * 1.5
    assert sum(times >= 2 for times in refused.values()) <= 4
