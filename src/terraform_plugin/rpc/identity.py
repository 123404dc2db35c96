"""A resource's identity: the attributes that identify one object. Terraform 1.12 and newer request it.

Its values are part of the state. A resource that declares an identity must return it with every state, and one that
does not must never return it. Source: protocol messages `ResourceIdentitySchema` and `ResourceIdentityData`
(docs/design/0008-sources.md#plugin-protocol).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from terraform_plugin._protocol import tfplugin6_pb2 as pb
from terraform_plugin.cty.types import Object, Value, is_wholly_known
from terraform_plugin.diagnostics import Error
from terraform_plugin.resource import Resource
from terraform_plugin.rpc.convert import decode_value, encode_value
from terraform_plugin.rpc.schemas import type_bytes
from terraform_plugin.state.state_json import value_from_json

AnyResource = Resource | type[Resource]


def identity_schema(resource: type[Resource]) -> pb.ResourceIdentitySchema:
    """Return the message that declares a resource's identity."""
    attributes = [
        pb.ResourceIdentitySchema.IdentityAttribute(
            name=name,
            type=type_bytes(type_),
            required_for_import=True,
            description=resource.schema.attributes[name].description,
        )
        for name, type_ in _type(resource).attributes.items()
    ]
    return pb.ResourceIdentitySchema(identity_attributes=attributes)


def _type(resource: AnyResource) -> Object:
    return Object({name: resource.schema.element_type.attributes[name] for name in resource.identity})


def identity_data(resource: AnyResource, state: Mapping[str, Value]) -> pb.ResourceIdentityData | None:
    """Return the identity in a state, or None if the resource has none or part of it is unknown or null."""
    identity = {name: state.get(name) for name in resource.identity}
    if not identity or not is_wholly_known(identity) or None in identity.values():
        return None
    return pb.ResourceIdentityData(identity_data=encode_value(_type(resource), identity))


def add_identity(message: Any, resource: AnyResource, state: Mapping[str, Value]) -> None:
    """Write the identity in a state into a field of a response, if there is one."""
    if (identity := identity_data(resource, state)) is not None:
        message.CopyFrom(identity)


def decode_identity(resource: AnyResource, message: pb.ResourceIdentityData) -> dict[str, Value]:
    """Return the identity in a message. Raises `Error` if part of it is missing."""
    identity = decode_value(_type(resource), message.identity_data)
    if not isinstance(identity, dict) or None in identity.values():
        raise Error("The identity is incomplete", f"It must have {', '.join(resource.identity)}.")
    return identity


def decode_raw_identity(resource: AnyResource, raw: pb.RawState) -> dict[str, Value]:
    """Return the identity in a state file. Raises `Error` for a value of another type."""
    identity = value_from_json(_type(resource), raw.json)
    return identity if isinstance(identity, dict) else {}
