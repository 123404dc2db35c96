"""Whether and when a request is retried: decided without waiting, so these are tables."""

from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terraform_provider_dynatrace.client import retry
from terraform_provider_dynatrace.client.errors import (
    Conflict,
    DynatraceError,
    Forbidden,
    NotAuthenticated,
    NotFound,
    Rejected,
    Retry,
    ServerFault,
    Throttled,
    UnexpectedResponse,
    Unreachable,
)
from terraform_provider_dynatrace.client.retry import Backoff, Idempotency, Policy, pause_after, retry_after

NOW = 1_800_000_000.0  # 15 January 2027, 08:00 UTC
POLICY = Policy(max_retries=5)


def pause(
    failure: DynatraceError,
    retries: int = 0,
    idempotency: Idempotency = Idempotency.IDEMPOTENT,
    random: float = 1,
) -> float | None:
    return pause_after(failure.replace(attempts=retries + 1), POLICY, idempotency=idempotency, random=lambda: random)


@pytest.mark.parametrize(
    "failure",
    [Throttled("x"), ServerFault("x"), Unreachable("x"), UnexpectedResponse("x", retry=Retry(transient=True))],
)
def test_a_temporary_failure_is_retried(failure: DynatraceError) -> None:
    """Half a second later for the first time."""
    assert pause(failure) == 0.5


@pytest.mark.parametrize(
    "failure",
    [
        Rejected("x"),
        NotAuthenticated("x"),
        Forbidden("x"),
        NotFound("x"),
        UnexpectedResponse("x"),
        Unreachable("x", retry=Retry(transient=False)),
    ],
)
def test_a_lasting_failure_is_shown_at_once(failure: DynatraceError) -> None:
    """A retry would give the same response."""
    assert pause(failure) is None


@pytest.mark.parametrize(
    ("idempotency", "failure", "retried"),
    [
        (Idempotency.UNSAFE, Throttled("x"), True),
        (Idempotency.UNSAFE, Unreachable("x"), True),
        (Idempotency.UNSAFE, Unreachable("x", outcome_unknown=True), False),
        (Idempotency.UNSAFE, ServerFault("x", outcome_unknown=True), False),
        (Idempotency.IDEMPOTENT, ServerFault("x", outcome_unknown=True), True),
        (Idempotency.IDEMPOTENT, Conflict("x"), False),
        (Idempotency.RETRIED_AFTER_CONFLICT, Conflict("x"), True),
        (Idempotency.RETRIED_AFTER_CONFLICT, ServerFault("x", outcome_unknown=True), True),
    ],
)
def test_an_unsafe_request_is_not_carried_out_twice(
    idempotency: Idempotency,
    failure: DynatraceError,
    retried: bool,  # noqa: FBT001 -- a table
) -> None:
    """It is retried only if the server cannot have carried it out."""
    assert (pause(failure, idempotency=idempotency) is not None) == retried


def test_pauses_double_up_to_the_cap() -> None:
    """0.5, 1, 2, … seconds, and never more than 10."""
    policy = Policy(max_retries=20)
    pauses = [
        pause_after(ServerFault("x", attempts=attempts), policy, idempotency=Idempotency.IDEMPOTENT, random=lambda: 1)
        or 0
        for attempts in range(1, 21)
    ]

    assert pauses[:4] == [0.5, 1, 2, 4]
    assert all(later >= earlier for earlier, later in pairwise(pauses))
    assert pauses[-1] == 10


@pytest.mark.parametrize("backoff", [found for found in vars(retry).values() if isinstance(found, Backoff)])
def test_every_backoff_grows_from_its_first_pause_to_its_cap(backoff: Backoff) -> None:
    """However many retries there are."""
    assert backoff.pause(0) == backoff.first
    assert backoff.pause(1) == pytest.approx(backoff.first * backoff.factor)
    assert [backoff.pause(retries) for retries in (100, 10_000, 10**9)] == [backoff.cap] * 3


def test_jitter_takes_away_up_to_half() -> None:
    """Two waiting requests are not retried at the same moment."""
    assert pause(ServerFault("x"), retries=2, random=0) == 1
    assert pause(ServerFault("x"), retries=2, random=1) == 2


def test_there_are_at_most_max_retries() -> None:
    """Then the last failure is shown."""
    assert pause(ServerFault("x"), retries=4) is not None
    assert pause(ServerFault("x"), retries=5) is None


def test_a_pause_that_the_server_asks_for_comes_first() -> None:
    """Never shorter than asked for, and at most a tenth longer, whatever the attempt."""
    throttled = Throttled("x", retry=Retry(transient=True, after=1))

    assert pause(throttled, retries=4, random=0) == 1
    assert pause(throttled, retries=4, random=1) == pytest.approx(1.1)


