"""Whether these claims, or this account, can assume a role, and why. Pure functions.

AWS evaluates a role's trust policy like any policy: an explicit Deny wins, else one Allow is required. A web identity
must also come from an OIDC provider of the role's account whose client IDs contain the audience.
Source: docs/design/0008-sources.md#iam-policies, #iam-oidc and #iam-api.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from dynatrace_sandbox.aws.conditions import Comparison, Keys, Undecidable, compare, unmet, wildcard_match
from dynatrace_sandbox.aws.trust_policy import MalformedPolicy, listed, statements

_KEYS: dict[str, str | None] = {
    "aws:securetransport": "true",  # STS has no endpoint without TLS
    **dict.fromkeys(("aws:sourcearn", "aws:sourceaccount", "aws:sourceorgid", "aws:sourceorgpaths")),
}
"""What AWS knows of each request. The keys with `source` are those of requests that an AWS service makes.
Source: docs/design/0008-sources.md#iam-condition-keys."""


@dataclass(frozen=True)
class Role:
    """An IAM role."""

    arn: str
    trust_policy: Any
    """The JSON object that IAM holds."""


@dataclass(frozen=True)
class OidcProvider:
    """An OpenID Connect provider in IAM."""

    arn: str
    url: str
    """The issuer, with or without `https://`."""
    client_ids: tuple[str, ...]
    """The audiences that it accepts."""

    @property
    def host(self) -> str:
        """The issuer as IAM writes it into condition keys: without scheme and trailing slash."""
        return self.url.removeprefix("https://").rstrip("/")


@dataclass(frozen=True)
class Evaluation:
    """What AWS compared in one place: in the OIDC providers of the account, or in a statement of the trust policy."""

    place: str
    """`OIDC provider`, or the statement's `Sid` or number."""
    effect: str
    """`Allow` or `Deny`; "" for the OIDC provider."""
    comparisons: tuple[Comparison, ...]
    """If all of them match, the statement applies."""
    problem: str = ""
    """What could not be decided. Then a `Deny` applies, and an `Allow` does not."""

    @property
    def applies(self) -> bool:
        """Whether the statement applies, or the OIDC provider accepts the token."""
        if not all(found.matches for found in self.comparisons):
            return False
        return not self.problem or self.effect == "Deny"


@dataclass(frozen=True)
class Decision:
    """Whether a role can be assumed."""

    allowed: bool
    reason: str
    """Why, for the sandbox's log."""
    token_problem: str = ""
    """The message of STS where it refuses the token before it evaluates the role's policy."""
    evaluations: tuple[Evaluation, ...] = ()
    """Everything that was compared, for people who look for the cause."""


@dataclass(frozen=True)
class _Request:
    """What a statement is compared with."""

    action: str
    kind: str
    """The kind of principal: `AWS` or `Federated`."""
    principals: tuple[str, ...]
    """The caller's names as a principal."""
    keys: Keys


def assume_role_with_web_identity(
    role: Role | None, role_arn: str, providers: list[OidcProvider], claims: Mapping[str, str]
) -> Decision:
    """Decide STS `AssumeRoleWithWebIdentity`.

    `role` is what IAM has under `role_arn` (None: nothing), `providers` those of the role's account, `claims` the
    verified token's `iss`, `sub` and `aud`.
    """
    if role is None:
        return _no(f"there is no role {role_arn}")
    issuer = OidcProvider("", claims["iss"], ()).host
    provider = next((one for one in providers if one.host == issuer), None)
    if provider is None:
        message = f"No OpenIDConnect provider found in your account for {claims['iss']}"
        evaluation = _provider_evaluation(claims, providers, None)
        reason = f"the account has no OIDC provider for the issuer {claims['iss']}"
        return replace(_no(reason, message), evaluations=(evaluation,))
    if provider.arn.split(":")[1:5] != role.arn.split(":")[1:5]:
        return _no(f"the OIDC provider {provider.arn} is not in the role's account and partition")
    evaluation = _provider_evaluation(claims, providers, provider)
    if not evaluation.applies:
        known = ", ".join(provider.client_ids) or "none"
        reason = f"the audience {claims['aud']} is not a client ID of the OIDC provider, which has {known}"
        return replace(_no(reason, "Incorrect token audience"), evaluations=(evaluation,))
    keys: dict[str, str | None] = {f"{issuer}:{name}".lower(): claims[name] for name in ("sub", "aud")}
    keys |= {"aws:federatedprovider": provider.arn, "sts:externalid": None}
    request = _Request("sts:AssumeRoleWithWebIdentity", "Federated", (provider.arn,), _KEYS | keys)
    decision = _decide(role, request)
    return replace(decision, evaluations=(evaluation, *decision.evaluations))


