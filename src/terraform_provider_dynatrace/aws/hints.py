"""Usual mistakes in trust policies and OIDC providers, in words. Pure.

Source: docs/design/0008-sources.md#user-reports and #aws-trust.
"""

from __future__ import annotations

from collections.abc import Sequence

from terraform_provider_dynatrace.aws.iam_policy import Condition, Request
from terraform_provider_dynatrace.aws.trust import without_scheme
from terraform_provider_dynatrace.environment import classic_host

_SPELLINGS = {"sts:externalid": "sts:ExternalId", "aws:principalaccount": "aws:PrincipalAccount"}


def intended_key(key: str, request: Request) -> tuple[str, str] | None:
    """Return the condition key that `key` was meant to be, and Dynatrace's value for it; None for an unrelated key.

    A claim (`…:sub`) is meant to be that claim of Dynatrace's issuer, whatever issuer is written before it.
    """
    claim = key.lower().rpartition(":")[2]
    return next(
        (
            (_SPELLINGS.get(known, known), value)
            for known, value in request.context.items()
            if known.endswith(f":{claim}")
        ),
        None,
    )


def about_condition(condition: Condition, request: Request) -> str:
    """Return why a condition does not hold, or why that is not known."""
    intended = intended_key(condition.key, request)
    if intended is None:
        return f"It is not documented what Dynatrace's request has as {condition.key}."
    key, value = intended
    if condition.key.lower() != key.lower():
        return _about_key(condition.key, key)
    if condition.holds is None:
        return f"The operator {condition.operator}, or a variable in its value, cannot be evaluated here."
    if "Not" in condition.operator:
        return f"It excludes {value}, which is what Dynatrace presents."
    return _about_value(condition, key, value)


def correction(condition: Condition, request: Request) -> str:
    """Return how to correct a condition."""
    intended = intended_key(condition.key, request)
    if intended is None:
        return "Remove it, or make sure that it holds."
    return f"Replace it with StringEquals {intended[0]} = {intended[1]}."


def about_audience(audience: str, values: Sequence[str]) -> str:
    """Return how the audiences in a policy or an OIDC provider differ from the one that Dynatrace presents."""
    for value in values:
        if without_scheme(value) == audience and "://" in value:
            return f"The audience has a scheme ({value}); Dynatrace presents it without one."
        if value.rstrip("/") == audience:
            return f"The audience ends with a slash ({value}); Dynatrace presents it without one."
        if without_scheme(value).startswith(f"{classic_host(audience)}/"):
            return f"The audience has the .live. host ({value}); Dynatrace presents the .apps. host."
    if not values:
        return f"There is no audience; Dynatrace presents {audience}."
    return f"{_joined(values)} is a different audience; Dynatrace presents {audience}."


def about_principal(request: Request, principals: Sequence[str]) -> str:
    """Return how the principals in a policy differ from the one that makes the request."""
    if not principals:
        return f"It has no principal of the type {request.principal_type}."
    expected = request.principal.split(":", 5)
    for principal in principals:
        parts = principal.split(":", 5)
        if len(parts) == len(expected) and parts[5] == expected[5]:
            return _about_account(principal, parts, expected)
    return f"It trusts {_joined(principals)}."


def _about_account(principal: str, parts: Sequence[str], expected: Sequence[str]) -> str:
    if parts[1] != expected[1]:
        return f"{principal} is in the partition {parts[1]}, not in {expected[1]}."
    return f"{principal} is in the account {parts[4]}, not in {expected[4]}."


def _about_key(written: str, key: str) -> str:
    issuer, host = written.rpartition(":")[0], key.rpartition(":")[0]
    if without_scheme(issuer).lower() == host:
        return f"The condition key has a scheme or a slash ({written}); it must be {key}."
    return f"It requires a token from {issuer}; the issuer of Dynatrace's token is {host}."


def _about_value(condition: Condition, key: str, value: str) -> str:
    if "Like" not in condition.operator and any({"*", "?"} & set(one) for one in condition.values):
        return f"{condition.operator} compares * and ? literally; only StringLike treats them as wildcards."
    if key.endswith(":aud"):
        return about_audience(value, condition.values)
    if key.endswith(":sub"):
        return _about_subject(value, condition.values)
    if key == "sts:ExternalId":
        return f"{_joined(condition.values)} is the ID of another connection; Dynatrace presents {value}."
    return f"It requires {_joined(condition.values)}; Dynatrace presents {value}."


def _about_subject(subject: str, values: Sequence[str]) -> str:
    prefix, _, object_id = subject.partition("/")
    for value in values:
        if value.startswith("dtid:"):
            return f"{value} is an old form of the subject, with the connection's name; Dynatrace presents {subject}."
        if value.startswith(f"{prefix}/"):
            return f"{value} is the ID of another connection; Dynatrace presents {subject}."
        if value and value == object_id:
            return f"{value} lacks the prefix {prefix}/; Dynatrace presents {subject}."
    return f"It requires {_joined(values)}; Dynatrace presents {subject}."


def _joined(values: Sequence[str]) -> str:
    return " or ".join(values) or "nothing"
