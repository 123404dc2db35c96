"""Whether a role lets Dynatrace assume it: a list of findings, derived from IAM's documented rules. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Any

from msgspec import Struct

from terraform_plugin import Error
from terraform_provider_dynatrace.aws import hints
from terraform_provider_dynatrace.aws.connection import ROLE_BASED, WEB_IDENTITY
from terraform_provider_dynatrace.aws.iam_policy import Condition, Request, Statement, Ternary, decide, statements
from terraform_provider_dynatrace.aws.role_arn import account_and_partition, role_arn_problem
from terraform_provider_dynatrace.aws.trust import Trust, WebIdentity, without_scheme


class Outcome(Enum):
    """The outcome of a check."""

    PASSED = "passed"
    FAILED = "failed"
    WARNING = "warning"
    """Dynatrace can assume the role, but so can somebody who probably should not."""
    NOT_CHECKED = "not checked"
    """It could not be read, or depends on something that only AWS knows."""


class Finding(Struct, frozen=True):
    """One line of the list."""

    outcome: Outcome
    statement: str
    """What was checked: a sentence that is true if the check passed."""
    cause: str = ""
    """Why it did not pass."""
    next_step: str = ""
    """How to correct it."""


class OidcProvider(Struct, frozen=True):
    """An IAM OIDC provider as AWS has it."""

    arn: str
    url: str
    """With or without a scheme."""
    client_ids: Sequence[str]


class Unreadable(Struct, frozen=True):
    """Stands for something in AWS that may be there, but could not be read."""

    reason: str
    """A sentence, for example which permission is missing."""


Policy = str | Mapping[str, Any]
"""A trust policy: its JSON as text, or decoded."""


def diagnose(
    trust: Trust,
    role_arn: str,
    policy: Policy | Unreadable | None,
    provider: OidcProvider | Unreadable | None = None,
) -> list[Finding]:
    """Return the findings for a role.

    `trust` is what Dynatrace presents (see `aws.trust.trust_of`). `policy` is the role's trust policy, None if the role
    does not exist. `provider` is the OIDC provider for the issuer in the role's account, None if there is none; it
    only matters for web identity.
    """
    authentication = WEB_IDENTITY if isinstance(trust, WebIdentity) else ROLE_BASED
    if problem := role_arn_problem(role_arn, authentication):
        return [Finding(Outcome.FAILED, "The role ARN is valid for this connection", problem, "Correct role_arn.")]
    findings = [_role_finding(role_arn, policy)]
    if isinstance(trust, WebIdentity):
        findings += _provider_findings(trust, role_arn, provider)
    if policy is not None and not isinstance(policy, Unreadable):
        findings += _policy_findings(trust, role_arn, policy)
    return list(dict.fromkeys(findings))


def _finding(holds: Ternary, statement: str, cause: str, next_step: str) -> Finding:
    if holds:
        return Finding(Outcome.PASSED, statement)
    return Finding(Outcome.NOT_CHECKED if holds is None else Outcome.FAILED, statement, cause, next_step)


def _role_finding(role_arn: str, policy: Policy | Unreadable | None) -> Finding:
    statement = f"The role {role_arn} exists"
    if isinstance(policy, Unreadable):
        return Finding(Outcome.NOT_CHECKED, statement, policy.reason)
    next_step = "Create it, or correct the account, path and name in role_arn."
    return _finding(policy is not None, statement, "AWS has no such role.", next_step)


def _provider_findings(
    trust: WebIdentity, role_arn: str, provider: OidcProvider | Unreadable | None
) -> Iterator[Finding]:
    statement = f"The role's account has an OIDC provider for {trust.issuer}"
    if isinstance(provider, Unreadable):
        yield Finding(Outcome.NOT_CHECKED, statement, provider.reason)
        return
    right = provider is not None and without_scheme(provider.url) == trust.issuer_host
    arn = trust.provider_arn(*account_and_partition(role_arn))
    cause = f"Its URL is {provider.url}." if provider else f"{arn} does not exist."
    yield _finding(right, statement, cause, f"Create an IAM OIDC provider with the URL {trust.issuer} in that account.")
    if provider is None or not right:
        return
    for audience in trust.audiences:
        yield _finding(
            audience in provider.client_ids,
            f"The client IDs of the OIDC provider contain {audience}",
            hints.about_audience(audience, provider.client_ids),
            f"Add {audience} to the client IDs of {provider.arn}.",
        )


def _policy_findings(trust: Trust, role_arn: str, policy: Policy) -> Iterator[Finding]:
    try:
        policy_statements = statements(policy)
    except Error as broken:
        yield Finding(Outcome.FAILED, "The trust policy is valid", f"{broken.summary}.", broken.detail)
        return
    for request in _requests(trust, role_arn):
        yield from _request_findings(policy_statements, request)
    yield from _openness(policy_statements, trust, role_arn)


def _requests(trust: Trust, role_arn: str) -> list[Request]:
    """Return the requests that Dynatrace makes: for web identity one for each audience."""
    if not isinstance(trust, WebIdentity):
        return [_role_based_request(trust.principal, trust.external_id)]
    arn = trust.provider_arn(*account_and_partition(role_arn))
    return [_web_identity_request(arn, trust.issuer_host, trust.subject, audience) for audience in trust.audiences]


def _role_based_request(principal: str, external_id: str) -> Request:
    context = {"sts:externalid": external_id, "aws:principalaccount": principal.split(":")[4]}
    return Request("sts:AssumeRole", "AWS", principal, context)


def _web_identity_request(provider_arn: str, issuer_host: str, subject: str, audience: str) -> Request:
    return Request(
        "sts:AssumeRoleWithWebIdentity",
        "Federated",
        provider_arn,
        {f"{issuer_host}:aud": audience, f"{issuer_host}:sub": subject, "aws:federatedprovider": provider_arn},
        missing=frozenset({"sts:externalid"}),
        issuer=issuer_host,
    )


def _request_findings(policy: Sequence[Statement], request: Request) -> Iterator[Finding]:
    yield from _denials(policy, request)
    allowing = [one for one in policy if one.allows]
    if allowing:
        yield from _statement_findings(max(allowing, key=lambda one: _nearness(one, request)), request)
    next_step = "Correct what failed above. The function aws_trust_policy returns a policy that fits."
    cause = "" if allowing else "It has no statement with Effect Allow."
    yield _finding(decide(policy, request), "The trust policy as a whole allows the request", cause, next_step)


def _denials(policy: Sequence[Statement], request: Request) -> Iterator[Finding]:
    for number, one in enumerate(policy, 1):
        applies = one.applies(request)
        if not one.allows and applies is not False:
            name = one.document.get("Sid") or f"number {number}"
            cause = f"Statement {name} has Effect Deny and {'matches' if applies else 'may match'} the request."
            yield _finding(
                None if applies is None else False,
                "No statement of the trust policy denies the request",
                cause,
                "Narrow that statement.",
            )


def _nearness(statement: Statement, request: Request) -> tuple[bool, int, int]:
    """Return how much of a statement is right, for sorting.

    A policy often has statements for other purposes. The mistake to explain is the one in the statement that was meant
    for Dynatrace, which is the one that comes nearest.
    """
    holds = [condition.holds for condition in statement.conditions(request)]
    matches = [statement.matches_action(request), statement.matches_principal(request), *holds]
    return (statement.applies(request) is True, -matches.count(False), matches.count(True))


def _statement_findings(statement: Statement, request: Request) -> Iterator[Finding]:
    yield _finding(
        statement.matches_action(request),
        f"The trust policy allows {request.action}",
        f"It allows {', '.join(statement.actions()) or 'nothing'}.",
        f"Set Action to {request.action}.",
    )
    yield _finding(
        statement.matches_principal(request),
        f"The trust policy trusts {request.principal}",
        hints.about_principal(request, statement.principals(request.principal_type)),
        f"Set Principal to {request.principal_type} = {request.principal}.",
    )
    yield from (_condition_finding(condition, request) for condition in statement.conditions(request))


def _condition_finding(condition: Condition, request: Request) -> Finding:
    return _finding(
        condition.holds,
        f"The condition {condition.operator} {condition.key} holds",
        hints.about_condition(condition, request),
        hints.correction(condition, request),
    )


def _openness(policy: Sequence[Statement], trust: Trust, role_arn: str) -> Iterator[Finding]:
    """Warn if the policy also allows requests that differ from Dynatrace's in what identifies the connection.

    Source: docs/design/0008-sources.md#iam-policies ("the confused deputy problem").
    """
    for strangers in (_other_connections(policy, trust, role_arn), _other_principals(trust, role_arn)):
        let_in = next((one for one in strangers if decide(policy, one.request)), None)
        if let_in:
            yield Finding(Outcome.WARNING, "Only this connection can use the role", let_in.cause, let_in.next_step)


class _Stranger(Struct, frozen=True):
    """A request that a policy for one connection should not allow, why it does, and how to prevent that."""

    request: Request
    cause: str
    next_step: str


def _other_connections(policy: Sequence[Statement], trust: Trust, role_arn: str) -> Iterator[_Stranger]:
    """Yield requests for other connections: with any name first, then with one that fits a wildcard of the policy."""
    if isinstance(trust, WebIdentity):
        key, own, what = f"{trust.issuer_host}:sub", trust.subject, "subject"
        danger = "other connections of Dynatrace can use the role, too"
    else:
        key, own, what = "sts:ExternalId", trust.external_id, "external ID"
        danger = "any customer of Dynatrace who knows the ARN of the role can use it"
    anyone = f"The policy does not restrict the {what}, so {danger}."
    condition = f"StringEquals {key} = {own}"
    yield _Stranger(_request_named(trust, role_arn, f"{own}-other"), anyone, f"Add the condition {condition}.")
    for pattern in _wildcards(policy, key.lower(), _request_named(trust, role_arn, own)):
        cause = f"The {what} {pattern} in the policy has a wildcard. It fits other connections, so {danger}."
        fitting = pattern.replace("*", "other").replace("?", "x")
        yield _Stranger(_request_named(trust, role_arn, fitting), cause, f"Replace it with {condition}.")


def _request_named(trust: Trust, role_arn: str, name: str) -> Request:
    """Return Dynatrace's request for the connection with this subject or external ID."""
    if not isinstance(trust, WebIdentity):
        return _role_based_request(trust.principal, name)
    arn = trust.provider_arn(*account_and_partition(role_arn))
    return _web_identity_request(arn, trust.issuer_host, name, next(iter(trust.audiences), ""))


