"""The list resource `dynatrace_aws_connection`: what `terraform query` finds in the tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from terraform_plugin import ListedObject, ListResource, Schema, State, warn
from terraform_provider_dynatrace.aws.connection import SCHEMA_ID, kind_of
from terraform_provider_dynatrace.data_sources.aws_connection import described
from terraform_provider_dynatrace.data_sources.aws_connections import FILTERS, fits
from terraform_provider_dynatrace.resources.aws_connection import AwsConnection, from_value

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from terraform_provider_dynatrace.config.tenant import Tenant, UnconfiguredTenant


class ListedAwsConnections(ListResource):
    """Takes a `Tenant`."""

    resource = AwsConnection
    schema = Schema(
        "The AWS connections that the credential may read, sorted by name. Filters that are set must all fit.",
        attributes=FILTERS,
    )

    def __init__(self, tenant: Tenant | UnconfiguredTenant) -> None:
        self.connections = tenant.settings(SCHEMA_ID)

    async def list(self, config: State) -> AsyncIterator[ListedObject]:
        """Yield what `terraform query` may import; a kind that is newer than this provider is only warned of."""
        found = await self.connections.list()
        for one in sorted(found, key=lambda one: str(one.value.get("name"))):
            name = str(one.value.get("name"))
            if not fits(described(one), config):
                continue
            if kind_of(one.value) is None:
                warn("Unknown type of connection", f'"{name}" ({one.object_id}) needs a newer release of the provider.')
            else:
                yield ListedObject(State({"id": one.object_id, **from_value(one.value, {})}), name)
