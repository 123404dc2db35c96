"""The data source `dynatrace_aws_trust`: what Dynatrace presents to AWS, and a policy that trusts it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from terraform_plugin import Attribute, DataSource, Path, Schema, Set, State, String
from terraform_plugin.validators import exactly_one_of
from terraform_provider_dynatrace.aws.connection import (
    AWS_CONNECTION,
    COMPUTED,
    consumers_of,
    describe,
    role_arn_of,
)
from terraform_provider_dynatrace.aws.role_arn import account_and_partition, role_arn_problem
from terraform_provider_dynatrace.aws.trust import RoleBased, Trust, WebIdentity, trust_of
from terraform_provider_dynatrace.connections.search import find_by_id, find_by_name

if TYPE_CHECKING:
    from collections.abc import Mapping

    from terraform_provider_dynatrace.config.tenant import Tenant, UnconfiguredTenant

_WEB_IDENTITY_ONLY = "`null` for role-based authentication."
_ROLE_BASED_ONLY = "`null` for web identity."


class AwsTrustDataSource(DataSource):
    """Computes what a role must trust, from a connection that is read by its ID or its name."""

    type_name = "dynatrace_aws_trust"
    schema = Schema(
        "What Dynatrace presents to AWS when it assumes the role of a connection, and a trust policy for a role that "
        "accepts exactly that. Set either `connection_id` or `name`.",
        attributes={
            **COMPUTED,
            "connection_id": Attribute(
                String,
                "The ID of the connection.",
                optional=True,
                computed=True,
            ),
            "name": Attribute(String, "The name of the connection.", optional=True, computed=True),
            "kind": Attribute(
                String, "How the connection authenticates: `web_identity` or `role_based_auth`.", computed=True
            ),
            "oidc_provider_arn": Attribute(
                String,
                "The ARN of the IAM OIDC provider that `policy` trusts. If it is not set, the OIDC provider in the "
                "account of the connection's role is used. An account has one for each issuer.",
                optional=True,
                computed=True,
            ),
            "issuer": Attribute(
                String,
                f"The issuer of the web identity tokens (`iss`): the `url` of the IAM OIDC provider. "
                f"{_WEB_IDENTITY_ONLY}",
                computed=True,
            ),
            "issuer_host": Attribute(
                String,
                "The issuer without `https://`. The condition keys of a trust policy begin with it, as in "
                f"`token.dynatrace.com:sub`. {_WEB_IDENTITY_ONLY}",
                computed=True,
            ),
            "subject": Attribute(
                String, f"The subject of the web identity tokens (`sub`). {_WEB_IDENTITY_ONLY}", computed=True
            ),
            "audience": Attribute(
                String,
                "The audience of the web identity tokens (`aud`), without `https://`: a client ID of the IAM OIDC "
                f"provider. `null` for a connection with several consumers; see `audiences`. {_WEB_IDENTITY_ONLY}",
                computed=True,
            ),
            "audiences": Attribute(
                Set(String), "The audience for each consumer. Empty for role-based authentication.", computed=True
            ),
            "principal": Attribute(
                String,
                f"The ARN of the AWS account of Dynatrace that assumes the role. {_ROLE_BASED_ONLY}",
                computed=True,
            ),
            "external_id": Attribute(
                String, f"The external ID that Dynatrace presents. {_ROLE_BASED_ONLY}", computed=True
            ),
            "policy": Attribute(
                String,
                "The trust policy for the role, as JSON. For web identity, `null` if `oidc_provider_arn` is not set "
                "and the connection has no role.",
                computed=True,
            ),
        },
        validators=[exactly_one_of("connection_id", "name")],
    )

    def __init__(self, tenant: Tenant | UnconfiguredTenant) -> None:
        self.tenant = tenant

    async def read(self, config: State) -> State:
        if config["connection_id"] is None:
            found = await find_by_name(self.tenant, AWS_CONNECTION, config["name"], Path("name"))
        else:
            found = await find_by_id(self.tenant, AWS_CONNECTION, config["connection_id"], Path("connection_id"))
        authentication = AWS_CONNECTION.known_authentication(found.value)
        trust = trust_of(authentication, consumers_of(found.value), found.object_id, self.tenant.environment)
        connection = {**describe(found.object_id, found.value), "connection_id": found.object_id}
        return config | connection | to_state(trust, config["oidc_provider_arn"], role_arn_of(found.value))


def to_state(trust: Trust, oidc_provider_arn: str | None, role_arn: str) -> dict[str, Any]:
    """Return the attributes for what a connection presents. `role_arn` is empty if the connection has no role."""
    absent = dict.fromkeys(("issuer", "issuer_host", "subject", "audience", "principal", "external_id"))
    if isinstance(trust, RoleBased):
        presented = {"principal": trust.principal, "external_id": trust.external_id, "audiences": []}
        return absent | presented | {"oidc_provider_arn": oidc_provider_arn, "policy": _json(trust.policy())}
    arn = oidc_provider_arn or _provider_of_account(trust, role_arn)
    return absent | {
        "issuer": trust.issuer,
        "issuer_host": trust.issuer_host,
        "subject": trust.subject,
        "audience": trust.audiences[0] if len(trust.audiences) == 1 else None,
        "audiences": list(trust.audiences),
        "oidc_provider_arn": arn,
        "policy": _json(trust.policy(arn)) if arn else None,
    }


def _provider_of_account(trust: WebIdentity, role_arn: str) -> str | None:
    """Return the ARN of the OIDC provider in the account of a role, None without a (valid) role ARN."""
    return None if role_arn_problem(role_arn) else trust.provider_arn(*account_and_partition(role_arn))


def _json(policy: Mapping[str, Any]) -> str:
    return json.dumps(policy, separators=(",", ":"), sort_keys=True)
