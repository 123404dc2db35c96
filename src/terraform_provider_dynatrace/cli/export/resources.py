"""What an export can write: derived from the provider's own lists and schemas."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from terraform_plugin import Resource
from terraform_provider_dynatrace.connections.kinds import ConnectionType
from terraform_provider_dynatrace.connections.resource import ConnectionResource
from terraform_provider_dynatrace.provider import DynatraceProvider
from terraform_provider_dynatrace.resources.aws_monitoring_configuration import AwsMonitoringConfiguration
from terraform_provider_dynatrace.resources.settings_permissions import SettingsPermissions

PERMISSIONS, MONITORING = SettingsPermissions.type_name, AwsMonitoringConfiguration.type_name

RESOURCES: Mapping[str, type[Resource]] = {
    resource.type_name: resource
    for resource in DynatraceProvider.resources
    if issubclass(resource, ConnectionResource | SettingsPermissions | AwsMonitoringConfiguration)
}
"""The resources by type, in the provider's order."""

TYPES = tuple(RESOURCES)

REFERENCES: Mapping[str, Mapping[str, Sequence[str]]] = {
    type_name: {
        name: attribute.references for name, attribute in resource.schema.attributes.items() if attribute.references
    }
    for type_name, resource in RESOURCES.items()
}
"""For each type: the attributes that hold the ID of another resource, and the types that this can be."""

DATA_SOURCES = frozenset(data_source.type_name for data_source in DynatraceProvider.data_sources)
"""The types that a data source can find by their name."""


def connection_resources() -> dict[str, list[type[ConnectionResource]]]:
    """Return the resources that come from connections, by the connection's schema ID."""
    found: dict[str, list[type[ConnectionResource]]] = {}
    for resource in RESOURCES.values():
        if issubclass(resource, ConnectionResource):
            found.setdefault(resource.connection_type.schema_id, []).append(resource)
    return found


def connection_types() -> list[ConnectionType]:
    """Return the types of connection that an export reads."""
    return [resources[0].connection_type for resources in connection_resources().values()]


def short(type_name: str) -> str:
    """Return a type without the provider's name, as it appears in the names of modules and files."""
    return type_name.removeprefix(f"{DynatraceProvider.name}_")
