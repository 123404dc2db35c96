"""What a configuration plans: no rule of Terraform is broken, and no unnecessary change is planned."""

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terraform_plugin.cty.types import UNKNOWN, Bool, List, Map, Number, Set, String, Unknown, Value
from terraform_plugin.diagnostics import Path
from terraform_plugin.planning.plan import plan
from terraform_plugin.schema import Attribute, Block, Nested, Schema
from terraform_plugin.state.objects import complete
from terraform_plugin.state.state import State
from tests.terraform_plugin.consistency import problems, same
from tests.terraform_plugin.profiles import costly
from tests.terraform_plugin.schemas import applied, configs, nearly, schemas
from tests.terraform_plugin.strategies import REFINED


def attribute(type_: Any = String, **options: Any) -> Attribute:
    return Attribute(type_, "", **options)


def planned(schema: Schema, prior: dict[str, Value] | None, config: dict[str, Value]) -> dict[str, Value] | None:
    """What is planned; names that are left out are null, or no blocks."""
    before = None if prior is None else State(complete(schema, prior))
    change = plan(schema, before, State(complete(schema, config)))
    assert problems(schema, before, complete(schema, config), change.planned) == []
    return change.planned


def replaced(schema: Schema, prior: dict[str, Value], config: dict[str, Value]) -> list[str]:
    """The paths whose change needs another resource."""
    change = plan(schema, State(complete(schema, prior)), State(complete(schema, config)))
    return [str(path) for path in change.requires_replace]


THING = Schema(
    "thing",
    attributes={
        "id": attribute(computed=True, use_state_for_unknown=True),
        "name": attribute(required=True),
        "note": attribute(optional=True),
        "etag": attribute(computed=True),
        "region": attribute(optional=True, computed=True),
        "size": attribute(Number, optional=True, default=3),
    },
)
PRIOR = {"id": "1", "name": "a", "note": None, "etag": "v1", "region": "eu", "size": 3}


def test_a_create_knows_what_is_configured_and_the_defaults() -> None:
    """Everything computed is unknown, not null: null would be a promise."""
    assert planned(THING, None, {"name": "a"}) == {
        "id": UNKNOWN, "name": "a", "note": None, "etag": UNKNOWN, "region": UNKNOWN, "size": 3,
    }  # fmt: skip


def test_nothing_changes_where_nothing_is_configured_otherwise() -> None:
    """The plan is the prior state, computed values included: Terraform calls it no change."""
    assert planned(THING, PRIOR, {"name": "a"}) == PRIOR


def test_a_change_makes_computed_values_unknown_but_not_stable_ones() -> None:
    """An update may change them, and only the provider knows which it does not."""
    assert planned(THING, PRIOR, {"name": "b"}) == PRIOR | {"name": "b", "etag": UNKNOWN, "region": UNKNOWN}


def test_an_optional_computed_value_is_what_is_configured() -> None:
    """Else what it was; removing it from the configuration changes nothing."""
    assert planned(THING, PRIOR, {"name": "a", "region": "us"}) == PRIOR | {"region": "us", "etag": UNKNOWN}
    assert planned(THING, PRIOR, {"name": "a"}) == PRIOR


def test_removing_a_value_with_a_default_plans_the_default() -> None:
    """It is what the attribute is when it is not configured."""
    config = {"name": "a"}
    assert planned(THING, PRIOR | {"size": 9}, config) == PRIOR | {"etag": UNKNOWN, "region": UNKNOWN}


def test_removing_an_optional_value_plans_null() -> None:
    """It is not computed: nothing else is allowed."""
    changed = planned(THING, PRIOR | {"note": "x"}, {"name": "a"})
    assert changed == PRIOR | {"note": None, "etag": UNKNOWN, "region": UNKNOWN}


def test_a_default_of_null_is_null_and_not_what_was_before() -> None:
    """`default=None` is a default."""
    schema = Schema("thing", attributes={"a": attribute(optional=True, default=None)})
    assert planned(schema, {"a": "x"}, {}) == {"a": None}


