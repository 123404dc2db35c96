"""`DynamicValue` bytes <-> Python values: msgpack, as Terraform speaks it.

Source: protocol message `DynamicValue` and cty's msgpack encoding. Unknown values are extension values; a refined one
(extension 12) keeps its payload and goes back as it came.
"""

from __future__ import annotations

import json
from collections.abc import Callable
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
    """Bytes or a value that do not fit the type; `path` says where."""

    def __init__(self, message: str, path: Path) -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.path = path


def _extension(code: int, data: memoryview) -> Unknown:
    return Unknown(bytes(data)) if code == _REFINED else UNKNOWN


_decoder = msgspec.msgpack.Decoder(ext_hook=_extension)
_encoder = msgspec.msgpack.Encoder()


def decode(type_: Type, data: bytes) -> Value:
    """Return the value in `data` (msgpack; empty means null). Raises `WireError`."""
    if not data:
        return None
    try:
        return _decode(type_, _decoder.decode(data), Path())
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        raise WireError(f"not a value in msgpack: {error}", Path()) from None


def _decode(type_: Type, raw: Any, path: Path) -> Value:
    if raw is None or isinstance(raw, Unknown):
        return raw
    return _DECODERS[type_.__class__](type_, raw, path)


def _decode_primitive(type_: Primitive, raw: Any, path: Path) -> Value:
    if type_ is DynamicType:
        actual, value = _dynamic(raw, path)
        return Dynamic(actual, _decode(actual, value, path))
    if type_ is Number:
        return _number(raw, path)
    if isinstance(raw, bool if type_ is Bool else str):
        return raw
    raise _mismatch(type_, raw, path)


def _decode_sequence(type_: List | Set, raw: Any, path: Path) -> Value:
    element = type_.element
    return [_decode(element, item, path / index) for index, item in enumerate(_expect(list, type_, raw, path))]


def _decode_map(type_: Map, raw: Any, path: Path) -> Value:
    element = type_.element
    return {key: _decode(element, item, path / Key(key)) for key, item in _expect_map(type_, raw, path)}


def _decode_object(type_: Object, raw: Any, path: Path) -> Value:
    values = _expect(dict, type_, raw, path)
    attributes = type_.attributes
    if values.keys() != attributes.keys():
        raise WireError(f"expected attributes {sorted(attributes)}, got {sorted(map(str, values))}", path)
    return {name: _decode(attributes[name], value, path / name) for name, value in values.items()}


def _decode_tuple(type_: Tuple, raw: Any, path: Path) -> Value:
    items = _expect(list, type_, raw, path)
    if len(items) != len(type_.elements):
        raise WireError(f"expected {len(type_.elements)} elements, got {len(items)}", path)
    return [_decode(type_.elements[index], item, path / index) for index, item in enumerate(items)]


def _decode_dynamic_nested(type_: DynamicNested, raw: Any, path: Path) -> Value:
    actual, value = _dynamic(raw, path)
    try:
        return retype(type_, actual, _decode(actual, value, path))
    except DynamicNestedError as error:
        raise WireError(str(error), path) from None


def _dynamic(raw: Any, path: Path) -> tuple[Type, Any]:
    match raw:
        case [bytes() | str() as text, value]:
            try:
                return type_from_json(json.loads(text)), value
            except (ValueError, RecursionError) as error:
                raise WireError(f"not a dynamic value: {error}", path) from None
    raise WireError("not a dynamic value", path)


def _number(raw: Any, path: Path) -> int | Decimal:
    try:
        return number(raw)
    except ValueError as error:
        raise WireError(str(error), path) from None


def _expect(kind: type, type_: Type, raw: Any, path: Path) -> Any:
    if not isinstance(raw, kind):
        raise _mismatch(type_, raw, path)
    return raw


def _expect_map(type_: Type, raw: Any, path: Path) -> Any:
    items = _expect(dict, type_, raw, path)
    if not all(isinstance(key, str) for key in items):
        raise WireError("a map has strings as keys", path)
    return items.items()


def _mismatch(type_: Type, raw: Any, path: Path) -> WireError:
    return WireError(f"expected {json.dumps(type_.json())}, got {type(raw).__name__}", path)


_DECODERS: dict[type[Type], Callable[[Any, Any, Path], Value]] = {
    Primitive: _decode_primitive,
    List: _decode_sequence,
    Set: _decode_sequence,
    Map: _decode_map,
    Object: _decode_object,
    Tuple: _decode_tuple,
    DynamicNested: _decode_dynamic_nested,
}


def encode(type_: Type, value: Value) -> bytes:
    """Return `value` as msgpack. Raises `WireError` where the value does not fit the type."""
    try:
        return _encoder.encode(_encode(type_, value, Path()))
    except (UnicodeEncodeError, RecursionError) as error:
        raise WireError(f"cannot be sent to Terraform: {error}", Path()) from None


def _encode(type_: Type, value: Value, path: Path) -> Any:
    if value is None:
        return None
    if isinstance(value, Unknown):
        return msgspec.msgpack.Ext(_REFINED if value.refinement else 0, value.refinement or b"\0")
    if isinstance(value, Dynamic) and type_ is not DynamicType:
        return _encode(type_, value.value, path)  # inside a `DynamicNested` the type is written once, outside
    return _ENCODERS[type_.__class__](type_, value, path)


def _encode_primitive(type_: Primitive, value: Value, path: Path) -> Any:
    if type_ is DynamicType:
        typed = _expect(Dynamic, type_, value, path)
        return _typed(typed.type, typed.value, path)
    if type_ is Number:
        exact = _number(value, path)
        return exact if isinstance(exact, int) and -(2**63) <= exact < 2**64 else number_text(exact)
    if isinstance(value, bool if type_ is Bool else str):
        return value
    raise _mismatch(type_, value, path)


def _encode_sequence(type_: List | Set, value: Value, path: Path) -> Any:
    if not isinstance(value, list | tuple | set | frozenset):
        raise _mismatch(type_, value, path)
    return [_encode(type_.element, item, path / index) for index, item in enumerate(value)]


def _encode_map(type_: Map, value: Value, path: Path) -> Any:
    return {key: _encode(type_.element, item, path / Key(key)) for key, item in _expect_map(type_, value, path)}


def _encode_object(type_: Object, value: Value, path: Path) -> Any:
    values = _expect(dict, type_, value, path)
    if surplus := values.keys() - type_.attributes.keys():
        raise WireError(f"no attribute is called {', '.join(sorted(map(str, surplus)))}", path)
    return {name: _encode(item, values.get(name), path / name) for name, item in type_.attributes.items()}


def _encode_tuple(type_: Tuple, value: Value, path: Path) -> Any:
    if not isinstance(value, list | tuple) or len(value) != len(type_.elements):
        raise WireError(f"expected a list of {len(type_.elements)} elements", path)
    return [_encode(type_.elements[index], item, path / index) for index, item in enumerate(value)]


def _encode_dynamic_nested(type_: DynamicNested, value: Value, path: Path) -> Any:
    return _typed(actual_type(type_, value), value, path)


def _typed(type_: Type, value: Value, path: Path) -> Any:
    return [json.dumps(type_.json(), separators=(",", ":")).encode(), _encode(type_, value, path)]


_ENCODERS: dict[type[Type], Callable[[Any, Value, Path], Any]] = {
    Primitive: _encode_primitive,
    List: _encode_sequence,
    Set: _encode_sequence,
    Map: _encode_map,
    Object: _encode_object,
    Tuple: _encode_tuple,
    DynamicNested: _encode_dynamic_nested,
}
