"""Terraform's calls, one by one: what the provider offers, configurations, data sources, functions."""

import asyncio
import json

import pytest

from terraform_plugin._protocol import tfplugin6_pb2 as pb
from terraform_plugin.cty.types import UNKNOWN, List, String, Value
from terraform_plugin.data_source import DataSource
from terraform_plugin.diagnostics import Error, Path, warn
from terraform_plugin.function import Function, Parameter
from terraform_plugin.provider import Provider
from terraform_plugin.resource import Resource
from terraform_plugin.rpc.service import ProviderService
from terraform_plugin.schema import Attribute, Block, Schema
from terraform_plugin.state.state import State
from terraform_plugin.stopping import pause
from terraform_plugin.testing import in_process
from tests.terraform_plugin.thing import CREATED, OPEN, ask, messages_of, provider, thing


class Lookup(DataSource):
    type_name = "lookup"
    schema = Schema(
        "", attributes={"name": Attribute(String, "", required=True), "found": Attribute(String, "", computed=True)}
    )

    @classmethod
    def validate(cls, config: State) -> None:
        if config["name"] == "x":
            raise Error("Not x", path=Path("name"))

    async def read(self, config: State) -> State:
        return config | ({"found": config["name"]} if config["name"] != "nothing" else {"found": UNKNOWN})


class Join(Function):
    name = "join"
    summary = ""
    description = ""
    parameters = (Parameter("by", String, ""), Parameter("first", List(String), "", allow_null=True))
    variadic = Parameter("more", List(String), "", allow_unknown=True)

    def call(self, *arguments: Value) -> Value:
        by, first, *more = arguments
        if by == "bad":
            raise Error("Cannot join", "Take another text.", argument=0)
        lists = [item for item in [first, *more] if isinstance(item, list)]
        return str(by).join(str(item) for part in lists for item in part)


async def test_the_schema_comes_with_everything_terraform_asks_for_at_once() -> None:
    """With the capabilities to skip a second request and to plan destroys, and with the functions."""
    served = provider(thing(), data_sources=[Lookup], functions=[Join])
    reply = await ask(served, lambda client: client.call("GetProviderSchema"))
    assert reply.HasField("provider")
    assert not reply.HasField("provider_meta")
    assert (list(reply.resource_schemas), list(reply.data_source_schemas), list(reply.functions)) == (
        ["thing"], ["lookup"], ["join"],
    )  # fmt: skip
    capabilities = reply.server_capabilities
    assert capabilities.plan_destroy
    assert capabilities.get_provider_schema_optional
    assert capabilities.move_resource_state
    assert not capabilities.generate_resource_config


async def test_metadata_names_the_same() -> None:
    """Terraform does not request it, but other hosts do."""
    served = provider(thing(), data_sources=[Lookup], functions=[Join])
    reply = await ask(served, lambda client: client.call("GetMetadata"))
    assert [item.type_name for item in (*reply.resources, *reply.data_sources)] == ["thing", "lookup"]
    assert [item.name for item in reply.functions] == ["join"]
    assert reply.server_capabilities.plan_destroy
    assert list((await ask(served, lambda client: client.call("GetFunctions"))).functions) == ["join"]
    assert not (await ask(served, lambda client: client.call("GetResourceIdentitySchemas"))).identity_schemas


