"""Values and states as messages, and back."""

import json

import pytest

from terraform_plugin._protocol import tfplugin6_pb2 as pb
from terraform_plugin.cty.msgpack import WireError, encode
from terraform_plugin.cty.types import UNKNOWN, String, Value
from terraform_plugin.diagnostics import Error, Path
from terraform_plugin.rpc.convert import (
    decode_config,
    decode_raw_state,
    decode_state,
    decode_value,
    encode_recordable,
    encode_state,
    private_of,
)
from terraform_plugin.state.state import State
from tests.terraform_plugin.thing import CREATED, SCHEMA

EMPTY = pb.DynamicValue()


def test_an_empty_message_is_null() -> None:
    """No state, and a configuration in which nothing is set."""
    assert decode_value(String, EMPTY) is None
    assert decode_state(SCHEMA, EMPTY) is None
    assert decode_config(SCHEMA, EMPTY) == dict.fromkeys(CREATED) | {"rule": []}


def test_a_state_has_its_private_data_and_its_configuration() -> None:
    """An apply gets both with the plan."""
    state = decode_state(SCHEMA, encode_state(SCHEMA, CREATED), b"p", {"name": "b"})
    assert state is not None
    assert (state, state.private, state.config) == (CREATED, b"p", {"name": "b"})


def test_a_value_may_come_as_json() -> None:
    """Terraform's older versions, and its tests, send it so."""
    assert decode_state(SCHEMA, pb.DynamicValue(json=json.dumps(CREATED).encode())) == CREATED


def test_a_value_that_does_not_fit_is_an_error_with_its_path() -> None:
    """It says how to get Terraform and the provider to the same schema."""
    message = pb.DynamicValue(msgpack=encode(SCHEMA.element_type, CREATED).replace(b"\xa1a", b"\xc3\xc3"))
    with pytest.raises(Error, match="does not fit the schema") as refused:
        decode_state(SCHEMA, message)
    assert "terraform init -upgrade" in refused.value.detail


def test_a_state_that_is_unknown_as_a_whole_is_an_error() -> None:
    """Terraform never sends one."""
    with pytest.raises(Error, match="unknown object"):
        decode_state(SCHEMA, pb.DynamicValue(msgpack=encode(String, UNKNOWN)))


def test_a_state_of_terraform_0_11_is_an_error() -> None:
    """With two ways to go on."""
    with pytest.raises(Error, match="too old"):
        decode_raw_state(pb.RawState(flatmap={"id": "1"}))
    assert decode_raw_state(pb.RawState(json=b'{"id": "1"}')) == {"id": "1"}


@pytest.mark.parametrize(
    ("values", "recorded", "unknown", "misfit"),
    [
        ({}, {}, [], None),
        ({"etag": UNKNOWN, "rule": [{"a": UNKNOWN}]}, {"etag": None, "rule": [{"a": None}]}, ["etag", "rule"], None),
        ({"name": 5}, {"name": None}, [], Path("name")),
        ({"rule": [{"a": "x"}, {"a": 5}]}, {"rule": []}, [], Path("rule", 1, "a")),
        ({"etag": UNKNOWN, "name": 5}, {"etag": None, "name": None}, ["etag"], Path("name")),
        ({"wrong": "x"}, {}, [], Path()),
    ],
)
def test_what_can_be_recorded_of_a_state_is_recorded(
    values: dict[str, Value], recorded: dict[str, Value], unknown: list[str], misfit: Path | None
) -> None:
    """What cannot be is returned: names of unknown values, and the error of a value that does not fit."""
    message, names, error = encode_recordable(SCHEMA, State(CREATED | values))
    assert decode_state(SCHEMA, message) == CREATED | recorded
    assert names == unknown
    assert misfit == (error.path if isinstance(error, WireError) else None)


def test_private_data_stays_unless_a_resource_sets_other_data() -> None:
    """A plain dict has none."""
    assert private_of(State({}, private=b"new"), b"old") == b"new"
    others: list[dict[str, Value] | None] = [State({}), {}, None]
    assert [private_of(other, b"old") for other in others] == [b"old"] * 3
