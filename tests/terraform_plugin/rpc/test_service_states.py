"""Read, import, upgrade, move: where a state comes from."""

from decimal import Decimal
from typing import Any

import pytest

from terraform_plugin._protocol import tfplugin6_pb2 as pb
from terraform_plugin.cty.types import UNKNOWN, Dynamic, DynamicType, Number, String
from terraform_plugin.diagnostics import Error
from terraform_plugin.resource import MoveSource, Resource
from terraform_plugin.rpc.convert import decode_value
from terraform_plugin.schema import Attribute, Schema
from terraform_plugin.state.state import State
from terraform_plugin.testing import in_process
from terraform_plugin.timeout import timeouts
from tests.terraform_plugin.thing import CREATED, OPEN, ask, messages_of, provider, thing


async def test_a_read_echoes_private_data() -> None:
    """If it were left out, Terraform would delete it."""
    answer = await ask(provider(thing()), lambda client: client.read("thing", CREATED, b"p"))
    assert (answer.value, answer.private) == (CREATED, b"p")


async def test_a_read_may_set_private_data() -> None:
    """A read gets the prior private data, and can replace it."""

    async def read(_: Resource, state: State) -> State:
        return (state | {"name": "drifted"}).with_private(state.private + b"!")

    answer = await ask(provider(thing(read=read)), lambda client: client.read("thing", CREATED, b"p"))
    assert (answer.value, answer.private) == (CREATED | {"name": "drifted"}, b"p!")


async def test_a_missing_object_reads_as_null() -> None:
    """Terraform plans to create it again."""

    async def read(_: Resource, __: State) -> None: ...

    answer = await ask(provider(thing(read=read)), lambda client: client.read("thing", CREATED, b"p"))
    assert (answer.value, messages_of(answer)) == (None, [])


@pytest.mark.parametrize("rpc", ["read", "import_"])
async def test_a_read_or_an_import_with_something_unknown_is_an_error(rpc: str) -> None:
    """Terraform accepts it only while planning."""

    async def unknown(_: Resource, __: Any) -> State:
        return State(CREATED | {"name": UNKNOWN})

    served = provider(thing(read=unknown, import_state=unknown))
    answer = await ask(served, lambda client: getattr(client, rpc)("thing", CREATED if rpc == "read" else "1"))
    assert answer.value is None
    assert "name" in messages_of(answer)[0]


async def test_an_import_has_every_name() -> None:
    """An import returns every attribute; by default, it sets the ID and leaves the rest to the read."""

    async def import_state(_: Resource, id_: str) -> State:
        if id_ == "bad":
            raise Error("Not an id")
        return State({"id": id_.upper()}, private=b"q")

    empty = dict.fromkeys(CREATED) | {"rule": []}
    answer = await ask(provider(thing()), lambda client: client.import_("thing", "x"))
    assert (answer.value, answer.private) == (empty | {"id": "x"}, b"")
    served = provider(thing(import_state=import_state))
    answer = await ask(served, lambda client: client.import_("thing", "x"))
    assert (answer.value, answer.private) == (empty | {"id": "X"}, b"q")
    assert messages_of(await ask(served, lambda client: client.import_("thing", "bad"))) == ["Not an id: "]


async def test_a_state_of_any_version_up_to_ours_is_upgraded() -> None:
    """Also one of the same version: another provider may have written it. A newer one is refused."""

    def upgrade(_: type[Resource], version: int, state: dict[str, Any]) -> dict[str, Any]:
        return state if version == 2 else {"id": 7, "name": state["title"]}

    async with in_process(provider(thing(upgrade=classmethod(upgrade)))) as client:
        states: list[tuple[int, dict[str, Any]]] = [(1, {"title": "a"}), (2, {"id": 7, "name": "a"}), (3, {})]
        old, same, newer = [await client.upgrade("thing", version, state) for version, state in states]
    assert old.value == same.value == CREATED | {"id": "7", "etag": None}
    assert (newer.value, [error.summary for error in newer.errors]) == (
        None,
        ["The state was written by a newer provider"],
    )


@pytest.mark.parametrize(
    "raw", [pb.RawState(flatmap={"id": "1"}), pb.RawState(), pb.RawState(json=b"null"), pb.RawState(json=b"[")]
)
async def test_a_state_that_cannot_be_read_is_one_error(raw: pb.RawState) -> None:
    """An unreadable state is an error and not an empty state: Terraform would forget the resource."""
    served = provider(thing())
    reply = await ask(
        served, lambda client: client.call("UpgradeResourceState", type_name="thing", version=2, raw_state=raw)
    )
    assert len(reply.diagnostics) == 1
    assert not reply.upgraded_state.msgpack


