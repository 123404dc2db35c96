"""A resource that fails in every possible way."""

import sys
from typing import Any

from terraform_plugin import UNKNOWN, Attribute, Error, Resource, Schema, State, String, keep_state, pause

from .store import Store

SCHEMA = Schema(
    "What can go wrong.",
    attributes={
        "id": Attribute(String, "Its id.", computed=True, use_state_for_unknown=True),
        "how": Attribute(String, "What goes wrong.", required=True),
        "phase": Attribute(String, "How far it came.", computed=True),
    },
)


class Trouble(Resource):
    type_name = "example_trouble"
    schema = SCHEMA
    client: Store

    async def create(self, plan: State) -> State:
        how = plan["how"]
        if how == "refused":
            raise Error("Refused", "The server said no. Ask another one.")
        made = plan | {"id": self.client.add("trouble"), "phase": "begun"}
        self.client.write(made["id"], SCHEMA, made)
        keep_state(made)
        if how == "waits":
            await pause(3600)
        return self._done(made)

    def _done(self, made: State) -> State:
        how = made["how"]
        if how == "half":
            raise Error("Only half done", "The other half failed.")
        if how == "exception":
            raise LookupError("a bug with a secret name")
        if how == "leaves":
            sys.exit("a library that takes itself for a command")
        if how == "unknown":
            return made | {"phase": UNKNOWN}
        if how == "misshapen":
            return made | {"phase": ["a", "list"]}
        done = made | {"phase": "done"}
        self.client.write(made["id"], SCHEMA, done)
        return done

    async def read(self, state: State) -> State | None:
        if state["how"] == "unreadable":
            raise Error("Cannot be read", "The server is down. Try again later.")
        return self.client.read(state["id"], SCHEMA)

    async def update(self, state: State, plan: State) -> State:
        return self._done(plan | {"id": state["id"]})

    async def delete(self, state: State) -> None:
        if state["how"] == "undeletable":
            raise Error("Cannot be deleted", "Something uses it. Remove that first.")
        self.client.remove(state["id"])

    async def import_state(self, id_: str) -> State:
        if not id_.startswith("trouble-"):
            raise Error("Not an id", f'"{id_}" does not begin with "trouble-".')
        return State({"id": id_})


def in_trouble(how: Any) -> str:
    """The configuration of one of them."""
    return f'resource "example_trouble" "this" {{ how = "{how}" }}\n'
