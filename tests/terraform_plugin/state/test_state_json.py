"""State files, whoever wrote them: a complete object, or one error that says where."""

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from terraform_plugin.cty import types as cty
from terraform_plugin.cty.msgpack import encode
from terraform_plugin.cty.numbers import number_text
from terraform_plugin.diagnostics import Error
from terraform_plugin.schema import Attribute, Block, Nested, Schema
from terraform_plugin.state.objects import complete
from terraform_plugin.state.state_json import (
    from_json,
    is_private_of_older_sdk,
    parse,
    value_from_json,
    without_empty_timeouts,
)
from terraform_plugin.timeout import timeouts
from tests.terraform_plugin.consistency import normal, same
from tests.terraform_plugin.profiles import costly
from tests.terraform_plugin.schemas import applied, configs, schemas
from tests.terraform_plugin.strategies import json_values, types, values


def optional(type_: Any) -> Attribute:
    return Attribute(type_, "", optional=True)


def typed(type_: Any, value: Any) -> dict[str, Any]:
    return {"type": type_, "value": value}


MIXED = cty.DynamicNested(cty.Object({"x": cty.DynamicType, "y": cty.String}), keyed=False)


@pytest.mark.parametrize(
    ("type_", "text", "value"),
    [
        (cty.String, '"x"', "x"),
        (cty.String, "5", "5"),
        (cty.String, "5.50", "5.50"),
        (cty.String, "1e2", "100"),
        (cty.String, "true", "true"),
        (cty.String, '"\\ud800x"', "\ufffdx"),
        (cty.String, '"\\ud83d\\ude00"', "\U0001f600"),
        (cty.Number, '"5"', 5),
        (cty.Number, "12345678901234567890123", 12345678901234567890123),
        (cty.Number, "0.1", Decimal("0.1")),
        (cty.Number, "-0.0", 0),
        (cty.Bool, '"true"', True),
        (cty.Bool, '"0"', False),
        (cty.Bool, "1", True),
        (cty.Bool, '"False"', False),
        (cty.List(cty.String), '["a", null, 5]', ["a", None, "5"]),
        (cty.Set(cty.Number), '["1", 2]', [1, 2]),
        (cty.List(cty.String), '"x"', ["x"]),
        (cty.Map(cty.Number), '{"a": "1", "\\udfff": null}', {"a": 1, "\ufffd": None}),
        (cty.Object({"a": cty.Number, "b": cty.String}), '{"a": "1", "c": {}}', {"a": 1, "b": None}),
        (cty.Tuple([cty.String, cty.Bool]), '[1, "true"]', ["1", True]),
        (cty.DynamicType, '{"type": "number", "value": "5"}', cty.Dynamic(cty.Number, 5)),
        (cty.DynamicType, '{"type": ["list", "string"], "value": []}', cty.Dynamic(cty.List(cty.String), [])),
        (cty.DynamicType, '{"type": "string", "value": null}', None),
        (MIXED, "[]", []),
        (MIXED, json.dumps(typed(["tuple", []], [])), []),
        (
            MIXED,
            json.dumps(typed(["tuple", [["object", {"x": "bool", "y": "string"}]]], [{"x": True, "y": "a"}])),
            [{"x": cty.Dynamic(cty.Bool, value=True), "y": "a"}],
        ),
        (
            MIXED,
            json.dumps(typed(["tuple", [["object", {"x": "bool", "z": "string"}]]], [{"x": True, "z": "a"}])),
            [{"x": cty.Dynamic(cty.Bool, value=True), "y": None}],
        ),
        (MIXED, json.dumps([{"x": typed("bool", "true")}]), [{"x": cty.Dynamic(cty.Bool, value=True), "y": None}]),
        (
            cty.DynamicNested(cty.Object({"x": cty.DynamicType}), keyed=True),
            json.dumps({"k": {"x": None}}),
            {"k": {"x": None}},
        ),
        (cty.String, "null", None),
        (cty.Object({}), "null", None),
    ],
)
def test_json_is_read_leniently(type_: cty.Type, text: str, value: cty.Value) -> None:
    """As Terraform does: numbers and booleans from strings and the reverse; exact; half characters replaced."""
    found = value_from_json(type_, text.encode())
    assert (found, repr(found)) == (value, repr(value))