async def test_a_move_is_for_sources_that_are_known() -> None:
    """A state of an unknown source could be damaged."""

    def move(_: type[Resource], source: MoveSource) -> State | None:
        if (source.provider, source.type_name, source.version) != ("registry.terraform.io/a/b", "b_thing", 4):
            return None
        return State({"id": source.state["identifier"]}, private=source.private)

    def fields(type_name: str) -> dict[str, Any]:
        return {
            "target_type_name": "thing",
            "source_provider_address": "registry.terraform.io/a/b",
            "source_type_name": type_name,
            "source_schema_version": 4,
            "source_state": pb.RawState(json=b'{"identifier": "7"}'),
            "source_private": b"p",
        }

    async with in_process(provider(thing(move=classmethod(move)))) as client:
        known, other = [await client.call("MoveResourceState", **fields(name)) for name in ("b_thing", "b_other")]
    assert (known.target_private, len(known.diagnostics)) == (b"p", 0)
    assert known.target_state.msgpack
    assert "Cannot move b_other to thing" in other.diagnostics[0].summary
    assert not other.target_state.msgpack
    nobody = await ask(provider(thing()), lambda client: client.call("MoveResourceState", **fields("b_thing")))
    assert len(nobody.diagnostics) == 1


async def test_a_move_may_return_the_values_of_the_source() -> None:
    """They are JSON values, which are read as those of an upgrade. Names that the type does not have are dropped."""
    types = {"any": DynamicType, "size": Number}
    schema = Schema("", attributes={name: Attribute(type_, "", optional=True) for name, type_ in types.items()})

    def move(_: type[Resource], source: MoveSource) -> State:
        return State(source.state)

    raw = pb.RawState(json=b'{"any": {"type": "string", "value": "a"}, "size": "1.5", "other": 1}')
    async with in_process(provider(thing(schema=schema, move=classmethod(move)))) as client:
        moved = await client.call("MoveResourceState", target_type_name="thing", source_state=raw)
    value = decode_value(schema.element_type, moved.target_state)
    assert value == {"any": Dynamic(String, "a"), "size": Decimal("1.5")}


def timed() -> type[Resource]:
    """A resource type whose read returns the state as it is."""
    schema = Schema("", attributes={"id": OPEN, "name": OPEN}, blocks={"timeouts": timeouts(create="2m")})

    async def update(_: Resource, __: State, plan: State) -> State:
        return plan

    return thing(schema=schema, update=update)


EMPTY_TIMEOUTS = {"id": "1", "name": None, "timeouts": {"create": None}}
OLDER_SDK = b'{"e2bfb730-ecaa-11e6-8f88-34363bc7c4c0":{"create":120000000000}}'


@pytest.mark.parametrize("configured", [{"create": None}, None])
async def test_configured_timeouts_in_which_nothing_is_set_change_nothing(configured: dict[str, None] | None) -> None:
    """`timeouts { create = null }` is a block, and removing it is one update: the state says which it is."""
    async with in_process(provider(timed())) as client:
        config = EMPTY_TIMEOUTS | {"timeouts": configured}
        upgraded = await client.upgrade("thing", 0, EMPTY_TIMEOUTS)
        read = await client.read("thing", upgraded.value)
        planned = await client.plan("thing", config, read.value)
        applied = await client.apply("thing", config, planned, read.value)
        again = await client.read("thing", (await client.upgrade("thing", 0, applied.value)).value)
        following = await client.plan("thing", config, again.value)
    assert upgraded.value == read.value == EMPTY_TIMEOUTS
    assert applied.value == again.value == following.value == config


async def test_empty_timeouts_of_another_sdk_are_read_as_no_block() -> None:
    """Its private data shows whose state it is, until an update makes it ours."""
    async with in_process(provider(timed())) as client:
        read = await client.read("thing", EMPTY_TIMEOUTS, OLDER_SDK)
        assert (read.value, read.private) == (EMPTY_TIMEOUTS | {"timeouts": None}, OLDER_SDK)
        planned = await client.plan("thing", EMPTY_TIMEOUTS, read.value, OLDER_SDK)
        applied = await client.apply("thing", EMPTY_TIMEOUTS, planned, read.value)
    assert (applied.value, applied.private) == (EMPTY_TIMEOUTS, b"")


@pytest.mark.parametrize(
    ("rpc", "method", "expected"),
    [("read", "read", "a State"), ("import_", "import_state", "a State"), ("upgrade", "upgrade", "a dict")],
)
async def test_a_method_that_returns_something_else_is_named(rpc: str, method: str, expected: str) -> None:
    """Authors would not recognise their mistake in the error of the code that gets the value."""

    async def wrong(*_: object) -> str:
        return "text"

    served = provider(thing(**{method: staticmethod(lambda *_: "text") if rpc == "upgrade" else wrong}))
    arguments = {"read": (CREATED,), "import_": ("1",), "upgrade": (2, CREATED)}[rpc]
    answer = await ask(served, lambda client: getattr(client, rpc)("thing", *arguments))
    assert f"{rpc.removesuffix('_')} must return {expected}, got str" in messages_of(answer)[0]