@pytest.mark.parametrize(
    ("rpc", "fields"),
    [
        ("ValidateEphemeralResourceConfig", {"type_name": "no"}),
        ("OpenEphemeralResource", {"type_name": "no"}),
        ("RenewEphemeralResource", {"type_name": "no"}),
        ("CloseEphemeralResource", {"type_name": "no"}),
        ("ValidateListResourceConfig", {"type_name": "no"}),
        ("UpgradeResourceIdentity", {"type_name": "no"}),
        ("GenerateResourceConfig", {"type_name": "no"}),
        ("PlanAction", {"action_type": "no"}),
        ("ValidateActionConfig", {"type_name": "no"}),
        ("ValidateStateStoreConfig", {"type_name": "no"}),
        ("ConfigureStateStore", {"type_name": "no"}),
        ("GetStates", {"type_name": "no"}),
        ("LockState", {"type_name": "no"}),
        ("ValidateResourceConfig", {"type_name": "no"}),
        ("UpgradeResourceState", {"type_name": "no"}),
        ("ReadResource", {"type_name": "no"}),
        ("PlanResourceChange", {"type_name": "no"}),
        ("ApplyResourceChange", {"type_name": "no"}),
        ("ImportResourceState", {"type_name": "no"}),
        ("MoveResourceState", {"target_type_name": "no"}),
        ("ValidateDataResourceConfig", {"type_name": "no"}),
        ("ReadDataSource", {"type_name": "no"}),
    ],
)
async def test_what_the_provider_does_not_have_is_one_error(rpc: str, fields: dict[str, str]) -> None:
    """An unknown type is one error, also for RPCs that this library does not offer."""
    reply = await ask(provider(thing()), lambda client: client.call(rpc, **fields))
    [error] = reply.diagnostics
    assert error.severity == pb.Diagnostic.ERROR
    assert "no" in error.summary


async def test_all_mistakes_of_a_configuration_are_reported_at_once() -> None:
    """One response has the violations of the schema, the errors of the author's own check, and its warnings."""

    def validate(_: type[Resource], config: State) -> None:
        warn("Old", "", Path("name"))
        raise ExceptionGroup("", [Error("Bad name", "", Path("name")), Error("Bad rule", "", Path("rule", 0))])

    resource = thing(validate=classmethod(validate))
    answer = await ask(provider(resource), lambda client: client.validate("thing", {"id": "mine", "rule": UNKNOWN}))
    assert [(error.summary, str(error.path)) for error in answer.errors] == [
        ("Value cannot be set", "id"), ("Bad name", "name"), ("Bad rule", "rule[0]"),
    ]  # fmt: skip
    assert [warning.summary for warning in answer.warnings] == ["Old"]


async def test_a_write_only_value_needs_a_terraform_that_knows_it() -> None:
    """Terraform says with each configuration whether it supports write-only values."""
    async with in_process(provider(thing())) as client:
        config = pb.DynamicValue(json=json.dumps(CREATED | {"id": None, "etag": None, "secret": "x"}).encode())
        old = await client.call("ValidateResourceConfig", type_name="thing", config=config)
        new = await client.validate("thing", {"secret": "x"})
        assert [len(old.diagnostics), len(new.diagnostics)] == [1, 0]


async def test_a_provider_and_a_data_source_have_their_own_check() -> None:
    """The `validate` of a provider and of a data source is called as that of a resource is."""

    def validate(_: type[Provider], config: State) -> None:
        raise Error("No", "", Path("a"))

    served = provider(validate=classmethod(validate), schema=Schema("", attributes={"a": OPEN}), data_sources=[Lookup])
    answer = await ask(served, lambda client: client.validate_provider({"a": UNKNOWN}))
    assert [str(error.path) for error in answer.errors] == ["a"]
    answer = await ask(served, lambda client: client.validate_data_source("lookup", {"name": "x"}))
    assert [error.summary for error in answer.errors] == ["Not x"]


async def test_a_new_configuration_replaces_the_old_one() -> None:
    """In debug mode, a process is configured several times, also after an interrupt, and keeps nothing of it."""
    events: list[str] = []

    class Example(Provider):
        name = "example"
        schema = Schema("", attributes={"a": OPEN})

        async def configure(self, config: State) -> str:
            events.append(f"configure {config['a']}")
            return str(config["a"])

        async def close(self, client: str) -> None:
            events.append(f"close {client}")

    async def create(self: Resource, plan: State) -> State:
        await pause(0)
        return plan | {"id": self.client, "etag": ""}

    Example.resources = [thing(create=create)]

    async with in_process(Example()) as client:
        for a in ("a", "b"):
            await client.configure({"a": a})
            planned = await client.plan("thing", {})
            assert (await client.apply("thing", {}, planned)).value["id"] == a
            await client.stop()

    assert events == ["configure a", "close a", "configure b", "close b"]


