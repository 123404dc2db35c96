"""What counts as flat, and what does not."""

import pytest

from benchmarks.soak import Held, leaks

MEGABYTES = [40.0, 44, 46, 47, 48, 48, 47.5, 48, 48.2, 48, 48.1, 47.9, 48, 48.3, 48, 48.2]
DESCRIPTORS = [8, 10, 15, 9, 10, 15, 10, 9, 10, 13, 8, 10, 12, 15, 13, 10]
"""What only settles in the beginning, and a pool of connections that come and go."""


@pytest.mark.parametrize(
    ("megabytes", "descriptors", "found"),
    [
        (0.0, 0, []),
        (1.0, 0, ["megabytes grew by 8, more than the limit of 3"]),
        (0.0, 5, ["descriptors grew by 42, more than the limit of 10"]),
    ],
)
def test_what_keeps_growing_is_found(megabytes: float, descriptors: int, found: list[str]) -> None:
    """A MB in each round, or five descriptors; what is done for the first time stays in memory, and is no leak."""
    grown = enumerate(zip(MEGABYTES, DESCRIPTORS, strict=True))

    assert (
        leaks([Held(held + number * megabytes, open_ + number * descriptors) for number, (held, open_) in grown])
        == found
    )


def test_one_look_moves_no_median() -> None:
    """A round that was caught in the middle of something is no growth; three rounds are too few to tell."""
    flat = [Held(*held) for held in zip(MEGABYTES, DESCRIPTORS, strict=True)]

    assert leaks([*flat[:-1], Held(70, 99)]) == []
    with pytest.raises(ValueError, match="3 looks are too few"):
        leaks(flat[:3])
