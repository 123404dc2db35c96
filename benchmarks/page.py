"""The page docs/benchmarks.md: what was measured stands between markers, everything else is written by people."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parent.parent / "docs" / "benchmarks.md"
_BETWEEN = "<!-- measured: {name} -->\n{text}<!-- end: {name} -->\n"


def with_measured(page: str, name: str, text: str) -> str:
    """Return the page with `text` between the markers of `name`. Raises `ValueError` where it has none."""
    pattern = re.escape(_BETWEEN).replace(r"\{name\}", re.escape(name)).replace(r"\{text\}", ".*?")
    written, found = re.subn(pattern, lambda _: _BETWEEN.format(name=name, text=text), page, flags=re.DOTALL)
    if found != 1:
        raise ValueError(f"the page has no place for {name}")
    return written


def write(name: str, text: str, page: Path = PAGE) -> None:
    """Put `text` where the page has a place for `name`."""
    page.write_text(with_measured(page.read_text(encoding="utf-8"), name, text), encoding="utf-8")
