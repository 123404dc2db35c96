"""Which element of a set was which before: sets have no index, so an element is known by what is configured in it."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Hashable, Iterator, Mapping, Sequence
from typing import Any

from terraform_plugin.cty.types import Value
from terraform_plugin.schema import Attribute, Block, Body, Nested
from terraform_plugin.state.objects import canonical

Told = tuple[tuple[Any, Any], ...]
"""What is configured in an object: name and True for all of it, None for what is never computed in it (in a set, where
nothing has an address), or what is told of the object or objects in it."""


def matching_prior(
    body: Block | Nested, config: Sequence[Value], prior: Sequence[Value]
) -> list[Mapping[str, Value] | None]:
    """Return, for each configured element, the prior element that it continues, or None.

    Two elements belong together if they agree in all that is configured; each prior element is used once, by the
    element that says most about it. Linear in the number of elements (for each combination of configured names that
    occurs).
    """
    found: list[Mapping[str, Value] | None] = [None] * len(config)
    if not prior or not _has_computed(body):
        return found
    told = [_told(body, element) if isinstance(element, dict) else () for element in config]
    indexes: dict[Told, dict[Hashable, deque[int]]] = {}
    used: set[int] = set()
    for index in sorted(range(len(config)), key=lambda index: -_amount(told[index])):
        if isinstance(config[index], dict):
            names = told[index]
            if names not in indexes:
                indexes[names] = _index(body, names, prior)
            position = _unused(indexes[names].get(_key(body, names, config[index]), deque()), used)
            found[index] = None if position is None else prior[position]
    return found


def _unused(candidates: deque[int], used: set[int]) -> int | None:
    while candidates:
        position = candidates.popleft()
        if position not in used:
            used.add(position)
            return position
    return None


def _told(body: Body, element: Mapping[str, Value]) -> Told:
    told: list[tuple[str, Any]] = []
    for name, item in _items(body):
        inner, value = _inner(item), element[name]
        if isinstance(item, Attribute) and (item.write_only or (item.computed and value is None)):
            continue
        if inner is None or not isinstance(value, dict | list) or not _has_computed(inner):
            told.append((name, True))
        elif inner.nesting == "set":
            told.append((name, None))
        else:
            told.append((name, tuple((step, _told_of(inner, part)) for step, part in _parts(inner, value))))
    return tuple(told)


def _told_of(body: Body, value: Value) -> Told | bool:
    return _told(body, value) if isinstance(value, dict) else True


def _amount(told: Any) -> int:
    """Return how much is told."""
    return sum(_amount(inner) for _, inner in told) if isinstance(told, tuple) else 1


def _index(body: Body, told: Told, prior: Sequence[Value]) -> dict[Hashable, deque[int]]:
    index: dict[Hashable, deque[int]] = defaultdict(deque)
    for position, element in enumerate(prior):
        if isinstance(element, dict):
            index[_key(body, told, element)].append(position)
    return index


def _key(body: Body, told: Any, element: Value) -> Hashable:
    """Return what elements share that agree in everything told."""
    if told is True or not isinstance(element, dict):
        return canonical(body.element_type, element)
    return tuple(_part_key(body, name, part, element.get(name)) for name, part in told)


def _part_key(body: Body, name: str, told: Any, value: Value) -> Hashable:
    inner = _inner(body.attributes[name] if name in body.attributes else body.blocks[name])
    if told is True or inner is None or not isinstance(value, dict | list):
        return canonical(body.element_type.attributes[name], value)
    if told is None:
        return _never_computed(inner, value)
    parts = dict(_parts(inner, value))
    if parts.keys() != {step for step, _ in told}:
        return None
    return tuple(_key(inner, part, parts[step]) for step, part in told)


def _never_computed(body: Block | Nested, value: Value) -> Hashable:
    """Return what in a set, at any depth, is configured or null whatever the configuration, and how often."""
    return frozenset(Counter(_skeleton(body, part) for part in value).items())


def _skeleton(body: Body, element: Value) -> Hashable:
    if not isinstance(element, dict):
        return canonical(body.element_type, element)
    return tuple(_bone(item, element.get(name)) for name, item in _items(body))


def _bone(item: Attribute | Block, value: Value) -> Hashable:
    inner = _inner(item)
    if isinstance(item, Attribute) and (item.computed or item.write_only):
        return None
    if inner is None or not isinstance(value, dict | list) or not _has_computed(inner):
        return canonical(item.value_type, value)
    if inner.nesting == "set":
        return _never_computed(inner, value)
    return tuple((step, _skeleton(inner, part)) for step, part in _parts(inner, value))


def _parts(body: Block | Nested, value: Value) -> Iterator[tuple[Any, Value]]:
    """Yield each object in a value, by its index or key."""
    if body.nesting in ("single", "group"):
        yield None, value
    elif isinstance(value, dict):
        yield from sorted(value.items())
    else:
        yield from enumerate(value)


def _items(body: Body) -> Iterator[tuple[str, Attribute | Block]]:
    yield from body.attributes.items()
    yield from body.blocks.items()


def _inner(item: Attribute | Block) -> Block | Nested | None:
    if isinstance(item, Block):
        return item
    return item.type if isinstance(item.type, Nested) else None


def _has_computed(body: Body) -> bool:
    for _, item in _items(body):
        inner = _inner(item)
        if (isinstance(item, Attribute) and item.computed) or (inner is not None and _has_computed(inner)):
            return True
    return False
