"""A schema that Terraform would report as a bug of the provider cannot be declared."""

from collections.abc import Mapping
from copy import deepcopy
from typing import Any

import pytest

from terraform_plugin.cty.types import Bool, DynamicType, List, Map, Number, Object, Set, String, Tuple
from terraform_plugin.schema import NO_DEFAULT, Attribute, Block, Nested, Schema

TEXT = Attribute(String, "", optional=True)


def schema(attributes: Mapping[str, Attribute] = {}, blocks: Mapping[str, Block] = {}, version: int = 0) -> Schema:
    return Schema("thing", attributes=attributes, blocks=blocks, version=version)


@pytest.mark.parametrize(
    ("attribute", "problem"),
    [
        (Attribute(String, ""), "neither required, optional nor computed"),
        (Attribute(String, "", required=True, optional=True), "required excludes"),
        (Attribute(String, "", required=True, computed=True), "required excludes"),
        (Attribute(String, "", required=True, default="x"), "required excludes"),
        (Attribute(String, "", computed=True, default="x"), "a default needs optional"),
        (Attribute(String, "", computed=True, write_only=True), "write_only excludes computed"),
        (Attribute(String, "", optional=True, default="x", write_only=True), "write_only excludes computed"),
        (
            Attribute(String, "", optional=True, use_state_for_unknown=True),
            "use_state_for_unknown needs a computed value",
        ),
        (Attribute(String, "", optional=True, write_only=True, requires_replace=True), "write_only excludes"),
        (Attribute(String, "", computed=True, normalize=str.lower), "normalize excludes"),
        (Attribute(Nested("group", {"a": TEXT}), "", optional=True), "only blocks can be a group"),
        (Attribute(Nested("list", {"A": TEXT}), "", optional=True), "a.A: a name must consist of"),
        (Attribute(Nested("list", {"b": Attribute(String, "")}), "", optional=True), "a.b: neither required"),
    ],
)
def test_an_attribute_terraform_would_refuse_cannot_be_declared(attribute: Attribute, problem: str) -> None:
    """Exactly one of required, optional, computed, or the last two together; also for nested attributes."""
    with pytest.raises(ValueError, match=problem):
        schema({"a": attribute})


@pytest.mark.parametrize("wrong", [str, "string", List, None])
def test_an_attribute_has_one_of_terraforms_types(wrong: Any) -> None:
    """Python's types are easily taken for them, also inside another type."""
    for type_ in (wrong, List(wrong), Map(Set(wrong)), Object({"b": wrong}), Tuple([String, wrong])):
        refuse_type(type_)


def refuse_type(type_: Any) -> None:
    with pytest.raises(ValueError, match=r"a.*: the type must be a type such as String"):
        schema({"a": Attribute(type_, "", optional=True)})


def test_members_are_of_the_right_kind() -> None:
    """An attribute under `attributes`, a block under `blocks`, and a nesting that exists."""
    wrong: Any = Block(), TEXT, "lists"
    with pytest.raises(ValueError, match="a: must be an Attribute, got Block"):
        schema({"a": wrong[0]})
    with pytest.raises(ValueError, match="b: must be a Block, got Attribute"):
        schema(blocks={"b": wrong[1]})
    with pytest.raises(ValueError, match="b: the nesting must be one of single, group, list, set, map, got 'lists'"):
        schema(blocks={"b": Block(nesting=wrong[2])})
    with pytest.raises(ValueError, match="a: the nesting must be"):
        schema({"a": Attribute(Nested(wrong[2], {"b": TEXT}), "", optional=True)})


def test_a_deep_copy_of_an_attribute_is_the_same_attribute() -> None:
    """Its type and the value that stands for no default are compared with `is`."""
    attribute = Attribute(Nested("list", {"b": Attribute(DynamicType, "", optional=True)}), "", optional=True)
    copy = deepcopy(attribute)
    assert copy == attribute
    assert copy.default is NO_DEFAULT


@pytest.mark.parametrize(
    ("block", "problem"),
    [
        (Block(nesting="single", max_items=1), "must be 0, 0 or 1, 1"),
        (Block(nesting="single", min_items=2, max_items=2), "must be 0, 0 or 1, 1"),
        (Block(nesting="group", min_items=1), "a group cannot have limits"),
        (Block(nesting="map", max_items=1), "a map cannot have limits"),
        (Block(min_items=3, max_items=2), "min_items is above max_items"),
        (Block(nesting="set", min_items=-1), "below 0"),
        (Block({"x": TEXT}, {"x": Block()}), "b.x: an attribute and a block have the same name"),
        (Block(blocks={"X": Block()}), "b.X: a name must consist of"),
    ],
)
def test_a_block_terraform_would_refuse_cannot_be_declared(block: Block, problem: str) -> None:
    """Limits where the nesting allows them; at any depth."""
    with pytest.raises(ValueError, match=problem):
        schema(blocks={"b": block})


