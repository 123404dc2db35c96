"""Blocks with a `dynamic` inside: open in the schema, closed on the wire."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terraform_plugin.mixed import MixedError, actual_type, retype
from terraform_plugin.types import (
    UNKNOWN,
    Bool,
    Dynamic,
    DynamicType,
    List,
    Map,
    Mixed,
    Number,
    Object,
    Set,
    String,
    Tuple,
    Type,
    Value,
)
from terraform_plugin.wire import decode, encode

from .consistency import same
from .strategies import SMALL, unknowns, values

ELEMENT = Object({"name": String, "any": DynamicType})
LIST = Mixed(ELEMENT, keyed=False)


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
        (Mixed(ELEMENT, keyed=True), {}, ["object", {}]),
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
        (LIST, Tuple([Object({"name": String})])),
        (Object({"a": DynamicType}), Object({"b": String})),
        (Tuple([DynamicType]), Tuple([String, String])),
        (Mixed(ELEMENT, keyed=True), List(ELEMENT)),
    ],
)
def test_another_shape_is_refused(declared: Type, actual: Type) -> None:
    """What the schema fixes must be so."""
    with pytest.raises(MixedError, match="expected"):
        retype(declared, actual, [{"name": "x", "any": "y"}])


OPEN = st.recursive(
    st.sampled_from(
        [DynamicType, String, List(DynamicType), Set(String), Map(DynamicType), Tuple([DynamicType, Bool])]
    ),
    lambda inner: st.builds(
        Mixed, st.builds(Object, st.dictionaries(st.sampled_from("abc"), inner, min_size=1)), st.booleans()
    ),
    max_leaves=5,
).filter(lambda type_: isinstance(type_, Mixed))


def of_one_kind(type_: Type) -> st.SearchStrategy[Value]:
    """Values as Terraform makes them: all the elements of a list or map have one type."""
    match type_:
        case Mixed(element, keyed):
            return _mixed(element, keyed=keyed)
        case Object(attributes):
            return st.fixed_dictionaries({name: of_one_kind(item) for name, item in attributes.items()})
        case List() | Map() if type_.element is DynamicType:
            return values(type(type_)(String), SMALL, unknowns).map(_each_dynamic)
    return values(type_, SMALL, unknowns)


def _mixed(element: Type, *, keyed: bool) -> st.SearchStrategy[Value]:
    one = of_one_kind(element)
    return st.dictionaries(st.sampled_from("kl"), one) if keyed else st.lists(one, max_size=3)


def _each_dynamic(value: Value) -> Value:
    if isinstance(value, dict):
        return {key: Dynamic(String, item) for key, item in value.items()}
    return [Dynamic(String, item) for item in value] if isinstance(value, list) else value


@given(st.data(), OPEN)
def test_a_mixed_value_comes_back_from_the_wire_with_every_type_in_place(data: st.DataObject, type_: Type) -> None:
    """Nulls and unknowns keep their type, too: Terraform compares it."""
    value = data.draw(of_one_kind(type_))
    assert same(type_, decode(type_, encode(type_, value)), value)
