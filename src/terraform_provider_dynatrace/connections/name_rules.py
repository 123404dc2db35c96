"""What an environment's settings schema demands of the names of connections. Pure.

Source: docs/design/0008-sources.md#settings-schemas. A rule that is not known here is left to Dynatrace.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from msgspec import Struct

from terraform_provider_dynatrace.client.errors import Violation

_ONE_CLASS = re.compile(r"\^?\[\^?[\w :;,.@/-]+\][+*]\$?", re.ASCII)
"""Patterns that are matched here: one class of characters, as in `^[^:]+$`. Others are left to Dynatrace, because
regular expressions can take exponential time, and Java's differ from Python's."""


class NameRules(Struct, frozen=True):
    """Rules for one name, and whether two connections can have the same one."""

    constraints: tuple[Mapping[str, Any], ...] = ()
    """The constraints of the property, as the schema has them: of the types LENGTH and PATTERN."""
    unique: bool = True

    def violations(self, name: str) -> Iterator[Violation]:
        """Yield what is wrong with a name by itself, in Dynatrace's words if the schema has some."""
        for constraint in self.constraints:
            if usual := _problem(constraint, name):
                yield Violation("name", str(constraint.get("customMessage") or usual))


def name_rules(schema: Any) -> NameRules | None:
    """Return the rules in a settings schema, None if it has one that only Dynatrace can check."""
    try:
        constraints = tuple(schema["properties"]["name"].get("constraints") or ())
        unique = [rule for rule in schema.get("schemaConstraints") or () if rule["type"] == "UNIQUE"]
        if not all(map(_is_known, constraints)) or any(rule["uniqueProperties"] != ["name"] for rule in unique):
            return None
    except (KeyError, TypeError, AttributeError, re.error):  # a schema in another form, or a class like [z-a]
        return None
    return NameRules(constraints, bool(unique))


def _is_known(constraint: Mapping[str, Any]) -> bool:
    """Return whether `_problem` can judge a constraint. Raises `re.error` for a pattern that is malformed."""
    if constraint["type"] == "PATTERN":
        return bool(_ONE_CLASS.fullmatch(constraint["pattern"]) and re.compile(constraint["pattern"]))
    limits = (constraint.get("minLength") or 0, constraint.get("maxLength") or 0)
    return constraint["type"] == "LENGTH" and all(isinstance(limit, int) for limit in limits)


def _problem(constraint: Mapping[str, Any], name: str) -> str:
    if constraint["type"] == "PATTERN":
        pattern = constraint["pattern"]
        return "" if re.fullmatch(pattern, name) else f"Must match the pattern {pattern}"
    least, most = constraint.get("minLength") or 0, constraint.get("maxLength")
    if most is None:
        return "" if least <= len(name) else f"Must have at least {least} characters"
    return "" if least <= len(name) <= most else f"Must have {least} to {most} characters"
