"""`DynamicValue` bytes <-> Python values: msgpack, as Terraform writes it.

Source: protocol message `DynamicValue` and cty's msgpack encoding (docs/design/0008-sources.md#cty). Unknown values are
extension values. A refined one (extension 12) keeps its payload and is sent back unchanged.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Sequence
from decimal import Decimal
from typing import Any

import msgspec

from terraform_plugin.cty.dynamic_blocks import DynamicNestedError, actual_type, retype
from terraform_plugin.cty.numbers import number, number_text
from terraform_plugin.cty.types import (
    UNKNOWN,
    Bool,
    Dynamic,
    DynamicNested,
    DynamicType,
    List,
    Map,
    Number,
    Object,
    Primitive,
    Set,
    Tuple,
    Type,
    Unknown,
    Value,
    type_from_json,
)
from terraform_plugin.diagnostics import Key, Path

_REFINED = 12


class WireError(ValueError):
    """Bytes or a value that do not fit the type."""

    def __init__(self, problem: str, path: Path = Path()) -> None:
        super().__init__(f"{path}: {problem}" if path else problem)
        self.problem = problem
        """What is wrong, without the path."""
        self.path = path
        """Where in the value."""

    def within(self, step: str | int) -> WireError:
        """Return the same error as seen from the value that contains this one at `step`.

        Every container adds its own step while the error passes through it. A path that is built on the way down would
        cost an object for each attribute of each value that has no error: 30 % of the time to decode a state.
        """
        return WireError(self.problem, Path(step, *self.path))


def _extension(code: int, data: memoryview) -> Unknown:
    return Unknown(bytes(data)) if code == _REFINED else UNKNOWN


_decoder = msgspec.msgpack.Decoder(ext_hook=_extension)
_encoder = msgspec.msgpack.Encoder()


def decode(type_: Type, data: bytes) -> Value:
    """Return the value of a type in `data` (msgpack; empty means null). Raises `WireError`."""
    if not data:
        return None
    try:
        return _decode(type_, _decoder.decode(data))
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise WireError(f"not a value in msgpack: {error}") from None


def _decode(type_: Type, raw: Any) -> Value:
    if raw is None or isinstance(raw, Unknown):
        return raw
    return _DECODERS[type_.__class__](type_, raw)


def _decode_primitive(type_: Primitive, raw: Any) -> Value:
    if type_ is DynamicType:
        actual, value = _dynamic(raw)
        return Dynamic(actual, _decode(actual, value))
    if type_ is Number:
        return _number(raw)
    if isinstance(raw, bool if type_ is Bool else str):
        return raw
    raise _mismatch(type_, raw)


def _decode_sequence(type_: List | Set, raw: Any) -> Value:
    items = _expect(list, type_, raw)
    return _sequence(_decode, [type_.element] * len(items), items)


def _decode_map(type_: Map, raw: Any) -> Value:
    return _map(_decode, type_, raw)


def _decode_object(type_: Object, raw: Any) -> Value:
    values = _expect(dict, type_, raw)
    attributes = type_.attributes
    if values.keys() != attributes.keys():
        raise WireError(f"must have the attributes {sorted(attributes)}, got {sorted(map(str, values))}")
    decoded = {}
    name = ""
    try:
        for name, value in values.items():
            decoded[name] = _decode(attributes[name], value)
    except WireError as error:
        raise error.within(name) from None
    return decoded


def _decode_tuple(type_: Tuple, raw: Any) -> Value:
    items = _expect(list, type_, raw)
    if len(items) != len(type_.elements):
        raise WireError(f"must have {len(type_.elements)} elements, got {len(items)}")
    return _sequence(_decode, type_.elements, items)


def _decode_dynamic_nested(type_: DynamicNested, raw: Any) -> Value:
    actual, value = _dynamic(raw)
    try:
        return retype(type_, actual, _decode(actual, value))
    except DynamicNestedError as error:
        raise WireError(str(error)) from None


def _dynamic(raw: Any) -> tuple[Type, Any]:
    match raw:
        case [bytes() | str() as text, value]:
            try:
                return type_from_json(json.loads(text)), value
            except (ValueError, RecursionError) as error:
                raise WireError(f"not a dynamic value: {error}") from None
    raise WireError("not a dynamic value")


def _sequence(convert: Callable[[Type, Any], Any], types: Sequence[Type], items: Collection[Any]) -> list[Any]:
    converted: list[Any] = []
    try:
        for type_, item in zip(types, items, strict=True):
            converted.append(convert(type_, item))
    except WireError as error:
        raise error.within(len(converted)) from None
    return converted


def _map(convert: Callable[[Type, Any], Any], type_: Map, items: Any) -> dict[str, Any]:
    values = _expect(dict, type_, items)
    if not all(isinstance(key, str) for key in values):
        raise WireError("the keys of a map must be strings")
    element, key, converted = type_.element, "", {}
    try:
        for key, item in values.items():
            converted[key] = convert(element, item)
    except WireError as error:
        raise error.within(Key(key)) from None
    return converted


def _number(raw: Any) -> int | Decimal:
    try:
        return number(raw)
    except ValueError as error:
        raise WireError(str(error)) from None


def _expect(kind: type, type_: Type, raw: Any) -> Any:
    if not isinstance(raw, kind):
        raise _mismatch(type_, raw)
    return raw


def _mismatch(type_: Type, raw: Any) -> WireError:
    return WireError(f"must be {json.dumps(type_.json())}, got {type(raw).__name__}")


_DECODERS: dict[type[Type], Callable[[Any, Any], Value]] = {
    Primitive: _decode_primitive,
    List: _decode_sequence,
    Set: _decode_sequence,
    Map: _decode_map,
    Object: _decode_object,
    Tuple: _decode_tuple,
    DynamicNested: _decode_dynamic_nested,
}


def encode(type_: Type, value: Value) -> bytes:
    """Return `value` as msgpack. Raises `WireError` if the value does not fit the type."""
    try:
        return _encoder.encode(_encode(type_, value))
    except (UnicodeEncodeError, RecursionError) as error:
        raise WireError(f"cannot be sent to Terraform: {error}") from None


def _encode(type_: Type, value: Value) -> Any:
    if value is None:
        return None
    if isinstance(value, Unknown):
        return msgspec.msgpack.Ext(_REFINED if value.refinement else 0, value.refinement or b"\0")
    if isinstance(value, Dynamic) and type_ is not DynamicType:
        # In a `DynamicNested`, an author's code has a `Dynamic` for every dynamic attribute. On the wire, their types
        # are part of the one type that is written around the whole list or map, so only the value is written here.
        return _encode(type_, value.value)
    return _ENCODERS[type_.__class__](type_, value)


def _encode_primitive(type_: Primitive, value: Value) -> Any:
    if type_ is DynamicType:
        typed = _expect(Dynamic, type_, value)
        return _typed(typed.type, typed.value)
    if type_ is Number:
        exact = _number(value)
        return exact if isinstance(exact, int) and -(2**63) <= exact < 2**64 else number_text(exact)
    if isinstance(value, bool if type_ is Bool else str):
        return value
    raise _mismatch(type_, value)


def _encode_sequence(type_: List | Set, value: Value) -> Any:
    if not isinstance(value, list | tuple | set | frozenset):
        raise _mismatch(type_, value)
    return _sequence(_encode, [type_.element] * len(value), value)


def _encode_map(type_: Map, value: Value) -> Any:
    return _map(_encode, type_, value)


def _encode_object(type_: Object, value: Value) -> Any:
    values = _expect(dict, type_, value)
    if surplus := values.keys() - type_.attributes.keys():
        raise WireError(f"there is no attribute {', '.join(sorted(map(str, surplus)))}")
    encoded = {}
    name = ""
    try:
        for name, item in type_.attributes.items():
            encoded[name] = _encode(item, values.get(name))
    except WireError as error:
        raise error.within(name) from None
    return encoded


def _encode_tuple(type_: Tuple, value: Value) -> Any:
    if not isinstance(value, list | tuple) or len(value) != len(type_.elements):
        raise WireError(f"must be a list of {len(type_.elements)} elements")
    return _sequence(_encode, type_.elements, value)


def _encode_dynamic_nested(type_: DynamicNested, value: Value) -> Any:
    return _typed(actual_type(type_, value), value)


def _typed(type_: Type, value: Value) -> Any:
    return [json.dumps(type_.json(), separators=(",", ":")).encode(), _encode(type_, value)]


_ENCODERS: dict[type[Type], Callable[[Any, Value], Any]] = {
    Primitive: _encode_primitive,
    List: _encode_sequence,
    Set: _encode_sequence,
    Map: _encode_map,
    Object: _encode_object,
    Tuple: _encode_tuple,
    DynamicNested: _encode_dynamic_nested,
}
