"""The part of the page that is measured is replaced, the rest is not touched."""

from pathlib import Path

import pytest

from benchmarks.page import PAGE as OURS
from benchmarks.page import with_measured, write

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


def test_the_page_has_a_place_for_each_measurement(tmp_path: Path) -> None:
    """Writing needs no hand at the page."""
    page = tmp_path / "page.md"
    page.write_text(OURS.read_text())
    for name in ("bench", "calls"):
        write(name, f"new {name}\n", page)

    assert [line for line in page.read_text().splitlines() if line.startswith("new ")] == ["new bench", "new calls"]
