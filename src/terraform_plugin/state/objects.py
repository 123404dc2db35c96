"""Objects as a whole: whether they are equal, and which names they have.

Equality depends on the type: sets have no order, 1 and 1.0 are the same number, and all unknown values are equal.
Strings are compared in Unicode's normalization form C (NFC), in which Terraform keeps them. Source: cty's type system
(docs/design/0008-sources.md#cty).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import partial

from terraform_plugin.cty.msgpack import WireError
from terraform_plugin.cty.numbers import number
from terraform_plugin.cty.types import (
    Dynamic,
    DynamicNested,
    DynamicType,
    List,
    Map,
    Number,
    Object,
    Set,
    Tuple,
    Type,
    Unknown,
    Value,
    is_wholly_known,
)
from terraform_plugin.diagnostics import Key, Path
from terraform_plugin.schema import NO_DEFAULT, Attribute, Block, Body, Nested


def equal(type_: Type, left: Value, right: Value) -> bool:
    """Return whether two values of a type are the same value."""
    return left is right or canonical(type_, left) == canonical(type_, right)


def canonical(type_: Type, value: Value) -> Hashable:
    """Return something hashable that equal values of a type share. Linear in the size of the value."""
    if value is None or isinstance(value, Unknown):
        return value
    match type_:
        case Set(element):
            return frozenset(canonical(element, item) for item in value)
        case List(element) | DynamicNested(element, False):
            return tuple(canonical(element, item) for item in value)
        case Map(element) | DynamicNested(element, True):
            return frozenset((_normalized(key), canonical(element, item)) for key, item in value.items())
        case Object(attributes):
            return tuple(canonical(item, value.get(name)) for name, item in attributes.items())
        case Tuple(elements):
            return tuple(canonical(item_type, item) for item_type, item in zip(elements, value, strict=True))
        case _ if type_ is DynamicType and isinstance(value, Dynamic):
            return str(value.type.json()), canonical(value.type, value.value)
    if isinstance(value, str) and type_ is not Number:
        return False, _normalized(value)
    return type(value) is bool, number(value) if type_ is Number else value  # True == 1 in Python, not in Terraform


def _normalized(text: str) -> str:
    if text.isascii():
        return text
    from unicodedata import normalize  # noqa: PLC0415  # most processes see ASCII only

    return normalize("NFC", text)


def complete(body: Body, values: Mapping[str, Value]) -> dict[str, Value]:
    """Return `values` with every name of the schema: null, or no blocks, for a missing one; null for a write-only one.

    Raises `WireError` for a name that the schema does not have, and for a value of another structure.
    """
    if surplus := values.keys() - body.members.keys():
        raise WireError(f"the schema has no {', '.join(sorted(map(str, surplus)))}")
    completed: dict[str, Value] = {}
    name = ""
    try:
        for name, member in body.members.items():
            completed[name] = _complete_member(member, values.get(name))
    except WireError as error:
        raise error.within(name) from None
    return completed


def _complete_member(member: Attribute | Block, value: Value) -> Value:
    if isinstance(member, Attribute):
        if member.write_only:
            return None
    elif value is None:
        return absent(member)
    body = member.nested
    return value if body is None else convert_elements(body, value, lambda element: complete(body, element))


def with_defaults(body: Body, values: Mapping[str, Value]) -> dict[str, Value]:
    """Return the values of a configuration with the default of each attribute that is null, at any depth."""
    filled: dict[str, Value] = {}
    for name, member in body.members.items():
        value, nested = values.get(name), member.nested
        if value is None and isinstance(member, Attribute) and member.default is not NO_DEFAULT:
            value = member.default
        if nested is not None and nested.has_computed:  # an attribute with a default is computed
            value = convert_elements(nested, value, partial(with_defaults, nested))
        filled[name] = value
    return filled


def convert_elements(body: Block | Nested, value: Value, convert: Callable[[Mapping[str, Value]], Value]) -> Value:
    """Return `value` with `convert(element)` in place of each object in it. Null and unknown ones stay as they are.

    Raises `WireError` if the value does not have the nesting of `body`.
    """
    if value is None or isinstance(value, Unknown):
        return value
    match body.nesting:
        case "single" | "group":
            return _convert_element(value, convert)
        case "map":
            keys = list(_object(value))
            return dict(zip(keys, _convert_elements(value.values(), [Key(key) for key in keys], convert), strict=True))
    if not isinstance(value, list | tuple):
        raise WireError(f"must be a list of objects, got {type(value).__name__}")
    steps = [None] * len(value) if body.nesting == "set" else range(len(value))  # a set has no index
    return _convert_elements(value, steps, convert)


def _convert_elements(
    values: Collection[Value], steps: Sequence[str | int | None], convert: Callable[[Mapping[str, Value]], Value]
) -> list[Value]:
    converted: list[Value] = []
    try:
        for element in values:
            converted.append(_convert_element(element, convert))  # noqa: PERF401  # the error needs its position
    except WireError as error:
        step = steps[len(converted)]
        raise (error if step is None else error.within(step)) from None
    return converted


def _convert_element(element: Value, convert: Callable[[Mapping[str, Value]], Value]) -> Value:
    return element if element is None or isinstance(element, Unknown) else convert(_object(element))


def _object(value: Value) -> Mapping[str, Value]:
    if not isinstance(value, Mapping):
        raise WireError(f"must be an object, got {type(value).__name__}")
    return value


def elements(body: Block | Nested, value: Value, path: Path = Path()) -> Iterator[tuple[Path, Mapping[str, Value]]]:
    """Yield each object in a value with its path. In a set, it is the path of the set."""
    if isinstance(value, Mapping) and body.nesting == "map":
        candidates: Iterable[tuple[Path, Value]] = ((path / Key(key), element) for key, element in value.items())
    elif isinstance(value, list):
        candidates = ((path if body.nesting == "set" else path / index, element) for index, element in enumerate(value))
    else:
        candidates = [(path, value)]
    yield from ((where, element) for where, element in candidates if isinstance(element, Mapping))


def absent(block: Block) -> Value:
    """Return the value that means "no such block": null, no elements, or for a group an object of nulls."""
    match block.nesting:
        case "single":
            return None
        case "group":
            return complete(block, {})
        case "map":
            return {}
    return []


def without_unknowns(value: Value) -> Value:
    """Return `value` with null in place of every unknown value, at any depth."""
    match value:
        case Unknown():
            return None
        case Dynamic():
            return Dynamic(value.type, without_unknowns(value.value))
        case list():
            return [without_unknowns(item) for item in value]
        case dict():
            return {name: without_unknowns(item) for name, item in value.items()}
    return value


def unknown_names(values: Mapping[str, Value]) -> list[str]:
    """Return the names whose value is unknown, or contains an unknown value."""
    return [name for name, value in values.items() if not is_wholly_known(value)]


def texts(value: Value) -> Iterator[str]:
    """Yield every string in a value, at any depth."""
    match value:
        case str():
            yield value
        case Dynamic():
            yield from texts(value.value)
        case list() | dict():
            for item in value.values() if isinstance(value, dict) else value:
                yield from texts(item)


def sensitive_texts(body: Body, values: Mapping[str, Value]) -> Iterator[str]:
    """Yield every string in values that are declared sensitive or write-only, at any depth."""
    for name, member in body.members.items():
        if isinstance(member, Attribute) and (member.sensitive or member.write_only):
            yield from texts(values.get(name))
        elif member.nested is not None:
            for _, element in elements(member.nested, values.get(name)):
                yield from sensitive_texts(member.nested, element)
