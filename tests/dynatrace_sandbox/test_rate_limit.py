"""How many requests a second pass."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynatrace_sandbox.rate_limit import RateLimit


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def test_without_a_rate_everything_passes() -> None:
    """A rate of 0 sets no limit."""
    limit = RateLimit(0, Clock())

    assert [limit.take() for _ in range(1000)] == [None] * 1000


def test_one_seconds_requests_pass_at_once() -> None:
    """Then one more after each fraction of a second."""
    clock = Clock()
    limit = RateLimit(4, clock)

    assert [limit.take() for _ in range(5)] == [None, None, None, None, 1]
    clock.now += 0.25
    assert [limit.take(), limit.take()] == [None, 1]


@pytest.mark.parametrize(("rate", "wait"), [(0.5, 2), (0.1, 10)])
def test_less_than_one_a_second_makes_clients_wait(rate: float, wait: int) -> None:
    """The refusal has the pause in whole seconds; after it, one request passes."""
    clock = Clock()
    limit = RateLimit(rate, clock)
    limit.take()
    clock.now += wait

    assert limit.take() is None
    assert limit.take() == wait


@given(st.integers(1, 50), st.lists(st.floats(0, 3), max_size=100))
def test_never_more_than_the_rate_passes(rate: int, pauses: list[float]) -> None:
    """In any period: the requests of one second, plus those that have become available since."""
    clock = Clock()
    limit = RateLimit(rate, clock)
    passed = 0

    for pause in pauses:
        clock.now += pause
        passed += limit.take() is None

    assert passed <= rate * (1 + clock.now) + 1e-6
