"""Which changes need another resource: the paths that go into the protocol's `requires_replace`.

Terraform expects each path to exist in the prior or in the planned value, and looks at the values there itself. A set
has no index, so a path ends at it. Source: docs/design/0008-sources.md#terraform-core.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping
from typing import Any

from terraform_plugin.cty.types import Unknown, Value
from terraform_plugin.diagnostics import Key, Path
from terraform_plugin.schema import Attribute, Block, Body, Nested
from terraform_plugin.state.objects import canonical, equal


def replacing_paths(
    body: Body, prior: Mapping[str, Value], planned: Mapping[str, Value], path: Path = Path()
) -> Iterator[Path]:
    """Yield the path of each value that differs and cannot change in place. An unknown value differs from any other."""
    for name, member in body.members.items():
        before, after = prior.get(name), planned.get(name)
        if not equal(member.value_type, before, after):
            yield from _replacing_paths_in(member, before, after, path / name)


def _replacing_paths_in(member: Attribute | Block, prior: Value, planned: Value, path: Path) -> Iterator[Path]:
    nested = member.nested
    if member.requires_replace:
        yield path
    elif nested is None or not may_require_replace(member):
        return
    elif isinstance(planned, Unknown):
        yield path  # any of the values inside may turn out to be another one
    elif nested.nesting == "set":
        if _fixed_parts(nested, prior) != _fixed_parts(nested, planned):
            yield path
    else:
        for before, after, where in _pairs(nested, prior, planned, path):
            yield from replacing_paths(nested, before, after, where)


def may_require_replace(member: Attribute | Block) -> bool:
    """Return whether something in it, at any depth, cannot change in place."""
    nested = member.nested
    return member.requires_replace or (nested is not None and any(map(may_require_replace, nested.members.values())))


def _pairs(body: Block | Nested, prior: Value, planned: Value, path: Path) -> Iterator[tuple[Any, Any, Path]]:
    """Yield (before, after, path) of each element. One that is new or removed is compared with an empty object."""
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
    """Return the values in a set's elements that cannot change in place, whatever the order of the elements.

    An element of a set has no identity: an element in which another value changed looks like a removed and an added
    one. Only the values that require a replacement are compared, so that such a change does not replace the resource.
    For the same reason an element without such a value does not count: it may come and go in place.
    """
    match value:
        case dict() if body.nesting == "map":
            elements = list(value.values())
        case list():
            elements = value
        case _:
            elements = [value]
    parts = (_fixed_part(body, element) for element in elements)
    return frozenset(part for part in parts if part != frozenset())


def _fixed_part(body: Body, element: Value) -> Hashable:
    if isinstance(element, Unknown):
        return element
    parts: dict[str, Hashable] = {}
    for name, member in body.members.items():
        value = _object(element).get(name)
        if value is None:
            continue
        if member.requires_replace:
            parts[name] = canonical(member.value_type, value)
        elif member.nested is not None and (inner := _fixed_parts(member.nested, value)):
            parts[name] = inner
    return frozenset(parts.items())
