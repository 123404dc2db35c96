"""`aws_trust_policy`: the trust policy of the role that a connection assumes."""

from __future__ import annotations

import json

from terraform_plugin import (
    UNKNOWN,
    Error,
    Function,
    List,
    Object,
    Parameter,
    Set,
    String,
    Unknown,
    Value,
    is_wholly_known,
)
from terraform_provider_dynatrace.aws.connection import KINDS, ROLE_BASED, Kind
from terraform_provider_dynatrace.aws.trust import (
    RoleBased,
    WebIdentity,
    audience,
    host_of,
    principal,
    subject,
)
from terraform_provider_dynatrace.environment import PRODUCTION, issuer_of, stage_of
from terraform_provider_dynatrace.functions.tenant_url import TENANT_URL, about_argument, tenant_of

_BLOCK = List(Object({"consumers": Set(String)}))
_CONNECTION, _TENANT, _PROVIDER = range(3)
_PROVIDER_PART = ":oidc-provider/"


class AwsTrustPolicy(Function):
    """Pure. It is asked while the connection's id is still unknown, so that what else is wrong shows in the plan."""

    name = "aws_trust_policy"
    summary = "The trust policy of the role that a connection assumes"
    description = (
        "Returns the trust policy, in JSON, of the IAM role that a connection assumes: for `assume_role_policy` of an "
        "`aws_iam_role`. It trusts this one connection and nothing else. For which kind of authentication the policy "
        "is follows from the connection itself."
    )
    parameters = (
        Parameter(
            "connection",
            Object({"id": String, **{kind.block: _BLOCK for kind in KINDS}}),
            "The connection, as a whole: `dynatrace_aws_connection.NAME`.",
            allow_unknown=True,
        ),
        TENANT_URL,
        Parameter(
            "oidc_provider_arn",
            String,
            "The ARN of the IAM OIDC provider for the issuer, in the role's account. `null` for a connection with "
            "`role_based_auth`.",
            allow_null=True,
            allow_unknown=True,
        ),
    )
    returns = String

    def call(self, connection: Value, tenant_url: str, oidc_provider_arn: Value) -> Value:
        """Return JSON, or unknown while the connection or the OIDC provider is. Raises `Error` for what cannot fit."""
        tenant = tenant_of(tenant_url, _TENANT)
        kind = _kind_of(connection)
        if kind is None:
            return UNKNOWN
        policy_of = _role_based if kind is ROLE_BASED else _web_identity
        policy = policy_of(connection, tenant, oidc_provider_arn)
        return json.dumps(policy, separators=(",", ":"), sort_keys=True) if is_wholly_known(policy) else UNKNOWN


def _kind_of(connection: Value) -> Kind | None:
    """Return the kind of a connection, None while it is unknown."""
    if isinstance(connection, Unknown) or any(isinstance(connection[kind.block], Unknown) for kind in KINDS):
        return None
    found = [kind for kind in KINDS if connection[kind.block]]
    if len(found) != 1:
        raise Error(
            "This is no AWS connection",
            "Exactly one of web_identity and role_based_auth must be there. Give the connection as a whole: "
            "dynatrace_aws_connection.NAME.",
            argument=_CONNECTION,
        )
    return found[0]


def _role_based(connection: Value, tenant: str, oidc_provider_arn: Value) -> Value:
    if oidc_provider_arn is not None:
        raise Error(
            "A role based connection has no OIDC provider",
            "Dynatrace assumes the role from an AWS account of its own. Give null here.",
            argument=_PROVIDER,
        )
    return RoleBased(principal(tenant), connection["id"]).policy()


def _web_identity(connection: Value, tenant: str, oidc_provider_arn: Value) -> Value:
    issuer = _issuer(tenant, oidc_provider_arn)
    consumers = connection["web_identity"][0]["consumers"]
    if not is_wholly_known(consumers):
        return UNKNOWN
    with about_argument(_CONNECTION):
        audiences = tuple(audience(tenant, consumer) for consumer in sorted(consumers or []))
    known = is_wholly_known([connection["id"], oidc_provider_arn])
    return WebIdentity(issuer, subject(connection["id"]), audiences).policy(oidc_provider_arn) if known else UNKNOWN


def _issuer(tenant: str, oidc_provider_arn: Value) -> str:
    """Return the tenant's issuer, after a look at the OIDC provider; of a stage's issuer only that is certain."""
    issuer = issuer_of(tenant)
    if isinstance(oidc_provider_arn, Unknown):
        return issuer
    arn, found, host = (oidc_provider_arn or "").partition(_PROVIDER_PART)
    if not arn.startswith("arn:") or not found:
        raise Error(
            "The ARN of the OIDC provider is missing",
            "A web identity connection needs the ARN of the IAM OIDC provider for its issuer, such as "
            f"arn:aws:iam::123456789012{_PROVIDER_PART}{host_of(issuer)}; that is not "
            f"{json.dumps(oidc_provider_arn)}. Use aws_iam_openid_connect_provider.NAME.arn.",
            argument=_PROVIDER,
        )
    if stage_of(tenant) != PRODUCTION:
        return f"https://{host}"
    if host != host_of(issuer):
        raise Error(
            "The OIDC provider is for another issuer",
            f"The web identity tokens of {tenant} come from {issuer}, but {oidc_provider_arn} is for https://{host}. "
            f"The OIDC provider needs the url {issuer}.",
            argument=_PROVIDER,
        )
    return issuer