@pytest.mark.parametrize("default", [0.1, 2, "0.5"])
def test_a_default_number_equals_what_terraform_sends_back(default: Any) -> None:
    """A float in a schema is the decimal it stands for: the next plan is empty."""
    schema = Schema("thing", attributes={"a": attribute(type_of(default), optional=True, default=default)})
    first = planned(schema, None, {})
    assert first == planned(schema, first, {})


def type_of(default: Any) -> Any:
    return String if isinstance(default, str) else Number


def test_a_default_inside_a_default_counts() -> None:
    """A default is planned as if it were configured."""
    inner = Nested("single", {"a": attribute(optional=True, default="x"), "b": attribute(computed=True)})
    schema = Schema("thing", attributes={"n": attribute(inner, optional=True, default={})})
    assert planned(schema, None, {}) == {"n": {"a": "x", "b": UNKNOWN}}


def test_an_unknown_value_is_planned_as_it_came() -> None:
    """With what Terraform already knows about it."""
    change = planned(THING, PRIOR, {"name": REFINED})
    assert change is not None
    assert change["name"].refinement == REFINED.refinement


def test_write_only_values_are_never_planned() -> None:
    """They are in the configuration only, and do not count as a change."""
    schema = Schema(
        "thing", attributes={"secret": attribute(required=True, write_only=True), "id": attribute(computed=True)}
    )
    assert planned(schema, {"id": "1"}, {"secret": "x"}) == {"id": "1", "secret": None}
    change = plan(schema, None, State({"id": None, "secret": "x"}))
    assert change.planned == {"id": UNKNOWN, "secret": None}
    assert change.planned.config["secret"] == "x"


NESTED = {
    "key": attribute(required=True),
    "size": attribute(Number, optional=True, default=1),
    "url": attribute(computed=True),
}
BEFORE = {"key": "a", "size": 1, "url": "u"}
AFTER = {"key": "b", "size": 1, "url": UNKNOWN}


def shaped(nesting: str, element: Value) -> Value:
    return {"list": [element], "set": [element], "map": {"k": element}}.get(nesting, element)


@pytest.mark.parametrize("nesting", ["single", "list", "set", "map"])
def test_nested_attributes_are_planned_inside(nesting: Any) -> None:
    """Defaults and computed values at any depth, element by element."""
    schema = Schema("thing", attributes={"n": attribute(Nested(nesting, NESTED), optional=True)})
    prior = {"n": shaped(nesting, BEFORE)}
    one = {"key": "a", "size": None, "url": None}
    assert planned(schema, None, {"n": shaped(nesting, one)}) == {"n": shaped(nesting, BEFORE | {"url": UNKNOWN})}
    assert planned(schema, prior, {"n": shaped(nesting, one)}) == prior
    assert planned(schema, prior, {"n": shaped(nesting, one | {"key": "b"})}) == {"n": shaped(nesting, AFTER)}
    assert planned(schema, prior, {"n": UNKNOWN}) == {"n": UNKNOWN}
    assert planned(schema, prior, {}) == {"n": None}


@pytest.mark.parametrize("nesting", ["single", "group", "list", "set", "map"])
def test_nested_blocks_are_planned_inside(nesting: Any) -> None:
    """Blocks in blocks, too. Without one there is null, an empty collection, or for a group an object of nulls."""
    inner = Block(NESTED, nesting=nesting)
    schema = Schema("thing", blocks={"outer": Block(blocks={"b": inner}, nesting=nesting)})
    one = {"key": "a", "size": None, "url": None}

    def twice(element: Value) -> dict[str, Value]:
        return {"outer": shaped(nesting, {"b": shaped(nesting, element)})}

    assert planned(schema, None, twice(one)) == twice(BEFORE | {"url": UNKNOWN})
    assert planned(schema, twice(BEFORE), twice(one)) == twice(BEFORE)
    assert planned(schema, twice(BEFORE), twice(one | {"key": "b"})) == twice(AFTER)
    assert planned(schema, twice(BEFORE), {"outer": UNKNOWN}) == {"outer": UNKNOWN}
    assert planned(schema, twice(BEFORE), {"outer": shaped(nesting, {"b": UNKNOWN})}) == {
        "outer": shaped(nesting, {"b": UNKNOWN})
    }


