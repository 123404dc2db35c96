"""The client has a method for each RPC of a provider."""

from collections.abc import AsyncIterator

import pytest

from terraform_plugin import (
    Attribute,
    Block,
    DataSource,
    Error,
    Function,
    Nested,
    Number,
    Parameter,
    Path,
    Provider,
    Resource,
    Schema,
    State,
    String,
    is_known,
    stop_requested,
    warn,
)
from terraform_plugin.testing import ProtocolClient, Response, in_process


class Thing(Resource):
    type_name = "x_thing"
    schema = Schema(
        "A thing.",
        version=2,
        attributes={
            "id": Attribute(String, "Chosen by the server.", computed=True, use_state_for_unknown=True),
            "kind": Attribute(String, "Of what kind.", required=True, requires_replace=True),
            "secret": Attribute(String, "Never stored.", optional=True, write_only=True),
            "extra": Attribute(
                Nested("single", {"pin": Attribute(String, "", optional=True, write_only=True)}), "", optional=True
            ),
        },
        blocks={"part": Block({"name": Attribute(String, "Its name.", required=True)})},
    )

    @classmethod
    def validate(cls, config: State) -> None:
        if is_known(config["kind"]) and config["kind"] == "wrong":
            raise Error("Wrong", "Choose another.", Path("kind"))

    @classmethod
    def upgrade(cls, version: int, state: dict[str, object]) -> dict[str, object]:
        return state | {"id": f"from {version}"}

    async def create(self, plan: State) -> State:
        warn("Created", f"{plan.config['secret']} {plan.config['extra']}")
        return (plan | {"id": f"{self.client}-1"}).with_private(b"mine")

    async def read(self, state: State) -> State | None:
        return None if state["kind"] == "gone" else state

    async def delete(self, state: State) -> None:
        warn("Deleted", str(state["id"]))


class Lookup(DataSource):
    type_name = "x_lookup"
    schema = Schema(
        "Looks up.",
        attributes={"name": Attribute(String, "", required=True), "size": Attribute(Number, "", computed=True)},
    )

    @classmethod
    def validate(cls, config: State) -> None:
        if config["name"] == "":
            raise Error("Empty", path=Path("name"))

    async def read(self, config: State) -> State:
        return config | {"size": len(str(config["name"]))}


class Join(Function):
    name = "join_all"
    summary = "Joins."
    description = "Joins texts."
    parameters = (Parameter("separator", String, "Between them."),)
    variadic = Parameter("texts", String, "The texts.")

    def call(self, *arguments: object) -> str:
        if not arguments[1:]:
            raise Error("Nothing to join", argument=1)
        return str(arguments[0]).join(map(str, arguments[1:]))


class Everything(Provider):
    name = "x"
    schema = Schema("All of it.", attributes={"url": Attribute(String, "Where.", optional=True)})
    resources = (Thing,)
    data_sources = (Lookup,)
    functions = (Join,)

    @classmethod
    def validate(cls, config: State) -> None:
        if config["url"] == "no URL":
            raise Error("No URL", path=Path("url"))

    async def configure(self, config: State) -> object:
        return config["url"]


@pytest.fixture
async def client() -> AsyncIterator[ProtocolClient]:
    """Terraform's side of a provider in this process that is configured."""
    async with in_process(Everything()) as connected:
        assert not (await connected.configure({"url": "here"})).diagnostics
        yield connected


async def test_a_create_is_planned_and_applied(client: ProtocolClient) -> None:
    """Names left out are null, blocks left out are none; what is write-only is in the configuration alone."""
    config = {"kind": "a", "secret": "s", "extra": {"pin": "1"}, "part": [{"name": "p"}]}
    planned = await client.plan("x_thing", config)
    assert not is_known(planned.value["id"])
    assert planned.value | {"id": None} == config | {"id": None, "secret": None, "extra": {"pin": None}}
    answer = await client.apply("x_thing", config, planned)

    assert answer.value["id"] == "here-1"
    assert answer.private == b"mine"
    assert [found.detail for found in answer.warnings] == ["s {'pin': '1'}"]
    assert answer.errors == []