@pytest.mark.parametrize(
    ("type_", "text", "problem"),
    [
        (cty.String, "", "not JSON"),
        (cty.String, "{", "not JSON"),
        (cty.String, "\xff", "not JSON"),
        (cty.String, '"\x01"', "not JSON"),
        (cty.Number, "NaN", "not JSON"),
        (cty.Number, "-Infinity", "not JSON"),
        (cty.Number, "1e999999999", "too many digits|not a number"),
        (cty.Number, "9" * 10_000, "too many digits|not a number"),
        (cty.Number, '"1_0"', "not a number"),
        (cty.Number, "true", "not a number"),
        (cty.Number, "[]", "a list instead of a number"),
        (cty.Bool, '"yes"', "a string instead of a bool"),
        (cty.Bool, "2", "a number instead of a bool"),
        (cty.String, "{}", "an object instead of a string"),
        (cty.Map(cty.String), "[]", "a list instead of an object"),
        (cty.Object({"a": cty.String}), "5", "a number instead of an object"),
        (cty.Tuple([cty.String]), "[]", "a list instead of 1 elements"),
        (cty.DynamicType, '"x"', "a dynamic value is an object"),
        (cty.DynamicType, '{"type": "strin", "value": 1}', "not a Terraform type"),
        (cty.DynamicType, '{"type": ["object", {}, 5], "value": 1}', "not a Terraform type"),
        (MIXED, json.dumps(typed("string", "x")), "expected"),
        (cty.List(cty.Map(cty.Number)), '[{}, {"k": "x"}]', r'at \[1\]\["k"\]'),
    ],
)
def test_what_cannot_be_read_is_one_error(type_: cty.Type, text: str, problem: str) -> None:
    """With what is wrong and what to do."""
    with pytest.raises(Error, match=problem) as refused:
        value_from_json(type_, text.encode("latin-1"))
    assert refused.value.summary == "The state cannot be read"
    assert "terraform state rm" in refused.value.detail


@pytest.mark.parametrize("text", [b"[" * 1_000_000, b'{"a":' * 100_000, b"[" * 900 + b"]" * 900])
def test_endless_nesting_is_one_error(text: bytes) -> None:
    """It must not take the process with it."""
    type_: cty.Type = cty.String
    for _ in range(2000):
        type_ = cty.List(type_)
    with pytest.raises(Error, match=r"cannot be read|deeply"):
        value_from_json(type_, text)
    nested = {"type": deep("list", 2000), "value": []}
    with pytest.raises(Error, match="deeply"):
        from_json(Schema("thing", attributes={"d": optional(cty.DynamicType)}), {"d": nested})


def deep(kind: str, depth: int) -> Any:
    type_: Any = "string"
    for _ in range(depth):
        type_ = [kind, type_]
    return type_


def test_a_value_is_never_shown() -> None:
    """It may be a secret that changed its type."""
    with pytest.raises(Error) as refused:
        value_from_json(cty.Object({"a": cty.Number, "b": cty.Bool}), b'{"a": "hunter2"}')
    assert "hunter2" not in str(refused.value)
    with pytest.raises(Error) as refused:
        value_from_json(cty.Bool, b'"hunter2"')
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize("text", [b"null", b"[]", b'"x"', b"5", b""])
def test_a_state_is_an_object(text: bytes) -> None:
    """Anything else is an error, not an empty state: the resource would be lost."""
    with pytest.raises(Error, match="cannot be read"):
        parse(text)


@pytest.mark.parametrize("type_", [cty.String, cty.Bool, cty.Number, cty.List(cty.String), cty.DynamicType])
def test_an_unknown_value_of_an_upgrade_is_an_error(type_: cty.Type) -> None:
    """Nothing in a state is unknown, so Terraform would reject it in a state that an `upgrade` returns."""
    body = Schema("", attributes={"a": Attribute(type_, "", optional=True)})
    with pytest.raises(Error, match="The state cannot be read"):
        from_json(body, {"a": cty.UNKNOWN})


def test_of_two_equal_names_the_last_counts() -> None:
    """As in Go."""
    assert parse(b'{"a": 1, "a": 2}') == {"a": 2}


SCHEMA = Schema(
    "thing",
    attributes={
        "id": Attribute(cty.String, "", computed=True),
        "size": optional(cty.Number),
        "secret": Attribute(cty.String, "", optional=True, write_only=True),
        "n": optional(Nested("list", {"a": optional(cty.String), "b": optional(cty.Number)})),
    },
    blocks={
        "timeouts": timeouts(create="2m"),
        "list": Block({"a": optional(cty.String)}, {"inner": Block({"a": optional(cty.String)}, nesting="set")}),
        "group": Block({"a": optional(cty.String)}, nesting="group"),
        "map": Block({"a": optional(cty.String)}, nesting="map"),
        "mixed": Block({"a": optional(cty.DynamicType)}),
    },
)


def test_missing_names_are_filled_in_and_unknown_ones_dropped() -> None:
    """At any depth; what is write-only is null whatever a state says."""
    state = {"id": "1", "gone": {}, "secret": "x", "n": [{"a": 5, "gone": 1}], "list": [{}, None]}
    assert from_json(SCHEMA, state) == {
        "id": "1",
        "size": None,
        "secret": None,
        "n": [{"a": "5", "b": None}],
        "timeouts": None,
        "list": [{"a": None, "inner": []}, None],
        "group": {"a": None},
        "map": {},
        "mixed": [],
    }


def test_another_sdks_state_is_read() -> None:
    """Numbers as strings, blocks as null."""
    state = {
        "id": "1",
        "size": "7",
        "list": None,
        "group": None,
        "map": None,
    }
    assert from_json(SCHEMA, state) == complete(SCHEMA, {"id": "1", "size": 7})


