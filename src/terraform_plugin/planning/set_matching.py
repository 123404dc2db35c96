"""Finds the prior element that each element of a set continues.

Sets have no index. If an element has computed attributes that are not configured, its prior values can only be found by
comparing what is configured. Terraform leaves this to the provider. Source: docs/design/0008-sources.md#terraform-core.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from typing import Any

from msgspec import Struct

from terraform_plugin.cty.types import Value
from terraform_plugin.schema import NO_DEFAULT, Attribute, Block, Body, Nested
from terraform_plugin.state.objects import canonical, with_defaults


class Part(Enum):
    """How a configured member of an element is compared with the prior one, if not by its own members."""

    WHOLE = "whole"
    """Nothing in it is computed: by its whole value."""
    SET = "set"
    """It is a set whose elements configure different attributes: by what is never computed in them."""


Configured = tuple[tuple[Any, Any], ...]
"""Which members of an element are configured: pairs of a name (in a list or map: an index or key) and how it is
compared, a `Part`, an `Each`, or the `Configured` of the object there."""


class Each(Struct, frozen=True):
    """The member is a set, in whose elements the same is configured. They are compared by that."""

    configured: Configured


def matching_prior(
    body: Block | Nested, config: Sequence[Value], prior: Sequence[Value]
) -> list[Mapping[str, Value] | None]:
    """Return, for each configured element, the prior element that it continues, or None.

    Two elements belong together if they agree in all that is configured; a default counts as configured. Each prior
    element is used once, by the element in which most is configured. The time is linear in the number of elements, for
    each combination of configured names that occurs.
    """
    matches: list[Mapping[str, Value] | None] = [None] * len(config)
    if not prior or not body.has_computed:
        return matches
    config = [with_defaults(body, element) if isinstance(element, dict) else element for element in config]
    configured = [_configured(body, element) if isinstance(element, dict) else () for element in config]
    # Elements may configure different attributes: `port` in one, not in the other. Each combination of names needs its
    # own index of the prior elements, because they are compared by these names only.
    indexes: dict[Configured, dict[Hashable, deque[int]]] = {}
    used: set[int] = set()
    # Most configured names first: {name, port} matches only one prior element, while {name} would also match it and
    # take it away.
    for index in sorted(range(len(config)), key=lambda index: -_count(configured[index])):
        if isinstance(config[index], dict):
            names = configured[index]
            if names not in indexes:
                indexes[names] = _index(body, names, prior)
            position = _unused(indexes[names].get(_key(body, names, config[index]), deque()), used)
            matches[index] = None if position is None else prior[position]
    return matches


def _unused(candidates: deque[int], used: set[int]) -> int | None:
    # The indexes share the prior elements: one that was used through another index is dropped here. Every candidate is
    # taken at most once from each index, which keeps the time linear.
    while candidates:
        position = candidates.popleft()
        if position not in used:
            used.add(position)
            return position
    return None


def _configured(body: Body, element: Mapping[str, Value]) -> Configured:
    configured: list[tuple[str, Any]] = []
    for name, member in body.members.items():
        nested, value = member.nested, element[name]
        if isinstance(member, Attribute) and (member.write_only or (member.computed and value is None)):
            continue  # never in the state, or filled in by the provider: there is nothing to compare
        if nested is None or not isinstance(value, dict | list) or not nested.has_computed:
            configured.append((name, Part.WHOLE))
        elif nested.nesting == "set":
            configured.append((name, _configured_in_set(nested, value)))
        else:
            parts = ((step, _configured_or_whole(nested, part)) for step, part in _parts(nested, value))
            configured.append((name, tuple(parts)))
    return tuple(configured)


def _configured_in_set(body: Body, value: Value) -> Each | Part:
    configured = {_configured_or_whole(body, element) for element in value}
    only = configured.pop() if len(configured) == 1 else Part.SET
    return Part.SET if isinstance(only, Part) else Each(only)


def _configured_or_whole(body: Body, value: Value) -> Configured | Part:
    return _configured(body, value) if isinstance(value, dict) else Part.WHOLE


def _count(configured: Configured | Part | Each) -> int:
    """Return how many names are configured, at any depth. A list counts, even if nothing in its elements does."""
    if isinstance(configured, Each):
        return _count(configured.configured)
    return 0 if isinstance(configured, Part) else sum(1 + _count(inner) for _, inner in configured)


def _index(body: Body, configured: Configured, prior: Sequence[Value]) -> dict[Hashable, deque[int]]:
    index: dict[Hashable, deque[int]] = defaultdict(deque)
    for position, element in enumerate(prior):
        if isinstance(element, dict):
            index[_key(body, configured, element)].append(position)
    return index


def _key(body: Body, configured: Configured | Part, element: Value) -> Hashable:
    """Return what elements have in common that agree in everything configured."""
    if isinstance(configured, Part) or not isinstance(element, dict):
        return canonical(body.element_type, element)
    return tuple(_member_key(body, name, part, element.get(name)) for name, part in configured)


def _member_key(body: Body, name: str, configured: Configured | Part | Each, value: Value) -> Hashable:
    nested = body.members[name].nested
    if configured is Part.WHOLE or nested is None or not isinstance(value, dict | list):
        return canonical(body.element_type.attributes[name], value)
    if isinstance(configured, Part):
        return _set_key(nested, value)
    if isinstance(configured, Each):
        return _bag(_key(nested, configured.configured, element) for element in value)
    parts = dict(_parts(nested, value))
    if parts.keys() != {step for step, _ in configured}:
        return None  # another number of elements, or other keys: no element that is configured has this key
    return tuple(_key(nested, part, parts[step]) for step, part in configured)


def _set_key(body: Block | Nested, value: Value) -> Hashable:
    # Which element of the inner set is which is not known before the outer elements are matched, so it is not known
    # what is configured in a prior one. What remains the same is what is never computed, or has a default if it is not
    # configured.
    return _bag(_without_computed(body, element) for element in value)


def _bag(items: Iterable[Hashable]) -> Hashable:
    """Return something that collections share which have the same items, each as often, in any order."""
    return frozenset(Counter(items).items())


def _without_computed(body: Body, element: Value) -> Hashable:
    if not isinstance(element, dict):
        return canonical(body.element_type, element)
    return tuple(_member_without_computed(member, element.get(name)) for name, member in body.members.items())


def _member_without_computed(member: Attribute | Block, value: Value) -> Hashable:
    nested = member.nested
    if isinstance(member, Attribute) and (member.write_only or (member.computed and member.default is NO_DEFAULT)):
        return None
    if nested is None or not isinstance(value, dict | list) or not nested.has_computed:
        return canonical(member.value_type, value)
    if nested.nesting == "set":
        return _set_key(nested, value)
    return tuple((step, _without_computed(nested, part)) for step, part in _parts(nested, value))


def _parts(body: Block | Nested, value: Value) -> Iterator[tuple[Any, Value]]:
    """Yield each object in a value with its index or key."""
    if body.nesting in ("single", "group"):
        yield None, value
    elif isinstance(value, dict):
        yield from sorted(value.items())
    else:
        yield from enumerate(value)
