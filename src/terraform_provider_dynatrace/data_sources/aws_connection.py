"""The data source `dynatrace_aws_connection`: a connection that is managed elsewhere, by its id or its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from terraform_plugin import Attribute, DataSource, Path, Schema, Set, State, String, Value
from terraform_plugin.validators import exactly_one_of
from terraform_provider_dynatrace.aws.connection import SCHEMA_ID, consumers_of, kind_of, name_of, role_arn_of
from terraform_provider_dynatrace.connections.search import find_named, not_found

if TYPE_CHECKING:
    from terraform_provider_dynatrace.config.tenant import Tenant, UnconfiguredTenant
    from terraform_provider_dynatrace.settings.model import SettingsObject

KIND = (
    "How the connection authenticates: `web_identity` or `role_based_auth`; `null` for a kind that is newer than this "
    "provider."
)
CONSUMERS = "Dynatrace integrations that can use the connection."
ROLE_ARN = "The ARN of the connection's role; `null` until it has one."


class AwsConnectionData(DataSource):
    """Takes a `Tenant`."""

    type_name = "dynatrace_aws_connection"
    schema = Schema(
        "An AWS connection that is managed elsewhere. Name it by its id or by its name.",
        attributes={
            "id": Attribute(String, "The ID of the connection.", optional=True, computed=True),
            "name": Attribute(String, "The name of the connection.", optional=True, computed=True),
            "kind": Attribute(String, KIND, computed=True),
            "consumers": Attribute(Set(String), CONSUMERS, computed=True),
            "role_arn": Attribute(String, ROLE_ARN, computed=True),
        },
        validators=[exactly_one_of("id", "name")],
    )

    def __init__(self, tenant: Tenant | UnconfiguredTenant) -> None:
        self.connections = tenant.settings(SCHEMA_ID)
        self.url = tenant.environment.url

    async def read(self, config: State) -> State:
        if config["id"] is None:
            return config | described(await find_named(self.connections, config["name"], self.url, Path("name")))
        found = await self.connections.get(config["id"])
        if found is None:
            raise not_found(config["id"], (), self.url, Path("id"))
        return config | described(found)


def described(connection: SettingsObject) -> dict[str, Value]:
    """Return what data sources say of a connection, by attribute name."""
    kind = kind_of(connection.value)
    return {
        "id": connection.object_id,
        "name": name_of(connection.value),
        "kind": kind.block if kind else None,
        "consumers": consumers_of(connection.value),
        "role_arn": role_arn_of(connection.value) or None,
    }
