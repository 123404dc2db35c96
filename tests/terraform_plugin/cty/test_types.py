"""Types as the protocol writes them."""

from typing import Any

import pytest
from hypothesis import given

from terraform_plugin.cty.types import (
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
    contains_dynamic,
    is_known,
    is_wholly_known,
    type_from_json,
)
from tests.terraform_plugin.strategies import json_values, types


@pytest.mark.parametrize(
    ("type_", "json"),
    [
        (String, "string"),
        (Number, "number"),
        (Bool, "bool"),
        (DynamicType, "dynamic"),
        (List(String), ["list", "string"]),
        (Set(Number), ["set", "number"]),
        (Map(List(Bool)), ["map", ["list", "bool"]]),
        (Tuple([String, Number]), ["tuple", ["string", "number"]]),
        (Object({"b": String, "a": Number}), ["object", {"a": "number", "b": "string"}]),
        (Object({"a": Number}, frozenset({"a"})), ["object", {"a": "number"}, ["a"]]),
    ],
)
def test_a_type_is_written_as_in_the_protocol(type_: Type, json: Any) -> None:
    """JSON, with the kind first; an object may name attributes that can be left out."""
    assert type_.json() == json


@given(types)
def test_a_type_reads_back_as_itself(type_: Type) -> None:
    """`type_from_json` undoes `json`."""
    assert type_from_json(type_.json()).json() == type_.json()


@given(json_values)
def test_any_json_is_a_type_or_refused(data: Any) -> None:
    """Nothing but `ValueError` comes out of JSON that is no type."""
    try:
        type_ = type_from_json(data)
    except ValueError:
        return
    assert type_from_json(type_.json()).json() == type_.json()


@pytest.mark.parametrize(
    "data",
    [
        "strin", None, 5, [], {}, ["list"], ["list", "string", "string"], ["tuple", "string"], ["object", []],
        ["object", {}, 5], ["object", {}, ["a"]], ["object", {}, [[]]], ["object", {"a": "string"}, [], []],
    ],
)  # fmt: skip
def test_what_is_no_type_is_refused(data: Any) -> None:
    """Also where it begins like one."""
    with pytest.raises(ValueError, match="not a Terraform type"):
        type_from_json(data)


def test_dynamic_is_found_at_any_depth() -> None:
    """A list of objects with a dynamic in it has another form on the wire."""
    assert contains_dynamic(Map(Tuple([Object({"a": DynamicType})])))
    assert not contains_dynamic(Map(Tuple([Object({"a": String})])))


def test_an_unknown_value_cannot_be_taken_for_true_or_false() -> None:
    """`if value` on something unknown would be a guess."""
    with pytest.raises(TypeError, match="is_known"):
        bool(UNKNOWN)


def test_two_unknown_values_are_equal_whatever_is_known_about_them() -> None:
    """A refinement is no difference: it goes back as it came."""
    assert Unknown(b"\x81\x01\xc2") == UNKNOWN


@pytest.mark.parametrize("value", [UNKNOWN, Dynamic(String, UNKNOWN)])
def test_an_unknown_value_is_not_known(value: Any) -> None:
    """Neither is a dynamic whose type alone is known."""
    assert not is_known(value)
    assert not is_wholly_known(value)


@pytest.mark.parametrize("value", [[UNKNOWN], {"a": [UNKNOWN]}, Dynamic(List(String), [UNKNOWN])])
def test_a_value_with_something_unknown_in_it_is_known_but_not_wholly(value: Any) -> None:
    """`is_known` looks at the value itself, `is_wholly_known` at all of it."""
    assert is_known(value)
    assert not is_wholly_known(value)


@pytest.mark.parametrize("value", [None, "", False, 0, [], {}, {"a": [None, Dynamic(String, None)]}])
def test_null_and_empty_are_known(value: Any) -> None:
    """Null is a value."""
    assert is_known(value)
    assert is_wholly_known(value)
