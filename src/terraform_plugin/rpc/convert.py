"""Values and states <-> the protocol's messages.

Source: protocol messages `DynamicValue` and `RawState` (docs/design/0008-sources.md#plugin-protocol).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from terraform_plugin._protocol import tfplugin6_pb2 as pb
from terraform_plugin.cty.msgpack import WireError, decode, encode
from terraform_plugin.cty.types import Type, Unknown, Value
from terraform_plugin.diagnostics import Error
from terraform_plugin.schema import Schema
from terraform_plugin.state.objects import complete, unknown_names, with_defaults, without_unknowns
from terraform_plugin.state.state import State
from terraform_plugin.state.state_json import parse, value_from_json


def decode_value(type_: Type, message: pb.DynamicValue) -> Value:
    """Return the value in a message; an empty one is null. Raises `Error`."""
    try:
        if message.json and not message.msgpack:
            return value_from_json(type_, message.json)
        return decode(type_, message.msgpack)
    except WireError as error:
        raise Error(
            "Terraform sent a value that does not fit the schema",
            f"{error}. Run terraform init -upgrade, so that Terraform and the provider use the same schema. If the "
            "error remains, report it as a bug in the provider.",
            error.path,
        ) from None


def decode_state(
    schema: Schema, message: pb.DynamicValue, private: bytes = b"", config: Mapping[str, Value] = {}
) -> State | None:
    """Return the state in a message, or None if there is none. Raises `Error`."""
    values = decode_value(schema.element_type, message)
    if isinstance(values, Unknown):
        raise Error(
            "Terraform sent an unknown object", "A state is never unknown as a whole. Please report it as a bug."
        )
    return None if values is None else State(values, private=private, config=config)


def decode_config(schema: Schema, message: pb.DynamicValue) -> State:
    """Return the configuration in a message. If there is none, every value is null. Raises `Error`."""
    return decode_state(schema, message) or State(complete(schema, {}))


def decode_arguments(schema: Schema, message: pb.DynamicValue) -> State:
    """Return the configuration in a message, with the defaults of the schema. Raises `Error`.

    It is for what has no plan: provider blocks, data sources and list resources. Resources get defaults by their plan.
    """
    return State(with_defaults(schema, decode_config(schema, message)))


def decode_raw_state(raw: pb.RawState) -> dict[str, Any]:
    """Return the object in a state file. Raises `Error`, also for the form that Terraform 0.11 wrote."""
    if raw.flatmap:
        raise Error(
            "The state is too old",
            "It was written by Terraform 0.11 or older. Apply it once with Terraform 0.12 and an older release of the "
            "provider, or remove the resource from the state and import it again.",
        )
    return parse(raw.json)


def encode_value(type_: Type, value: Value) -> pb.DynamicValue:
    """Return the message of a value. Raises `WireError` for one that does not fit: a bug in the provider."""
    return pb.DynamicValue(msgpack=encode(type_, value))


def encode_state(schema: Schema, state: Mapping[str, Value]) -> pb.DynamicValue:
    """Return the message of a state, with every missing name. Raises `WireError`, as `encode_value` does."""
    return encode_value(schema.element_type, complete(schema, state))


def encode_recordable(
    schema: Schema, state: Mapping[str, Value]
) -> tuple[pb.DynamicValue, list[str], WireError | None]:
    """Return the message of a state as far as Terraform can record it; it never raises.

    Also return the names of unknown values, which become null, and the error of a value that does not fit the schema,
    which becomes null, too.
    """
    unknown = unknown_names(state)
    known: Mapping[str, Value] = without_unknowns(state) if unknown else state
    try:
        return encode_state(schema, known), unknown, None
    except WireError as error:
        fitting = {
            name: value for name, value in known.items() if name in schema.members and _fits(schema, name, value)
        }
        return encode_state(schema, fitting), unknown, error


def _fits(schema: Schema, name: str, value: Value) -> bool:
    try:
        encode(schema.element_type.attributes[name], complete(schema, {name: value})[name])
    except WireError:
        return False
    return True


def private_of(state: Mapping[str, Value] | None, otherwise: bytes = b"") -> bytes:
    """Return a state's private data. A resource that sets none keeps what there was."""
    return (state.private if isinstance(state, State) else b"") or otherwise
