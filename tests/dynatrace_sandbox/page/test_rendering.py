"""HTML from templates: what a value contains stays text."""

import pytest

from dynatrace_sandbox.api.page import FILES, HEADERS
from dynatrace_sandbox.page.rendering import visible


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Zürich 接続 🔗 👩\u200d💻", "Zürich 接続 🔗 👩\u200d💻"),
        ("two\nlines", "two\nlines"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("a\x1b[31mred\x00", "a\\u001b[31mred\\u0000"),
        ("zero\u200bwidth\ufeff", "zero\\u200bwidth\\ufeff"),
        ("a lone \ud800", "a lone \\ud800"),
    ],
)
def test_what_cannot_be_seen_becomes_visible(text: str, shown: str) -> None:
    """Control characters and direction marks are escaped; letters, symbols and line breaks stay."""
    assert visible(text) == shown


def test_what_is_no_text_stays() -> None:
    """Numbers, and HTML that a template made."""
    assert [visible(value) for value in (3, None, True)] == [3, None, True]


def test_the_policy_of_the_page_allows_its_own_files_only() -> None:
    """No inline script or style, no other origin, no frame."""
    policy = dict(part.strip().split(" ", 1) for part in HEADERS["Content-Security-Policy"].split(";"))

    assert policy.pop("default-src") == "'none'"
    assert set(policy.values()) == {"'self'", "'none'"}
    assert policy["frame-ancestors"] == "'none'"
    assert sorted(FILES) == ["icon.svg", "page.css", "page.js"]
