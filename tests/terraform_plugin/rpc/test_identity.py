"""Identities and list resources, RPC by RPC: Terraform 1.12 and 1.14 ask for them, older ones never do."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from terraform_plugin import (
    Attribute,
    Error,
    ListedObject,
    ListResource,
    Path,
    Provider,
    Resource,
    Schema,
    State,
    String,
    is_known,
    warn,
)
from terraform_plugin._protocol import tfplugin6_pb2 as pb
from terraform_plugin.cty.types import Object
from terraform_plugin.rpc.convert import decode_value, encode_value
from terraform_plugin.testing import ProtocolClient, in_process

IDENTITY = Object({"id": String})


class Thing(Resource):
    type_name = "x_thing"
    identity = ("id",)
    schema = Schema(
        "A thing.",
        attributes={
            "id": Attribute(String, "Chosen by the server.", computed=True, use_state_for_unknown=True),
            "name": Attribute(String, "Its name.", required=True),
        },
    )

    async def create(self, plan: State) -> State:
        return plan | {"id": "thing-1"}

    async def read(self, state: State) -> State | None:
        return state


class Plain(Resource):
    type_name = "x_plain"
    schema = Thing.schema

    async def read(self, state: State) -> State | None:
        return state


class Things(ListResource):
    resource = Thing
    schema = Schema("Things.", attributes={"prefix": Attribute(String, "Of the name.", optional=True)})

    @classmethod
    def validate(cls, config: State) -> None:
        if is_known(config["prefix"]) and config["prefix"] == "wrong":
            raise Error("Wrong", "Choose another.", Path("prefix"))

    async def list(self, config: State) -> AsyncIterator[ListedObject]:
        for name in ("one", "two", "three"):
            if name.startswith(config["prefix"] or ""):
                yield ListedObject(State({"id": f"id-{name}", "name": name}), name.title())
        warn("No more", "That was all.")
        if config["prefix"] == "tw":
            raise Error("Broken", "It broke.")


class Things6(Provider):
    name = "x"
    schema = Schema("A provider.")
    resources = (Thing, Plain)
    list_resources = (Things,)


@asynccontextmanager
async def configured() -> AsyncIterator[ProtocolClient]:
    async with in_process(Things6()) as client:
        await client.configure({})
        yield client


def identity(message: pb.ResourceIdentityData) -> Any:
    return decode_value(IDENTITY, message.identity_data)


def thing(**values: Any) -> pb.DynamicValue:
    return encode_value(Thing.schema.element_type, {"id": None, "name": "one", **values})


async def test_only_resources_with_an_identity_publish_one() -> None:
    """The attributes of an identity have the types and descriptions of the resource's schema."""
    async with configured() as client:
        schemas = (await client.call("GetResourceIdentitySchemas")).identity_schemas
        assert list(schemas) == ["x_thing"]
        [attribute] = schemas["x_thing"].identity_attributes
        assert (attribute.name, json.loads(attribute.type), attribute.required_for_import) == ("id", "string", True)
        assert attribute.description == "Chosen by the server."


async def test_every_known_state_comes_with_its_identity() -> None:
    """A create has none until it is applied; then read, plan and apply say it, unchanged."""
    async with configured() as client:
        planned = await client.call("PlanResourceChange", type_name="x_thing", config=thing())
        assert not planned.HasField("planned_identity")
        fields = {"type_name": "x_thing", "config": thing(), "planned_state": planned.planned_state}
        applied = await client.call("ApplyResourceChange", **fields)
        read = await client.call("ReadResource", type_name="x_thing", current_state=applied.new_state)
        new = thing(name="two")
        again = await client.call("PlanResourceChange", type_name="x_thing", config=new, prior_state=read.new_state)
        identities = [applied.new_identity, read.new_identity, again.planned_identity]
        assert [identity(message) for message in identities] == [{"id": "thing-1"}] * 3


async def test_a_resource_without_an_identity_never_sends_one() -> None:
    """Terraform would crash."""
    async with configured() as client:
        read = await client.call("ReadResource", type_name="x_plain", current_state=thing(id="a"))
        assert not read.HasField("new_identity")


