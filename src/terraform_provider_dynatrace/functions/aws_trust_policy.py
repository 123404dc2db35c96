"""The function `aws_trust_policy`: the trust policy of the role for a connection."""

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
from terraform_provider_dynatrace.aws.connection import AWS_CONNECTION, ROLE_BASED
from terraform_provider_dynatrace.aws.trust import (
    RoleBased,
    WebIdentity,
    audience,
    principal,
    subject,
    without_scheme,
)
from terraform_provider_dynatrace.connections.kinds import Authentication
from terraform_provider_dynatrace.environment import PRODUCTION, issuer_of, stage_of
from terraform_provider_dynatrace.functions.tenant_url import TENANT_URL, about_argument, host_from

_BLOCK = List(Object({"consumers": Set(String)}))
_CONNECTION, _TENANT, _PROVIDER = range(3)
_PROVIDER_PART = ":oidc-provider/"


class AwsTrustPolicy(Function):
    """Computes a trust policy from a connection.

    Terraform also calls it while the connection's ID is unknown (`allow_unknown`), so that other mistakes in its
    arguments are reported by the plan.
    """

    name = "aws_trust_policy"
    summary = "The trust policy of the role for a connection"
    description = (
        "Returns the trust policy, as JSON, of the IAM role for a connection. Use it as `assume_role_policy` of an "
        "`aws_iam_role`. The policy trusts this one connection and nothing else. The kind of authentication is taken "
        "from the connection."
    )
    parameters = (
        Parameter(
            "connection",
            Object({"id": String, **{one.block: _BLOCK for one in AWS_CONNECTION.authentications}}),
            "The whole connection: `dynatrace_aws_connection.NAME`.",
            allow_unknown=True,
        ),
        TENANT_URL,
        Parameter(
            "oidc_provider_arn",
            String,
            "The ARN of the IAM OIDC provider for the issuer, in the account of the role. `null` for a connection with "
            "`role_based_auth`.",
            allow_null=True,
            allow_unknown=True,
        ),
    )
    returns = String

    def call(self, connection: Value, tenant_url: str, oidc_provider_arn: Value) -> Value:
        """Return JSON, or unknown if the connection or the OIDC provider is. Raises `Error` for invalid arguments."""
        host = host_from(tenant_url, _TENANT)
        authentication = _authentication_of(connection)
        if authentication is None:
            return UNKNOWN
        policy_of = _role_based if authentication is ROLE_BASED else _web_identity
        policy = policy_of(connection, host, oidc_provider_arn)
        return json.dumps(policy, separators=(",", ":"), sort_keys=True) if is_wholly_known(policy) else UNKNOWN


def _authentication_of(connection: Value) -> Authentication | None:
    """Return how a connection authenticates, None while it is unknown."""
    if isinstance(connection, Unknown) or any(
        isinstance(connection[one.block], Unknown) for one in AWS_CONNECTION.authentications
    ):
        return None
    present = [one for one in AWS_CONNECTION.authentications if connection[one.block]]
    if len(present) != 1:
        raise Error(
            "Not an AWS connection",
            "The connection must have exactly one of web_identity and role_based_auth. Pass the whole connection: "
            "dynatrace_aws_connection.NAME.",
            argument=_CONNECTION,
        )
    return present[0]


def _role_based(connection: Value, host: str, oidc_provider_arn: Value) -> Value:
    if oidc_provider_arn is not None:
        raise Error(
            "Role-based authentication uses no OIDC provider",
            "For a connection with role_based_auth, Dynatrace assumes the role from its own AWS account. Pass null.",
            argument=_PROVIDER,
        )
    return RoleBased(principal(host), connection["id"]).policy()


def _web_identity(connection: Value, host: str, oidc_provider_arn: Value) -> Value:
    issuer = _issuer(host, oidc_provider_arn)
    consumers = connection["web_identity"][0]["consumers"]
    if not is_wholly_known(consumers):
        return UNKNOWN
    with about_argument(_CONNECTION):
        audiences = tuple(audience(host, consumer) for consumer in sorted(consumers or []))
    known = is_wholly_known([connection["id"], oidc_provider_arn])
    return WebIdentity(issuer, subject(connection["id"]), audiences).policy(oidc_provider_arn) if known else UNKNOWN


def _issuer(host: str, oidc_provider_arn: Value) -> str:
    """Return the issuer of the environment at `host`. Raises `Error` for an OIDC provider of another issuer.

    Sources disagree about the issuers of environments other than production ones, so there the issuer is taken from
    the OIDC provider. Source: docs/design/0008-sources.md#aws-trust.
    """
    issuer = issuer_of(host)
    if isinstance(oidc_provider_arn, Unknown):
        return issuer
    arn, separator, provider_host = (oidc_provider_arn or "").partition(_PROVIDER_PART)
    if not arn.startswith("arn:") or not separator:
        raise Error(
            "Missing ARN of the OIDC provider",
            "A connection with web_identity needs the ARN of the IAM OIDC provider for its issuer, such as "
            f"arn:aws:iam::123456789012{_PROVIDER_PART}{without_scheme(issuer)}, got "
            f"{json.dumps(oidc_provider_arn)[:120]}. Pass aws_iam_openid_connect_provider.NAME.arn.",
            argument=_PROVIDER,
        )
    if stage_of(host) != PRODUCTION:
        return f"https://{provider_host}"
    if provider_host != without_scheme(issuer):
        raise Error(
            "The OIDC provider is for another issuer",
            f"{issuer} issues the web identity tokens of {host}, but {oidc_provider_arn} is for "
            f"https://{provider_host}. Set the url of the OIDC provider to {issuer}.",
            argument=_PROVIDER,
        )
    return issuer
