"""What a settings schema demands of names."""

from __future__ import annotations

from typing import Any

import pytest

from dynatrace_sandbox.tenant.releases import RELEASES, load_schemas
from terraform_provider_dynatrace.connections.name_rules import NameRules, name_rules

AWS = "builtin:hyperscaler-authentication.connections.aws"
UNIQUE = {"type": "UNIQUE", "uniqueProperties": ["name"]}


def schema(*constraints: dict[str, Any], unique: Any = (UNIQUE,)) -> dict[str, Any]:
    return {"properties": {"name": {"constraints": [*constraints]}}, "schemaConstraints": unique}


@pytest.mark.parametrize("release", RELEASES)
def test_every_published_schema_can_be_checked_here(release: str) -> None:
    """Then names need no request of their own."""
    rules = name_rules(load_schemas(release)[AWS])

    assert rules is not None
    assert rules.unique
    assert [*rules.violations("production")] == []
    assert [one.message for one in rules.violations("a:")] == [
        "Must have 3 to 100 characters",
        "The symbol : is not allowed the name",
    ]


@pytest.mark.parametrize(
    ("constraint", "name", "message"),
    [
        ({"type": "LENGTH", "minLength": 3}, "ab", "Must have at least 3 characters"),
        ({"type": "LENGTH", "minLength": 3, "maxLength": 5}, "abcdef", "Must have 3 to 5 characters"),
        ({"type": "LENGTH", "maxLength": 5}, "abcdef", "Must have 0 to 5 characters"),
        ({"type": "LENGTH", "minLength": 3, "maxLength": 5}, "abc", None),
        ({"type": "PATTERN", "pattern": "[a-z]+"}, "a1", "Must match the pattern [a-z]+"),
        ({"type": "PATTERN", "pattern": "[a-z]+", "customMessage": "Only letters"}, "a1", "Only letters"),
        ({"type": "PATTERN", "pattern": "[a-z]+"}, "abc", None),
    ],
)
def test_a_name_is_held_against_each_constraint(constraint: dict[str, Any], name: str, message: str | None) -> None:
    """The schema's own message comes first."""
    rules = name_rules(schema(constraint))

    assert rules is not None
    assert [(one.path, one.message) for one in rules.violations(name)] == ([("name", message)] if message else [])


@pytest.mark.parametrize(
    "unknown",
    [
        schema({"type": "CUSTOM_VALIDATOR_REF", "customValidatorId": "somewhere"}),
        schema({"type": "NO_WHITESPACE"}),
        schema({"type": "PATTERN", "pattern": "(?<x>"}),
        schema({"type": "PATTERN", "pattern": "[z-a]+"}),
        schema({"type": "PATTERN", "pattern": "(a+)+"}),  # would take exponential time
        schema({"type": "PATTERN", "pattern": "[a-z]+[0-9]+"}),
        schema({"type": "PATTERN"}),
        schema({"type": "LENGTH", "maxLength": "100"}),
        schema({}),
        schema(unique=[{"type": "UNIQUE", "uniqueProperties": ["name", "type"]}]),
        schema(unique=[{}]),
        schema(unique=3),
        {"properties": {}},
        {"properties": {"name": None}},
        [],
        None,
    ],
)
def test_a_rule_that_is_not_known_is_left_to_dynatrace(unknown: Any) -> None:
    """A schema may be newer than this provider."""
    assert name_rules(unknown) is None


def test_a_schema_without_uniqueness_lets_names_repeat() -> None:
    """Nothing but the schema says that names are unique."""
    assert name_rules({"properties": {"name": {}}}) == NameRules(unique=False)