async def test_an_import_takes_an_id_or_an_identity() -> None:
    """An import by ID and one by identity both return the identity; an incomplete identity is refused."""
    async with configured() as client:
        wanted = pb.ResourceIdentityData(identity_data=encode_value(IDENTITY, {"id": "a"}))
        for fields in ({"id": "a"}, {"identity": wanted}):
            [imported] = (await client.call("ImportResourceState", type_name="x_thing", **fields)).imported_resources
            assert identity(imported.identity) == {"id": "a"}
            assert decode_value(Thing.schema.element_type, imported.state) == {"id": "a", "name": None}
        nothing = pb.ResourceIdentityData(identity_data=encode_value(IDENTITY, {"id": None}))
        refused = await client.call("ImportResourceState", type_name="x_thing", identity=nothing)
        assert [error.summary for error in refused.diagnostics] == ["The identity is incomplete"]


async def test_an_identity_of_an_older_state_is_kept() -> None:
    """The state file has it as JSON."""
    async with configured() as client:
        raw = pb.RawState(json=b'{"id":"a"}')
        reply = await client.call("UpgradeResourceIdentity", type_name="x_thing", raw_identity=raw)
        assert identity(reply.upgraded_identity) == {"id": "a"}


def listed(prefix: str | None) -> pb.DynamicValue:
    return encode_value(Things.schema.element_type, {"prefix": prefix})


async def test_a_list_is_a_stream_of_identities_and_names() -> None:
    """A list has the whole objects only if Terraform asks for them, and never more than the limit."""
    async with configured() as client:
        events = await client.stream("ListResource", type_name="x_thing", config=listed("t"))
        assert [event.display_name for event in events] == ["Two", "Three", ""]
        assert identity(events[0].identity) == {"id": "id-two"}
        assert not events[0].HasField("resource_object")
        assert [found.summary for found in events[2].diagnostic] == ["No more"]
        fields = {"type_name": "x_thing", "config": listed(None), "limit": 1, "include_resource_object": True}
        [event] = await client.stream("ListResource", **fields)
        assert decode_value(Thing.schema.element_type, event.resource_object) == {"id": "id-one", "name": "one"}


async def test_a_list_that_breaks_off_says_so_after_what_it_found() -> None:
    """The error of a list is its last event, after the objects that were found."""
    async with configured() as client:
        events = await client.stream("ListResource", type_name="x_thing", config=listed("tw"))
        assert [event.display_name for event in events] == ["Two", ""]
        assert [found.summary for found in events[1].diagnostic] == ["Broken", "No more"]


async def test_a_list_is_offered_and_its_configuration_validated() -> None:
    """A list resource is published and validated under the type name of its resource."""
    async with configured() as client:
        assert list((await client.call("GetProviderSchema")).list_resource_schemas) == ["x_thing"]
        assert [one.type_name for one in (await client.call("GetMetadata")).list_resources] == ["x_thing"]
        refused = await client.call("ValidateListResourceConfig", type_name="x_thing", config=listed("wrong"))
        assert [error.summary for error in refused.diagnostics] == ["Wrong"]


@pytest.mark.parametrize(("stored", "expected"), [(b'{"id":5}', {"id": "5"}), (b"null", None), (b'{"other":1}', None)])
async def test_a_stored_identity_is_read_leniently(stored: bytes, expected: dict[str, str] | None) -> None:
    """A number becomes text, and without a value there is none."""
    async with configured() as client:
        raw = pb.RawState(json=stored)
        response = await client.call("UpgradeResourceIdentity", type_name="x_thing", raw_identity=raw)
        assert list(response.diagnostics) == []
        assert expected == (identity(response.upgraded_identity) if response.HasField("upgraded_identity") else None)


@pytest.mark.parametrize("stored", [b'{"id":["a"]}', b'{"id":{}}', b"[]", b'"a"', b"not json", b""])
async def test_a_stored_identity_of_another_type_is_an_error(stored: bytes) -> None:
    """The error says what the state contains, and that it may have been edited."""
    async with configured() as client:
        raw = pb.RawState(json=stored)
        response = await client.call("UpgradeResourceIdentity", type_name="x_thing", raw_identity=raw)
        assert [error.summary for error in response.diagnostics] == ["The state cannot be read"]


def test_only_a_resource_with_an_identity_can_be_listed() -> None:
    """Terraform gets nothing but the identity of an object."""
    with pytest.raises(ValueError, match="Own: Plain must have an identity"):
        type("Own", (ListResource,), {"resource": Plain, "schema": Schema("")})
