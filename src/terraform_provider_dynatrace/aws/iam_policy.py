"""IAM's policy language, as far as trust policies need it: what of a statement matches a request. Pure.

Source: IAM user guide, "IAM JSON policy elements" (Principal, Action, Condition operators, multivalued context keys).
An answer is True, False, or None where it hangs on something that is not known here, such as the caller's address.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from msgspec import Struct

from terraform_plugin.diagnostics import Error

Answer = bool | None


class Request(Struct, frozen=True):
    """What is asked of STS: the action, who asks (`Federated` or `AWS`, and the ARN), and the context keys.

    `context` has the keys whose values are known, `missing` those known not to be there, both in lower case. `issuer`
    is the host of the token's issuer, empty without a token.
    """

    action: str
    principal_type: str
    principal: str
    context: Mapping[str, str]
    missing: frozenset[str] = frozenset()
    issuer: str = ""

    def knows(self, key: str) -> bool:
        """Return whether it is known what the request has under a key; another issuer's claims are not there."""
        prefix = key.rpartition(":")[0]
        return key in self.context or key in self.missing or prefix not in ("aws", "sts", self.issuer)


class Condition(Struct, frozen=True):
    """One operator and key of a statement, with the policy's values, what the request has, and whether it holds."""

    operator: str
    key: str
    values: tuple[str, ...]
    actual: str | None
    holds: Answer


class Statement(Struct, frozen=True):
    """One statement; `document` is its JSON."""

    document: Mapping[str, Any]

    @property
    def allows(self) -> bool:
        return bool(self.document.get("Effect") == "Allow")

    def principals(self, kind: str) -> list[str]:
        """Return the principals of one type as they are written."""
        found = self.document.get("Principal", self.document.get("NotPrincipal"))
        return _texts(found.get(kind)) if isinstance(found, Mapping) else _texts(found)

    def matches_principal(self, request: Request) -> Answer:
        found = self.document.get("Principal", self.document.get("NotPrincipal"))
        everybody = found == "*" or (isinstance(found, Mapping) and "*" in _texts(found.get("AWS")))
        matches = everybody or any(
            _is_principal(one, request.principal) for one in self.principals(request.principal_type)
        )
        return not matches if "NotPrincipal" in self.document else matches

    def actions(self) -> list[str]:
        return _texts(self.document.get("Action", self.document.get("NotAction")))

    def matches_action(self, request: Request) -> bool:
        matches = any(_like(request.action.lower(), one.lower()) for one in self.actions())
        return not matches if "NotAction" in self.document else matches

    def conditions(self, request: Request) -> list[Condition]:
        found = self.document.get("Condition")
        return [
            _condition(operator, key, tuple(_texts(values)), request)
            for operator, keys in (found.items() if isinstance(found, Mapping) else ())
            for key, values in (keys.items() if isinstance(keys, Mapping) else ())
        ]

    def applies(self, request: Request) -> Answer:
        """Return whether the whole statement is about this request."""
        conditions = [condition.holds for condition in self.conditions(request)]
        return _all([self.matches_principal(request), self.matches_action(request), *conditions])


def statements(policy: str | Mapping[str, Any]) -> list[Statement]:
    """Return the statements of a policy document. Raises `Error` for what is none."""
    try:
        document = json.loads(policy) if isinstance(policy, str) else policy
    except (ValueError, RecursionError):
        raise Error("The trust policy is no JSON", "IAM would not accept it; look at it in the AWS console.") from None
    found = document.get("Statement") if isinstance(document, Mapping) else None
    listed = [found] if isinstance(found, Mapping) else found
    if not isinstance(listed, list) or not all(isinstance(one, Mapping) for one in listed):
        raise Error("The trust policy has no statements", "IAM would not accept it; look at it in the AWS console.")
    return [Statement(one) for one in listed]


def decide(policy: Sequence[Statement], request: Request) -> Answer:
    """Return whether a policy allows a request: an explicit Deny first, then any Allow."""
    denied = [one.applies(request) for one in policy if not one.allows]
    if True in denied:
        return False
    allowed = _any([one.applies(request) for one in policy if one.allows])
    return None if allowed and None in denied else allowed


def _is_principal(written: str, actual: str) -> bool:
    """An account may be written as its id or as its root."""
    return written == actual or (written.isdigit() and actual.endswith(f"::{written}:root"))


def _like(text: str, pattern: str) -> bool:
    parts = (".*" if part == "*" else "." if part == "?" else re.escape(part) for part in re.split(r"([*?])", pattern))
    return re.fullmatch("".join(parts), text, re.DOTALL) is not None


def _like_arn(text: str, pattern: str) -> bool:
    """Compare part by part: no wildcard reaches over a colon of the first five."""
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


def _holds(operator: str, actual: str | None, values: tuple[str, ...]) -> Answer:
    quantifier, _, rest = operator.rpartition(":")
    name = rest.removesuffix("ifexists")
    if name == "null":
        wanted = {value.lower() for value in values}
        return str(actual is None).lower() in wanted if wanted <= {"true", "false"} else None
    test = _STRINGS.get(_NEGATED.get(name, name))
    if test is None or any("${" in value for value in values):
        return None
    if actual is None:
        return quantifier == "forallvalues" or rest != name or (name in _NEGATED and quantifier == "")
    return any(test(actual, value) for value in values) != (name in _NEGATED)


def _all(answers: Sequence[Answer]) -> Answer:
    return False if False in answers else None if None in answers else True


def _any(answers: Sequence[Answer]) -> Answer:
    return True if True in answers else None if None in answers else False


def _texts(found: Any) -> list[str]:
    """Return one text or a list of texts as a list; numbers and booleans as IAM writes them."""
    listed = found if isinstance(found, list) else [found]
    return [str(one).lower() if isinstance(one, bool) else str(one) for one in listed if isinstance(one, str | int)]
