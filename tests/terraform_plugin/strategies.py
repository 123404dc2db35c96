"""Terraform's types and values to draw from: wide ones for encodings, a few small ones where equal values must meet."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from terraform_plugin.cty import types as cty
from tests.terraform_plugin import profiles  # noqa: F401  # whoever draws, draws that much
from tests.terraform_plugin.consistency import normal

Leaves = Mapping[str, st.SearchStrategy[cty.Value]]

REFINED = cty.Unknown(b"\x82\x01\xc2\x02\xa4pfx-")  # not null, begins with "pfx-"

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
unknowns = st.sampled_from([cty.UNKNOWN, REFINED])
nothing: st.SearchStrategy[cty.Value] = st.nothing()

_counts = st.integers(0, 3)
_kinds = st.sampled_from(
    [cty.String, cty.Number, cty.Bool, cty.DynamicType, cty.List, cty.Set, cty.Map, cty.Object, cty.Tuple]
)
_leaves = st.sampled_from([cty.String, cty.Number, cty.Bool])
_states = st.sampled_from(["known", "known", "known", "known", "null", "unknown"])


@st.composite
def _types(draw: st.DrawFn, dynamic: bool, depth: int = 3) -> cty.Type:  # noqa: FBT001  # mypy and composite
    return _type(draw, depth, dynamic=dynamic)


def _type(draw: st.DrawFn, depth: int, *, dynamic: bool) -> cty.Type:
    kind: Any = draw(_kinds if depth else _leaves)
    if kind is cty.DynamicType and not dynamic:
        return cty.String
    if isinstance(kind, cty.Type):
        return kind
    if kind is cty.Object:
        return cty.Object({name: _type(draw, depth - 1, dynamic=dynamic) for name in "abc"[: draw(_counts)]})
    if kind is cty.Tuple:
        return cty.Tuple([_type(draw, depth - 1, dynamic=dynamic) for _ in range(draw(_counts))])
    collection: cty.Type = kind(_type(draw, depth - 1, dynamic=dynamic and kind is not cty.Set))
    return collection


types = _types(dynamic=True)


@st.composite
def values(
    draw: st.DrawFn, type_: cty.Type, leaves: Leaves = WIDE, unknown: st.SearchStrategy[cty.Value] = nothing
) -> cty.Value:
    """Values of a type: null, unknown (if `unknown` gives any) or known, at every depth."""
    return _value(draw, type_, leaves, unknown)


def _value(draw: st.DrawFn, type_: cty.Type, leaves: Leaves, unknown: st.SearchStrategy[cty.Value]) -> cty.Value:
    state = draw(_states)
    if state == "null" or (state == "unknown" and unknown is nothing):
        return None
    return draw(unknown) if state == "unknown" else _known(draw, type_, leaves, unknown)


def _known(draw: st.DrawFn, type_: cty.Type, leaves: Leaves, unknown: st.SearchStrategy[cty.Value]) -> cty.Value:
    def inside(element: cty.Type) -> cty.Value:
        return _value(draw, element, leaves, unknown)

    match type_:
        case cty.List(element):
            return [inside(element) for _ in range(draw(_counts))]
        case cty.Set(element):
            items = [inside(element) for _ in range(draw(_counts))]
            return list({repr(normal(element, item)): item for item in items}.values())
        case cty.Map(element):
            return {draw(leaves["string"]): inside(element) for _ in range(draw(_counts))}
        case cty.Object(attributes):
            return {name: inside(item) for name, item in attributes.items()}
        case cty.Tuple(elements):
            return [inside(item) for item in elements]
    if type_ is cty.DynamicType:
        actual = _type(draw, 2, dynamic=False)
        return cty.Dynamic(actual, inside(actual))
    return draw(leaves[repr(type_)])


json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3) | names, inner, max_size=4),
    max_leaves=12,
)