def test_no_group_means_an_object_of_nulls_and_defaults() -> None:
    """A group block is always there: Terraform 1.16 refuses null for it."""
    schema = Schema("thing", blocks={"g": Block(NESTED, nesting="group")})
    assert planned(schema, None, {}) == {"g": {"key": None, "size": 1, "url": UNKNOWN}}


def test_null_for_blocks_is_planned_as_no_blocks() -> None:
    """Terraform can pass it from an old state for ignored changes, but does not accept it from a provider."""
    nestings: list[Any] = ["single", "group", "list", "set", "map"]
    schema = Schema("thing", blocks={nesting: Block(nesting=nesting) for nesting in nestings})
    change = plan(schema, None, State(dict.fromkeys(nestings)))
    assert change.planned == {"single": None, "group": {}, "list": [], "set": [], "map": {}}


def test_lists_are_matched_by_index_and_maps_by_key() -> None:
    """A new element has no prior values; another one keeps its own."""
    element = {"key": attribute(required=True), "url": attribute(computed=True, use_state_for_unknown=True)}
    schema = Schema(
        "thing",
        attributes={"m": attribute(Nested("map", element), optional=True)},
        blocks={"l": Block(element)},
    )
    prior = {"l": [{"key": "a", "url": "1"}], "m": {"x": {"key": "a", "url": "1"}}}
    config = {
        "l": [{"key": "c", "url": None}, {"key": "b", "url": None}],
        "m": {"y": {"key": "a", "url": None}, "x": {"key": "b", "url": None}},
    }
    assert planned(schema, prior, config) == {
        "l": [{"key": "c", "url": "1"}, {"key": "b", "url": UNKNOWN}],
        "m": {"y": {"key": "a", "url": UNKNOWN}, "x": {"key": "b", "url": "1"}},
    }


def test_another_order_of_a_set_is_not_a_change() -> None:
    """Nor is another spelling of a number."""
    schema = Schema("thing", attributes={"s": attribute(Set(Number), optional=True), "id": attribute(computed=True)})
    assert planned(schema, {"s": [1, 2], "id": "1"}, {"s": [2, 1]}) == {"s": [1, 2], "id": "1"}


def test_a_computed_object_is_unknown_as_a_whole() -> None:
    """Or stays as a whole."""
    schema = Schema(
        "thing",
        attributes={"name": attribute(required=True), "n": attribute(Nested("list", NESTED), computed=True)},
    )
    assert planned(schema, {"name": "a", "n": [BEFORE]}, {"name": "b"}) == {"name": "b", "n": UNKNOWN}
    assert planned(schema, {"name": "a", "n": [BEFORE]}, {"name": "a"}) == {"name": "a", "n": [BEFORE]}


def test_empty_and_null_are_two_things() -> None:
    """`[]`, `{}`, `""`, `false` and `0` are values."""
    types = {"l": List(String), "m": Map(String), "s": String, "b": Bool, "n": Number}
    schema = Schema("thing", attributes={name: attribute(type_, optional=True) for name, type_ in types.items()})
    empty = {"l": [], "m": {}, "s": "", "b": False, "n": 0}
    assert planned(schema, None, empty) == empty
    assert planned(schema, dict.fromkeys(empty), empty) == empty
    assert planned(schema, empty, {}) == dict.fromkeys(empty)


REPLACED = Schema(
    "thing",
    attributes={
        "name": attribute(required=True),
        "kind": attribute(optional=True, requires_replace=True),
        "zone": attribute(optional=True, computed=True, requires_replace=True),
        "n": attribute(Nested("map", {"fixed": attribute(optional=True, requires_replace=True)}), optional=True),
    },
    blocks={
        "whole": Block({"a": attribute(optional=True), "url": attribute(computed=True)}, requires_replace=True),
        "part": Block(
            {"free": attribute(optional=True), "fixed": attribute(optional=True, requires_replace=True)},
            {"inner": Block({"fixed": attribute(optional=True, requires_replace=True)}, nesting="single")},
        ),
        "group": Block({"fixed": attribute(optional=True, requires_replace=True)}, nesting="group"),
        "set": Block(
            {"free": attribute(optional=True), "fixed": attribute(optional=True, requires_replace=True)}, nesting="set"
        ),
    },
)
CREATED: dict[str, Value] = complete(REPLACED, {"name": "a", "kind": "k", "zone": "z"})


