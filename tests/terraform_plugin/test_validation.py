"""A configuration against its schema: every mistake at once, each with its path."""

from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terraform_plugin.cty.types import UNKNOWN, List, Map, Number, Object, Set, String, Tuple, Value
from terraform_plugin.diagnostics import Error, Key, Path, collect_warnings
from terraform_plugin.schema import Attribute, Block, Nested, Schema
from terraform_plugin.state.objects import complete
from terraform_plugin.validation import validate
from terraform_plugin.validators import each, exactly_one_of, length, matches
from tests.terraform_plugin.profiles import costly
from tests.terraform_plugin.schemas import configs, schemas

SHORT = length(2, 3)


def mistakes(schema: Schema, config: Mapping[str, Value], *, write_only_allowed: bool = True) -> list[tuple[str, str]]:
    """What is wrong, and where."""
    errors = validate(schema, config, write_only_allowed=write_only_allowed)
    return [(error.summary, str(error.path)) for error in errors]


def checked(type_: Any = String, **options: Any) -> Attribute:
    return Attribute(type_, "", optional=True, **options)


def test_every_mistake_is_reported_with_its_path() -> None:
    """In attributes and blocks in blocks; in nested attributes one step deep, for Terraform shows no more."""
    schema = Schema(
        "thing",
        attributes={
            "a": checked(validators=[SHORT, matches("x*", "be x")]),
            "n": checked(Nested("list", {"m": checked(Nested("map", {"a": checked(validators=[SHORT])}))})),
        },
        blocks={"b": Block(blocks={"c": Block({"a": checked(validators=[SHORT])}, nesting="map")})},
    )
    one = {"a": "long"}
    config = {"a": "long", "n": [{"m": {"k": one}}], "b": [{"c": {}}, {"c": {"k": one}}]}
    assert mistakes(schema, config) == [
        ("Invalid length", "a"),
        ("Invalid value", "a"),
        ("Invalid length", "n[0]"),
        ("Invalid length", 'b[1].c["k"].a'),
    ]


@pytest.mark.parametrize("nesting", ["single", "group", "list", "set", "map"])
def test_unknown_and_null_values_are_not_validated(nesting: Any) -> None:
    """While validating, everything may be unknown: required values, elements, whole blocks."""
    inner = {"a": Attribute(String, "", required=True, validators=[SHORT])}
    schema = Schema(
        "thing", attributes={**inner, "n": checked(Nested("list", inner))}, blocks={"b": Block(inner, nesting=nesting)}
    )
    unknown = {"a": UNKNOWN}
    shaped = {"list": [unknown, UNKNOWN], "set": [unknown], "map": {"k": unknown}}.get(nesting, unknown)
    assert mistakes(schema, {"a": UNKNOWN, "n": [unknown, UNKNOWN, None], "b": shaped}) == []
    assert mistakes(schema, {"a": UNKNOWN, "n": UNKNOWN, "b": UNKNOWN}) == []
    assert mistakes(schema, complete(schema, {})) == []


def test_what_is_deprecated_is_warned_of() -> None:
    """At each place where it is used, at any depth, without an error. The path ends at a set."""
    old = checked(deprecated="Use b.")
    schema = Schema(
        "thing",
        attributes={"a": old, "c": old, "n": checked(Nested("list", {"a": old}))},
        blocks={
            "s": Block({"a": old}, nesting="set"),
            "old": Block(deprecated="Use s."),
            "gone": Block(deprecated="No."),
        },
        deprecated="Use another thing.",
    )
    config: dict[str, Value] = {"a": UNKNOWN, "c": None, "n": [{"a": "x"}], "s": [{"a": "x"}], "old": [{}], "gone": []}
    with collect_warnings() as warnings:
        assert mistakes(schema, config) == []
    assert [(warning.detail, str(warning.path)) for warning in warnings] == [
        ("a is deprecated: Use b.", "a"),
        ("n[0].a is deprecated: Use b.", "n[0]"),
        ("s.a is deprecated: Use b.", "s"),
        ("old is deprecated: Use s.", "old"),
        ("Use another thing.", ""),
    ]


def test_a_value_that_only_the_provider_sets_is_refused() -> None:
    """Terraform lets it through, at any depth."""
    computed = Attribute(String, "", computed=True)
    schema = Schema("thing", attributes={"id": computed}, blocks={"b": Block({"id": computed})})
    config = {"id": "x", "b": [{"id": None}, {"id": "x"}]}
    assert mistakes(schema, config) == [("Value cannot be set", "id"), ("Value cannot be set", "b[1].id")]
    assert mistakes(schema, {"id": UNKNOWN, "b": []}) == []


