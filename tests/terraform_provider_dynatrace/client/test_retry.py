"""Whether and when to try again, as a table."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terraform_provider_dynatrace.client.errors import (
    Conflict,
    DynatraceError,
    Forbidden,
    NotAuthenticated,
    NotFound,
    Rejected,
    ServerFault,
    Throttled,
    UnexpectedResponse,
    Unreachable,
)
from terraform_provider_dynatrace.client.retry import Policy, Repeat, pause_after, requested_pause

NOW = 1_800_000_000.0  # Fri, 15 Jan 2027 08:00:00 GMT
POLICY = Policy()


def pause(
    failure: DynatraceError, attempt: int = 0, repeat: Repeat = Repeat.ANYTIME, random: float = 1
) -> float | None:
    return pause_after(failure, attempt, POLICY, repeat=repeat, random=lambda: random)


@pytest.mark.parametrize(
    "failure", [Throttled("x"), ServerFault("x"), Unreachable("x"), UnexpectedResponse("x", transient=True)]
)
def test_what_may_pass_is_tried_again(failure: DynatraceError) -> None:
    """429, 5xx, broken connections and truncated answers."""
    assert pause(failure) == POLICY.first


@pytest.mark.parametrize(
    "failure",
    [
        NotAuthenticated("x"),
        Forbidden("x"),
        NotFound("x"),
        Conflict("x"),
        Rejected("x"),
        UnexpectedResponse("x"),
        Unreachable("x", transient=False),
    ],
)
def test_what_stays_wrong_is_not_tried_again(failure: DynatraceError) -> None:
    """A refusal, an unknown host name, a certificate that is not trusted."""
    assert pause(failure) is None


@pytest.mark.parametrize(
    ("repeat", "failure", "again"),
    [
        (Repeat.IF_NOT_DONE, Throttled("x"), True),
        (Repeat.IF_NOT_DONE, Unreachable("x"), True),
        (Repeat.IF_NOT_DONE, Unreachable("x", outcome_unknown=True), False),
        (Repeat.IF_NOT_DONE, ServerFault("x", outcome_unknown=True), False),
        (Repeat.ANYTIME, ServerFault("x", outcome_unknown=True), True),
        (Repeat.ANYTIME, Conflict("x"), False),
        (Repeat.ALSO_AFTER_CONFLICT, Conflict("x"), True),
        (Repeat.ALSO_AFTER_CONFLICT, ServerFault("x", outcome_unknown=True), True),
    ],
)
def test_what_cannot_be_repeated_is_not_sent_twice(repeat: Repeat, failure: DynatraceError, again: bool) -> None:  # noqa: FBT001 -- a table
    """Only a request that the server cannot have carried out is sent again, unless twice is once."""
    assert (pause(failure, repeat=repeat) is not None) == again


def test_pauses_double_up_to_the_cap() -> None:
    """0.5, 1, 2, … never more than the cap."""
    policy = Policy(max_retries=20)
    pauses = [
        pause_after(ServerFault("x"), attempt, policy, repeat=Repeat.ANYTIME, random=lambda: 1) or 0
        for attempt in range(20)
    ]

    assert pauses[:4] == [0.5, 1, 2, 4]
    assert all(later >= earlier for earlier, later in pairwise(pauses))
    assert pauses[-1] == policy.cap


def test_jitter_takes_away_up_to_half() -> None:
    """Two waiting requests do not come back at the same moment."""
    assert pause(ServerFault("x"), attempt=2, random=0) == 1
    assert pause(ServerFault("x"), attempt=2, random=1) == 2


def test_it_gives_up_after_max_retries() -> None:
    """The last failure is then shown."""
    assert pause(ServerFault("x"), attempt=POLICY.max_retries - 1) is not None
    assert pause(ServerFault("x"), attempt=POLICY.max_retries) is None


def test_the_servers_retry_after_comes_first() -> None:
    """Never earlier than asked for, at most a tenth later, whatever the attempt."""
    assert pause(Throttled("x", retry_after=1), attempt=4, random=0) == 1
    assert pause(Throttled("x", retry_after=1), attempt=4, random=1) == pytest.approx(1.1)


def test_a_retry_after_of_an_hour_is_not_waited_for() -> None:
    """The user reads it instead."""
    assert pause(Throttled("x", retry_after=3600)) is None


@pytest.mark.parametrize(
    ("headers", "retry_after"),
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
    ],
)
def test_both_headers_say_how_long_to_wait(headers: dict[str, str], retry_after: float | None) -> None:
    """Retry-After (seconds or date) before X-RateLimit-Reset; nonsense says nothing."""
    assert requested_pause(headers, NOW) == retry_after


@given(st.text(), st.text())
def test_any_header_gives_a_pause_or_none(retry_after: str, reset: str) -> None:
    """Never an exception, never a negative or endless wait."""
    found = requested_pause({"retry-after": retry_after, "x-ratelimit-reset": reset}, NOW)

    assert found is None or 0 <= found < float("inf")
