"""The client speaks to a provider with everything that has an RPC of its own."""

import asyncio
from collections.abc import Awaitable, Callable

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


def told(story: Callable[[ProtocolClient], Awaitable[Response]]) -> Response:
    """Run a story with a configured provider."""

    async def run() -> Response:
        async with in_process(Everything()) as client:
            assert not (await client.configure({"url": "here"})).diagnostics
            return await story(client)

    return asyncio.run(run())


def test_a_create_is_planned_and_applied() -> None:
    """Names left out are null, blocks left out are none; what is write-only is in the configuration alone."""

    async def story(client: ProtocolClient) -> Response:
        config = {"kind": "a", "secret": "s", "extra": {"pin": "1"}, "part": [{"name": "p"}]}
        planned = await client.plan("x_thing", config)
        assert not is_known(planned.value["id"])
        assert planned.value | {"id": None} == config | {"id": None, "secret": None, "extra": {"pin": None}}
        return await client.apply("x_thing", config, planned)

    answer = told(story)
    assert answer.value["id"] == "here-1"
    assert answer.private == b"mine"
    assert [found.detail for found in answer.warnings] == ["s {'pin': '1'}"]
    assert answer.errors == []


def test_a_replacement_has_its_paths() -> None:
    """As `Path`s."""
    prior = {"id": "1", "kind": "a"}

    answer = told(lambda client: client.plan("x_thing", {"kind": "b"}, prior, b"private"))

    assert answer.requires_replace == [Path("kind")]
    assert answer.private == b"private"


def test_a_destroy_has_neither_configuration_nor_plan() -> None:
    """Null in, null out."""

    async def story(client: ProtocolClient) -> Response:
        prior = {"id": "1", "kind": "a"}
        planned = await client.plan("x_thing", None, prior)
        assert planned.value is None
        return await client.apply("x_thing", None, planned, prior)

    answer = told(story)
    assert answer.value is None
    assert [found.summary for found in answer.warnings] == ["Deleted"]


def test_a_read_returns_the_state_or_nothing() -> None:
    """Private data is echoed."""
    there = told(lambda client: client.read("x_thing", {"kind": "a"}, b"private"))
    gone = told(lambda client: client.read("x_thing", {"kind": "gone"}))

    assert (there.value["kind"], there.private) == ("a", b"private")
    assert gone == Response(diagnostics=[])


def test_an_upgrade_takes_json() -> None:
    """As an object, or as the very text of the state file."""
    for state in ({"kind": "a"}, b'{"kind": "a"}'):
        answer = told(lambda client, state=state: client.upgrade("x_thing", 1, state))  # type: ignore[misc]
        assert (answer.value["id"], answer.value["kind"]) == ("from 1", "a")


def test_an_import_returns_a_state() -> None:
    """The one that is completed by the next read."""
    assert told(lambda client: client.import_("x_thing", "7")).value["id"] == "7"


def test_mistakes_are_diagnostics_with_a_path() -> None:
    """Of the provider, a resource, a data source."""
    provider = told(lambda client: client.validate_provider({"url": "no URL"}))
    resource = told(lambda client: client.validate("x_thing", {"kind": "wrong"}))
    data_source = told(lambda client: client.validate_data_source("x_lookup", {"name": ""}))

    assert [(found.summary, found.path) for found in provider.errors] == [("No URL", Path("url"))]
    assert [(found.summary, found.path) for found in resource.errors] == [("Wrong", Path("kind"))]
    assert [(found.summary, found.path) for found in data_source.errors] == [("Empty", Path("name"))]


def test_a_data_source_is_read() -> None:
    """With what it computed."""
    assert told(lambda client: client.read_data_source("x_lookup", {"name": "four"})).value == {
        "name": "four",
        "size": 4,
    }


def test_a_function_is_called() -> None:
    """With its variadic arguments; a bad argument is the path of the error."""
    joined = told(lambda client: client.call_function("join_all", ", ", "a", "b"))
    refused = told(lambda client: client.call_function("join_all", ", "))

    assert joined.value == "a, b"
    assert [(found.summary, found.path) for found in refused.errors] == [("Nothing to join", Path(1))]


def test_stop_is_heard() -> None:
    """By what runs, in the context of its call."""
    heard = []

    class Listening(Thing):
        async def read(self, state: State) -> State | None:
            heard.append(stop_requested())
            return state

    class Offers(Everything):
        resources = (Listening,)

    async def story() -> None:
        async with in_process(Offers()) as client:
            await client.read("x_thing", {"kind": "a"})
            assert await client.stop() == ""
            await client.read("x_thing", {"kind": "a"})

    asyncio.run(story())
    assert heard == [False, True]


def test_any_rpc_can_be_called_raw() -> None:
    """With the fields of its request; the response is a message."""

    async def story() -> list[str]:
        async with in_process(Everything()) as client:
            metadata = await client.call("GetMetadata")
            return [resource.type_name for resource in metadata.resources]

    assert asyncio.run(story()) == ["x_thing"]
