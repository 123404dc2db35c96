"""Converts the objects of an environment to Terraform resources: their names, values, and what prevents it. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import msgspec.structs
from msgspec import Struct

from terraform_plugin import Error, Path, State
from terraform_plugin.diagnostics import collect_warnings
from terraform_plugin.schema import Body, Schema
from terraform_plugin.state.objects import complete
from terraform_plugin.validation import validate
from terraform_provider_dynatrace.aws.connection import AWS_CONNECTION
from terraform_provider_dynatrace.aws.monitoring import MANAGED, SERVERS_OWN, from_value
from terraform_provider_dynatrace.cli.export.resources import MONITORING, REFERENCES, RESOURCES
from terraform_provider_dynatrace.connections.access import PUBLIC
from terraform_provider_dynatrace.connections.kinds import ConnectionType
from terraform_provider_dynatrace.connections.resource import ConnectionResource
from terraform_provider_dynatrace.extensions.model import Configuration
from terraform_provider_dynatrace.resources.settings_permissions import (
    SettingsPermissions,
    from_accessors,
    unknown_accessors,
)
from terraform_provider_dynatrace.settings.model import SettingsObject
from terraform_provider_dynatrace.settings.permissions import Accessor, Level


class Instance(Struct, frozen=True):
    """One resource to export."""

    type_name: str
    id: str
    """The ID to import it by."""
    title: str
    """What its object is called in Dynatrace."""
    values: Mapping[str, Any]
    """The values of its attributes and blocks."""
    references: Mapping[str, str]
    """The resource type whose ID an attribute holds, by attribute name."""
    owner: str = ""
    """Whose the object is, in words; empty for what has no owner of its own, such as permissions."""
    is_public: bool = False
    """Whether the object has no owner, so that everyone with settings permissions can change it."""
    notes: tuple[str, ...] = ()
    """What a reader of the configuration should know."""
    flaws: tuple[str, ...] = ()
    """Why Terraform could not work with it."""
    names: Mapping[str, str] = {}
    """The name in Dynatrace of the object that an attribute refers to, where it differs from `title`."""

    @property
    def schema(self) -> Schema:
        return RESOURCES[self.type_name].schema


def instance_of(resource: type[ConnectionResource], connection: SettingsObject) -> Instance | None:
    """Return the resource for a connection, None if the connection does not have this part.

    What cannot be expressed becomes a flaw, so that one unusual object does not prevent the export of all others.
    """
    try:
        values = resource.from_connection(connection)
    except Error as error:
        return _unreadable(resource, connection, error)
    if values is None:
        return None
    instance = _validated(
        resource.type_name, resource.connection_type, connection.object_id, title_of(connection), values
    )
    if resource.type_name == resource.connection_type.type_name:  # the others are parts of the same object
        instance = _with_owner(instance, connection)
    unmanaged = resource.unmanaged_properties(connection.value)
    if not unmanaged:
        return instance
    note = f"The object also has the properties {', '.join(unmanaged)}, which this resource does not manage."
    return msgspec.structs.replace(instance, notes=(note, *instance.notes))


def _with_owner(instance: Instance, connection: SettingsObject) -> Instance:
    if connection.owner is None:
        return msgspec.structs.replace(instance, owner=f"none. {PUBLIC.capitalize()}", is_public=True)
    return msgspec.structs.replace(instance, owner=str(connection.owner))


def permissions_of(
    connection_type: ConnectionType, connection: SettingsObject, accessors: Mapping[Accessor, Level]
) -> Instance:
    """Return the permissions of a connection. Accessors of a type that the resource cannot express are flaws."""
    unknown = unknown_accessors(accessors)
    known = {accessor: level for accessor, level in accessors.items() if accessor not in unknown}
    values = {
        "id": connection.object_id,
        "settings_object_id": connection.object_id,
        **from_accessors(known, {}),
    }
    instance = _validated(
        SettingsPermissions.type_name, connection_type, connection.object_id, title_of(connection), values
    )
    flaws = tuple(f"{accessor} has access, which this resource cannot express." for accessor in unknown)
    return msgspec.structs.replace(instance, flaws=instance.flaws + flaws)


def monitoring_of(found: Configuration, connection_names: Mapping[str, str]) -> Instance:
    """Return a monitoring configuration; `connection_names` has the names of connections by ID.

    The version is left out, so that Dynatrace's own updates of the extension are no change.
    """
    title = str(found.value.get("description") or "")
    try:
        values = from_value(found.scope, found.value, {}) | {"id": found.object_id, "extension_version": None}
    except Error as error:
        values = complete(RESOURCES[MONITORING].schema, {"id": found.object_id, "name": title})
        return Instance(MONITORING, found.object_id, title, values, references={}, flaws=(error.detail,))
    instance = _validated(MONITORING, AWS_CONNECTION, found.object_id, title, values)
    unmanaged = sorted(found.value["aws"].keys() - MANAGED["aws"].keys() - SERVERS_OWN)
    if unmanaged:
        note = f"The value also has the properties {', '.join(unmanaged)}, which additional_json can contain."
        instance = msgspec.structs.replace(instance, notes=(note, *instance.notes))
    connection = connection_names.get(values["connection_id"], "")
    return msgspec.structs.replace(instance, names={"connection_id": connection})


def _validated(
    type_name: str, connection_type: ConnectionType, object_id: str, title: str, values: Mapping[str, Any]
) -> Instance:
    """Return the resource with what its own schema reports: warnings become notes, errors become flaws."""
    schema = RESOURCES[type_name].schema
    whole = complete(schema, values)
    with collect_warnings() as warnings:
        errors = validate(schema, State(whole | {"id": None}))
    return Instance(
        type_name,
        object_id,
        title,
        whole,
        {
            name: connection_type.type_name if connection_type.type_name in targets else targets[0]
            for name, targets in REFERENCES[type_name].items()
        },
        notes=tuple(f"{warning.path}: {_first_sentence(warning.detail)}" for warning in warnings),
        flaws=(
            *_unset(schema, whole, Path()),
            *(f"{error.path}: {error.detail}".removeprefix(": ") for error in errors),
        ),
    )


def _unreadable(resource: type[ConnectionResource], connection: SettingsObject, error: Error) -> Instance:
    content = json.dumps(connection.value, indent=2, ensure_ascii=False, sort_keys=True)
    known = {"id": connection.object_id, "name": title_of(connection)}
    values = complete(resource.schema, {name: known[name] for name in known if name in resource.schema.attributes})
    flaw = f"{error.detail}\nIts value in Dynatrace:\n{content}"
    return Instance(
        resource.type_name, connection.object_id, title_of(connection), values, references={}, flaws=(flaw,)
    )


def _unset(body: Body, values: Mapping[str, Any], path: Path) -> Iterator[str]:
    """Yield required attributes without a value. In a configuration, Terraform itself reports those."""
    for name, attribute in body.attributes.items():
        if attribute.required and values.get(name) is None:
            yield f"{path / name}: it is required, and Dynatrace has no value for it."
    for name, block in body.blocks.items():
        elements = values.get(name) or []
        for index, element in enumerate(elements if isinstance(elements, list) else [elements]):
            yield from _unset(block, element, path / name / index)


def title_of(connection: SettingsObject) -> str:
    """Return the name of the object in Dynatrace, empty if it has none."""
    return str(connection.value.get("name") or "")


def _first_sentence(text: str) -> str:
    return text.partition(". ")[0].removesuffix(".") + "."
