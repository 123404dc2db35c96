"""One resource with everything a schema can have: every type, kind of attribute and way to nest."""

from typing import Any

from terraform_plugin import (
    Attribute,
    Block,
    Bool,
    Change,
    DynamicType,
    Error,
    List,
    Map,
    Nested,
    Number,
    Object,
    Resource,
    Schema,
    Set,
    State,
    String,
    Tuple,
    Unknown,
    Value,
    timeouts,
    warn,
)

from .store import Store

ELEMENT = {
    "key": Attribute(String, "What tells it apart.", optional=True),
    "size": Attribute(Number, "How big it is.", optional=True, default=0.5),
    "note": Attribute(String, "A remark; the server makes one if there is none.", optional=True, computed=True),
    "url": Attribute(String, "Where it is.", computed=True),
    "birth": Attribute(String, "Who made it.", computed=True, use_state_for_unknown=True),
    "fixed": Attribute(String, "Cannot be changed.", optional=True, requires_replace=True),
}


def nested(nesting: Any) -> Attribute:
    return Attribute(Nested(nesting, ELEMENT), f"A {nesting} of attributes.", optional=True)


def blocks(nesting: Any) -> Block:
    """Blocks of a kind, with blocks of the same kind inside."""
    return Block(ELEMENT, {"inner": Block(ELEMENT, nesting=nesting)}, f"Blocks in a {nesting}.", nesting=nesting)


SCHEMA = Schema(
    "Everything there is.",
    attributes={
        "id": Attribute(String, "Its id.", computed=True, use_state_for_unknown=True),
        "revision": Attribute(String, "How often it was written.", computed=True),
        "text": Attribute(String, "A text.", optional=True),
        "number": Attribute(Number, "A number.", optional=True),
        "bool": Attribute(Bool, "Yes or no.", optional=True),
        "list": Attribute(List(String), "Texts in an order.", optional=True),
        "set": Attribute(Set(Number), "Numbers without an order.", optional=True),
        "map": Attribute(Map(Bool), "Answers by name.", optional=True),
        "object": Attribute(Object({"a": String, "b": List(Number)}, frozenset({"b"})), "An object.", optional=True),
        "tuple": Attribute(Tuple([String, Number]), "A text and a number.", optional=True),
        "any": Attribute(DynamicType, "Anything.", optional=True),
        "chosen": Attribute(String, "What the server chooses, unless configured.", optional=True, computed=True),
        "level": Attribute(String, "A level.", optional=True, default="low"),
        "tags": Attribute(List(String), "Tags.", optional=True, default=["none"]),
        "kind": Attribute(String, "Cannot be changed.", optional=True, requires_replace=True),
        "place": Attribute(
            String, "Cannot be changed once chosen.", optional=True, computed=True, requires_replace=True
        ),
        "secret": Attribute(String, "A secret in the state.", optional=True, sensitive=True),
        "password": Attribute(String, "A secret that is nowhere.", optional=True, write_only=True),
        "password_length": Attribute(Number, "How long the password was.", computed=True),
        "old": Attribute(String, "An old name.", optional=True, deprecated="Use text instead."),
        "as_single": nested("single"),
        "as_list": nested("list"),
        "as_set": nested("set"),
        "as_map": nested("map"),
        "as_default": Attribute(Nested("single", ELEMENT), "Is always there.", optional=True, default={}),
        "report": Attribute(Nested("list", {"key": Attribute(String, "", computed=True)}), "Keys.", computed=True),
    },
    blocks={
        "in_single": blocks("single"),
        "in_group": blocks("group"),
        "in_list": blocks("list"),
        "in_set": blocks("set"),
        "in_map": blocks("map"),
        "mixed": Block({"any": Attribute(DynamicType, "Anything.", optional=True)}, description="Of any type."),
        "timeouts": timeouts(create="2m", update="1m"),
    },
)


class Everything(Resource):
    """Private data is the revision, as the state has it: what is not echoed would be noticed."""

    type_name = "example_everything"
    schema = SCHEMA
    client: Store

    async def plan(self, change: Change) -> Change:
        if change.planned is None:
            warn("Destroyed", "It will be gone.")
        elif change.planned["text"] == "refused":
            raise Error("Refused text", "Choose another one.")
        elif change.prior is not None and change.planned["text"] == (change.prior["text"] or "").upper():
            return change.with_planned(change.prior)  # the same to the server
        return change

    async def create(self, plan: State) -> State:
        return self._written(plan, self.client.add("everything"), 1)

    async def read(self, state: State) -> State | None:
        if state.private and state.private.decode() != state["revision"]:
            raise Error("Private data is lost", f"It is {state.private!r}, and the revision is {state['revision']}.")
        return self.client.read(state["id"], SCHEMA)

    async def update(self, state: State, plan: State) -> State:
        if state.private.decode() != state["revision"]:
            raise Error("Private data is lost", f"It is {state.private!r}, and the revision is {state['revision']}.")
        return self._written(plan, state["id"], int(state["revision"]) + 1)

    async def delete(self, state: State) -> None:
        self.client.remove(state["id"])

    def _written(self, plan: State, id_: str, revision: int) -> State:
        keys = [{"key": element["key"]} for element in plan["in_list"]]
        password = plan.config["password"]
        known = {
            "id": id_,
            "revision": str(revision),
            "report": keys,
            "password_length": None if password is None else len(password),
        }
        state = filled(plan | known, id_).with_private(str(revision).encode())
        self.client.write(id_, SCHEMA, state)
        return state


def filled(plan: State, id_: str) -> State:
    """Return the plan with a text that tells where it stands for everything unknown."""
    return plan | {name: _filled(value, name, id_) for name, value in plan.items()}


def _filled(value: Value, name: str, of: str) -> Value:
    if isinstance(value, Unknown):
        return f"{name} of {of}"
    if isinstance(value, list):
        return [_filled(item, name, of) for item in value]
    if isinstance(value, dict):
        key = value.get("key")
        return {inner: _filled(item, inner, key if isinstance(key, str) else name) for inner, item in value.items()}
    return value
