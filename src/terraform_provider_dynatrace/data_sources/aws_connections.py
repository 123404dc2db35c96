"""The data source `dynatrace_aws_connections`: all connections, or those that a filter fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from terraform_plugin import Attribute, DataSource, Nested, Schema, Set, State, String, Value
from terraform_plugin.validators import one_of
from terraform_provider_dynatrace.aws.connection import KINDS, SCHEMA_ID
from terraform_provider_dynatrace.data_sources.aws_connection import CONSUMERS, KIND, ROLE_ARN, described

if TYPE_CHECKING:
    from collections.abc import Mapping

    from terraform_provider_dynatrace.config.tenant import Tenant, UnconfiguredTenant


FILTERS = {
    "name_prefix": Attribute(String, "Only connections whose name begins like this.", optional=True),
    "kind": Attribute(
        String,
        "Only connections of this kind: `web_identity` or `role_based_auth`.",
        optional=True,
        validators=[one_of(*(kind.block for kind in KINDS))],
    ),
    "consumer": Attribute(String, "Only connections that this Dynatrace integration can use.", optional=True),
}


class AwsConnections(DataSource):
    """Takes a `Tenant`."""

    type_name = "dynatrace_aws_connections"
    schema = Schema(
        "All AWS connections that the credential may read, sorted by name. Filters that are set must all fit.",
        attributes={
            **FILTERS,
            "connections": Attribute(
                Nested(
                    "list",
                    {
                        "id": Attribute(String, "The ID of the connection.", computed=True),
                        "name": Attribute(String, "The name of the connection.", computed=True),
                        "kind": Attribute(String, KIND, computed=True),
                        "consumers": Attribute(Set(String), CONSUMERS, computed=True),
                        "role_arn": Attribute(String, ROLE_ARN, computed=True),
                    },
                ),
                "The connections.",
                computed=True,
            ),
        },
    )

    def __init__(self, tenant: Tenant | UnconfiguredTenant) -> None:
        self.connections = tenant.settings(SCHEMA_ID)

    async def read(self, config: State) -> State:
        found = map(described, await self.connections.list())
        fitting = [one for one in found if fits(one, config)]
        return config | {"connections": sorted(fitting, key=lambda one: (str(one["name"]), str(one["id"])))}


def fits(connection: Mapping[str, Value], wanted: Mapping[str, Value]) -> bool:
    """Return whether a described connection fits all filters that are set; each is None where it is not."""
    prefix, kind, consumer = wanted["name_prefix"], wanted["kind"], wanted["consumer"]
    return (
        str(connection["name"]).startswith(prefix or "")
        and kind in (None, connection["kind"])
        and (consumer is None or consumer in connection["consumers"])
    )
