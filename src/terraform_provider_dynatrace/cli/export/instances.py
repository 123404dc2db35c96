"""From what Dynatrace holds to resources: what each is called, its values, and what cannot be said. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from terraform_plugin import Error, Path, Resource, State
from terraform_plugin.diagnostics import collect_warnings
from terraform_plugin.schema import Body, Schema
from terraform_plugin.state.objects import complete
from terraform_plugin.validation import validate
from terraform_provider_dynatrace.aws.connection import details_of, kind_of, role_arn_of
from terraform_provider_dynatrace.cli.export.options import CONNECTION, PERMISSIONS, ROLE_ARN
from terraform_provider_dynatrace.resources.aws_connection import AwsConnection, from_value
from terraform_provider_dynatrace.resources.aws_connection_role_arn import AwsConnectionRoleArn
from terraform_provider_dynatrace.resources.settings_permissions import (
    KINDS,
    SettingsPermissions,
    from_accessors,
)
from terraform_provider_dynatrace.settings.model import SettingsObject
from terraform_provider_dynatrace.settings.permissions import ALL_USERS, Accessor, Level

RESOURCES: Mapping[str, type[Resource]] = {
    resource.type_name: resource for resource in (AwsConnection, AwsConnectionRoleArn, SettingsPermissions)
}


REFERENCES: Mapping[str, Mapping[str, str]] = {
    CONNECTION: {},
    ROLE_ARN: {"aws_connection_id": CONNECTION},
    PERMISSIONS: {"settings_object_id": CONNECTION},
}
"""For each type: the attributes that hold the id of another resource, and its type."""


@dataclass(frozen=True)
class Instance:
    """One resource to export; `id` imports it, `title` is what people call it.

    `notes` is what a reader should know, `flaws` why Terraform could not work with it.
    """

    type_name: str
    id: str
    title: str
    values: Mapping[str, Any]
    notes: tuple[str, ...] = ()
    flaws: tuple[str, ...] = ()

    @property
    def schema(self) -> Schema:
        return RESOURCES[self.type_name].schema


def instances(found: SettingsObject) -> Iterator[Instance]:
    """Yield what one connection is in Terraform: itself, and its role ARN if it has one."""
    yield _connection(found)
    if role_arn := role_arn_of(found.value):
        values = {"id": found.object_id, "aws_connection_id": found.object_id, "role_arn": role_arn}
        yield checked(ROLE_ARN, found, values)


def sharing(found: SettingsObject, accessors: Mapping[Accessor, Level]) -> Instance:
    """Return the permissions of an object; accessors of a kind that the resource cannot express are a flaw."""
    types = {ALL_USERS.type, *(kind for kind, _ in KINDS.values())}
    known = {accessor: level for accessor, level in accessors.items() if accessor.type in types}
    values = {"id": found.object_id, "settings_object_id": found.object_id, **from_accessors(known, {})}
    flaws = tuple(f"{one} has access, which this resource cannot express." for one in accessors if one not in known)
    one = checked(PERMISSIONS, found, values)
    return replace(one, flaws=one.flaws + flaws)


def _connection(found: SettingsObject) -> Instance:
    values: dict[str, Any] = {"id": found.object_id, "name": found.value.get("name")}
    try:
        values |= from_value(found.value, {})
    except Error as error:
        content = json.dumps(found.value, indent=2, ensure_ascii=False, sort_keys=True)
        flaw = f"{error.detail}\nIts value in Dynatrace:\n{content}"
        whole = complete(AwsConnection.schema, values)
        return Instance(CONNECTION, found.object_id, title_of(found), whole, flaws=(flaw,))
    return checked(CONNECTION, found, values, (*_not_managed(found.value),))


def checked(type_name: str, found: SettingsObject, values: Mapping[str, Any], notes: tuple[str, ...] = ()) -> Instance:
    """Return the resource with what its own schema says of it: warnings are notes, errors are flaws."""
    schema = RESOURCES[type_name].schema
    whole = complete(schema, values)
    with collect_warnings() as warnings:
        errors = validate(schema, State(whole | {"id": None}))
    return Instance(
        type_name,
        found.object_id,
        title_of(found),
        whole,
        notes + tuple(f"{warning.path}: {_sentence(warning.detail)}" for warning in warnings),
        (*_unset(schema, whole, Path()), *(f"{error.path}: {error.detail}".removeprefix(": ") for error in errors)),
    )


def _unset(body: Body, values: Mapping[str, Any], path: Path) -> Iterator[str]:
    """Yield what is required and not there: with a configuration, Terraform itself finds that."""
    for name, attribute in body.attributes.items():
        if attribute.required and values.get(name) is None:
            yield f"{path / name}: it is required, and Dynatrace has no value for it."
    for name, block in body.blocks.items():
        found = values.get(name) or []
        for index, element in enumerate(found if isinstance(found, list) else [found]):
            yield from _unset(block, element, path / name / index)


def title_of(found: SettingsObject) -> str:
    """Return what the object is called in Dynatrace."""
    return str(found.value.get("name") or "")


def _not_managed(value: Mapping[str, Any]) -> Iterator[str]:
    """Name what a newer Dynatrace holds beside what the resource knows; Terraform leaves it as it is."""
    kind = kind_of(value)
    known = {"name", "type", kind.type if kind else ""}
    more = [name for name in value if name not in known]
    more += [f"{value.get('type')}.{name}" for name in details_of(value) if name not in ("roleArn", "consumers")]
    if more:
        yield f"Dynatrace also holds {', '.join(sorted(more))}, which this resource does not manage."


def _sentence(text: str) -> str:
    return text.partition(". ")[0].removesuffix(".") + "."