@pytest.mark.parametrize("after", [0.0, 0.1])
def test_a_pause_of_nothing_is_not_taken_literally(after: float) -> None:
    """After `Retry-After: 0`, or if clocks differ, all attempts would otherwise be made within milliseconds."""
    throttled = Throttled("x", retry=Retry(transient=True, after=after))

    assert [pause(throttled, retries=retries) for retries in range(4)] == [0.5, 1, 2, 4]


def test_a_refusal_because_of_the_rate_does_not_use_up_a_retry() -> None:
    """It is waited out for as long as the operation has time; the number only ends what has no deadline."""
    throttled, fault = Throttled("x", attempts=90), ServerFault("x", attempts=91)

    def retried(failure: DynatraceError, throttled: int) -> bool:
        found = pause_after(failure, POLICY, idempotency=Idempotency.IDEMPOTENT, random=lambda: 1, throttled=throttled)
        return found is not None

    assert retried(throttled, 90)
    assert retried(fault, 90)
    assert not retried(fault, 85)
    assert not retried(throttled, POLICY.max_throttled + 1)


@pytest.mark.parametrize(("remaining", "longest"), [(7200, 7200), (5, 5), (math.inf, 120)])
def test_a_pause_takes_as_long_as_the_operation_has(remaining: float, longest: float) -> None:
    """Two minutes for a command, which has no deadline."""
    assert POLICY.longest_pause(remaining) == longest


@pytest.mark.parametrize(("remaining", "seconds"), [(7200, 3960), (3700, 3700), (60, 3600), (math.inf, 3600)])
def test_a_pause_of_an_hour_is_what_the_server_asks_for(remaining: float, seconds: float) -> None:
    """Its random part never exceeds the time of the operation, which decides whether the pause is waited for."""
    hour = Throttled("x", retry=Retry(transient=True, after=3600))

    found = pause_after(hour, POLICY, idempotency=Idempotency.IDEMPOTENT, random=lambda: 1, remaining=remaining)

    assert found == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("seconds", "elapsed", "remaining", "expected"),
    [
        (math.inf, 119, 1000, 10),
        (math.inf, 900, 1000, 10),
        (math.inf, 119, math.inf, 1),
        (math.inf, 120, math.inf, None),
        (120, 115, 1000, 5),
        (120, 120, 1000, None),
        (10, 7.5, 1000, 2.5),
        (10, 10, 1000, None),
    ],
)
def test_without_a_number_of_retries_time_is_the_limit(
    seconds: float, elapsed: float, remaining: float, expected: float | None
) -> None:
    """The last attempt is at the end of the time that the kind of failure has: two minutes without a deadline."""
    failure = Unreachable("x", attempts=20, retry=Retry(transient=True, seconds=seconds))
    policy = Policy(max_retries=None)

    found = pause_after(
        failure,
        policy,
        idempotency=Idempotency.IDEMPOTENT,
        random=lambda: 1,
        elapsed=elapsed,
        remaining=remaining,
    )

    assert found == expected


def test_a_number_of_retries_is_the_limit_instead_of_time() -> None:
    """However long the attempts take."""
    failure = Unreachable("x", attempts=3, retry=Retry(transient=True, seconds=10))

    found = pause_after(failure, POLICY, idempotency=Idempotency.IDEMPOTENT, random=lambda: 1, elapsed=1000)

    assert found == 2


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "3"}, 3),
        ({"retry-after": "Fri, 15 Jan 2027 08:00:07 GMT"}, 7),
        ({"retry-after": "Fri, 15 Jan 2027 07:59:00 GMT"}, 0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"x-ratelimit-reset": "4"}, 4),
        ({"x-ratelimit-reset": str(int(NOW) + 5)}, 5),
        ({"x-ratelimit-reset": str((int(NOW) + 5) * 1000)}, 5),
        ({"x-ratelimit-reset": str((int(NOW) + 5) * 1_000_000)}, 5),
        ({"x-ratelimit-reset": "-4"}, 0),
        ({"retry-after": "2", "x-ratelimit-reset": "9"}, 2),
        ({"retry-after": "soon", "x-ratelimit-reset": "9"}, 9),
        ({"retry-after": "Fri, 15 Jan 2027 08:00:07 GMT", "date": "Fri, 15 Jan 2027 08:00:05 GMT"}, 2),
        ({"x-ratelimit-reset": str((int(NOW) + 5) * 1000), "date": "Fri, 15 Jan 2027 07:59:55 GMT"}, 10),
        ({"retry-after": "3", "date": "nonsense"}, 3),
    ],
)
def test_both_headers_say_how_long_to_wait(headers: dict[str, str], seconds: float | None) -> None:
    """Retry-After (seconds or a date) before X-RateLimit-Reset; a value without meaning counts as none."""
    assert retry_after(headers, NOW) == seconds


@given(st.text(), st.text())
def test_any_header_gives_a_pause_or_none(after: str, reset: str) -> None:
    """Never an exception, and never a negative or endless pause."""
    found = retry_after({"retry-after": after, "x-ratelimit-reset": reset}, NOW)

    assert found is None or 0 <= found < float("inf")