def _wildcards(policy: Sequence[Statement], key: str, request: Request) -> Iterator[str]:
    """Yield the patterns that the policy has for a condition key (in lower case) that the request meets."""
    for statement in policy:
        for condition in statement.conditions(request) if statement.allows else ():
            if condition.key.lower() == key and condition.holds:
                yield from (value for value in condition.values if {"*", "?"} & set(value))


def _other_principals(trust: Trust, role_arn: str) -> Iterator[_Stranger]:
    """Yield requests of an AWS account and of an OIDC provider that have nothing to do with Dynatrace."""
    everyone = 'The policy trusts every principal ("*").'
    account, partition = account_and_partition(role_arn)
    somebody = f"arn:{partition}:iam::000000000000:root"
    if isinstance(trust, WebIdentity):
        next_step = f"Set Principal to Federated = {trust.provider_arn(account, partition)}."
        other = f"arn:{partition}:iam::{account}:oidc-provider/other.example"
        yield _Stranger(_web_identity_request(other, "other.example", "someone", "something"), everyone, next_step)
        yield _Stranger(_role_based_request(somebody, "anything"), everyone, next_step)
    else:
        next_step = f"Set Principal to AWS = {trust.principal}."
        yield _Stranger(_role_based_request(somebody, trust.external_id), everyone, next_step)
