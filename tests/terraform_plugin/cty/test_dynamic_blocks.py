"""Blocks with a `dynamic` inside: open in the schema, closed on the wire."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terraform_plugin.cty.dynamic_blocks import DynamicNestedError, actual_type, retype
from terraform_plugin.cty.msgpack import decode, encode
from terraform_plugin.cty.types import (
    UNKNOWN,
    Bool,
    Dynamic,
    DynamicNested,
    DynamicType,
    List,
    Map,
    Number,
    Object,
    Set,
    String,
    Tuple,
    Type,
    Value,
)
from tests.terraform_plugin.consistency import same
from tests.terraform_plugin.strategies import SMALL, unknowns, values

ELEMENT = Object({"name": String, "any": DynamicType})
LIST = DynamicNested(ELEMENT, keyed=False)


@pytest.mark.parametrize(
    ("declared", "value", "actual"),
    [
        (DynamicType, Dynamic(String, "x"), "string"),
        (DynamicType, Dynamic(String, None), "string"),
        (DynamicType, Dynamic(String, UNKNOWN), "string"),
        (DynamicType, None, "dynamic"),
        (DynamicType, UNKNOWN, "dynamic"),
        (LIST, [], ["tuple", []]),
        (
            LIST,
            [{"name": "a", "any": Dynamic(Bool, value=True)}],
            ["tuple", [["object", {"any": "bool", "name": "string"}]]],
        ),
        (DynamicNested(ELEMENT, keyed=True), {}, ["object", {}]),
        (List(DynamicType), [None, Dynamic(String, "x")], ["list", "string"]),
        (List(DynamicType), [], ["list", "dynamic"]),
        (Map(DynamicType), {"k": Dynamic(Number, 1)}, ["map", "number"]),
        (Tuple([DynamicType, String]), [Dynamic(Bool, value=False), "x"], ["tuple", ["bool", "string"]]),
        (LIST, None, "dynamic"),
    ],
)
def test_the_values_say_which_type_there_is(declared: Type, value: Value, actual: Any) -> None:
    """Each dynamic carries its own type; null and unknown ones may leave it open."""
    assert actual_type(declared, value).json() == actual


@pytest.mark.parametrize(
    ("declared", "actual"),
    [
        (LIST, String),
        (LIST, Map(ELEMENT)),
        (LIST, Tuple([Object({"name": Number})])),
        (Tuple([DynamicType]), Tuple([String, String])),
        (DynamicNested(ELEMENT, keyed=True), List(ELEMENT)),
    ],
)
def test_another_shape_is_refused(declared: Type, actual: Type) -> None:
    """What the schema fixes must be so."""
    with pytest.raises(DynamicNestedError, match="expected"):
        retype(declared, actual, [{"name": "x", "any": "y"}])


def test_an_object_of_another_version_of_the_schema_is_read() -> None:
    """Missing names are null, surplus ones are dropped."""
    old = Tuple([Object({"any": Number, "old": String})])
    assert retype(LIST, old, [{"any": 1, "old": "x"}]) == [{"name": None, "any": Dynamic(Number, 1)}]


LEAVES: list[Type] = [
    DynamicType,
    String,
    List(DynamicType),
    Set(String),
    Map(DynamicType),
    Tuple([DynamicType, Bool]),
]
_leaves = st.sampled_from(LEAVES)
_counts = st.integers(0, 2)
_dynamic = values(DynamicType, SMALL, unknowns)
_strings = values(String, SMALL, unknowns)


@st.composite
def open_types(draw: st.DrawFn) -> DynamicNested:
    return _open(draw, 2)


def _open(draw: st.DrawFn, depth: int) -> DynamicNested:
    """At least one dynamic, and perhaps blocks in the block."""
    inner = {name: _open(draw, depth - 1) for name in "e" if depth and draw(st.booleans())}
    attributes = {name: draw(_leaves) for name in "bc"[: draw(_counts)]}
    return DynamicNested(Object({"a": DynamicType, **attributes, **inner}), keyed=draw(st.booleans()))


@st.composite
def of_one_kind(draw: st.DrawFn, type_: Type) -> Value:
    """Values as Terraform makes them: all the elements of a list or map have one type."""
    return _of_one_kind(draw, type_)


def _of_one_kind(draw: st.DrawFn, type_: Type) -> Value:
    match type_:
        case DynamicNested(element, True):
            return {key: _of_one_kind(draw, element) for key in "kl"[: draw(_counts)]}
        case DynamicNested(element, False):
            return [_of_one_kind(draw, element) for _ in range(draw(_counts))]
        case Object(attributes):
            return {name: _of_one_kind(draw, item) for name, item in attributes.items()}
        case List():
            return [Dynamic(String, draw(_strings)) for _ in range(draw(_counts))]
        case Map():
            return {key: Dynamic(String, draw(_strings)) for key in "kl"[: draw(_counts)]}
        case Set():
            return ["x", "y"][: draw(_counts)]
        case Tuple(elements):
            return [_of_one_kind(draw, item) for item in elements]
    return draw(_dynamic if type_ is DynamicType else _strings) if type_ is not Bool else None


@given(st.data(), open_types())
def test_a_mixed_value_comes_back_from_the_wire_with_every_type_in_place(data: st.DataObject, type_: Type) -> None:
    """Nulls and unknowns keep their type, too: Terraform compares it."""
    value = data.draw(of_one_kind(type_))
    assert same(type_, decode(type_, encode(type_, value)), value)
