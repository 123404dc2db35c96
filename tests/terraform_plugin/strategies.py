"""Terraform's types and values to draw from: wide ones for encodings, a few small ones where equal values must meet."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from terraform_plugin.types import (
    UNKNOWN,
    Bool,
    Dynamic,
    DynamicType,
    List,
    Map,
    Number,
    Object,
    Set,
    String,
    Tuple,
    Type,
    Unknown,
    Value,
)

from . import profiles  # noqa: F401  # whoever draws, draws that much
from .consistency import normal

Leaves = Mapping[str, st.SearchStrategy[Value]]

REFINED = Unknown(b"\x82\x01\xc2\x02\xa4pfx-")  # not null, begins with "pfx-"

numbers = st.integers() | st.builds(
    lambda digits, places: Decimal(f"{digits}e-{places}"), st.integers(), st.integers(1, 60)
)
WIDE: Leaves = {"string": st.text(), "number": numbers, "bool": st.booleans()}
SMALL: Leaves = {
    "string": st.sampled_from(["", "x", "y"]),
    "number": st.sampled_from([0, 1, Decimal("0.1")]),
    "bool": st.booleans(),
}

names = st.sampled_from(["a", "b", "c", "d"])
keys = st.sampled_from(["k", "l", "m"])
unknowns = st.sampled_from([UNKNOWN, REFINED])
nothing: st.SearchStrategy[Value] = st.nothing()


def _collections(inner: st.SearchStrategy[Type]) -> st.SearchStrategy[Type]:
    return st.one_of(
        st.builds(List, inner),
        st.builds(Map, inner),
        st.builds(Object, st.dictionaries(names, inner, max_size=3)),
        st.builds(Tuple, st.lists(inner, max_size=3).map(tuple)),
    )


primitives: st.SearchStrategy[Type] = st.sampled_from([String, Number, Bool])
closed_types = st.recursive(primitives, lambda inner: _collections(inner) | st.builds(Set, inner), max_leaves=5)
types = st.recursive(closed_types | st.just(DynamicType), _collections, max_leaves=5)


def values(type_: Type, leaves: Leaves = WIDE, unknown: st.SearchStrategy[Value] = nothing) -> st.SearchStrategy[Value]:
    """Values of a type: null, unknown (if `unknown` gives any) or known, at every depth."""
    return st.none() | unknown | known(type_, leaves, unknown)


def known(type_: Type, leaves: Leaves = WIDE, unknown: st.SearchStrategy[Value] = nothing) -> st.SearchStrategy[Value]:
    """Values of a type that are neither null nor unknown themselves."""
    match type_:
        case List(element):
            return st.lists(values(element, leaves, unknown), max_size=3)
        case Set(element):
            one = values(element, leaves, unknown)
            return st.lists(one, max_size=3, unique_by=lambda item: repr(normal(element, item)))
        case Map(element):
            return st.dictionaries(keys, values(element, leaves, unknown), max_size=3)
        case Object(attributes):
            return st.fixed_dictionaries({name: values(item, leaves, unknown) for name, item in attributes.items()})
        case Tuple(elements):
            return st.tuples(*(values(item, leaves, unknown) for item in elements)).map(list)
    if type_ is DynamicType:
        return closed_types.flatmap(lambda item: st.builds(Dynamic, st.just(item), values(item, leaves, unknown)))
    return leaves[repr(type_)]


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3) | names, inner, max_size=4),
    max_leaves=12,
)
