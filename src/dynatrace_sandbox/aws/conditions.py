"""The `Condition` element of an IAM policy, evaluated with the keys of one request. Pure functions.

Source: docs/design/0008-sources.md#iam-policies. Operators that nothing Dynatrace presents can satisfy (numbers, dates,
addresses) are not known here. An unknown operator, and a key that a request may have or not, raise `Undecidable`, so
that they never grant access. `trust_policy` has checked the form of the condition.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache
from typing import Any

Test = Callable[[str, str], bool]
Condition = Mapping[str, Mapping[str, Any]]
"""Values, or a list of them, by operator and key."""
Keys = Mapping[str, str | None]
"""What a request has for each condition key, in lower case: IAM compares their names without case. None: AWS leaves it
out. What a request has for another key with one of these prefixes (`aws:`, `sts:`, the issuer) is not known."""


class Undecidable(Exception):
    """The policy says something that this reading of IAM cannot decide."""


@dataclass(frozen=True)
class Comparison:
    """What a policy wants for one element, and what the request has."""

    element: str
    """`Action`, `Principal`, or operator and key of a condition."""
    wanted: Any
    """As the policy has it: a text or a list of texts."""
    got: str | None
    """None if the request does not have it."""
    matches: bool


def unmet(condition: Condition, keys: Keys) -> str | None:
    """Return None when every operator of a `Condition` holds, else what the first failing one wanted and saw.

    Raises `Undecidable`.
    """
    for found in compare(condition, keys):
        if not found.matches:
            wanted = " or ".join(map(repr, _texts(found.wanted))) or "nothing"
            return f"{found.element}: wants {wanted}, got {'nothing' if found.got is None else repr(found.got)}"
    return None


def compare(condition: Condition, keys: Keys) -> Iterator[Comparison]:
    """Yield the result for each operator and key of a `Condition`; all must match. Raises `Undecidable`."""
    prefixes = {name.partition(":")[0] for name in keys}
    for operator, wanted in condition.items():
        for key, values in wanted.items():
            name = key.lower()
            if name not in keys and name.partition(":")[0] in prefixes:
                raise Undecidable(f"the sandbox does not simulate the condition key {key}")
            present = keys.get(name)
            yield Comparison(f"{operator} {key}", values, present, holds(operator, _texts(values), present))


def holds(operator: str, wanted: list[str], present: str | None) -> bool:
    """Return whether one operator holds for the values a policy wants and the value that is there (None: missing)."""
    name, optional = operator.removesuffix("IfExists"), operator.endswith("IfExists")
    if name == "Null":
        return (present is None) in [text.lower() == "true" for text in wanted]
    quantifier, _, name = name.rpartition(":")
    if quantifier not in _QUANTIFIERS:
        raise Undecidable(f"Condition quantifier {quantifier} is not known")
    test, negated = _test(name)
    if present is None:
        return optional or quantifier == "ForAllValues" or (negated and quantifier != "ForAnyValue")
    return any(test(text, present) for text in wanted) is not negated


def wildcard_match(pattern: str, text: str) -> bool:
    """Return whether a text fits a pattern of IAM, where `*` is any run of characters and `?` is one of them."""
    return _wildcards(pattern).fullmatch(text) is not None


def _texts(values: Any) -> list[str]:
    listed = values if isinstance(values, list) else [values]
    return [str(value).lower() if isinstance(value, bool) else str(value) for value in listed]


def _test(name: str) -> tuple[Test, bool]:
    """Return the comparison of an operator, and whether the operator is its negation."""
    if name in _TESTS:
        return _TESTS[name], False
    if name in _NEGATED:
        return _TESTS[_NEGATED[name]], True
    raise Undecidable(f"Condition operator {name} is not known")


def _arn_match(pattern: str, arn: str) -> bool:
    """Compare part by part: a wildcard never spans a colon of the first five."""
    wanted, given = pattern.split(":", 5), arn.split(":", 5)
    return len(wanted) == len(given) == 6 and all(map(wildcard_match, wanted, given))


@lru_cache(maxsize=1000)
def _wildcards(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(pattern.replace("[", "[[]")))


_TESTS: dict[str, Test] = {
    "StringEquals": lambda wanted, present: wanted == present,
    "StringEqualsIgnoreCase": lambda wanted, present: wanted.lower() == present.lower(),
    "StringLike": wildcard_match,
    "ArnEquals": _arn_match,
    "ArnLike": _arn_match,
    "Bool": lambda wanted, present: wanted.lower() == present.lower(),
}
_QUANTIFIERS = ("", "ForAnyValue", "ForAllValues")
_NEGATED = {
    "StringNotEquals": "StringEquals",
    "StringNotEqualsIgnoreCase": "StringEqualsIgnoreCase",
    "StringNotLike": "StringLike",
    "ArnNotEquals": "ArnEquals",
    "ArnNotLike": "ArnLike",
}
