"""A provider that exercises every type, kind of attribute and way to nest."""

import os
import sys
from collections.abc import Sequence
from typing import ClassVar

from terraform_plugin import (
    Attribute,
    DataSource,
    Dynamic,
    DynamicType,
    Error,
    Function,
    List,
    Number,
    Parameter,
    Provider,
    Resource,
    Schema,
    State,
    String,
    Value,
    is_known,
)
from terraform_plugin.server.serve import serve

from .everything import Everything
from .item import Item, OldItem, Thing
from .store import Store, store_of
from .trouble import Trouble

SOURCE = "terraform.test/examples/example"


class Ids(DataSource):
    type_name = "example_ids"
    schema = Schema(
        "The ids of a kind.",
        attributes={
            "kind": Attribute(String, "Their kind.", required=True),
            "ids": Attribute(List(String), "The ids.", computed=True),
        },
    )
    client: Store

    async def read(self, config: State) -> State:
        if config["kind"] == "nothing":
            raise Error("No such kind", "Choose another one.")
        return config | {"ids": [id_ for id_ in self.client.ids() if id_.startswith(config["kind"])]}


class Join(Function):
    name = "join"
    summary = "Join texts."
    description = "Joins any number of texts, leaving out those that are null."
    parameters = (Parameter("separator", String, "What comes between them."),)
    variadic = Parameter("texts", String, "The texts.", allow_null=True)

    def call(self, *arguments: Value) -> Value:
        separator, *texts = arguments
        if len(separator) > 1:
            raise Error("Too long", "A separator has one character at most.", argument=0)
        return separator.join(text for text in texts if text is not None)


class Known(Function):
    name = "known"
    summary = "Say whether something is known."
    description = "Says yes or no, whatever it is asked about."
    parameters = (Parameter("value", DynamicType, "Anything.", allow_null=True, allow_unknown=True),)

    def call(self, *arguments: Value) -> Value:
        value = arguments[0].value if isinstance(arguments[0], Dynamic) else arguments[0]
        return "null" if value is None else "known" if is_known(value) else "unknown"


class Largest(Function):
    name = "largest"
    summary = "Return the largest number."
    description = "Returns it exactly."
    parameters = (Parameter("numbers", List(Number), "The numbers."),)
    returns = Number

    def call(self, *arguments: Value) -> Value:
        return max(arguments[0])


class Example(Provider):
    name = "example"
    schema = Schema(
        "Everything there is.",
        attributes={
            "folder": Attribute(String, "Where the objects are kept.", required=True),
            "token": Attribute(String, "A secret.", optional=True, sensitive=True),
        },
    )
    resources: ClassVar[Sequence[type[Resource]]] = (Everything, Trouble, Item, Thing)
    data_sources = (Ids,)
    functions = (Join, Known, Largest)

    async def configure(self, config: State) -> Store:
        return store_of(config)


class OldExample(Example):
    """Version 1 of it."""

    resources = (OldItem,)


def main() -> int:
    provider = OldExample() if os.environ.get("EXAMPLE_AGE") == "old" else Example()
    return serve(provider, source=SOURCE, arguments=sys.argv)
