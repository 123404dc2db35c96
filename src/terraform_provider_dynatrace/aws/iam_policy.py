"""The part of IAM's policy language that trust policies use: which statements match a request. Pure.

Source: docs/design/0008-sources.md#iam-policies.
"""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from msgspec import Struct

from terraform_plugin import Error

Ternary = bool | None
"""True, False, or None for what depends on something that is unknown here, such as the IP address of the caller."""


class Request(Struct, frozen=True):
    """A call of STS `AssumeRole` or `AssumeRoleWithWebIdentity`."""

    action: str
    """For example `sts:AssumeRole`."""
    principal_type: str
    """`AWS` or `Federated`: the key in `Principal` that applies."""
    principal: str
    """The ARN of the caller, or of the OIDC provider that vouches for it."""
    context: Mapping[str, str]
    """The values of condition keys, by key in lower case, as far as they are known."""
    missing: frozenset[str] = frozenset()
    """Condition keys, in lower case, that the request is known not to have."""
    issuer: str = ""
    """The host of the token's issuer; empty if there is no token."""

    def knows(self, key: str) -> bool:
        """Return whether the value, or the absence, of a condition key is known. `key` is in lower case.

        Claims of another issuer are known to be absent; other keys of AWS, such as `aws:SourceIp`, are not known.
        """
        prefix = key.rpartition(":")[0]
        return key in self.context or key in self.missing or prefix not in ("aws", "sts", self.issuer)


class Condition(Struct, frozen=True):
    """One operator and key of a statement, evaluated for a request."""

    operator: str
    """As written, for example `StringEquals` or `ForAnyValue:StringLike`."""
    key: str
    """As written, for example `token.dynatrace.com:sub`."""
    values: tuple[str, ...]
    """The values in the policy."""
    actual: str | None
    """The value in the request, None if it is absent or unknown."""
    holds: Ternary


class Statement(Struct, frozen=True):
    """One statement of a policy."""

    document: Mapping[str, Any]
    """Its JSON."""

    @property
    def allows(self) -> bool:
        """Whether the effect is `Allow`; everything else counts as `Deny`."""
        return bool(self.document.get("Effect") == "Allow")

    def principals(self, principal_type: str) -> list[str]:
        """Return the principals of one type as they are written."""
        principals = self.document.get("Principal", self.document.get("NotPrincipal"))
        return _texts(principals.get(principal_type)) if isinstance(principals, Mapping) else _texts(principals)

    def matches_principal(self, request: Request) -> Ternary:
        """Return whether the statement is about the principal of the request."""
        principals = self.document.get("Principal", self.document.get("NotPrincipal"))
        everybody = principals == "*" or (isinstance(principals, Mapping) and "*" in _texts(principals.get("AWS")))
        matches = everybody or any(
            _is_principal(written, request.principal) for written in self.principals(request.principal_type)
        )
        return not matches if "NotPrincipal" in self.document else matches

    def actions(self) -> list[str]:
        """Return the actions as they are written."""
        return _texts(self.document.get("Action", self.document.get("NotAction")))

    def matches_action(self, request: Request) -> bool:
        """Return whether the statement is about the action of the request."""
        matches = any(_like(request.action.lower(), action.lower()) for action in self.actions())
        return not matches if "NotAction" in self.document else matches

    def conditions(self, request: Request) -> list[Condition]:
        """Return the conditions, evaluated for the request."""
        conditions = self.document.get("Condition")
        return [
            _condition(operator, key, tuple(_texts(values)), request)
            for operator, keys in (conditions.items() if isinstance(conditions, Mapping) else ())
            for key, values in (keys.items() if isinstance(keys, Mapping) else ())
        ]

    def applies(self, request: Request) -> Ternary:
        """Return whether principal, action and all conditions match the request."""
        conditions = [condition.holds for condition in self.conditions(request)]
        return _all([self.matches_principal(request), self.matches_action(request), *conditions])


