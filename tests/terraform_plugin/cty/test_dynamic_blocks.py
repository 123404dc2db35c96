"""Blocks with a `dynamic` inside: open in the schema, closed on the wire."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terraform_plugin.cty import types as cty
from terraform_plugin.cty.dynamic_blocks import DynamicNestedError, actual_type, retype
from terraform_plugin.cty.msgpack import decode, encode
from tests.terraform_plugin.consistency import same
from tests.terraform_plugin.strategies import SMALL, unknowns, values

ELEMENT = cty.Object({"name": cty.String, "any": cty.DynamicType})
LIST = cty.DynamicNested(ELEMENT, keyed=False)


@pytest.mark.parametrize(
    ("declared", "value", "actual"),
    [
        (cty.DynamicType, cty.Dynamic(cty.String, "x"), "string"),
        (cty.DynamicType, cty.Dynamic(cty.String, None), "string"),
        (cty.DynamicType, cty.Dynamic(cty.String, cty.UNKNOWN), "string"),
        (cty.DynamicType, None, "dynamic"),
        (cty.DynamicType, cty.UNKNOWN, "dynamic"),
        (LIST, [], ["tuple", []]),
        (
            LIST,
            [{"name": "a", "any": cty.Dynamic(cty.Bool, value=True)}],
            ["tuple", [["object", {"any": "bool", "name": "string"}]]],
        ),
        (cty.DynamicNested(ELEMENT, keyed=True), {}, ["object", {}]),
        (cty.List(cty.DynamicType), [None, cty.Dynamic(cty.String, "x")], ["list", "string"]),
        (cty.List(cty.DynamicType), [], ["list", "dynamic"]),
        (cty.Map(cty.DynamicType), {"k": cty.Dynamic(cty.Number, 1)}, ["map", "number"]),
        (
            cty.Tuple([cty.DynamicType, cty.String]),
            [cty.Dynamic(cty.Bool, value=False), "x"],
            ["tuple", ["bool", "string"]],
        ),
        (LIST, None, "dynamic"),
    ],
)
def test_the_values_say_which_type_there_is(declared: cty.Type, value: cty.Value, actual: Any) -> None:
    """Each dynamic carries its own type; null and unknown ones may leave it open."""
    assert actual_type(declared, value).json() == actual


@pytest.mark.parametrize(
    ("declared", "actual"),
    [
        (LIST, cty.String),
        (LIST, cty.Map(ELEMENT)),
        (LIST, cty.Tuple([cty.Object({"name": cty.Number})])),
        (cty.Tuple([cty.DynamicType]), cty.Tuple([cty.String, cty.String])),
        (cty.DynamicNested(ELEMENT, keyed=True), cty.List(ELEMENT)),
    ],
)
def test_another_shape_is_refused(declared: cty.Type, actual: cty.Type) -> None:
    """What the schema fixes must be so."""
    with pytest.raises(DynamicNestedError, match="expected"):
        retype(declared, actual, [{"name": "x", "any": "y"}])


def test_an_object_of_another_version_of_the_schema_is_read() -> None:
    """Missing names are null, surplus ones are dropped."""
    old = cty.Tuple([cty.Object({"any": cty.Number, "old": cty.String})])
    assert retype(LIST, old, [{"any": 1, "old": "x"}]) == [{"name": None, "any": cty.Dynamic(cty.Number, 1)}]


LEAVES: list[cty.Type] = [
    cty.DynamicType,
    cty.String,
    cty.List(cty.DynamicType),
    cty.Set(cty.String),
    cty.Map(cty.DynamicType),
    cty.Tuple([cty.DynamicType, cty.Bool]),
]
_leaves = st.sampled_from(LEAVES)
_counts = st.integers(0, 2)
_dynamic = values(cty.DynamicType, SMALL, unknowns)
_strings = values(cty.String, SMALL, unknowns)


@st.composite
def open_types(draw: st.DrawFn) -> cty.DynamicNested:
    return _open(draw, 2)


def _open(draw: st.DrawFn, depth: int) -> cty.DynamicNested:
    """At least one dynamic, and perhaps blocks in the block."""
    inner = {name: _open(draw, depth - 1) for name in "e" if depth and draw(st.booleans())}
    attributes = {name: draw(_leaves) for name in "bc"[: draw(_counts)]}
    return cty.DynamicNested(cty.Object({"a": cty.DynamicType, **attributes, **inner}), keyed=draw(st.booleans()))


@st.composite
def of_one_kind(draw: st.DrawFn, type_: cty.Type) -> cty.Value:
    """Values as Terraform makes them: all the elements of a list or map have one type."""
    return _of_one_kind(draw, type_)


def _of_one_kind(draw: st.DrawFn, type_: cty.Type) -> cty.Value:
    match type_:
        case cty.DynamicNested(element, True):
            return {key: _of_one_kind(draw, element) for key in "kl"[: draw(_counts)]}
        case cty.DynamicNested(element, False):
            return [_of_one_kind(draw, element) for _ in range(draw(_counts))]
        case cty.Object(attributes):
            return {name: _of_one_kind(draw, item) for name, item in attributes.items()}
        case cty.List():
            return [cty.Dynamic(cty.String, draw(_strings)) for _ in range(draw(_counts))]
        case cty.Map():
            return {key: cty.Dynamic(cty.String, draw(_strings)) for key in "kl"[: draw(_counts)]}
        case cty.Set():
            return ["x", "y"][: draw(_counts)]
        case cty.Tuple(elements):
            return [_of_one_kind(draw, item) for item in elements]
    return draw(_dynamic if type_ is cty.DynamicType else _strings) if type_ is not cty.Bool else None


@given(st.data(), open_types())
def test_a_mixed_value_comes_back_from_the_wire_with_every_type_in_place(data: st.DataObject, type_: cty.Type) -> None:
    """Nulls and unknowns keep their type, too: Terraform compares it."""
    value = data.draw(of_one_kind(type_))
    assert same(type_, decode(type_, encode(type_, value)), value)
