"""The mistakes that people make in trust policies, recognised and put into words. Pure.

Source: issues of users of such providers, the fact sheet's "What AWS must trust".
"""

from __future__ import annotations

from collections.abc import Sequence

from terraform_provider_dynatrace.aws.iam_policy import Condition, Request
from terraform_provider_dynatrace.environment import classic_host

_KEYS = {"sts:externalid": "sts:ExternalId", "aws:principalaccount": "aws:PrincipalAccount"}


def bare(url: str) -> str:
    """Return a URL without scheme and closing slash, as IAM keeps the URL of an OIDC provider."""
    return url.rpartition("://")[2].rstrip("/")


def meant(key: str, request: Request) -> tuple[str, str] | None:
    """Return the key that a condition key must mean, and what Dynatrace presents under it; None for an unknown one.

    A claim (`…:sub`) means that claim of Dynatrace's issuer, whatever is written in front of it.
    """
    claim = key.lower().rpartition(":")[2]
    return next(
        ((_KEYS.get(known, known), value) for known, value in request.context.items() if known.endswith(f":{claim}")),
        None,
    )


def about_condition(condition: Condition, request: Request) -> str:
    """Return why a condition does not hold."""
    found = meant(condition.key, request)
    if found is None:
        return f"{condition.key} is nothing that Dynatrace is known to present."
    key, value = found
    if condition.key.lower() != key.lower():
        return _about_key(condition.key, key)
    if condition.holds is None:
        return f"The operator {condition.operator}, or a variable in its value, cannot be decided here."
    if "Not" in condition.operator:
        return f"It excludes {value}, which is what Dynatrace presents."
    return _about_value(condition, key, value)


def correction(condition: Condition, request: Request) -> str:
    """Return how a condition is written right."""
    found = meant(condition.key, request)
    return f"Write StringEquals {found[0]} = {found[1]}." if found else "Remove it, or make sure that it holds."


def about_audience(audience: str, found: Sequence[str]) -> str:
    """Return how the audiences `found` differ from the one that Dynatrace presents."""
    for one in found:
        if bare(one) == audience and "://" in one:
            return f"The audience is written with a scheme ({one}); Dynatrace presents it without."
        if one.rstrip("/") == audience:
            return f"The audience ends in a slash ({one}); Dynatrace presents it without."
        if bare(one).startswith(f"{classic_host(audience)}/"):
            return f"The audience has the .live. host ({one}); Dynatrace presents the .apps. host."
    return f"{_listed(found)} is another audience; Dynatrace presents {audience}."


def about_principal(request: Request, found: Sequence[str]) -> str:
    """Return how the principals `found` differ from the one that asks."""
    if not found:
        return f"It names no principal of the type {request.principal_type}."
    wanted = request.principal.split(":", 5)
    for one in found:
        parts = one.split(":", 5)
        if len(parts) == len(wanted) and parts[5] == wanted[5]:
            return _about_place(one, parts, wanted)
    return f"It trusts {_listed(found)}."


def _about_place(written: str, parts: Sequence[str], wanted: Sequence[str]) -> str:
    if parts[1] != wanted[1]:
        return f"{written} is in the partition {parts[1]}, not {wanted[1]}."
    return f"{written} is in the account {parts[4]}, not {wanted[4]}."


def _about_key(written: str, key: str) -> str:
    issuer, host = written.rpartition(":")[0], key.rpartition(":")[0]
    if bare(issuer).lower() == host:
        return f"The condition key is written with a scheme or a slash ({written}); it must be {key}."
    return f"It asks for a token of {issuer}, but the issuer of Dynatrace's token is {host}."


def _about_value(condition: Condition, key: str, value: str) -> str:
    if "Like" not in condition.operator and any({"*", "?"} & set(one) for one in condition.values):
        return f"{condition.operator} takes * and ? literally; StringLike takes them as wildcards."
    if key.endswith(":aud"):
        return about_audience(value, condition.values)
    if key.endswith(":sub"):
        return _about_subject(value, condition.values)
    if key == "sts:ExternalId":
        return f"{_listed(condition.values)} is the id of another connection; Dynatrace presents {value}."
    return f"It wants {_listed(condition.values)}; Dynatrace presents {value}."


def _about_subject(subject: str, found: Sequence[str]) -> str:
    for one in found:
        if one.startswith("dtid:"):
            return f"{one} is the old form of the subject, with the connection's name; it is {subject} now."
        if one.startswith(subject.partition("/")[0] + "/"):
            return f"{one} is the id of another connection; Dynatrace presents {subject}."
        if one and one == subject.partition("/")[2]:
            return f"{one} lacks what comes before the id; Dynatrace presents {subject}."
    return f"It wants {_listed(found)}; Dynatrace presents {subject}."


def _listed(found: Sequence[str]) -> str:
    return " or ".join(found) or "nothing"
