"""The page's HTML, from templates in which every value is escaped."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

SECTIONS = ("connections", "attempts", "requests", "aws", "faults")
"""The parts that change while the page is open, as in the names of their templates."""


def page(values: Mapping[str, Any]) -> str:
    """Return the whole page."""
    return _environment().get_template("page.html").render(values)


def sections(values: Mapping[str, Any]) -> dict[str, str]:
    """Return the HTML of each part of the page that changes."""
    return {name: _environment().get_template(f"{name}.html").render(values) for name in SECTIONS}


def visible(value: Any) -> Any:
    """Return a text in which characters that are not seen, or that change the reading direction, are escapes."""
    if type(value) is not str or value.isprintable():  # Markup is HTML of a template
        return value
    return "".join(_escape(character) if _is_hidden(character) else character for character in value)


def _is_hidden(character: str) -> bool:
    return character not in "\n\u200d" and unicodedata.category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp")


def _escape(character: str) -> str:
    return f"\\u{ord(character):04x}"


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("dynatrace_sandbox", "page/templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["json"] = lambda value: json.dumps(value, indent=2, ensure_ascii=False)
    return made
