"""Which changes need another resource: the paths that go into the protocol's `requires_replace`.

Terraform wants each path to exist in the prior or in the planned value, and looks at the values there itself. A set has
no index: a path ends at it.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

from terraform_plugin.cty.types import Unknown, Value
from terraform_plugin.diagnostics import Key, Path
from terraform_plugin.schema import Attribute, Block, Body, Nested
from terraform_plugin.state.objects import canonical, equal


def replacing(
    body: Body, prior: Mapping[str, Value], planned: Mapping[str, Value], path: Path = Path()
) -> Iterator[Path]:
    """Yield the path of each value that differs and cannot change in place. An unknown value differs from any other."""
    for name, item in _items(body):
        before, after = prior.get(name), planned.get(name)
        if not equal(item.value_type, before, after):
            yield from _replacing_one(item, before, after, path / name)


def _replacing_one(item: Attribute | Block, prior: Value, planned: Value, path: Path) -> Iterator[Path]:
    nested = _inner(item)
    if item.requires_replace:
        yield path
    elif nested is None or not is_fixed(item):
        return
    elif isinstance(planned, Unknown) or nested.nesting == "set":
        if isinstance(planned, Unknown) or _fixed_parts(nested, prior) != _fixed_parts(nested, planned):
            yield path
    else:
        for before, after, where in _pairs(nested, prior, planned, path):
            yield from replacing(nested, before, after, where)


def _items(body: Body) -> Iterator[tuple[str, Attribute | Block]]:
    yield from body.attributes.items()
    yield from body.blocks.items()


def _inner(item: Attribute | Block) -> Block | Nested | None:
    if isinstance(item, Block):
        return item
    return item.type if isinstance(item.type, Nested) else None


def is_fixed(item: Attribute | Block) -> bool:
    """Return whether something in it, at any depth, cannot change in place."""
    inner = _inner(item)
    return item.requires_replace or (inner is not None and any(is_fixed(part) for _, part in _items(inner)))


def _pairs(body: Block | Nested, prior: Value, planned: Value, path: Path) -> Iterator[tuple[Any, Any, Path]]:
    """Yield (before, after, path) of each element; one that is only on one side meets an object of nulls."""
    match body.nesting:
        case "single" | "group":
            yield _object(prior), _object(planned), path
        case "map":
            before, after = _object(prior), _object(planned)
            for key in before | after:
                yield _object(before.get(key)), _object(after.get(key)), path / Key(key)
        case _:
            first, second = (side if isinstance(side, list) else [] for side in (prior, planned))
            for index in range(max(len(first), len(second))):
                yield _object(_at(first, index)), _object(_at(second, index)), path / index


def _object(value: Value) -> dict[str, Value]:
    return value if isinstance(value, dict) else {}


def _at(items: list[Value], index: int) -> Value:
    return items[index] if index < len(items) else None


def _fixed_parts(body: Block | Nested, value: Value) -> frozenset[Hashable]:
    """Return what must not change in the elements of a value, whatever their order; what is null is as if not there."""
    match value:
        case dict() if body.nesting == "map":
            elements = list(value.values())
        case list():
            elements = value
        case _:
            elements = [value]
    return frozenset(part for part in (_fixed_part(body, element) for element in elements) if part != frozenset())


def _fixed_part(body: Body, element: Value) -> Hashable:
    if isinstance(element, Unknown):
        return element
    parts: dict[str, Hashable] = {}
    for name, item in _items(body):
        value, inner = _object(element).get(name), _inner(item)
        if value is not None and item.requires_replace:
            parts[name] = canonical(item.value_type, value)
        elif value is not None and inner is not None and (part := _fixed_parts(inner, value)):
            parts[name] = part
    return frozenset(parts.items())