def part(**values: Value) -> dict[str, Value]:
    return {"free": None, "fixed": None, "inner": None} | values


@pytest.mark.parametrize(
    ("prior", "config", "paths"),
    [
        ({}, {"name": "b"}, []),
        ({}, {"kind": "l"}, ["kind"]),
        ({}, {"kind": None}, ["kind"]),
        ({}, {"kind": UNKNOWN}, ["kind"]),
        ({}, {"zone": "y"}, ["zone"]),
        ({"n": {"x": {"fixed": "1"}}}, {"n": {"x": {"fixed": "2"}, "y": {"fixed": None}}}, ['n["x"].fixed']),
        ({"n": {"x": {"fixed": "1"}}}, {"n": None}, ['n["x"].fixed']),
        ({}, {"n": UNKNOWN}, ["n"]),
        ({}, {"whole": [{"a": "1", "url": None}]}, ["whole"]),
        ({"whole": [{"a": "1", "url": "u"}]}, {"whole": [{"a": "1", "url": None}], "name": "b"}, []),
        ({"whole": [{"a": "1", "url": "u"}]}, {"whole": [{"a": "2", "url": None}]}, ["whole"]),
        ({"whole": [{"a": "1", "url": "u"}]}, {"whole": []}, ["whole"]),
        ({"part": [part(free="1")]}, {"part": [part(free="2")]}, []),
        ({"part": [part(fixed="1")]}, {"part": [part(fixed="2")]}, ["part[0].fixed"]),
        ({"part": [part(fixed="1")]}, {"part": []}, ["part[0].fixed"]),
        ({"part": []}, {"part": [part(), part(fixed="2")]}, ["part[1].fixed"]),
        ({"part": [part()]}, {"part": [part(inner={"fixed": "1"})]}, ["part[0].inner.fixed"]),
        ({}, {"part": UNKNOWN}, ["part"]),
        ({"group": {"fixed": "1"}}, {"group": {"fixed": "2"}}, ["group.fixed"]),
        ({"set": [{"free": "1", "fixed": "1"}]}, {"set": [{"free": "2", "fixed": "1"}]}, []),
        ({"set": [{"free": "1", "fixed": "1"}]}, {"set": [{"free": "1", "fixed": "2"}]}, ["set"]),
        ({"set": []}, {"set": [{"free": "1", "fixed": None}]}, []),
        ({"set": []}, {"set": [{"free": "1", "fixed": "1"}]}, ["set"]),
        ({"set": []}, {"set": UNKNOWN}, ["set"]),
    ],
)
def test_what_cannot_change_in_place_needs_another_resource(
    prior: dict[str, Value], config: dict[str, Value], paths: list[str]
) -> None:
    """At any depth, with the path of each; an unknown value counts as another one, a set is named as a whole."""
    configured = CREATED | {"zone": None} | prior
    assert replaced(REPLACED, CREATED | prior, configured | config) == paths


def test_what_cannot_change_in_place_stays_known_in_an_update() -> None:
    """A computed value of this kind must not force a replacement by becoming unknown."""
    changed = planned(REPLACED, CREATED, CREATED | {"name": "b", "zone": None})
    assert changed == CREATED | {"name": "b"}


def test_a_create_replaces_nothing() -> None:
    """Also the second plan of a replacement, which has no prior state. It starts with no private data."""
    change = plan(REPLACED, None, State(CREATED))
    assert (change.requires_replace, change.planned and change.planned.private) == ((), b"")


def test_a_destroy_plans_nothing() -> None:
    """The plan of the resource is called anyway."""
    prior = State(PRIOR, private=b"p")
    assert plan(THING, prior, None) == plan(THING, prior, None)
    change = plan(THING, prior, None)
    assert (change.prior, change.planned, change.requires_replace) == (prior, None, ())