def test_configured_timeouts_stay() -> None:
    """Also those in which nothing is set: they are configured so."""
    assert from_json(SCHEMA, {"timeouts": {"create": "5m", "read": None}})["timeouts"] == {"create": "5m"}
    assert from_json(SCHEMA, {"timeouts": {"create": None}})["timeouts"] == {"create": None}


def test_empty_timeouts_of_another_sdk_become_no_block() -> None:
    """Where none is configured, it may write one; an attribute of the same name is something else."""
    assert without_empty_timeouts(SCHEMA, {"timeouts": {"create": None}, "id": "1"}) == {"timeouts": None, "id": "1"}
    assert without_empty_timeouts(SCHEMA, {"timeouts": {"create": "5m"}}) == {"timeouts": {"create": "5m"}}
    alike = Schema("thing", attributes={"timeouts": optional(cty.Object({"create": cty.String}))})
    assert without_empty_timeouts(alike, {"timeouts": {"create": None}}) == {"timeouts": {"create": None}}


@pytest.mark.parametrize(
    ("private", "expected"),
    [
        (b"null", True),
        (b'{"schema_version":"1"}', True),
        (b'{"e2bfb730-ecaa-11e6-8f88-34363bc7c4c0":{"create":120000000000}}', True),
        (b"", False),
        (b"{}", True),
        (b"[]", False),
        (b"p", False),
        (b"\xff", False),
        (b'{"replaces":"id"}', False),
    ],
)
def test_private_data_of_another_sdk_is_recognized(private: bytes, *, expected: bool) -> None:
    """Private data of a provider's own never looks so."""
    assert is_private_of_older_sdk(private) is expected


def as_json(type_: cty.Type, value: cty.Value) -> Any:
    """What Terraform writes into a state file."""
    if value is None:
        return None
    match type_:
        case cty.List(element) | cty.Set(element) | cty.Map(element) | cty.DynamicNested(element):
            if isinstance(value, dict):
                return {key: as_json(element, item) for key, item in value.items()}
            return [as_json(element, item) for item in value]
        case cty.Object(attributes):
            return {name: as_json(item, value[name]) for name, item in attributes.items()}
        case cty.Tuple(elements):
            return [as_json(item_type, item) for item_type, item in zip(elements, value, strict=True)]
    if isinstance(value, cty.Dynamic):
        return None if value.value is None else typed(value.type.json(), as_json(value.type, value.value))
    return value


@given(st.data(), types)
def test_any_value_comes_back_from_a_state_file(data: st.DataObject, type_: cty.Type) -> None:
    """Whatever the type; a null of type dynamic has lost its type there."""
    value = data.draw(values(type_))
    text = to_text(as_json(type_, value)).encode()
    assert normal(type_, value_from_json(type_, text)) == without_typed_nulls(normal(type_, value))


def to_text(data: Any) -> str:
    if isinstance(data, int | Decimal) and not isinstance(data, bool):
        return number_text(data)
    if isinstance(data, list):
        return f"[{', '.join(map(to_text, data))}]"
    if isinstance(data, dict):
        return f"{{{', '.join(f'{json.dumps(key)}: {to_text(item)}' for key, item in data.items())}}}"
    return json.dumps(data)


def without_typed_nulls(form: Any) -> Any:
    if isinstance(form, list) and form[:1] == ["dynamic"] and form[2] is None:
        return None
    if isinstance(form, list | tuple):
        return type(form)(map(without_typed_nulls, form))
    return form


@given(types, json_values.map(json.dumps).map(str.encode) | st.binary())
@example(cty.String, b'"\\ud800"')
@example(cty.Map(cty.String), b'{"\\udc00": 1}')
def test_any_bytes_are_a_value_or_one_error(type_: cty.Type, text: bytes) -> None:
    """Nothing but `Error` comes out of a hostile state, and what is read can be sent on."""
    try:
        value = value_from_json(type_, text)
    except Error as error:
        assert error.summary == "The state cannot be read"  # noqa: PT017  # either is fine
    else:
        assert encode(type_, value)


@costly
@given(st.data(), schemas())
def test_any_state_of_any_schema_is_an_object_or_one_error(data: st.DataObject, schema: Schema) -> None:
    """With values of other types, missing and surplus names; what is read is complete and can be sent on."""
    state = data.draw(st.dictionaries(st.sampled_from("abcdefg"), json_values, max_size=5))
    try:
        found = from_json(schema, state)
    except Error:
        return
    assert same(schema.element_type, complete(schema, found), found)
    assert encode(schema.element_type, found)


@costly
@given(st.data(), schemas())
def test_what_an_apply_left_is_read_unchanged(data: st.DataObject, schema: Schema) -> None:
    """Upgrading a current state changes nothing: such a change would not be shown as drift."""
    config = data.draw(configs(schema))
    state = complete(schema, data.draw(applied(schema, config)))
    raw = parse(to_text(as_json(schema.element_type, state)).encode())
    assert without_typed_nulls(normal(schema.element_type, from_json(schema, raw))) == without_typed_nulls(
        normal(schema.element_type, state)
    )
