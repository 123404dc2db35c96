"""JSON as Dynatrace sends it, before its form is known. A module of its own: a start of the provider needs it."""

from __future__ import annotations

from typing import Any

Json = Any
"""JSON in Python's types: whoever reads it converts it into a struct of a known form."""

MAX_DEPTH = 100
"""How deeply a value may be nested. Those of Dynatrace have about 10 levels. Python can read 900, but not copy them."""


def check_depth(value: Json) -> None:
    """Raise `ValueError` for a value that is nested too deeply, which a struct does while it is decoded."""
    level = [value]
    for _ in range(MAX_DEPTH):
        level = [
            child
            for one in level
            if isinstance(one, dict | list)
            for child in (one.values() if isinstance(one, dict) else one)
        ]
        if not level:
            return
    raise ValueError(f"a value is nested more than {MAX_DEPTH} levels deep")