@pytest.mark.parametrize(
    "attribute",
    [
        Attribute(DynamicType, "", optional=True),
        Attribute(List(DynamicType), "", optional=True),
        Attribute(String, "", optional=True, write_only=True),
        Attribute(String, "", optional=True, normalize=str.lower),
        Attribute(Nested("list", {"x": Attribute(String, "", required=True, write_only=True)}), "", optional=True),
        Attribute(Nested("list", {"x": Attribute(DynamicType, "", required=True)}), "", optional=True),
    ],
)
def test_a_set_cannot_contain_attributes_that_make_elements_ambiguous(attribute: Attribute) -> None:
    """Neither in a set of blocks nor of nested attributes, nor in blocks inside them."""
    with pytest.raises(ValueError, match="inside a set"):
        schema({"s": Attribute(Nested("set", {"a": attribute}), "", optional=True)})
    with pytest.raises(ValueError, match="inside a set"):
        schema(blocks={"s": Block(blocks={"inner": Block({"a": attribute})}, nesting="set")})


@pytest.mark.parametrize(
    "name", ["count", "for_each", "provider", "depends_on", "lifecycle", "connection", "provisioner"]
)
def test_terraforms_own_arguments_cannot_be_declared(name: str) -> None:
    """Terraform would never let them through."""
    with pytest.raises(ValueError, match=f"{name}: reserved"):
        schema({name: TEXT})
    with pytest.raises(ValueError, match=f"{name}: reserved"):
        schema(blocks={name: Block()})


@pytest.mark.parametrize("name", ["", "Name", "9a", "a-b", "a b", "ä", "a\n"])
def test_a_name_has_lower_case_letters_digits_and_underscores(name: str) -> None:
    """Terraform checks only those of blocks; others could not be written in HCL."""
    with pytest.raises(ValueError, match="a name must consist of"):
        schema({name: TEXT})


def test_a_version_is_not_negative() -> None:
    """Terraform counts from 0."""
    with pytest.raises(ValueError, match="version"):
        schema(version=-1)


def test_all_problems_are_reported_at_once() -> None:
    """With the path of each."""
    with pytest.raises(ValueError, match=r"a: neither .*; b\[?\.?c?.*: neither"):
        schema({"a": Attribute(String, "")}, {"b": Block({"c": Attribute(String, "")})})


@pytest.mark.parametrize(
    ("type_", "default"),
    [(String, 5), (Number, "x"), (Bool, "true"), (List(String), "x"), (Object({"a": String}), {"b": "x"})],
)
def test_a_default_has_the_attributes_type(type_: Any, default: Any) -> None:
    """It is refused where it is declared."""
    with pytest.raises(ValueError, match=r"the default .* does not fit"):
        Attribute(type_, "", optional=True, default=default)


def test_a_default_is_computed_for_terraform() -> None:
    """Terraform lets a provider fill in nothing else."""
    assert Attribute(String, "", optional=True, default=None).computed
    assert not TEXT.computed


@pytest.mark.parametrize(
    ("block", "json"),
    [
        (Block({"a": TEXT}, nesting="single"), ["object", {"a": "string"}]),
        (Block({"a": TEXT}, nesting="group"), ["object", {"a": "string"}]),
        (Block({"a": TEXT}), ["list", ["object", {"a": "string"}]]),
        (Block({"a": TEXT}, nesting="set"), ["set", ["object", {"a": "string"}]]),
        (Block({"a": TEXT}, nesting="map"), ["map", ["object", {"a": "string"}]]),
        (Block({"a": TEXT}, {"b": Block()}), ["list", ["object", {"a": "string", "b": ["list", ["object", {}]]}]]),
        (Block({"a": Attribute(Tuple([DynamicType]), "", optional=True)}), "dynamic"),
        (Block({"a": Attribute(Map(DynamicType), "", optional=True)}, nesting="map"), "dynamic"),
    ],
)
def test_blocks_have_the_type_terraform_derives(block: Block, json: Any) -> None:
    """An object, or a collection of objects; open where there is a dynamic in a list or map of them."""
    assert block.value_type.json() == json


def test_the_whole_object_has_every_attribute_and_block() -> None:
    """Its type is what travels."""
    whole = schema({"a": TEXT, "s": Attribute(Set(Number), "", computed=True)}, {"b": Block(nesting="single")})
    assert whole.element_type.json() == ["object", {"a": "string", "s": ["set", "number"], "b": ["object", {}]}]
