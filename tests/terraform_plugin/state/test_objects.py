"""Whole objects: equal or not, complete or not."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terraform_plugin.cty import types as cty
from terraform_plugin.cty.msgpack import WireError
from terraform_plugin.diagnostics import Path
from terraform_plugin.schema import Attribute, Block, Nested, Schema
from terraform_plugin.state.objects import (
    absent,
    canonical,
    complete,
    elements,
    equal,
    sensitive_texts,
    texts,
    unknown_names,
    without_unknowns,
)
from tests.terraform_plugin.consistency import same
from tests.terraform_plugin.strategies import SMALL, types, unknowns, values

TEXT = Attribute(cty.String, "", optional=True)
OBJECT = cty.Object({"a": cty.String, "b": cty.Number})


@pytest.mark.parametrize(
    ("type_", "left", "right"),
    [
        (cty.Number, 1, Decimal("1.0")),
        (cty.Number, 0.1, Decimal("0.10")),
        (cty.Set(cty.Number), [1, 2], [2, 1]),
        (cty.Set(cty.Number), [1, 1, 2], [2, 1]),
        (cty.Set(cty.Set(cty.String)), [["a", "b"], []], [[], ["b", "a"]]),
        (cty.Map(cty.String), {"a": "1", "b": "2"}, {"b": "2", "a": "1"}),
        (OBJECT, {"a": "x", "b": None}, {"a": "x"}),
        (cty.String, cty.UNKNOWN, cty.Unknown(b"\x81\x01\xc2")),
        (cty.Set(cty.String), ["e\u0301"], ["\u00e9"]),
        (cty.Map(cty.String), {"e\u0301": "a"}, {"\u00e9": "a"}),
        (cty.DynamicType, cty.Dynamic(cty.Set(cty.Number), [1, 2]), cty.Dynamic(cty.Set(cty.Number), [2, 1])),
        (
            cty.DynamicNested(cty.Object({"x": cty.DynamicType}), keyed=False),
            [{"x": cty.Dynamic(cty.String, "a")}],
            [{"x": cty.Dynamic(cty.String, "a")}],
        ),
    ],
)
def test_the_same_value_in_another_form_is_equal(type_: cty.Type, left: cty.Value, right: cty.Value) -> None:
    """Sets have no order, numbers no spelling, missing names are null, unknown is unknown, Unicode has forms."""
    assert equal(type_, left, right)


@pytest.mark.parametrize(
    ("type_", "left", "right"),
    [
        (cty.String, "", None),
        (cty.List(cty.String), [], None),
        (cty.List(cty.String), ["a", "b"], ["b", "a"]),
        (cty.Map(cty.String), {"a": None}, {}),
        (cty.Tuple([cty.Bool, cty.Number]), [True, 1], [True, 2]),
        (cty.DynamicType, cty.Dynamic(cty.Bool, value=True), cty.Dynamic(cty.Number, 1)),
        (cty.DynamicType, cty.Dynamic(cty.String, None), None),
        (cty.DynamicType, cty.Dynamic(cty.List(cty.String), []), cty.Dynamic(cty.Set(cty.String), [])),
        (OBJECT, {"a": cty.UNKNOWN, "b": 1}, {"a": None, "b": 1}),
    ],
)
def test_other_values_are_not_equal(type_: cty.Type, left: cty.Value, right: cty.Value) -> None:
    """Empty is not null, and a dynamic value of another type is another value."""
    assert not equal(type_, left, right)


@given(st.data(), types)
def test_equality_is_terraforms(data: st.DataObject, type_: cty.Type) -> None:
    """Whatever the type; equal values have equal hashes."""
    left, right = data.draw(st.tuples(*[values(type_, SMALL, unknowns)] * 2))
    assert equal(type_, left, right) is same(type_, left, right)
    if equal(type_, left, right):
        assert hash(canonical(type_, left)) == hash(canonical(type_, right))


DEEP = Schema(
    "thing",
    attributes={
        "a": TEXT,
        "secret": Attribute(cty.String, "", optional=True, write_only=True),
        "n": Attribute(Nested("map", {"a": TEXT, "b": TEXT}), "", optional=True),
    },
    blocks={
        "single": Block({"a": TEXT}, {"list": Block()}, nesting="single"),
        "group": Block({"a": TEXT}, {"list": Block()}, nesting="group"),
        "list": Block({"a": TEXT}, {"group": Block({"a": TEXT}, nesting="group")}),
        "set": Block({"a": TEXT}, nesting="set"),
        "map": Block({"a": TEXT}, nesting="map"),
    },
)


def test_a_complete_object_has_every_name() -> None:
    """Null for attributes and single blocks, nothing for collections of blocks, an object of nulls for groups."""
    assert complete(DEEP, {}) == {
        "a": None, "secret": None, "n": None, "single": None, "group": {"a": None, "list": []}, "list": [], "set": [],
        "map": {},
    }  # fmt: skip


def test_an_object_is_completed_at_any_depth() -> None:
    """Inside nested attributes and blocks, with write-only values taken out; null and unknown stay."""
    given_ = {
        "secret": "x", "n": {"k": {"a": "1"}, "l": None}, "single": {}, "list": [{"a": "1"}, cty.UNKNOWN],
        "set": cty.UNKNOWN,
    }  # fmt: skip
    assert complete(DEEP, given_) == complete(DEEP, {}) | {
        "n": {"k": {"a": "1", "b": None}, "l": None},
        "single": {"a": None, "list": []},
        "list": [{"a": "1", "group": {"a": None}}, cty.UNKNOWN],
        "set": cty.UNKNOWN,
    }


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"b": 1}, ""),
        ({5: 1}, ""),
        ({"single": {"b": 1}}, "single"),
        ({"single": "x"}, "single"),
        ({"single": []}, "single"),
        ({"list": [{"a": "x"}, {"b": 1}]}, "list[1]"),
        ({"list": [5]}, "list[0]"),
        ({"list": {"a": "x"}}, "list"),
        ({"set": "x"}, "set"),
        ({"map": [1]}, "map"),
        ({"map": {"k": 1}}, 'map["k"]'),
        ({"n": {"k": {"c": 1}}}, 'n["k"]'),
    ],
)
def test_an_object_that_does_not_fit_is_refused(wrong: dict[Any, cty.Value], path: str) -> None:
    """A name the schema does not have, or another shape: with the path."""
    with pytest.raises(WireError) as refused:
        complete(DEEP, wrong)
    assert str(refused.value.path) == path


def test_no_block_is_what_terraform_says_it_is() -> None:
    """Never null, but for a single block."""
    assert [absent(block) for block in DEEP.blocks.values()] == [None, {"a": None, "list": []}, [], [], {}]


def test_each_element_has_its_path() -> None:
    """An index, a key, or nothing in a set."""
    paths: list[str] = []
    for nesting in ("single", "list", "set", "map"):
        value: cty.Value = {"single": {}, "map": {"k": {}}}.get(nesting, [{}, None, cty.UNKNOWN, {}])
        paths += [str(path) for path, _ in elements(DEEP.blocks[nesting], value, Path("b"))]
    assert paths == ["b", "b[0]", "b[3]", "b", "b", 'b["k"]']


def test_unknown_values_become_null() -> None:
    """At any depth, and nothing else changes."""
    value: cty.Value = {
        "a": cty.UNKNOWN,
        "b": [cty.UNKNOWN, "x", {"c": cty.UNKNOWN}],
        "d": cty.Dynamic(cty.List(cty.String), [cty.UNKNOWN]),
    }
    assert without_unknowns(value) == {
        "a": None,
        "b": [None, "x", {"c": None}],
        "d": cty.Dynamic(cty.List(cty.String), [None]),
    }
    assert unknown_names(value) == ["a", "b", "d"]
    assert unknown_names(without_unknowns(value)) == []


def test_sensitive_texts_are_found_at_any_depth() -> None:
    """In sensitive and write-only values, whatever their type; null and unknown ones have none."""
    secret = Attribute(cty.Map(cty.List(cty.String)), "", optional=True, sensitive=True)
    schema = Schema(
        "thing",
        attributes={
            "open": TEXT,
            "token": Attribute(cty.String, "", optional=True, sensitive=True),
            "password": Attribute(cty.String, "", optional=True, write_only=True),
            "n": Attribute(Nested("list", {"open": TEXT, "secret": secret}), "", optional=True),
        },
        blocks={"b": Block({"secret": secret}, nesting="group")},
    )
    config = {
        "open": "o", "token": "t", "password": "p", "n": [{"open": "o", "secret": {"k": ["1", None, cty.UNKNOWN]}}],
        "b": {"secret": {"k": ["2"]}},
    }  # fmt: skip
    assert list(sensitive_texts(schema, config)) == ["t", "p", "1", "2"]
    assert list(sensitive_texts(schema, complete(schema, {"n": cty.UNKNOWN, "token": cty.UNKNOWN}))) == []
    assert list(texts({"a": ["x", 1, cty.Dynamic(cty.String, "y")], "b": None})) == ["x", "y"]
