"""A resource's identity: the attributes that name one object for good. Terraform 1.12 and newer ask for it.

It is part of the state, so the state yields it. Once a schema is published Terraform expects it with every state, and
without one never. Source: protocol messages `ResourceIdentitySchema`, `ResourceIdentityData`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from terraform_plugin._protocol import tfplugin6_pb2 as pb
from terraform_plugin.cty.types import Object, Value, is_wholly_known
from terraform_plugin.diagnostics import Error
from terraform_plugin.resource import Resource
from terraform_plugin.rpc.convert import from_value, to_value
from terraform_plugin.rpc.schemas import type_bytes

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
    """Return the identity of a state; None for a resource without one, and while it is not known."""
    identity = {name: state.get(name) for name in resource.identity}
    if not identity or not is_wholly_known(identity) or None in identity.values():
        return None
    return pb.ResourceIdentityData(identity_data=from_value(_type(resource), identity))


def identify(message: Any, resource: AnyResource, state: Mapping[str, Value]) -> None:
    """Write the identity of a state into a field of a reply, if there is one."""
    if (identity := identity_data(resource, state)) is not None:
        message.CopyFrom(identity)


def from_identity(resource: AnyResource, message: pb.ResourceIdentityData) -> dict[str, Value]:
    """Return the identity in a message. Raises `Error` where part of it is missing."""
    identity = to_value(_type(resource), message.identity_data)
    if not isinstance(identity, dict) or None in identity.values():
        raise Error("The identity is incomplete", f"It needs {', '.join(resource.identity)}.")
    return identity
