"""The part of the page that is measured is replaced, the rest is not touched."""

import pytest

from benchmarks.page import with_measured

PAGE = "Words.\n<!-- measured: bench -->\nold | table\n<!-- end: bench -->\nMore (words).\n"


def test_what_is_between_the_markers_is_replaced() -> None:
    """Whatever is in the new text stands there as it is."""
    written = with_measured(PAGE, "bench", "new \\1 table\n")

    assert written == "Words.\n<!-- measured: bench -->\nnew \\1 table\n<!-- end: bench -->\nMore (words).\n"
    assert with_measured(written, "bench", "old | table\n") == PAGE


def test_a_page_without_a_place_is_not_guessed_at() -> None:
    """Nothing is appended somewhere."""
    with pytest.raises(ValueError, match="no place for calls"):
        with_measured(PAGE, "calls", "text\n")
