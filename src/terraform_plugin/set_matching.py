"""Which element of a set was which before: sets have no index, so an element is known by what is configured in it."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Hashable, Mapping, Sequence

from terraform_plugin.schema import Block, Body, Nested
from terraform_plugin.types import Value
from terraform_plugin.values import canonical


def matching_prior(
    body: Block | Nested, config: Sequence[Value], prior: Sequence[Value]
) -> list[Mapping[str, Value] | None]:
    """Return, for each configured element, the prior element that it continues, or None.

    Two elements belong together if they agree in all that is configured; each prior element is used once, by the
    element that says most about it. Linear in the number of elements (for each combination of configured names that
    occurs).
    """
    found: list[Mapping[str, Value] | None] = [None] * len(config)
    if not _has_computed(body):
        return found
    indexes: dict[frozenset[str], dict[Hashable, deque[int]]] = {}
    used: set[int] = set()
    for index in sorted(range(len(config)), key=lambda index: -_configured(config[index])):
        found[index] = _take(body, config[index], prior, indexes, used)
    return found


def _configured(element: Value) -> int:
    return sum(value is not None for value in element.values()) if isinstance(element, dict) else 0


def _take(
    body: Block | Nested,
    element: Value,
    prior: Sequence[Value],
    indexes: dict[frozenset[str], dict[Hashable, deque[int]]],
    used: set[int],
) -> Mapping[str, Value] | None:
    if not isinstance(element, dict):
        return None
    names = _telling(body, element)
    if names not in indexes:
        indexes[names] = _index(body, names, prior)
    candidates = indexes[names].get(_key(body, names, element), deque())
    while candidates:
        position = candidates.popleft()
        if position not in used:
            used.add(position)
            found: Mapping[str, Value] = prior[position]
            return found
    return None


def _telling(body: Body, element: Mapping[str, Value]) -> frozenset[str]:
    """Return the names by which the element can be recognised: configured, and with nothing computed inside."""
    names = {
        name
        for name, attribute in body.attributes.items()
        if not (attribute.computed and element[name] is None)
        and not attribute.write_only
        and not (isinstance(attribute.type, Nested) and _has_computed(attribute.type))
    }
    return frozenset(names | {name for name, block in body.blocks.items() if not _has_computed(block)})


def _index(body: Body, names: frozenset[str], prior: Sequence[Value]) -> dict[Hashable, deque[int]]:
    index: dict[Hashable, deque[int]] = defaultdict(deque)
    for position, element in enumerate(prior):
        if isinstance(element, dict):
            index[_key(body, names, element)].append(position)
    return index


def _key(body: Body, names: frozenset[str], element: Mapping[str, Value]) -> Hashable:
    types = body.element_type.attributes
    return tuple(canonical(types[name], element.get(name)) for name in sorted(names))


def _has_computed(body: Body) -> bool:
    for attribute in body.attributes.values():
        if attribute.computed or (isinstance(attribute.type, Nested) and _has_computed(attribute.type)):
            return True
    return any(_has_computed(block) for block in body.blocks.values())
