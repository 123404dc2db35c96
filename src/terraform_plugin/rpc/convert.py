"""Values, states, paths and diagnostics <-> the protocol's messages."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

from terraform_plugin._protocol import tfplugin6_pb2 as pb
from terraform_plugin.cty.msgpack import WireError, decode, encode
from terraform_plugin.cty.types import Type, Unknown, Value
from terraform_plugin.diagnostics import Diagnostic, Error, Key, Path, Severity, readable
from terraform_plugin.log import masked
from terraform_plugin.schema import Schema
from terraform_plugin.state.objects import complete, without_unknowns
from terraform_plugin.state.state import State
from terraform_plugin.state.state_json import parse, value_from_json

logger = logging.getLogger(__name__)


def to_value(type_: Type, message: pb.DynamicValue) -> Value:
    """Return the value in a message; an empty one is null. Raises `Error`."""
    try:
        if message.json and not message.msgpack:
            return value_from_json(type_, message.json)
        return decode(type_, message.msgpack)
    except WireError as error:
        raise Error(
            "Terraform sent a value that does not fit the schema",
            f"{error}. Run terraform init -upgrade so that Terraform and the provider agree on the schema; if it "
            "stays, report it as a bug in the provider.",
            error.path,
        ) from None


def from_value(type_: Type, value: Value) -> pb.DynamicValue:
    """Return the message of a value. Raises `WireError` for one that does not fit: a bug in the provider."""
    return pb.DynamicValue(msgpack=encode(type_, value))


def diagnostic_message(diagnostic: Diagnostic) -> pb.Diagnostic:
    """Return the message; secrets are masked."""
    return pb.Diagnostic(
        severity=pb.Diagnostic.ERROR if diagnostic.severity is Severity.ERROR else pb.Diagnostic.WARNING,
        summary=shown(diagnostic.summary),
        detail=shown(diagnostic.detail),
        attribute=path_message(diagnostic.path) if diagnostic.path else None,
    )


def shown(text: str) -> str:
    """Return the text as it may reach the screen: secrets masked, nothing that UTF-8 cannot say or that steers it."""
    return readable(masked(text)).encode("utf-8", "replace").decode()


def path_message(path: Path) -> pb.AttributePath:
    """Return a path as the protocol writes it."""
    return pb.AttributePath(steps=[_step(step) for step in path])


def _step(step: str | int) -> pb.AttributePath.Step:
    if isinstance(step, int):
        return pb.AttributePath.Step(element_key_int=step)
    if isinstance(step, Key):
        return pb.AttributePath.Step(element_key_string=shown(step))
    return pb.AttributePath.Step(attribute_name=shown(step))


def errors_in(failure: BaseException, doing: str) -> Iterator[Error]:
    """Yield the errors the user should see: each `Error` in `failure`, and one for whatever was not foreseen.

    `doing` says what was going on, for example "cloud_server: create". The traceback of the unforeseen goes
    to the log.
    """
    if isinstance(failure, BaseExceptionGroup):
        for inner in failure.exceptions:
            yield from errors_in(inner, doing)
    elif isinstance(failure, Error):
        yield failure
    else:
        logger.error("%s failed unexpectedly", doing, exc_info=failure)
        yield Error(
            f"{doing} failed unexpectedly",
            f"{type(failure).__name__}: {failure}. This is a bug in the provider: please report it with the traceback, "
            "which is in the log (run the same command with TF_LOG=error). What was done before the failure is in the "
            "state.",
        )


def to_state(schema: Schema, message: pb.DynamicValue, private: bytes = b"") -> State | None:
    """Return the state in a message, or None where there is none."""
    values = to_value(schema.element_type, message)
    if isinstance(values, Unknown):
        raise Error("Terraform sent nothing known", "It sent a whole object that is unknown. Report it as a bug.")
    return None if values is None else State(values, private=private)


def to_config(schema: Schema, message: pb.DynamicValue) -> State:
    """Return the configuration in a message; without one every name is null."""
    return to_state(schema, message) or State(complete(schema, {}))


def from_state(schema: Schema, state: State | dict[str, Value]) -> pb.DynamicValue:
    """Return the message of a state, completed."""
    return from_value(schema.element_type, complete(schema, state))


def raw_json(raw: pb.RawState) -> dict[str, Any]:
    """Return the state file's object. Raises `Error`, also for the form that Terraform 0.11 wrote."""
    if raw.flatmap:
        raise Error(
            "The state is too old",
            "It was written by Terraform 0.11 or older. Apply it once with Terraform 0.12 and an older release of the "
            "provider, or remove the resource from the state and import it again.",
        )
    return parse(raw.json)


def known_state(schema: Schema, state: State) -> pb.DynamicValue:
    """Return the message of a state in which whatever is still unknown, or does not fit the schema, is null."""
    try:
        return from_value(schema.element_type, without_unknowns(complete(schema, state)))
    except WireError:
        types = schema.element_type.attributes
        fitting = {name: value for name, value in state.items() if name in types and _fits(schema, name, value)}
        return from_value(schema.element_type, without_unknowns(complete(schema, fitting)))


def _fits(schema: Schema, name: str, value: Value) -> bool:
    try:
        encode(schema.element_type.attributes[name], complete(schema, {name: value})[name])
    except WireError:
        return False
    return True


def private_of(state: State | dict[str, Value] | None, otherwise: bytes = b"") -> bytes:
    """Return a state's private data; a resource that sets none keeps what there was."""
    return (state.private if isinstance(state, State) else b"") or otherwise