@pytest.mark.parametrize("name", ["a", "b"])
def test_private_data_stays_with_the_resource(name: str) -> None:
    """In an update as well as where nothing changes."""
    change = plan(THING, State(PRIOR, private=b"p"), State(complete(THING, {"name": name})))
    assert change.planned is not None
    assert change.planned.private == b"p"


def test_a_normalized_value_is_planned_in_the_form_it_is_kept_in() -> None:
    """Another form of the same value is not a change."""
    schema = Schema("thing", attributes={"name": attribute(required=True, normalize=str.lower, requires_replace=True)})
    assert planned(schema, {"name": "abc"}, {"name": "ABC"}) == {"name": "abc"}
    assert planned(schema, None, {"name": "ABC"}) == {"name": "abc"}
    assert planned(schema, None, {"name": UNKNOWN}) == {"name": UNKNOWN}


def test_nothing_is_promised_about_a_value_that_is_normalized_later() -> None:
    """A refinement, such as a prefix, is about the configured value, and so are the known elements of a list."""
    sorted_list = attribute(List(String), optional=True, normalize=sorted)
    schema = Schema("thing", attributes={"name": attribute(required=True, normalize=str.lower), "list": sorted_list})
    prefixed = Unknown(b"\x82\x01\xc2\x02\xa2UP")
    result = planned(schema, None, {"name": prefixed, "list": ["b", UNKNOWN]}) or {}
    assert result["name"].refinement == b""
    assert result["list"] == UNKNOWN


@pytest.mark.parametrize("default", ["e\u0301", "\u00e9"])
def test_a_string_in_another_unicode_form_is_not_a_change(default: str) -> None:
    """Terraform keeps strings in normalization form C, whatever form a default has."""
    attributes = {"name": attribute(optional=True, default=default), "etag": attribute(computed=True)}
    prior = {"name": "\u00e9", "etag": "1"}
    assert planned(Schema("thing", attributes=attributes), prior, {}) == prior


@costly
@given(st.data(), schemas())
def test_a_create_never_breaks_a_rule(data: st.DataObject, schema: Schema) -> None:
    """Whatever the schema and the configuration, with whatever is unknown in it."""
    config = data.draw(configs(schema, unknown=True))
    before = deepcopy(config)
    change = plan(schema, None, State(config))
    assert problems(schema, None, config, change.planned) == []
    assert change.requires_replace == ()
    assert config == before


@costly
@given(st.data(), schemas())
def test_an_update_never_breaks_a_rule(data: st.DataObject, schema: Schema) -> None:
    """From any state that an apply left, to any configuration."""
    first = data.draw(configs(schema))
    prior = data.draw(applied(schema, plan(schema, None, State(first)).planned or {}))
    config = data.draw(nearly(schema, first, unknown=True))
    before = deepcopy((prior, config))
    change = plan(schema, prior, State(config))
    assert problems(schema, prior, config, change.planned) == []
    assert (prior, config) == before
    assert all(exists(path, prior) or exists(path, change.planned) for path in change.requires_replace)


def exists(path: Path, value: Value) -> bool:
    """Whether Terraform finds something at the path: null, or anything behind an unknown value, is there."""
    for step in path:
        if isinstance(value, Unknown):
            return True
        if not isinstance(value, dict | list) or (isinstance(value, dict) and step not in value):
            return False
        if isinstance(value, list) and not (isinstance(step, int) and step < len(value)):
            return False
        value = value[step]  # type: ignore[index]  # a dict has names, a list has indexes
    return True


@costly
@given(st.data(), schemas())
def test_the_plan_after_an_apply_is_empty(data: st.DataObject, schema: Schema) -> None:
    """The same configuration again changes nothing, whatever the computed values became."""
    config = data.draw(configs(schema))
    state = data.draw(applied(schema, plan(schema, None, State(config)).planned or {}))
    again = plan(schema, state, State(config))
    assert same(schema.element_type, again.planned, state)
    assert again.requires_replace == ()
    following = data.draw(nearly(schema, config))
    updated = data.draw(applied(schema, plan(schema, state, State(following)).planned or {}))
    assert same(schema.element_type, plan(schema, updated, State(following)).planned, updated)
