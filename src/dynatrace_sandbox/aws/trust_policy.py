"""The form of a trust policy: what IAM refuses before a role has the policy. Pure functions.

Source: docs/design/0008-sources.md#iam-policies. What `trust` and `conditions` cannot decide is another question: a
policy can be well-formed and have a condition on something that the sandbox does not simulate.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec

LONGEST = 2048
"""Characters that are not white space. Source: docs/design/0008-sources.md#iam-quotas."""

_POLICY = {"Version", "Id", "Statement"}
_VERSIONS = ("2008-10-17", "2012-10-17")
_STATEMENT = {"Sid", "Effect", "Principal", "Action", "NotAction", "Condition"}
_PRINCIPALS = {"AWS", "Federated", "Service", "CanonicalUser"}
_AWS_PRINCIPAL = re.compile(r"\*|\d{12}|arn:[\w-]+:(?:iam|sts)::\d{12}:[^*?]+|A[A-Z0-9]{15,}", re.ASCII)
"""Everybody, an account, an ARN in full, or the unique ID that IAM writes for a principal that was deleted."""
_OPERATORS = {
    *("StringEquals", "StringNotEquals", "StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"),
    *("StringLike", "StringNotLike", "ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike"),
    *("NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericLessThanEquals"),
    *("NumericGreaterThan", "NumericGreaterThanEquals"),
    *("DateEquals", "DateNotEquals", "DateLessThan", "DateLessThanEquals", "DateGreaterThan", "DateGreaterThanEquals"),
    *("Bool", "BinaryEquals", "IpAddress", "NotIpAddress", "Null"),
}


class MalformedPolicy(Exception):
    """What is wrong with the form of a policy, as the end of a sentence."""


def parse(document: str) -> Any:
    """Return the JSON of a policy document. Raises `MalformedPolicy`."""
    try:
        return msgspec.json.decode(document)
    except (RecursionError, msgspec.DecodeError) as error:
        raise MalformedPolicy("it is not valid JSON") from error


def statements(policy: Any) -> list[Mapping[str, Any]]:
    """Return the statements of a policy, given as the JSON object. Raises `MalformedPolicy`."""
    if not isinstance(policy, Mapping) or "Statement" not in policy:
        raise MalformedPolicy("it has no Statement")
    if unknown := policy.keys() - _POLICY:
        raise MalformedPolicy(f"it has {', '.join(sorted(unknown))}")
    if policy.get("Version", _VERSIONS[0]) not in _VERSIONS:
        raise MalformedPolicy(f"Version is not {' or '.join(_VERSIONS)}")
    found = policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]
    if not found:
        raise MalformedPolicy("it has no statement")
    for statement in found:
        _check_statement(statement)
    return found


def listed(value: Any) -> list[str]:
    """Return a text or a list of texts as a list. Raises `MalformedPolicy`."""
    found = value if isinstance(value, list) else [value]
    if not found or not all(isinstance(text, str) for text in found):
        raise MalformedPolicy(f"{str(value)[:100]} is neither a text nor a list of texts")
    return found


def _check_statement(statement: Any) -> None:
    """Check one statement. `Resource` and `NotPrincipal` are elements of other policies only."""
    if not isinstance(statement, Mapping):
        raise MalformedPolicy("a statement is not an object")
    if unknown := statement.keys() - _STATEMENT:
        raise MalformedPolicy(f"a statement has {', '.join(sorted(unknown))}")
    if not isinstance(statement.get("Sid", ""), str):
        raise MalformedPolicy("Sid is not a text")
    if statement.get("Effect") not in ("Allow", "Deny"):
        raise MalformedPolicy("Effect is neither Allow nor Deny")
    if ("Action" in statement) is ("NotAction" in statement):
        raise MalformedPolicy("a statement needs either Action or NotAction")
    listed(statement["NotAction" if "NotAction" in statement else "Action"])
    _check_principal(statement.get("Principal"))
    _check_condition(statement.get("Condition", {}))


def _check_principal(principal: Any) -> None:
    if principal == "*":
        return
    if not isinstance(principal, Mapping) or not principal:
        raise MalformedPolicy("Principal is neither * nor an object")
    if unknown := principal.keys() - _PRINCIPALS:
        raise MalformedPolicy(f"Principal has {', '.join(sorted(unknown))}")
    names = {kind: listed(names) for kind, names in principal.items()}
    for name in names.get("AWS", []):
        if not _AWS_PRINCIPAL.fullmatch(name):
            raise MalformedPolicy(f"the principal {name[:100]!r} is neither an account nor an ARN without wildcards")


def _check_condition(condition: Any) -> None:
    if not isinstance(condition, Mapping):
        raise MalformedPolicy("Condition is not an object")
    for operator, keys in condition.items():
        name = operator.removeprefix("ForAnyValue:").removeprefix("ForAllValues:").removesuffix("IfExists")
        if name not in _OPERATORS:
            raise MalformedPolicy(f"Condition operator {operator} is not known")
        if not isinstance(keys, Mapping):
            raise MalformedPolicy(f"Condition operator {operator} has no keys")
        for key, values in keys.items():
            if not all(isinstance(value, str | bool | int | float) for value in _values(values)):
                raise MalformedPolicy(f"Condition key {key} has a value that is neither text, number nor boolean")


def _values(values: Any) -> Iterator[Any]:
    yield from values if isinstance(values, list) else [values]