async def test_a_provider_that_cannot_be_configured_is_one_error() -> None:
    """What `configure` raises is the error of the provider's configuration."""

    async def configure(_: Provider, __: State) -> None:
        raise Error("No token", "Set one.", Path("token"))

    answer = await ask(provider(configure=configure), lambda client: client.configure({}))
    assert messages_of(answer) == ["No token: Set one."]


async def test_defaults_count_where_there_is_no_plan() -> None:
    """`configure` of a provider and `read` of a data source get them, also inside of a block."""
    part = Attribute(String, "", optional=True, default="large")
    schema = Schema("", attributes={"size": part}, blocks={"part": Block({"size": part})})
    configured: list[State] = []

    async def configure(_: Provider, config: State) -> None:
        configured.append(config)

    async def read(_: DataSource, config: State) -> State:
        return config

    source = type("Source", (DataSource,), {"type_name": "source", "schema": schema, "read": read})
    async with in_process(provider(schema=schema, configure=configure, data_sources=[source])) as client:
        await client.configure({"part": [{}, {"size": "small"}]})
        found = await client.read_data_source("source", {"size": "small"})

    assert configured == [{"size": "large", "part": [{"size": "large"}, {"size": "small"}]}]
    assert found.value == {"size": "small", "part": []}


async def test_a_data_source_returns_known_values() -> None:
    """An unknown value is an error."""
    served = provider(data_sources=[Lookup])
    answer = await ask(served, lambda client: client.read_data_source("lookup", {"name": "a"}))
    assert answer.value == {"name": "a", "found": "a"}
    answer = await ask(served, lambda client: client.read_data_source("lookup", {"name": "nothing"}))
    assert "found" in messages_of(answer)[0]


@pytest.mark.parametrize(
    ("arguments", "result"),
    [
        (["-", ["a", "b"]], "a-b"),
        (["-", ["a"], ["b"], ["c"]], "a-b-c"),
        (["-", None], ""),
        (["-", UNKNOWN], UNKNOWN),
        (["-", ["a", UNKNOWN]], UNKNOWN),
        (["-", ["a"], UNKNOWN], "a"),
    ],
)
async def test_a_function_gets_only_what_it_allows(arguments: list[Value], result: Value) -> None:
    """If an argument that must be known contains an unknown value at any depth, the result is unknown."""
    answer = await ask(provider(functions=[Join]), lambda client: client.call_function("join", *arguments))
    assert (answer.value, messages_of(answer)) == (result, [])


async def test_a_functions_error_names_the_argument() -> None:
    """Arguments are counted from 0; a null that is not allowed is an error, too."""
    served = provider(functions=[Join])
    answer = await ask(served, lambda client: client.call_function("join", "bad", []))
    assert [(error.summary, error.path) for error in answer.errors] == [("Cannot join: Take another text", (0,))]
    answer = await ask(served, lambda client: client.call_function("join", "-", [], None))
    assert [(error.summary, error.path) for error in answer.errors] == [("more must not be null", (2,))]


@pytest.mark.parametrize(("name", "count"), [("join", 0), ("other", 0)])
async def test_a_function_that_cannot_be_called_is_an_error(name: str, count: int) -> None:
    """There are no diagnostics for functions, only this text."""
    served = provider(functions=[Join])
    reply = await ask(
        served, lambda client: client.call("CallFunction", name=name, arguments=[pb.DynamicValue()] * count)
    )
    assert reply.error.text
    assert not reply.error.HasField("function_argument")


def test_a_name_is_offered_once() -> None:
    """Otherwise one of the two would silently replace the other."""
    with pytest.raises(ValueError, match="Thing and Thing have the same name, thing"):
        ProviderService(provider(thing(), thing()), asyncio.Event())
