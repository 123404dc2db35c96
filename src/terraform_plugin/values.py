"""Whole objects: equal or not, complete or not.

Equality is the type's: a set has no order, a number no spelling, and an unknown equals every unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any

from terraform_plugin.diagnostics import Key, Path
from terraform_plugin.schema import Attribute, Block, Body, Nested
from terraform_plugin.types import (
    Dynamic,
    DynamicType,
    List,
    Map,
    Mixed,
    Object,
    Set,
    Tuple,
    Type,
    Unknown,
    Value,
    is_wholly_known,
)
from terraform_plugin.wire import WireError


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
        case List(element) | Mixed(element, False):
            return tuple(canonical(element, item) for item in value)
        case Map(element) | Mixed(element, True):
            return frozenset((key, canonical(element, item)) for key, item in value.items())
        case Object(attributes):
            return tuple(canonical(item, value.get(name)) for name, item in attributes.items())
        case Tuple(elements):
            return tuple(canonical(item_type, item) for item_type, item in zip(elements, value, strict=True))
        case _ if type_ is DynamicType and isinstance(value, Dynamic):
            return str(value.type.json()), canonical(value.type, value.value)
    return type(value) is bool, value  # True == 1 in Python, not in Terraform


def complete(body: Body, values: Mapping[str, Value], path: Path = Path()) -> dict[str, Value]:
    """Return `values` with every name of the schema: null, or no blocks, where there was none; write-only ones null.

    Raises `WireError` for a name the schema does not have.
    """
    if surplus := values.keys() - body.attributes.keys() - body.blocks.keys():
        raise WireError(f"the schema has no {', '.join(sorted(surplus))}", path)
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
    """Return `value` with `convert(element, its path)` for each object in it; null and unknown stay as they are."""

    def one(item: Value, where: Path) -> Value:
        return item if item is None or isinstance(item, Unknown) else convert(item, where)

    if value is None or isinstance(value, Unknown):
        return value
    match body.nesting:
        case "single" | "group":
            return one(value, path)
        case "map":
            return {key: one(item, path / Key(key)) for key, item in value.items()}
        case "list":
            return [one(item, path / index) for index, item in enumerate(value)]
    return [one(item, path) for item in value]  # a set has no index


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
