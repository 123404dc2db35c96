"""Factories for what goes into `validators` of an `Attribute`, a `Block` or a `Schema`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from terraform_plugin.cty.types import Unknown, Value
from terraform_plugin.diagnostics import Error, Key, Path
from terraform_plugin.schema import Validator


def length(least: int, most: int) -> Validator:
    """Check that a string has `least` to `most` characters."""

    def check(value: str, path: Path) -> Iterator[Error]:
        if not least <= len(value) <= most:
            detail = f"{path} must have {least} to {most} characters; {_short(value)} has {len(value)}."
            yield Error("Invalid length", detail, path)

    return check


def items(least: int, most: int) -> Validator:
    """Check that a list, set or map has `least` to `most` elements."""

    def check(value: Sequence[Value], path: Path) -> Iterator[Error]:
        if not least <= len(value) <= most:
            limits = f"{least}" if least == most else f"{least} to {most}"
            yield Error("Invalid number of elements", f"{path} must have {limits} elements, not {len(value)}.", path)

    return check


def matches(pattern: str, meaning: str) -> Validator:
    """Check that the whole string matches `pattern`. `meaning` completes "… must …": "not contain a colon"."""
    compiled = re.compile(pattern, re.DOTALL)

    def check(value: str, path: Path) -> Iterator[Error]:
        if not compiled.fullmatch(value):
            yield Error("Invalid value", f"{path} must {meaning}; {_short(value)} does not.", path)

    return check


def one_of(*allowed: str) -> Validator:
    """Check that a string is one of a few."""

    def check(value: str, path: Path) -> Iterator[Error]:
        if value not in allowed:
            choices = ", ".join(f'"{choice}"' for choice in allowed)
            yield Error("Invalid value", f"{path} must be one of {choices}; {_short(value)} is not.", path)

    return check


def each(*checks: Validator) -> Validator:
    """Check every known element of a list, set or map."""

    def check(value: Sequence[Value] | Mapping[str, Value], path: Path) -> Iterator[Error]:
        for step, item in _steps(value):
            if item is not None and not isinstance(item, Unknown):
                for inner in checks:
                    yield from inner(item, path / step)

    return check


def _steps(value: Sequence[Value] | Mapping[str, Value]) -> Iterator[tuple[str | int, Value]]:
    if isinstance(value, Mapping):
        yield from ((Key(key), item) for key, item in value.items())
    else:
        yield from enumerate(value)


def exactly_one_of(*names: str) -> Validator:
    """Check that exactly one of these attributes or blocks is there. Unknown ones may be either."""
    return _count(names, lambda certain, possible: certain <= 1 <= possible, "Exactly one")


def at_most_one_of(*names: str) -> Validator:
    """Check that no two of these attributes or blocks are there."""
    return _count(names, lambda certain, _: certain <= 1, "At most one")


def _count(names: Sequence[str], fine: Callable[[int, int], bool], amount: str) -> Validator:
    listed = f"{', '.join(f'`{name}`' for name in names[:-1])} and `{names[-1]}`"

    def check(value: Mapping[str, Value], path: Path) -> Iterator[Error]:
        unknown = sum(isinstance(value.get(name), Unknown) for name in names)
        present = [name for name in names if _is_there(value.get(name))]
        if not fine(len(present), len(present) + unknown):
            found = " and ".join(f"`{name}`" for name in present) or "none of them"
            where = path / present[-1] if present else path
            yield Error("Invalid combination", f"{amount} of {listed} must be set; found {found}.", where)

    return check


def _is_there(value: Value) -> bool:
    """Whether an attribute has a value, or there is a block: `false` is a value, an empty list is no block."""
    return value is not None and not isinstance(value, Unknown) and value not in ([], {})


def shortened(value: str) -> str:
    """Return the value for a message: all of it, or its beginning."""
    return value if len(value) <= 120 else f"{value[:100]}…"


def _short(value: str) -> str:
    return f'"{shortened(value)}"'