def test_a_required_value_that_is_normalized_is_missed() -> None:
    """Terraform takes it for computed, and does not miss it."""
    schema = Schema("thing", attributes={"a": Attribute(String, "", required=True, normalize=str.lower)})
    assert mistakes(schema, {"a": None}) == [("Missing required argument", "a")]
    assert mistakes(schema, {"a": "X"}) == []


def test_a_write_only_value_is_refused_where_terraform_does_not_know_it() -> None:
    """It would end up in the state."""
    schema = Schema("thing", attributes={"a": checked(write_only=True)})
    assert mistakes(schema, {"a": "x"}, write_only_allowed=False) == [("Write-only argument not supported", "a")]
    assert mistakes(schema, {"a": None}, write_only_allowed=False) == []
    assert mistakes(schema, {"a": "x"}) == []


SETS = Schema(
    "thing",
    attributes={
        "s": checked(Set(String), validators=[each(SHORT)]),
        "l": checked(List(Set(String)), validators=[each(each(SHORT))]),
        "o": checked(Object({"m": Map(Tuple([Set(String)]))}), validators=[lambda _, path: deep(path)]),
    },
    blocks={
        "b": Block({"a": checked(validators=[SHORT])}, {"c": Block({"a": checked(validators=[SHORT])})}, nesting="set")
    },
)


def deep(path: Path) -> Iterator[Error]:
    yield Error("Deep", "", path / "m" / Key("k") / 0 / 5)


@pytest.mark.parametrize(
    ("config", "path"),
    [
        ({"s": ["long"]}, "s"),
        ({"l": [["xx"], ["long"]]}, "l[1]"),
        ({"o": {"m": {"k": [["x"]]}}}, "o"),
        ({"b": [{"a": "long", "c": []}]}, "b"),
        ({"b": [{"a": None, "c": [{"a": "long"}]}]}, "b"),
    ],
)
def test_a_path_ends_where_terraform_loses_it(config: dict[str, Value], path: str) -> None:
    """At a set, and inside an attribute: Terraform would show the whole resource instead."""
    assert [where for _, where in mistakes(SETS, complete(SETS, config))] == [path]


def test_an_error_that_points_nowhere_keeps_its_path() -> None:
    """A check may be wrong about the schema; its message still counts."""

    def check(_: Value, path: Path) -> Iterator[Error]:
        yield Error("Wrong", "", path / "no" / 7)

    assert mistakes(Schema("thing", validators=[check]), {}) == [("Wrong", "no[7]")]


def test_a_check_of_a_block_or_a_schema_sees_the_whole_object() -> None:
    """Once for each block of its kind."""
    pair = {"a": checked(Number), "b": checked(Number)}
    one = exactly_one_of("a", "b")
    schema = Schema("thing", attributes=pair, blocks={"c": Block(pair, validators=[one])}, validators=[one])
    config = {"a": 1, "b": None, "c": [{"a": None, "b": None}, {"a": 1, "b": UNKNOWN}, {"a": 1, "b": 0}]}
    assert mistakes(schema, config) == [("Invalid combination", "c[0]"), ("Invalid combination", "c[2].b")]


@pytest.mark.parametrize("secret", ["hi", "a-very-long-secret", "x" * 500])
@pytest.mark.parametrize("wrap", [str, lambda text: [text], lambda text: {"k": text}])
def test_a_sensitive_value_is_not_shown(secret: str, wrap: Any) -> None:
    """Neither the value, nor its beginning, nor one in a list, map or nested attribute."""
    check = [each(length(3, 4))] if wrap is not str else [length(3, 4), shows_it]
    type_ = {"list": List(String), "dict": Map(String)}.get(type(wrap(secret)).__name__, String)
    inner = {"a": checked(type_, validators=check)}
    schema = Schema(
        "thing",
        attributes={
            "a": checked(type_, sensitive=True, validators=check),
            "n": checked(Nested("single", inner), sensitive=True),
        },
    )
    errors = validate(schema, {"a": wrap(secret), "n": {"a": wrap(secret)}})
    assert len(errors) == 2 * len(check)
    for error in errors:
        assert "(sensitive value)" in error.detail
        assert f'"{secret[:100]}' not in error.detail


def shows_it(value: str, path: Path) -> Iterator[Error]:
    yield Error("Wrong", f'I got "{value}".', path)


def test_an_open_value_is_shown() -> None:
    """It helps to see what came in."""
    schema = Schema("thing", attributes={"a": checked(validators=[SHORT])})
    assert 'got 4: "long"' in validate(schema, {"a": "long"})[0].detail


@costly
@given(st.data(), schemas())
def test_what_the_schema_allows_is_accepted(data: st.DataObject, schema: Schema) -> None:
    """Whatever is unknown in a configuration that fits."""
    assert validate(schema, data.draw(configs(schema, unknown=True))) == []
