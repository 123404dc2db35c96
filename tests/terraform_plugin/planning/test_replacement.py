"""Which changes need another resource. What they mean for a plan is in test_plan.py."""

from typing import Any

import pytest

from terraform_plugin.cty.types import UNKNOWN, Dynamic, DynamicType, Number, String, Value
from terraform_plugin.planning.replacement import may_require_replace, replacing_paths
from terraform_plugin.schema import Attribute, Block, Nested, Schema

FREE = Attribute(String, "", optional=True)
FIXED = Attribute(String, "", optional=True, requires_replace=True)


@pytest.mark.parametrize(
    ("item", "fixed"),
    [
        (FREE, False),
        (FIXED, True),
        (Attribute(Nested("map", {"a": FREE}), "", optional=True), False),
        (Attribute(Nested("map", {"a": FREE, "b": FIXED}), "", optional=True), True),
        (Block({"a": FREE}), False),
        (Block(requires_replace=True), True),
        (Block(blocks={"b": Block(blocks={"c": Block({"a": FIXED})})}), True),
    ],
)
def test_something_fixed_is_found_at_any_depth(item: Attribute | Block, *, fixed: bool) -> None:
    """In nested attributes and in blocks in blocks."""
    assert may_require_replace(item) is fixed


def test_equal_values_need_nothing() -> None:
    """Whatever cannot change in them."""
    schema = Schema("thing", attributes={"a": FIXED}, blocks={"b": Block({"a": FIXED}, requires_replace=True)})
    state = {"a": "x", "b": [{"a": "x"}]}
    assert list(replacing_paths(schema, state, dict(state))) == []


@pytest.mark.parametrize(
    ("prior", "planned", "named"),
    [
        ([{"in": [{"a": "1"}]}], [{"in": [{"a": "1"}]}], False),
        ([{"in": [{"a": "1"}, {"a": "2"}]}], [{"in": [{"a": "2"}, {"a": "1"}]}], False),
        ([{"in": [{"a": "1"}]}], [{"in": [{"a": "2"}]}], True),
        ([{"in": [{"a": "1"}]}], [{"in": UNKNOWN}], True),
        ([{"in": [{"a": "1"}]}], [{"in": []}], True),
        ([{"in": [{"a": None}]}], [{"in": []}], False),
        ([{"in": [{"a": "1"}]}], [UNKNOWN], True),
        ([], [{"in": []}], False),
    ],
)
def test_a_set_is_named_if_what_is_fixed_in_it_changes(prior: Value, planned: Value, *, named: bool) -> None:
    """At any depth, in any order; null is as if it were not there."""
    schema = Schema("thing", blocks={"s": Block(blocks={"in": Block({"a": FIXED}, nesting="set")}, nesting="set")})
    assert [str(path) for path in replacing_paths(schema, {"s": prior}, {"s": planned})] == ["s"] * named


@pytest.mark.parametrize("nesting", ["list", "map"])
def test_an_element_that_is_only_on_one_side_is_compared_with_nothing(nesting: Any) -> None:
    """Its path exists on the other side, so Terraform finds it."""
    schema = Schema("thing", attributes={"n": Attribute(Nested(nesting, {"a": FIXED, "b": FREE}), "", optional=True)})
    element = {"a": "1", "b": "2"}
    some: Value = [None, element] if nesting == "list" else {"k": element}
    step = "[1]" if nesting == "list" else '["k"]'
    for before, after in ((some, None), (None, some), (some, type(some)())):
        assert [str(path) for path in replacing_paths(schema, {"n": before}, {"n": after})] == [f"n{step}.a"]


def test_a_dynamic_value_of_another_type_is_another_value() -> None:
    """Also in a list of blocks."""
    fixed = Attribute(DynamicType, "", optional=True, requires_replace=True)
    schema = Schema("thing", blocks={"b": Block({"a": fixed})})
    prior, planned = ({"b": [{"a": Dynamic(type_, "1" if type_ is String else 1)}]} for type_ in (String, Number))
    assert [str(path) for path in replacing_paths(schema, prior, planned)] == ["b[0].a"]
