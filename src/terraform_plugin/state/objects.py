"""Whole objects: equal or not, complete or not.

Equality is the type's: a set has no order, a number no spelling, and an unknown equals every unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping
from typing import Any

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
from terraform_plugin.schema import Attribute, Block, Body, Nested


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
            return frozenset((key, canonical(element, item)) for key, item in value.items())
        case Object(attributes):
            return tuple(canonical(item, value.get(name)) for name, item in attributes.items())
        case Tuple(elements):
            return tuple(canonical(item_type, item) for item_type, item in zip(elements, value, strict=True))
        case _ if type_ is DynamicType and isinstance(value, Dynamic):
            return str(value.type.json()), canonical(value.type, value.value)
    return type(value) is bool, number(value) if type_ is Number else value  # True == 1 in Python, not in Terraform


def complete(body: Body, values: Mapping[str, Value], path: Path = Path()) -> dict[str, Value]:
    """Return `values` with every name of the schema: null, or no blocks, where there was none; write-only ones null.

    Raises `WireError` for a name the schema does not have.
    """
    if surplus := values.keys() - body.attributes.keys() - body.blocks.keys():
        raise WireError(f"the schema has no {', '.join(sorted(map(str, surplus)))}", path)
    whole = {name: _attribute(item, values.get(name), path / name) for name, item in body.attributes.items()}
    return whole | {name: _block(item, values.get(name), path / name) for name, item in body.blocks.items()}


def _attribute(attribute: Attribute, value: Value, path: Path) -> Value:
    if attribute.write_only:
        return None
    if not isinstance(attribute.type, Nested):
        return value
    return _elements(attribute.type, value, path)


def _block(block: Block, value: Value, path: Path) -> Value:
    return absent(block) if value is None else _elements(block, value, path)


def _elements(body: Block | Nested, value: Value, path: Path) -> Value:
    return each_element(body, value, path, lambda item, where: complete(body, item, where))


def each_element(body: Block | Nested, value: Value, path: Path, convert: Callable[[Any, Path], Value]) -> Value:
    """Return `value` with `convert(element, its path)` for each object in it; null and unknown stay as they are.

    Raises `WireError` for a value that is not of this nesting.
    """

    def one(item: Value, where: Path) -> Value:
        return item if item is None or isinstance(item, Unknown) else convert(_object(item, where), where)

    if value is None or isinstance(value, Unknown):
        return value
    match body.nesting:
        case "single" | "group":
            return one(value, path)
        case "map":
            return {key: one(item, path / Key(key)) for key, item in _object(value, path).items()}
    if not isinstance(value, list | tuple):
        raise WireError(f"expected a list of objects, got {type(value).__name__}", path)
    if body.nesting == "list":
        return [one(item, path / index) for index, item in enumerate(value)]
    return [one(item, path) for item in value]  # a set has no index


def _object(value: Value, path: Path) -> Mapping[str, Value]:
    if not isinstance(value, Mapping):
        raise WireError(f"expected an object, got {type(value).__name__}", path)
    return value


def absent(block: Block) -> Value:
    """Return what stands for "no such block": null, no elements, or for a group an object of nulls."""
    match block.nesting:
        case "single":
            return None
        case "group":
            return complete(block, {})
        case "map":
            return {}
    return []


def without_unknowns(value: Value) -> Value:
    """Return `value` with null in place of whatever is unknown, at any depth."""
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
    """Return the names whose value, at any depth, is not known."""
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
    """Yield every string in what is declared sensitive or write-only, at any depth."""
    for name, attribute in body.attributes.items():
        if attribute.sensitive or attribute.write_only:
            yield from texts(values.get(name))
        elif isinstance(attribute.type, Nested):
            yield from _inner_texts(attribute.type, values.get(name))
    for name, block in body.blocks.items():
        yield from _inner_texts(block, values.get(name))


def _inner_texts(body: Block | Nested, value: Value) -> Iterator[str]:
    found: list[str] = []
    each_element(body, value, Path(), lambda element, _: found.extend(sensitive_texts(body, element)))
    yield from found
