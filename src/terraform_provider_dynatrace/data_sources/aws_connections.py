"""The data source `dynatrace_aws_connections`: all connections, or those that match filters."""

from __future__ import annotations

from typing import TYPE_CHECKING

from terraform_plugin import Attribute, DataSource, Nested, Schema, State
from terraform_provider_dynatrace.aws.connection import COMPUTED, FILTERS, SCHEMA_ID, describe, passes
from terraform_provider_dynatrace.connections.access import ACCESS, OWNER_FILTER, describe_access, has_owner

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
            **OWNER_FILTER,
            "connections": Attribute(Nested("list", {**COMPUTED, **ACCESS}), "The connections.", computed=True),
        },
    )

    def __init__(self, tenant: Tenant | UnconfiguredTenant) -> None:
        self.tenant = tenant

    async def read(self, config: State) -> State:
        connections = await self.tenant.settings(SCHEMA_ID).list()
        described = (
            describe(connection.object_id, connection.value) | describe_access(connection)
            for connection in connections
            if has_owner(connection, config)
        )
        passing = [connection for connection in described if passes(connection, config)]
        return config | {"connections": sorted(passing, key=lambda one: (str(one["name"]), str(one["id"])))}
