"""Why AWS does not let Dynatrace assume a role: a check list, decided by IAM's documented rules. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct

from terraform_plugin.diagnostics import Error
from terraform_provider_dynatrace.aws import hints as mistakes
from terraform_provider_dynatrace.aws.connection import ROLE_BASED, WEB_IDENTITY
from terraform_provider_dynatrace.aws.iam_policy import (
    Answer,
    Condition,
    Request,
    Statement,
    decide,
    statements,
)
from terraform_provider_dynatrace.aws.trust import Trust, WebIdentity, place_of, role_arn_problem


class Check(Struct, frozen=True):
    """One line of the list. `passed` is None where it cannot be decided from here; `why` and `next_step` say more."""

    passed: Answer
    what: str
    why: str = ""
    next_step: str = ""


class FoundProvider(Struct, frozen=True):
    """An IAM OIDC provider as AWS has it: ARN, url (with or without scheme), client ids."""

    arn: str
    url: str
    client_ids: Sequence[str]


def diagnose(
    trust: Trust, role_arn: str, policy: str | Mapping[str, Any] | None, provider: FoundProvider | None = None
) -> list[Check]:
    """Return the check list for a role that Dynatrace is to assume.

    `trust` is what Dynatrace presents (`aws_trust.trust_of`). `policy` is the role's trust policy, None if there is no
    such role; `provider` the OIDC provider for the issuer in the role's account, None if there is none.
    """
    kind = WEB_IDENTITY if isinstance(trust, WebIdentity) else ROLE_BASED
    if problem := role_arn_problem(role_arn, kind):
        return [Check(passed=False, what="The role ARN can be used", why=problem, next_step="Correct role_arn.")]
    checks = [*_role_checks(role_arn, policy)]
    if isinstance(trust, WebIdentity):
        checks += _provider_checks(trust, role_arn, provider)
    if policy is not None:
        checks += [check for request in _requests(trust, role_arn) for check in _policy_checks(policy, request)]
    return list(dict.fromkeys(checks))


def nothing_failed(checks: Sequence[Check]) -> bool:
    """Return whether no check on the list failed; what cannot be decided has not."""
    return all(check.passed is not False for check in checks)


def _check(answer: Answer, what: str, why: str, next_step: str) -> Check:
    return Check(answer, what) if answer else Check(answer, what, why, next_step)


def _requests(trust: Trust, role_arn: str) -> list[Request]:
    """Return what STS is asked: once for each audience of web identity."""
    if not isinstance(trust, WebIdentity):
        account = trust.principal.split(":")[4]
        context = {"sts:externalid": trust.external_id, "aws:principalaccount": account}
        return [Request("sts:AssumeRole", "AWS", trust.principal, context)]
    arn, host = trust.provider_arn(*place_of(role_arn)), trust.issuer_host
    same = {f"{host}:sub": trust.subject, "aws:federatedprovider": arn}
    return [
        Request(
            "sts:AssumeRoleWithWebIdentity",
            "Federated",
            arn,
            {f"{host}:aud": audience} | same,
            missing=frozenset({"sts:externalid"}),
            issuer=host,
        )
        for audience in trust.audiences
    ]


def _role_checks(role_arn: str, policy: object) -> Iterator[Check]:
    next_step = "Create it, or correct account, path and name in role_arn."
    yield _check(policy is not None, f"The role {role_arn} exists", "AWS has no such role.", next_step)


def _provider_checks(trust: WebIdentity, role_arn: str, provider: FoundProvider | None) -> Iterator[Check]:
    fits = provider is not None and mistakes.bare(provider.url) == trust.issuer_host
    why = f"Its url is {provider.url}." if provider else f"There is no {trust.provider_arn(*place_of(role_arn))}."
    what = f"The role's account has an OIDC provider for {trust.issuer}"
    yield _check(fits, what, why, f"Create an IAM OIDC provider with the url {trust.issuer} in that account.")
    if provider is None or not fits:
        return
    for audience in trust.audiences:
        yield _check(
            audience in provider.client_ids,
            f"The OIDC provider's client ids have {audience}",
            mistakes.about_audience(audience, provider.client_ids),
            f"Add {audience} to the client ids of {provider.arn}.",
        )


def _policy_checks(policy: str | Mapping[str, Any], request: Request) -> Iterator[Check]:
    try:
        found = statements(policy)
    except Error as broken:
        yield Check(passed=False, what="The trust policy can be read", why=broken.summary, next_step=broken.detail)
        return
    yield from _denials(found, request)
    allowing = [one for one in found if one.allows]
    if allowing:
        yield from _statement_checks(max(allowing, key=lambda one: _nearness(one, request)), request)
    next_step = "Correct what failed above; the function aws_trust_policy gives a policy that fits."
    why = "" if allowing else "It has no statement with Effect Allow."
    yield _check(decide(found, request), "The trust policy as a whole lets Dynatrace assume the role", why, next_step)


def _denials(found: Sequence[Statement], request: Request) -> Iterator[Check]:
    for number, one in enumerate(found, 1):
        applies = one.applies(request)
        if not one.allows and applies is not False:
            name = one.document.get("Sid") or f"number {number}"
            why = f"The statement {name} has Effect Deny and {'matches' if applies else 'may match'} it."
            yield Check(None if applies is None else False, "No statement denies it", why, "Narrow that statement.")


def _nearness(statement: Statement, request: Request) -> tuple[bool, int, int]:
    """Order statements by how much of them is right: what is wrong in the nearest is what the user wants to know."""
    holds = [condition.holds for condition in statement.conditions(request)]
    answers = [statement.matches_action(request), statement.matches_principal(request), *holds]
    return (statement.applies(request) is True, -answers.count(False), answers.count(True))


def _statement_checks(statement: Statement, request: Request) -> Iterator[Check]:
    yield _check(
        statement.matches_action(request),
        f"It allows {request.action}",
        f"It allows {', '.join(statement.actions()) or 'nothing'}.",
        f"Set Action to {request.action}.",
    )
    yield _check(
        statement.matches_principal(request),
        f"It trusts {request.principal}",
        mistakes.about_principal(request, statement.principals(request.principal_type)),
        f"Set Principal to {request.principal_type} = {request.principal}.",
    )
    yield from (_condition_check(condition, request) for condition in statement.conditions(request))


def _condition_check(condition: Condition, request: Request) -> Check:
    return _check(
        condition.holds,
        f"Its condition {condition.operator} {condition.key} holds",
        mistakes.about_condition(condition, request),
        mistakes.correction(condition, request),
    )
