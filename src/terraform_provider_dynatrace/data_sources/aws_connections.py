"""The data source `dynatrace_aws_connections`: all connections, or those that match filters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from terraform_plugin import Attribute, DataSource, Nested, Schema, State
from terraform_provider_dynatrace.aws.connection import COMPUTED, FILTERS, SCHEMA_ID, describe, passes

if TYPE_CHECKING:
    from terraform_provider_dynatrace.config.tenant import Tenant, UnconfiguredTenant


class AwsConnectionsDataSource(DataSource):
    """Reads all connections."""

    type_name = "dynatrace_aws_connections"
    schema = Schema(
        "All AWS connections that the credential may read, sorted by name. Connections must match all filters that "
        "are set.",
        attributes={
            **FILTERS,
            "connections": Attribute(Nested("list", COMPUTED), "The connections.", computed=True),
        },
    )

    def __init__(self, tenant: Tenant | UnconfiguredTenant) -> None:
        self.tenant = tenant

    async def read(self, config: State) -> State:
        connections = await self.tenant.settings(SCHEMA_ID).list()
        described = (describe(connection.object_id, connection.value) for connection in connections)
        passing = [connection for connection in described if passes(connection, config)]
        return config | {"connections": sorted(passing, key=lambda one: (str(one["name"]), str(one["id"])))}
