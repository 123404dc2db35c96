"""Factories for what goes into `validators` of an `Attribute`, a `Block` or a `Schema`.

Every message says what the value must be and what it is: "name must not contain a colon, got "x: y"."
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from terraform_plugin.cty.types import Unknown, Value
from terraform_plugin.diagnostics import Error, Key, Path
from terraform_plugin.masking import masked
from terraform_plugin.schema import Validator


def length(least: int, most: int) -> Validator:
    """Check that a string has `least` to `most` characters."""
    limits = _amount(least, most, "character")

    def check(value: str, path: Path) -> Iterator[Error]:
        if not least <= len(value) <= most:
            yield Error("Invalid length", f"{path} must have {limits}, got {len(value)}: {_quoted(value)}.", path)

    return check


def items(least: int, most: int) -> Validator:
    """Check that a list, set or map has `least` to `most` elements."""
    limits = _amount(least, most, "element")

    def check(value: Sequence[Value], path: Path) -> Iterator[Error]:
        if not least <= len(value) <= most:
            yield Error("Invalid number of elements", f"{path} must have {limits}, got {len(value)}.", path)

    return check


def matches(pattern: str, meaning: str) -> Validator:
    """Check that the whole string matches `pattern`. `meaning` completes "must …": "not contain a colon"."""
    compiled = re.compile(pattern, re.DOTALL)

    def check(value: str, path: Path) -> Iterator[Error]:
        if not compiled.fullmatch(value):
            yield Error("Invalid value", f"{path} must {meaning}, got {_quoted(value)}.", path)

    return check


def one_of(*allowed: str) -> Validator:
    """Check that a string is one of several."""
    choices = _listed([f'"{choice}"' for choice in allowed], "or")

    def check(value: str, path: Path) -> Iterator[Error]:
        if value not in allowed:
            yield Error("Invalid value", f"{path} must be {choices}, got {_quoted(value)}.", path)

    return check


def each(*validators: Validator) -> Validator:
    """Check every known element of a list, set or map."""

    def check(value: Sequence[Value] | Mapping[str, Value], path: Path) -> Iterator[Error]:
        for step, element in _steps(value):
            if element is not None and not isinstance(element, Unknown):
                for validator in validators:
                    yield from validator(element, path / step)

    return check


def _steps(value: Sequence[Value] | Mapping[str, Value]) -> Iterator[tuple[str | int, Value]]:
    if isinstance(value, Mapping):
        yield from ((Key(key), element) for key, element in value.items())
    else:
        yield from enumerate(value)


def exactly_one_of(*names: str) -> Validator:
    """Check that exactly one of these attributes or blocks is set. An unknown one may turn out to be set or not."""
    return _count(names, lambda certain, possible: certain <= 1 <= possible, "exactly one")


def at_most_one_of(*names: str) -> Validator:
    """Check that no two of these attributes or blocks are set."""
    return _count(names, lambda certain, _: certain <= 1, "at most one")


def _count(names: Sequence[str], allowed: Callable[[int, int], bool], amount: str) -> Validator:
    listed = _listed([f"`{name}`" for name in names], "and")

    def check(value: Mapping[str, Value], path: Path) -> Iterator[Error]:
        unknown = sum(isinstance(value.get(name), Unknown) for name in names)
        present = [name for name in names if _is_set(value.get(name))]
        if not allowed(len(present), len(present) + unknown):
            none = "neither is set" if len(names) == 2 else "none of them is set"
            state = _listed([f"`{name}`" for name in present], "and") + " are set" if present else none
            where = path / present[-1] if present else path
            yield Error("Invalid combination", f"Set {amount} of {listed}; {state}.", where)

    return check


def _is_set(value: Value) -> bool:
    # `false`, 0 and "" are values of an attribute. An empty list or map stands for "no block of this kind".
    return value is not None and not isinstance(value, Unknown) and value not in ([], {})


def shortened(value: str) -> str:
    """Return the value for a message: all of it, or its beginning. A secret in it is masked before it is cut."""
    text = masked(value)
    return text if len(text) <= 120 else f"{text[:100]}…"


def _quoted(value: str) -> str:
    return f'"{shortened(value)}"'


def _amount(least: int, most: int, noun: str) -> str:
    numbers = f"{least}" if least == most else f"{least} to {most}"
    return f"{numbers} {noun}" if numbers == "1" else f"{numbers} {noun}s"


def _listed(texts: Sequence[str], word: str) -> str:
    """Return the texts as a sentence lists them: `"a", "b" or "c"`."""
    return f" {word} ".join(filter(None, (", ".join(texts[:-1]), texts[-1])))
