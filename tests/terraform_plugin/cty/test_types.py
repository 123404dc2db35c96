"""Types as the protocol writes them."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given

from terraform_plugin.cty import types as cty
from tests.terraform_plugin.strategies import json_values, types


@pytest.mark.parametrize(
    ("type_", "json"),
    [
        (cty.String, "string"),
        (cty.Number, "number"),
        (cty.Bool, "bool"),
        (cty.DynamicType, "dynamic"),
        (cty.List(cty.String), ["list", "string"]),
        (cty.Set(cty.Number), ["set", "number"]),
        (cty.Map(cty.List(cty.Bool)), ["map", ["list", "bool"]]),
        (cty.Tuple([cty.String, cty.Number]), ["tuple", ["string", "number"]]),
        (cty.Object({"b": cty.String, "a": cty.Number}), ["object", {"a": "number", "b": "string"}]),
        (cty.Object({"a": cty.Number}, frozenset({"a"})), ["object", {"a": "number"}, ["a"]]),
    ],
)
def test_a_type_is_written_as_in_the_protocol(type_: cty.Type, json: Any) -> None:
    """JSON, with the kind first; an object may name attributes that can be left out."""
    assert type_.json() == json


@given(types)
def test_a_type_reads_back_as_itself(type_: cty.Type) -> None:
    """`type_from_json` undoes `json`."""
    assert cty.type_from_json(type_.json()).json() == type_.json()


@pytest.mark.parametrize("type_", [cty.String, cty.Number, cty.Bool, cty.DynamicType])
def test_there_is_one_object_of_each_primitive_type(type_: cty.Type) -> None:
    """Primitive types are compared with `is`, also those in a `Dynamic` that an author copies or stores."""
    assert deepcopy(type_) is type_


@given(json_values)
def test_any_json_is_a_type_or_refused(data: Any) -> None:
    """JSON that is not a type raises `ValueError`."""
    try:
        type_ = cty.type_from_json(data)
    except ValueError:
        return
    assert cty.type_from_json(type_.json()).json() == type_.json()


@pytest.mark.parametrize(
    "data",
    [
        "strin", None, 5, [], {}, ["list"], ["list", "string", "string"], ["tuple", "string"], ["object", []],
        ["object", {}, 5], ["object", {}, ["a"]], ["object", {}, [[]]], ["object", {"a": "string"}, [], []],
    ],
)  # fmt: skip
def test_anything_else_than_a_type_is_refused(data: Any) -> None:
    """Also where it begins like one."""
    with pytest.raises(ValueError, match="not a Terraform type"):
        cty.type_from_json(data)


def test_dynamic_is_found_at_any_depth() -> None:
    """A list of objects with a dynamic in it has another form on the wire."""
    assert cty.contains_dynamic(cty.Map(cty.Tuple([cty.Object({"a": cty.DynamicType})])))
    assert not cty.contains_dynamic(cty.Map(cty.Tuple([cty.Object({"a": cty.String})])))


def test_an_unknown_value_cannot_be_taken_for_true_or_false() -> None:
    """`if value` on something unknown would be a guess."""
    with pytest.raises(TypeError, match="is_known"):
        bool(cty.UNKNOWN)


def test_two_unknown_values_are_equal_whatever_is_known_about_them() -> None:
    """Refinements are ignored, and returned as they were received."""
    assert cty.Unknown(b"\x81\x01\xc2") == cty.UNKNOWN


@pytest.mark.parametrize("value", [cty.UNKNOWN, cty.Dynamic(cty.String, cty.UNKNOWN)])
def test_an_unknown_value_is_not_known(value: Any) -> None:
    """Neither is a dynamic whose type alone is known."""
    assert not cty.is_known(value)
    assert not cty.is_wholly_known(value)


@pytest.mark.parametrize(
    "value", [[cty.UNKNOWN], {"a": [cty.UNKNOWN]}, cty.Dynamic(cty.List(cty.String), [cty.UNKNOWN])]
)
def test_a_value_with_something_unknown_in_it_is_known_but_not_wholly(value: Any) -> None:
    """`is_known` looks at the value itself, `is_wholly_known` at all of it."""
    assert cty.is_known(value)
    assert not cty.is_wholly_known(value)


@pytest.mark.parametrize("value", [None, "", False, 0, [], {}, {"a": [None, cty.Dynamic(cty.String, None)]}])
def test_null_and_empty_are_known(value: Any) -> None:
    """Null is a value."""
    assert cty.is_known(value)
    assert cty.is_wholly_known(value)
