"""What counts as flat, and what does not."""

import pytest

from benchmarks.flatness import growth, leaks

CALM = [40.0, 44, 46, 47, 48, 48, 47.5, 48, 48.2, 48, 48.1, 47.9, 48, 48.3, 48, 48.2]
OPEN = [8.0, 10, 15, 9, 10, 15, 10, 9, 10, 13, 8, 10, 12, 15, 13, 10]


def test_what_only_settles_in_the_beginning_is_flat() -> None:
    """Whatever is done for the first time stays in memory; the pool of connections comes and goes."""
    assert leaks(CALM, OPEN) == []


def test_memory_that_keeps_growing_is_found() -> None:
    """A MB a round is."""
    leaking = [held + number for number, held in enumerate(CALM)]

    assert leaks(leaking, OPEN) == ["memory grew by 8.4 MB, more than the limit of 3 MB"]


def test_descriptors_that_stay_open_are_found() -> None:
    """One with each of five configurations a round is."""
    leaking = [held + 5 * number for number, held in enumerate(OPEN)]

    assert leaks(CALM, leaking) == ["open file descriptors grew by 42, more than the limit of 10"]


def test_a_single_look_is_no_growth() -> None:
    """One round that was caught in the middle of something moves no median."""
    assert growth([*CALM[:-1], 70]) < 1


def test_too_few_looks_tell_nothing() -> None:
    """Three looks are not called flat."""
    with pytest.raises(ValueError, match="3 looks are too few"):
        growth([1, 2, 3])
