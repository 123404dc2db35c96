"""The data source `dynatrace_aws_connection`: one connection that is managed elsewhere, by its ID or its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from terraform_plugin import Attribute, DataSource, Path, Schema, State, String
from terraform_plugin.validators import exactly_one_of
from terraform_provider_dynatrace.aws.connection import AWS_CONNECTION, COMPUTED, describe
from terraform_provider_dynatrace.connections.access import ACCESS, describe_access
from terraform_provider_dynatrace.connections.search import find_by_id, find_by_name

if TYPE_CHECKING:
    from terraform_provider_dynatrace.config.tenant import Tenant, UnconfiguredTenant


class AwsConnectionDataSource(DataSource):
    """Reads one connection."""

    type_name = "dynatrace_aws_connection"
    schema = Schema(
        "An AWS connection that is managed elsewhere. Set either its `id` or its `name`.",
        attributes={
            **COMPUTED,
            **ACCESS,
            "id": Attribute(String, "The ID of the connection.", optional=True, computed=True),
            "name": Attribute(String, "The name of the connection.", optional=True, computed=True),
        },
        validators=[exactly_one_of("id", "name")],
    )

    def __init__(self, tenant: Tenant | UnconfiguredTenant) -> None:
        self.tenant = tenant

    async def read(self, config: State) -> State:
        if config["id"] is None:
            found = await find_by_name(self.tenant, AWS_CONNECTION, config["name"], Path("name"))
        else:
            found = await find_by_id(self.tenant, AWS_CONNECTION, config["id"], Path("id"))
        return config | describe(found.object_id, found.value) | describe_access(found)
