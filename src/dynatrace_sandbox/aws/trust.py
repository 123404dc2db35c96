"""Whether these claims, or this account, can assume a role, and why. Pure functions.

AWS evaluates a role's trust policy like any policy: an explicit Deny wins, else one Allow is required. A web identity
must also come from an OIDC provider of the role's account whose client IDs contain the audience.
Source: docs/design/0008-sources.md#iam-policies, #iam-oidc and #iam-api.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dynatrace_sandbox.aws.conditions import Undecidable, unmet, wildcard_match

_STATEMENT = {"Sid", "Effect", "Principal", "Action", "NotAction", "Condition"}


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
class Decision:
    """Whether a role can be assumed."""

    allowed: bool
    reason: str
    """Why, for the sandbox's log."""
    token_problem: str = ""
    """The message of STS where it refuses the token before it evaluates the role's policy."""


@dataclass(frozen=True)
class _Request:
    """What a statement is compared with."""

    action: str
    kind: str
    """The kind of principal: `AWS` or `Federated`."""
    principals: tuple[str, ...]
    """The caller's names as a principal."""
    keys: Mapping[str, str]
    """The condition keys, in lower case."""


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
        return _no(f"the account has no OIDC provider for the issuer {claims['iss']}", message)
    if provider.arn.split(":")[1:5] != role.arn.split(":")[1:5]:
        return _no(f"the OIDC provider {provider.arn} is not in the role's account and partition")
    if claims["aud"] not in provider.client_ids:
        return _no(
            f"the audience {claims['aud']} is not a client id of the OIDC provider, which has {provider.client_ids}",
            "Incorrect token audience",
        )
    keys = {f"{issuer}:{name}".lower(): claims[name] for name in ("sub", "aud")}
    federated = {"aws:federatedprovider": provider.arn, "aws:principaltype": "FederatedUser"}
    return _decide(role, _Request("sts:AssumeRoleWithWebIdentity", "Federated", (provider.arn,), keys | federated))


def assume_role(
    role: Role | None, role_arn: str, account: str, external_id: str, arns: tuple[str, ...] = ()
) -> Decision:
    """Decide STS `AssumeRole` by a principal of `account` (12 digits).

    `external_id` is what the principal presents ("": nothing), `arns` its own ARNs where they are known.
    """
    if role is None:
        return _no(f"there is no role {role_arn}")
    root = f"arn:{role.arn.split(':')[1]}:iam::{account}:root"
    keys = {"aws:principalaccount": account, "aws:principaltype": "AssumedRole"}
    if external_id:
        keys |= {"sts:externalid": external_id}
    if arns:
        keys |= {"aws:principalarn": arns[0]}
    return _decide(role, _Request("sts:AssumeRole", "AWS", (root, account, *arns), keys))


def _decide(role: Role, request: _Request) -> Decision:
    """Go through the statements as IAM does: any Deny, then any Allow, then no."""
    try:
        statements = list(_statements(role.trust_policy))
    except Undecidable as problem:
        return _no(f"the trust policy is malformed: {problem}")
    misses: list[str] = []
    for number, statement in sorted(enumerate(statements), key=lambda entry: entry[1]["Effect"] == "Allow"):
        name = f"statement {statement.get('Sid', number)}"
        miss = _miss(statement, request)
        if miss is None:
            return Decision(statement["Effect"] == "Allow", f"{name} says {statement['Effect']}")
        misses.append(f"{name}: {miss}")
    return _no("; ".join(misses) or "the trust policy has no statement")


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
        return f"its principal is {statement['Principal']!r}, the caller is {request.principals[0]}"
    return unmet(statement.get("Condition", {}), request.keys)


def _action_matches(statement: Mapping[str, Any], action: str) -> bool:
    negated = "NotAction" in statement
    patterns = _listed(statement["NotAction" if negated else "Action"])
    found = any(wildcard_match(pattern.lower(), action.lower()) for pattern in patterns)
    return found is not negated


def _principal_matches(principal: Any, request: _Request) -> bool:
    if principal == "*":
        return True
    named = _listed(principal.get(request.kind, []))
    return any(name in request.principals for name in named) or "*" in _listed(principal.get("AWS", []))


def _statements(policy: Any) -> Iterator[Mapping[str, Any]]:
    if not isinstance(policy, Mapping) or "Statement" not in policy:
        raise Undecidable("it has no Statement")
    listed = policy["Statement"] if isinstance(policy["Statement"], list) else [policy["Statement"]]
    for statement in listed:
        _check_statement(statement)
        yield statement


def _check_statement(statement: Any) -> None:
    """Refuse what IAM refuses in a trust policy; `NotPrincipal` and `Resource` are not allowed in one."""
    if not isinstance(statement, Mapping):
        raise Undecidable("a statement is not an object")
    if unknown := statement.keys() - _STATEMENT:
        raise Undecidable(f"a statement has {', '.join(sorted(unknown))}")
    if statement.get("Effect") not in ("Allow", "Deny"):
        raise Undecidable("Effect is neither Allow nor Deny")
    if ("Action" in statement) is ("NotAction" in statement):
        raise Undecidable("a statement needs either Action or NotAction")
    _listed(statement["NotAction" if "NotAction" in statement else "Action"])
    _check_principal(statement.get("Principal"))


def _check_principal(principal: Any) -> None:
    if principal == "*":
        return
    if not isinstance(principal, Mapping):
        raise Undecidable("Principal is neither * nor an object")
    for names in principal.values():
        _listed(names)


def _listed(value: Any) -> list[str]:
    """Return a text or a list of texts as a list. Raises `Undecidable`."""
    listed = value if isinstance(value, list) else [value]
    if not all(isinstance(text, str) for text in listed):
        raise Undecidable(f"{value!r} is neither a text nor a list of texts")
    return listed


def _no(reason: str, token_problem: str = "") -> Decision:
    return Decision(allowed=False, reason=reason, token_problem=token_problem)
