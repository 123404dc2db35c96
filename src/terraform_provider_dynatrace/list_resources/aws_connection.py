"""The list resource `dynatrace_aws_connection`: the connections that `terraform query` returns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from terraform_plugin import ListedObject, ListResource, Schema, State, warn
from terraform_provider_dynatrace.aws.connection import AWS_CONNECTION, FILTERS, SCHEMA_ID, describe, from_value, passes
from terraform_provider_dynatrace.connections.access import OWNER_FILTER, has_owner
from terraform_provider_dynatrace.resources.aws_connection import AwsConnection

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from terraform_provider_dynatrace.config.tenant import Tenant, UnconfiguredTenant


class AwsConnectionListResource(ListResource):
    """Lists connections as the resource `dynatrace_aws_connection` reads them."""

    resource = AwsConnection
    schema = Schema(
        "The AWS connections that the credential may read, sorted by name. Connections must match all filters that "
        "are set.",
        attributes={**FILTERS, **OWNER_FILTER},
    )

    def __init__(self, tenant: Tenant | UnconfiguredTenant) -> None:
        self.tenant = tenant

    async def list(self, config: State) -> AsyncIterator[ListedObject]:
        """Yield the connections. One of a type that is newer than this provider is left out with a warning."""
        connections = await self.tenant.settings(SCHEMA_ID).list()
        for found in sorted(connections, key=lambda one: str(one.value.get("name"))):
            name = str(found.value.get("name"))
            if not has_owner(found, config) or not passes(describe(found.object_id, found.value), config):
                continue
            if AWS_CONNECTION.authentication_of(found.value) is None:
                warn(
                    "Unknown type of connection",
                    f'The connection "{name}" ({found.object_id}) was left out: its type "{found.value.get("type")}" '
                    "is newer than this version of the provider. Upgrade the provider.",
                )
            else:
                yield ListedObject(State({"id": found.object_id, **from_value(found.value, {})}), name)