async def test_a_replacement_has_its_paths(client: ProtocolClient) -> None:
    """What requires a replacement is returned as `Path`s."""
    prior = {"id": "1", "kind": "a"}

    answer = await client.plan("x_thing", {"kind": "b"}, prior, b"private")

    assert answer.requires_replace == [Path("kind")]
    assert answer.private == b"private"


async def test_a_destroy_has_neither_configuration_nor_plan(client: ProtocolClient) -> None:
    """The configuration, the plan and the new state of a destroy are null."""
    prior = {"id": "1", "kind": "a"}
    planned = await client.plan("x_thing", None, prior)
    assert planned.value is None
    answer = await client.apply("x_thing", None, planned, prior)

    assert answer.value is None
    assert [found.summary for found in answer.warnings] == ["Deleted"]


async def test_a_read_returns_the_state_or_nothing(client: ProtocolClient) -> None:
    """Private data is echoed."""
    there = await client.read("x_thing", {"kind": "a"}, b"private")
    gone = await client.read("x_thing", {"kind": "gone"})

    assert (there.value["kind"], there.private) == ("a", b"private")
    assert gone == Response(diagnostics=[])


async def test_an_upgrade_takes_json(client: ProtocolClient) -> None:
    """A stored state can be given as an object, or as the very text of the state file."""
    for state in ({"kind": "a"}, b'{"kind": "a"}'):
        answer = await client.upgrade("x_thing", 1, state)
        assert (answer.value["id"], answer.value["kind"]) == ("from 1", "a")


async def test_an_import_returns_a_state(client: ProtocolClient) -> None:
    """The one that is completed by the next read."""
    assert (await client.import_("x_thing", "7")).value["id"] == "7"


async def test_mistakes_are_diagnostics_with_a_path(client: ProtocolClient) -> None:
    """Mistakes in the configuration of a provider, a resource and a data source have the attribute's path."""
    provider = await client.validate_provider({"url": "no URL"})
    resource = await client.validate("x_thing", {"kind": "wrong"})
    data_source = await client.validate_data_source("x_lookup", {"name": ""})

    assert [(found.summary, found.path) for found in provider.errors] == [("No URL", Path("url"))]
    assert [(found.summary, found.path) for found in resource.errors] == [("Wrong", Path("kind"))]
    assert [(found.summary, found.path) for found in data_source.errors] == [("Empty", Path("name"))]


async def test_a_data_source_is_read(client: ProtocolClient) -> None:
    """Reading a data source returns its arguments and what it computed."""
    assert (await client.read_data_source("x_lookup", {"name": "four"})).value == {
        "name": "four",
        "size": 4,
    }


async def test_a_function_is_called(client: ProtocolClient) -> None:
    """A function gets its variadic arguments; the path of its error is the number of the argument."""
    joined = await client.call_function("join_all", ", ", "a", "b")
    refused = await client.call_function("join_all", ", ")

    assert joined.value == "a, b"
    assert [(found.summary, found.path) for found in refused.errors] == [("Nothing to join", Path(1))]


async def test_stop_is_heard() -> None:
    """A call that runs after a stop request sees that it was asked to stop."""
    heard = []

    class Listening(Thing):
        async def read(self, state: State) -> State | None:
            heard.append(stop_requested())
            return state

    class Offers(Everything):
        resources = (Listening,)

    async with in_process(Offers()) as client:
        await client.read("x_thing", {"kind": "a"})
        assert await client.stop() == ""
        await client.read("x_thing", {"kind": "a"})
    assert heard == [False, True]


async def test_any_rpc_can_be_called_raw() -> None:
    """A call by name takes the fields of its request, and returns the response as a message."""
    async with in_process(Everything()) as client:
        metadata = await client.call("GetMetadata")
        assert [resource.type_name for resource in metadata.resources] == ["x_thing"]
