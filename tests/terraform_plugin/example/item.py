"""A resource that was another one in an older version, and one that it takes over from a third type."""

from typing import Any

from terraform_plugin import Attribute, Block, MoveSource, Number, Resource, Schema, State, String, timeouts

from .store import Store

OLD = Schema(
    "An item, as it was in version 1 of the provider.",
    attributes={
        "id": Attribute(String, "Its id.", computed=True, use_state_for_unknown=True),
        "title": Attribute(String, "Its name.", required=True),
        "count_of": Attribute(String, "A number, written as a text.", optional=True),
        "gone": Attribute(String, "What is no longer there.", optional=True),
    },
)
NEW = Schema(
    "An item.",
    version=2,
    attributes={
        "id": Attribute(String, "Its id.", computed=True, use_state_for_unknown=True),
        "name": Attribute(String, "Its name.", required=True),
        "amount": Attribute(Number, "How many.", optional=True),
        "color": Attribute(String, "Its colour.", optional=True),
    },
    blocks={
        "part": Block({"name": Attribute(String, "Its name.", required=True)}),
        "timeouts": timeouts(create="1m"),
    },
)


class Kept(Resource):
    """What both versions do."""

    client: Store

    async def create(self, plan: State) -> State:
        state = plan | {"id": self.client.add("item")}
        self.client.write(state["id"], self.schema, state)
        return state

    async def read(self, state: State) -> State | None:
        return state if state["id"] in self.client.ids() else None

    async def update(self, state: State, plan: State) -> State:
        return plan | {"id": state["id"]}

    async def delete(self, state: State) -> None:
        self.client.remove(state["id"])


class OldItem(Kept):
    type_name = "example_item"
    schema = OLD


class Item(Kept):
    type_name = "example_item"
    schema = NEW

    @classmethod
    def upgrade(cls, version: int, state: dict[str, Any]) -> dict[str, Any]:
        return state if version == NEW.version else {**state, "name": state["title"], "amount": state["count_of"]}

    @classmethod
    def move(cls, source: MoveSource) -> State | None:
        if source.type_name != "example_thing":
            return None
        return State({"id": source.state["id"], "name": source.state["label"], "part": [], "timeouts": None})


class Thing(Kept):
    """An earlier type of `Item`."""

    type_name = "example_thing"
    schema = Schema(
        "A thing.",
        attributes={
            "id": Attribute(String, "Its id.", computed=True, use_state_for_unknown=True),
            "label": Attribute(String, "Its name.", required=True),
        },
    )
