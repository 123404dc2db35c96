"""How long an operation may still take."""

from __future__ import annotations

import math

from terraform_provider_dynatrace.deadline import deadline, no_deadline, remaining


def test_without_a_deadline_there_is_time_without_end() -> None:
    """Nothing gives up early."""
    assert remaining() == math.inf


def test_the_nearer_deadline_counts() -> None:
    """A block cannot give itself more time than the block around it has."""
    with deadline(50):
        with deadline(100):
            assert remaining() <= 50
        with deadline(10):
            assert remaining() <= 10
        assert 10 < remaining() <= 50
    assert remaining() == math.inf


def test_after_the_deadline_no_time_is_left() -> None:
    """Never less than nothing."""
    with deadline(-1):
        assert remaining() == 0


def test_what_is_done_for_several_has_no_deadline_of_one() -> None:
    """A page of objects answers others too."""
    with deadline(10), no_deadline():
        assert remaining() == math.inf