def _provider_evaluation(
    claims: Mapping[str, str], providers: list[OidcProvider], provider: OidcProvider | None
) -> Evaluation:
    """Return what is compared of a token before the trust policy; `provider` is that of its issuer."""
    urls = [one.url for one in providers]
    comparisons = [Comparison("issuer", urls, claims["iss"], provider is not None)]
    if provider:
        client_ids = list(provider.client_ids)
        comparisons.append(Comparison("client IDs", client_ids, claims["aud"], claims["aud"] in client_ids))
    return Evaluation("OIDC provider", "", tuple(comparisons))


def assume_role(
    role: Role | None, role_arn: str, account: str, external_id: str, arns: tuple[str, ...] = ()
) -> Decision:
    """Decide STS `AssumeRole` by a principal of `account` (12 digits).

    `external_id` is what the principal presents ("": nothing), `arns` its own ARNs where they are known.
    """
    if role is None:
        return _no(f"there is no role {role_arn}")
    root = f"arn:{role.arn.split(':')[1]}:iam::{account}:root"
    keys: dict[str, str | None] = {"aws:principalaccount": account, "sts:externalid": external_id or None}
    if arns:
        keys |= {"aws:principalarn": arns[0]}
    return _decide(role, _Request("sts:AssumeRole", "AWS", (root, account, *arns), _KEYS | keys))


def _decide(role: Role, request: _Request) -> Decision:
    """Go through the statements as IAM does: any Deny, then any Allow, then no."""
    try:
        found = statements(role.trust_policy)
    except MalformedPolicy as problem:
        return _no(f"the trust policy is malformed: {problem}")
    names = [f"statement {statement.get('Sid', number)}" for number, statement in enumerate(found)]
    evaluations = tuple(_evaluate(*entry, request) for entry in zip(names, found, strict=True))
    misses: list[str] = []
    ordered = sorted(zip(names, found, strict=True), key=lambda entry: entry[1]["Effect"] == "Allow")
    for name, statement in ordered:
        miss = _miss(statement, request)
        if miss is None:
            allowed = statement["Effect"] == "Allow"
            return Decision(allowed, f"{name} says {statement['Effect']}", evaluations=evaluations)
        misses.append(f"{name}: {miss}")
    return Decision(allowed=False, reason="; ".join(misses), evaluations=evaluations)


def _evaluate(name: str, statement: Mapping[str, Any], request: _Request) -> Evaluation:
    """Return all comparisons of a statement, also those after the first that does not match."""
    action = "NotAction" if "NotAction" in statement else "Action"
    comparisons = [Comparison(action, statement[action], request.action, _action_matches(statement, request.action))]
    problem = ""
    try:
        principal = _principal_matches(statement["Principal"], request)
        comparisons.append(Comparison("Principal", _names(statement["Principal"]), request.principals[0], principal))
        for found in compare(statement.get("Condition", {}), request.keys):
            comparisons.append(found)  # noqa: PERF402 an exception must not lose those that were compared before it
    except Undecidable as undecidable:
        problem = str(undecidable)
    return Evaluation(name, statement["Effect"], tuple(comparisons), problem)


def _names(principal: Any) -> list[str]:
    """Return the names in a `Principal`."""
    return ["*"] if principal == "*" else [name for names in principal.values() for name in listed(names)]


def _miss(statement: Mapping[str, Any], request: _Request) -> str | None:
    """Return why a statement does not apply to the request, or None when it does.

    What cannot be decided counts against the request: a Deny applies, an Allow does not.
    """
    try:
        return _element_miss(statement, request)
    except Undecidable as problem:
        return None if statement["Effect"] == "Deny" else str(problem)


def _element_miss(statement: Mapping[str, Any], request: _Request) -> str | None:
    if not _action_matches(statement, request.action):
        return f"it is not about {request.action}"
    if not _principal_matches(statement["Principal"], request):
        return f"its principal is {', '.join(_names(statement['Principal']))}, the caller is {request.principals[0]}"
    return unmet(statement.get("Condition", {}), request.keys)


def _action_matches(statement: Mapping[str, Any], action: str) -> bool:
    negated = "NotAction" in statement
    patterns = listed(statement["NotAction" if negated else "Action"])
    found = any(wildcard_match(pattern.lower(), action.lower()) for pattern in patterns)
    return found is not negated


def _principal_matches(principal: Any, request: _Request) -> bool:
    if principal == "*":
        return True
    named = {kind: listed(names) for kind, names in principal.items()}
    return any(name in request.principals for name in named.get(request.kind, [])) or "*" in named.get("AWS", [])


def _no(reason: str, token_problem: str = "") -> Decision:
    return Decision(allowed=False, reason=reason, token_problem=token_problem)
