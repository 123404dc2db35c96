"""A resource type whose methods a test gives, and Terraform's calls to it."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from terraform_plugin.cty.types import String, Value
from terraform_plugin.provider import Provider
from terraform_plugin.resource import Resource
from terraform_plugin.schema import Attribute, Block, Schema
from terraform_plugin.state.state import State
from terraform_plugin.testing import ProtocolClient, Response, in_process

OPEN = Attribute(String, "", optional=True)
SCHEMA = Schema(
    "A thing.",
    version=2,
    attributes={
        "id": Attribute(String, "", computed=True, use_state_for_unknown=True),
        "name": Attribute(String, "", optional=True),
        "etag": Attribute(String, "", computed=True),
        "secret": Attribute(String, "", optional=True, write_only=True),
        "kind": Attribute(String, "", optional=True, requires_replace=True),
    },
    blocks={"rule": Block({"a": OPEN})},
)
CREATED: dict[str, Value] = {"id": "1", "name": "a", "etag": "v1", "secret": None, "kind": None, "rule": []}


async def create_thing(_: Resource, plan: State) -> State:
    return plan | {"id": "1", "etag": "v1"}


def thing(**methods: Any) -> type[Resource]:
    """A resource type that does what the given methods do."""

    async def read(_: Resource, state: State) -> State:
        return state

    async def update(_: Resource, __: State, plan: State) -> State:
        return plan | {"etag": "v2"}

    async def delete(_: Resource, __: State) -> None: ...

    does = {"create": create_thing, "read": read, "update": update, "delete": delete} | methods
    return type("Thing", (Resource,), {"type_name": "thing", "schema": SCHEMA} | does)


def provider(*resources: type[Resource], **attributes: Any) -> Provider:
    made = type("Example", (Provider,), {"name": "example", "schema": Schema(""), "resources": resources} | attributes)
    instance: Provider = made()
    return instance


async def ask(served: Provider, question: Callable[[ProtocolClient], Awaitable[Any]]) -> Any:
    async with in_process(served) as client:
        return await question(client)


async def applied(
    resource: type[Resource], config: Mapping[str, Value] | None, prior: Mapping[str, Value] | None = None
) -> Response:
    """Plan and apply, as Terraform does."""
    async with in_process(provider(resource)) as client:
        planned = await client.plan("thing", config, prior, b"p")
        assert planned.errors == []
        return await client.apply("thing", config, planned, prior)


def messages_of(answer: Response) -> list[str]:
    return [f"{error.summary}: {error.detail}" for error in answer.errors]
