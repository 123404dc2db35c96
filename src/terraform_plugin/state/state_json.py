"""A state file's JSON -> values, also of a file that another provider wrote or a user edited.

Missing names are added, unknown names are dropped, and numbers, booleans and strings are converted to each other, as
Terraform does. Source: protocol message `RawState`; cty's JSON decoding and conversions
(docs/design/0008-sources.md#cty).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from terraform_plugin.cty.dynamic_blocks import DynamicNestedError, retype
from terraform_plugin.cty.numbers import number, number_text
from terraform_plugin.cty.types import (
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
    Value,
    type_from_json,
)
from terraform_plugin.diagnostics import Error, Key, Path
from terraform_plugin.schema import Body
from terraform_plugin.state.objects import complete

_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F]")
_BOOLS = {"true": True, "1": True, "false": False, "0": False}


def parse(text: bytes) -> dict[str, Any]:
    """Return the JSON object in `text`, its numbers exact. Raises `Error`."""
    state = _load(text)
    if not isinstance(state, dict):
        raise _unreadable(f"it is {_kind(state)} instead of an object", Path())
    return state


def value_from_json(type_: Type, text: bytes) -> Value:
    """Return the value of a type that `text` holds. Raises `Error`."""
    return _converted(type_, _load(text), Path())


def _load(text: bytes) -> Any:
    try:
        data = json.loads(text.decode(), parse_float=number, parse_int=number, parse_constant=_no_constant)
        return _without_surrogates(data) if _SURROGATE.search(text) else data
    except (ValueError, RecursionError) as error:
        raise _unreadable(f"it is not JSON that can be read ({error})", Path()) from None


def _without_surrogates(data: Any) -> Any:
    """Replace half characters with U+FFFD, as Go does: UTF-8 cannot encode them."""
    match data:
        case str():
            return data.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        case list():
            return [_without_surrogates(item) for item in data]
        case dict():
            return {_without_surrogates(name): _without_surrogates(item) for name, item in data.items()}
    return data


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def from_json(body: Body, state: Mapping[str, Any]) -> dict[str, Value]:
    """Return `state` (JSON values) as a complete object of the schema. Raises `Error` with the path of the mistake."""
    types = body.element_type.attributes
    known = {name: _converted(types[name], value, Path(name)) for name, value in state.items() if name in types}
    return complete(body, known)


def without_empty_timeouts(body: Body, state: Mapping[str, Value]) -> dict[str, Value]:
    """Return a state of HashiCorp's older SDK with null for a `timeouts` block in which nothing is set.

    That SDK may write such a block where none is configured. A state of this library must stay as it is: there, the
    block is configured, with values that are null, and without it every plan would have a change.
    """
    timeouts = state.get("timeouts")
    empty = "timeouts" in body.blocks and isinstance(timeouts, dict) and not any(timeouts.values())
    return {**state, "timeouts": None} if empty else dict(state)


def is_private_of_older_sdk(private: bytes) -> bool:
    """Return whether HashiCorp's older SDK wrote a resource's private data.

    It writes `null`, or an object with no more than the schema version and timeouts in nanoseconds
    (docs/design/0008-sources.md#official-state).
    """
    if private == b"null":
        return True
    try:
        keys: set[str] = set(json.loads(private).keys())
    except (ValueError, RecursionError, AttributeError):
        return False
    return keys <= {"schema_version", "e2bfb730-ecaa-11e6-8f88-34363bc7c4c0"}


def _converted(type_: Type, value: Any, path: Path) -> Value:
    try:
        return _convert(type_, value, path)
    except RecursionError:
        raise _unreadable("it is nested too deeply", path) from None


def _convert(type_: Type, value: Any, path: Path) -> Value:
    return None if value is None else _CONVERTERS[type_.__class__](type_, value, path)


def _primitive(type_: Primitive, value: Any, path: Path) -> Value:
    if type_ is DynamicType:
        return _dynamic(value, path)
    if isinstance(value, list | dict):
        raise _unreadable(f"it holds {_kind(value)} instead of a {type_.name}", path)
    if type_ is Number:
        return _to_number(value, path)
    if type_ is Bool:
        return _to_bool(value, path)
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return str(value).lower()
    # An author's `upgrade` may return a float, although the JSON of a state is read without any.
    return number_text(_to_number(value, path))


def _to_number(value: Any, path: Path) -> Value:
    try:
        return number(value)
    except ValueError as error:
        raise _unreadable(str(error), path) from None


def _to_bool(value: Any, path: Path) -> bool:
    text = str(value).lower()
    if text not in _BOOLS:
        raise _unreadable(f"it holds {_kind(value)} instead of a bool", path)
    return _BOOLS[text]


def _dynamic(value: Any, path: Path) -> Value:
    match value:
        case Dynamic():  # of an author's `upgrade` or `move`
            return value
        case {"type": type_, "value": inner}:
            try:
                actual = type_from_json(type_)
            except ValueError as error:
                raise _unreadable(str(error), path) from None
            return None if inner is None else Dynamic(actual, _convert(actual, inner, path))
    raise _unreadable("a dynamic value is an object of type and value", path)


def _sequence(type_: List | Set, value: Any, path: Path) -> Value:
    items = value if isinstance(value, list | tuple | set | frozenset) else [value]
    return [_convert(type_.element, item, path / index) for index, item in enumerate(items)]


def _map(type_: Map, value: Any, path: Path) -> Value:
    return {key: _convert(type_.element, item, path / Key(key)) for key, item in _object(value, path).items()}


def _attributes(type_: Object, value: Any, path: Path) -> Value:
    values = _object(value, path)
    return {name: _convert(item, values.get(name), path / name) for name, item in type_.attributes.items()}


def _tuple(type_: Tuple, value: Any, path: Path) -> Value:
    if not isinstance(value, list) or len(value) != len(type_.elements):
        raise _unreadable(f"it holds {_kind(value)} instead of {len(type_.elements)} elements", path)
    return [_convert(type_.elements[index], item, path / index) for index, item in enumerate(value)]


def _dynamic_nested(type_: DynamicNested, value: Any, path: Path) -> Value:
    if not isinstance(value, dict) or value.keys() != {"type", "value"}:
        return _convert(Map(type_.element) if type_.keyed else List(type_.element), value, path)
    typed = _dynamic(value, path)
    if typed is None:
        return None
    try:
        return retype(type_, typed.type, typed.value)
    except DynamicNestedError as error:
        raise _unreadable(str(error), path) from None


def _object(value: Any, path: Path) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise _unreadable(f"it holds {_kind(value)} instead of an object", path)
    return value


_CONVERTERS: dict[type[Type], Callable[[Any, Any, Path], Value]] = {
    Primitive: _primitive,
    List: _sequence,
    Set: _sequence,
    Map: _map,
    Object: _attributes,
    Tuple: _tuple,
    DynamicNested: _dynamic_nested,
}


def _kind(value: Any) -> str:
    names = {list: "a list", dict: "an object", str: "a string", bool: "a bool", type(None): "null"}
    return names.get(type(value), "a number")


def _unreadable(problem: str, path: Path) -> Error:
    return Error(
        "The state cannot be read",
        f"The state of this resource does not fit its schema{f' at {path}' if path else ''}: {problem}. If it was "
        "edited by hand, restore it from a backup; otherwise remove the resource from the state (terraform state rm) "
        "and import it again.",
        path,
    )