def statements(policy: str | Mapping[str, Any]) -> list[Statement]:
    """Return the statements of a policy document. Raises `Error` for text or JSON that is not a policy."""
    try:
        document = json.loads(policy) if isinstance(policy, str) else policy
    except (ValueError, RecursionError):
        raise Error("The trust policy is not JSON", "IAM rejects such a policy. Check it in the AWS console.") from None
    statement = document.get("Statement") if isinstance(document, Mapping) else None
    listed = [statement] if isinstance(statement, Mapping) else statement
    if not isinstance(listed, list) or not all(isinstance(one, Mapping) for one in listed):
        raise Error("The trust policy has no statements", "IAM rejects such a policy. Check it in the AWS console.")
    return [Statement(one) for one in listed]


def decide(policy: Sequence[Statement], request: Request) -> Ternary:
    """Return whether a policy allows a request: an explicit `Deny` overrides every `Allow`."""
    denied = [one.applies(request) for one in policy if not one.allows]
    if True in denied:
        return False
    allowed = _any([one.applies(request) for one in policy if one.allows])
    return None if allowed and None in denied else allowed


def _is_principal(written: str, actual: str) -> bool:
    """Return whether a principal in a policy is the caller. An account can be written as its ID or as its root."""
    return written == actual or (written.isdigit() and actual.endswith(f"::{written}:root"))


def _like(text: str, pattern: str) -> bool:
    return _wildcard_pattern(pattern).fullmatch(text) is not None


@lru_cache(maxsize=256)
def _wildcard_pattern(pattern: str) -> re.Pattern[str]:
    # Whoever may edit the role writes the pattern. What fnmatch makes of several `*` takes linear time; a chain of
    # `.*` would take exponential time. In IAM `[` has no meaning of its own, so it is quoted.
    return re.compile(fnmatch.translate(pattern.replace("[", "[[]")))


def _like_arn(text: str, pattern: str) -> bool:
    """Compare two ARNs part by part: a wildcard in one of the first five parts does not match a colon."""
    parts, patterns = text.split(":", 5), pattern.split(":", 5)
    return len(parts) == len(patterns) == 6 and all(map(_like, parts, patterns))


_STRINGS: dict[str, Callable[[str, str], bool]] = {
    "stringequals": lambda actual, value: actual == value,
    "stringequalsignorecase": lambda actual, value: actual.lower() == value.lower(),
    "stringlike": _like,
    "arnequals": _like_arn,
    "arnlike": _like_arn,
}
_NEGATED = {
    "stringnotequals": "stringequals",
    "stringnotequalsignorecase": "stringequalsignorecase",
    "stringnotlike": "stringlike",
    "arnnotequals": "arnequals",
    "arnnotlike": "arnlike",
}


def _condition(operator: str, key: str, values: tuple[str, ...], request: Request) -> Condition:
    name = key.lower()
    actual = request.context.get(name)
    holds = _holds(operator.lower(), actual, values) if request.knows(name) else None
    return Condition(operator, key, values, actual, holds)


def _holds(operator: str, actual: str | None, values: tuple[str, ...]) -> Ternary:
    """Return whether an operator (in lower case) holds for a value of the request; `actual` None means absent."""
    quantifier, _, rest = operator.rpartition(":")
    name = rest.removesuffix("ifexists")
    if name == "null":
        expected = {value.lower() for value in values}
        return str(actual is None).lower() in expected if expected <= {"true", "false"} else None
    test = _STRINGS.get(_NEGATED.get(name, name))
    if test is None or any("${" in value for value in values):  # another operator, or a policy variable
        return None
    if actual is None:  # absent: IfExists, ForAllValues and negated operators hold, others do not
        return quantifier == "forallvalues" or rest != name or (name in _NEGATED and quantifier == "")
    return any(test(actual, value) for value in values) != (name in _NEGATED)


def _all(values: Sequence[Ternary]) -> Ternary:
    return False if False in values else None if None in values else True


def _any(values: Sequence[Ternary]) -> Ternary:
    return True if True in values else None if None in values else False


def _texts(values: Any) -> list[str]:
    """Return one text or a list of texts as a list. Numbers and booleans become text as IAM writes them."""
    listed = values if isinstance(values, list) else [values]
    return [str(one).lower() if isinstance(one, bool) else str(one) for one in listed if isinstance(one, str | int)]
