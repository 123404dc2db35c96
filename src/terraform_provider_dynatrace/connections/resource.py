"""What resources share that are a connection, or a part of one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from terraform_plugin import Resource, State, Value
from terraform_provider_dynatrace.connections.planned import PlannedConnections
from terraform_provider_dynatrace.connections.search import find

if TYPE_CHECKING:
    from collections.abc import Mapping

    from terraform_provider_dynatrace.config.tenant import Tenant, UnconfiguredTenant
    from terraform_provider_dynatrace.connections.kinds import ConnectionType
    from terraform_provider_dynatrace.settings.model import SettingsObject
    from terraform_provider_dynatrace.settings.objects import SettingsObjects


class ConnectionResource(Resource):
    """A resource whose ID is that of a connection. `-export` writes every such resource in the provider's list."""

    connection_type: ClassVar[ConnectionType]

    def __init__(self, tenant: Tenant | UnconfiguredTenant) -> None:
        self.tenant = tenant
        self.planned = tenant.shared(PlannedConnections)

    @property
    def connections(self) -> SettingsObjects:
        """The settings objects of this type of connection."""
        return self.tenant.settings(self.connection_type.schema_id)

    async def find(self, id_: str) -> SettingsObject:
        """Return the connection with this ID or name. Raises `Error` if there is none."""
        return await find(self.tenant, self.connection_type, id_)

    async def import_state(self, id_: str) -> State:
        """Import by the ID or the name of a connection."""
        return State({"id": (await self.find(id_)).object_id})

    @classmethod
    def from_connection(cls, connection: SettingsObject) -> dict[str, Value] | None:
        """Return the attributes for a connection, None if it does not have this part.

        Raises `Error` for a connection that the schema cannot express.
        """
        raise NotImplementedError

    @classmethod
    def unmanaged_properties(cls, value: Mapping[str, Any]) -> list[str]:
        """Return the properties of a connection's value that no resource of this provider has an attribute for."""
        del value
        return []
