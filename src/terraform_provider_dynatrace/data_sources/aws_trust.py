"""The data source `dynatrace_aws_trust`: what Dynatrace presents to AWS for a connection, and who must trust it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from terraform_plugin import Attribute, DataSource, Path, Schema, Set, State, String
from terraform_plugin.validators import exactly_one_of
from terraform_provider_dynatrace.aws.connection import SCHEMA_ID, consumers_of, known_kind, name_of, role_arn_of
from terraform_provider_dynatrace.aws.trust import RoleBased, Trust, trust_of
from terraform_provider_dynatrace.connections.search import find_named, not_found

if TYPE_CHECKING:
    from collections.abc import Mapping

    from terraform_provider_dynatrace.config.tenant import Tenant, UnconfiguredTenant
    from terraform_provider_dynatrace.settings.model import SettingsObject

_WEB = "`null` for role based authentication."
_ROLE = "`null` for web identity."


class AwsTrust(DataSource):
    """Takes a `Tenant`."""

    type_name = "dynatrace_aws_trust"
    schema = Schema(
        "What Dynatrace presents to AWS when it assumes the role of a connection, and the trust policy of a role that "
        "accepts exactly this. Name the connection by its id or by its name.",
        attributes={
            "id": Attribute(String, "The ID of the connection.", computed=True),
            "connection_id": Attribute(String, "The ID of the connection.", optional=True, computed=True),
            "name": Attribute(String, "The name of the connection.", optional=True, computed=True),
            "oidc_provider_arn": Attribute(
                String,
                "The ARN of the IAM OIDC provider that `policy` is to name. Without it, the one in the account of "
                "the role that the connection has already; there is one for each issuer and account.",
                optional=True,
                computed=True,
            ),
            "kind": Attribute(
                String, "How the connection authenticates: `web_identity` or `role_based_auth`.", computed=True
            ),
            "consumers": Attribute(Set(String), "Dynatrace integrations that can use the connection.", computed=True),
            "role_arn": Attribute(String, "The ARN of the connection's role; `null` until it has one.", computed=True),
            "issuer": Attribute(
                String, f"Who signs the tokens (`iss`): the `url` of the IAM OIDC provider. {_WEB}", computed=True
            ),
            "issuer_host": Attribute(
                String,
                "The issuer without `https://`: what the keys in the conditions of a trust policy begin with, as in "
                f"`token.dynatrace.com:sub`. {_WEB}",
                computed=True,
            ),
            "subject": Attribute(String, f"The subject of the tokens (`sub`). {_WEB}", computed=True),
            "audience": Attribute(
                String,
                "The audience of the tokens (`aud`): a client id of the IAM OIDC provider. It has no `https://`. "
                f"`null` for a connection with several consumers, see `audiences`. {_WEB}",
                computed=True,
            ),
            "audiences": Attribute(
                Set(String), "The audience of each consumer. Empty for role based authentication.", computed=True
            ),
            "principal": Attribute(
                String, f"The AWS principal of Dynatrace that assumes the role. {_ROLE}", computed=True
            ),
            "external_id": Attribute(String, f"The external id that it presents. {_ROLE}", computed=True),
            "policy": Attribute(
                String,
                "The trust policy of the role, in JSON. `null` for web identity while neither `oidc_provider_arn` is "
                "given nor the connection has a role.",
                computed=True,
            ),
        },
        validators=[exactly_one_of("connection_id", "name")],
    )

    def __init__(self, tenant: Tenant | UnconfiguredTenant) -> None:
        self.connections = tenant.settings(SCHEMA_ID)
        self.environment = tenant.environment

    async def read(self, config: State) -> State:
        found = await self._connection(config)
        kind, consumers = known_kind(found.value), consumers_of(found.value)
        role_arn = role_arn_of(found.value)
        trust = trust_of(kind, consumers, found.object_id, self.environment)
        connection = {
            "id": found.object_id,
            "connection_id": found.object_id,
            "name": name_of(found.value),
            "kind": kind.block,
            "consumers": consumers,
            "role_arn": role_arn or None,
        }
        return config | connection | to_state(trust, config["oidc_provider_arn"], role_arn)

    async def _connection(self, config: State) -> SettingsObject:
        url = self.environment.url
        if config["connection_id"] is None:
            return await find_named(self.connections, config["name"], url, Path("name"))
        found = await self.connections.get(config["connection_id"])
        if found is None:
            raise not_found(config["connection_id"], (), url, Path("connection_id"))
        return found


def to_state(trust: Trust, oidc_provider_arn: str | None, role_arn: str) -> dict[str, Any]:
    """Return the attributes that say what a connection presents. `role_arn` is empty while it has no role."""
    nothing = dict.fromkeys(("issuer", "issuer_host", "subject", "audience", "principal", "external_id"))
    if isinstance(trust, RoleBased):
        presented = {"principal": trust.principal, "external_id": trust.external_id, "audiences": []}
        return nothing | presented | {"oidc_provider_arn": oidc_provider_arn, "policy": _json(trust.policy())}
    arn = oidc_provider_arn or _provider_beside(trust.issuer_host, role_arn)
    return nothing | {
        "issuer": trust.issuer,
        "issuer_host": trust.issuer_host,
        "subject": trust.subject,
        "audience": trust.audiences[0] if len(trust.audiences) == 1 else None,
        "audiences": list(trust.audiences),
        "oidc_provider_arn": arn,
        "policy": _json(trust.policy(arn)) if arn else None,
    }


def _provider_beside(issuer_host: str, role_arn: str) -> str | None:
    """Return the ARN of the OIDC provider in the account of a role, None without a role."""
    account, found, _ = role_arn.partition(":role/")
    return f"{account}:oidc-provider/{issuer_host}" if found else None


def _json(policy: Mapping[str, Any]) -> str:
    return json.dumps(policy, separators=(",", ":"), sort_keys=True)
