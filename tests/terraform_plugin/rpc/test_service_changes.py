"""Plan and apply: what comes back, and what is kept when something goes wrong."""

import asyncio
import json
from typing import Any

import pytest
from msgspec.structs import replace

from terraform_plugin._protocol import tfplugin6_pb2 as pb
from terraform_plugin.cty.types import UNKNOWN, Value
from terraform_plugin.diagnostics import Error, Path, warn
from terraform_plugin.resource import Change, Resource, keep_state
from terraform_plugin.state.state import State
from terraform_plugin.stopping import pause
from terraform_plugin.testing import in_process
from tests.terraform_plugin.thing import CREATED, applied, ask, messages_of, provider, thing


async def test_the_resources_own_plan_has_the_last_word() -> None:
    """A resource's `plan` sees what is planned and why, may change it, and may warn."""

    async def plan(_: Resource, change: Change) -> Change:
        warn("Slow")
        assert change.planned is not None
        assert change.config["name"] == "b"
        planned = change.planned | {"etag": "v2"}
        return replace(
            change, planned=planned.with_private(b"q"), requires_replace=(*change.requires_replace, Path("name"))
        )

    answer = await ask(
        provider(thing(plan=plan)), lambda client: client.plan("thing", {"name": "b", "kind": "k"}, CREATED, b"p")
    )
    assert answer.value == CREATED | {"name": "b", "kind": "k", "etag": "v2"}
    assert ([str(path) for path in answer.requires_replace], answer.private) == (["kind", "name"], b"q")
    assert [warning.summary for warning in answer.warnings] == ["Slow"]


async def test_a_plan_that_is_refused_is_one_error() -> None:
    """An error of the plan is reported instead of one of the apply."""

    async def plan(_: Resource, __: Change) -> Change:
        raise Error("Name taken", "Take another.", Path("name"))

    answer = await ask(provider(thing(plan=plan)), lambda client: client.plan("thing", {}))
    assert (answer.value, messages_of(answer)) == (None, ["Name taken: Take another."])


async def test_a_destroy_is_planned_through_the_resource_and_is_always_nothing() -> None:
    """A resource's `plan` of a destroy can warn, and its private data is passed to the delete."""

    async def plan(_: Resource, change: Change) -> Change:
        warn("Nothing is removed", f"{change.prior and change.prior['id']} stays.")
        return change.with_planned(change.prior or State())

    answer = await ask(provider(thing(plan=plan)), lambda client: client.plan("thing", None, CREATED, b"p"))
    assert (answer.value, answer.private, answer.requires_replace) == (None, b"p", [])
    assert [warning.detail for warning in answer.warnings] == ["1 stays."]


async def test_the_second_plan_of_a_replacement_is_that_of_a_new_resource() -> None:
    """Terraform sends the private data of the first plan, and no prior state."""
    async with in_process(provider(thing())) as client:
        first = await client.plan("thing", {"kind": "k"}, CREATED, b"p")
        second = await client.plan("thing", {"kind": "k"}, None, first.private)
    assert [str(path) for path in first.requires_replace] == ["kind"]
    assert (second.value["id"], second.value["etag"], second.requires_replace, second.private) == (
        UNKNOWN,
        UNKNOWN,
        [],
        b"",
    )


async def test_the_legacy_type_system_is_never_claimed() -> None:
    """Terraform enforces its rules."""
    async with in_process(provider(thing())) as client:
        config = pb.DynamicValue(json=json.dumps(CREATED | {"id": None, "etag": None}).encode())
        plan = await client.call("PlanResourceChange", type_name="thing", config=config)
        planned = {"type_name": "thing", "config": config, "planned_state": plan.planned_state}
        applied = await client.call("ApplyResourceChange", **planned)
        assert [plan.legacy_type_system, applied.legacy_type_system] == [False, False]


async def test_a_create_gets_the_plan_with_the_configuration() -> None:
    """It contains write-only values, which are null in the result whatever the resource returns."""

    async def create(_: Resource, plan: State) -> State:
        assert plan.config["secret"] == "x"
        return (plan | {"id": "1", "etag": "v1", "secret": plan.config["secret"]}).with_private(b"q")

    answer = await applied(thing(create=create), {"name": "a", "secret": "x"})
    assert (answer.value, answer.private, messages_of(answer)) == (CREATED, b"q", [])


async def test_an_update_gets_state_and_plan() -> None:
    """Private data stays unless the resource sets other data."""

    async def update(_: Resource, state: State, plan: State) -> State:
        assert (state["name"], state.private, plan["name"], plan.private) == ("a", b"p", "b", b"p")
        return plan | {"etag": state["etag"] + "!"}

    answer = await applied(thing(update=update), {"name": "b"}, CREATED)
    assert (answer.value, answer.private) == (CREATED | {"name": "b", "etag": "v1!"}, b"p")


async def test_a_delete_leaves_nothing() -> None:
    """A delete gets the state with its private data, and leaves neither."""
    deleted: list[tuple[Value, bytes]] = []

    async def delete(_: Resource, state: State) -> None:
        deleted.append((state["id"], state.private))

    answer = await applied(thing(delete=delete), None, CREATED)
    assert (answer.value, answer.private, messages_of(answer), deleted) == (None, b"", [], [("1", b"p")])


async def fail(*_: Any) -> State:
    raise Error("Refused", "The server said no.")


@pytest.mark.parametrize(
    ("methods", "config", "prior", "left"),
    [
        ({"create": fail}, {"name": "a"}, None, None),
        ({"update": fail}, {"name": "b"}, CREATED, CREATED),
        ({"delete": fail}, None, CREATED, CREATED),
    ],
)
async def test_what_failed_leaves_what_was_there(
    methods: dict[str, Any], config: Any, prior: dict[str, Value] | None, left: dict[str, Value] | None
) -> None:
    """No state after a create, and otherwise the prior state with its private data."""
    answer = await applied(thing(**methods), config, prior)
    assert (answer.value, answer.private) == (left, b"p" if left else b"")
    assert messages_of(answer) == ["Refused: The server said no."]


@pytest.mark.parametrize("operation", ["create", "update", "delete"])
async def test_what_was_kept_is_recorded_with_the_error(operation: str) -> None:
    """Unknown values in it are null: Terraform accepts nothing unknown."""

    async def keeping(_: Resource, *states: State) -> State:
        keep_state(states[-1] | {"id": "9", "etag": UNKNOWN, "rule": [{"a": UNKNOWN}]})
        raise Error("Lost")

    prior = None if operation == "create" else CREATED
    config = None if operation == "delete" else {"name": "b"}
    answer = await applied(thing(**{operation: keeping}), config, prior)
    assert answer.value["id"] == "9"
    assert (answer.value["etag"], answer.value["rule"]) == (None, [{"a": None}])
    assert messages_of(answer) == ["Lost: "]


async def test_an_unforeseen_exception_is_one_error_and_keeps_what_was_kept() -> None:
    """The error of a bug names the resource and the operation, and says where the traceback is."""

    async def create(_: Resource, plan: State) -> State:
        keep_state(plan | {"id": "9"})
        raise KeyError("oops")

    answer = await applied(thing(create=create), {})
    [message] = messages_of(answer)
    assert message.startswith("thing: ApplyResourceChange failed unexpectedly: KeyError: 'oops'. This is a bug")
    assert "Traceback" not in message
    assert answer.value["id"] == "9"


async def test_several_errors_are_shown_as_several() -> None:
    """An exception group is what a task group raises."""

    async def create(_: Resource, __: State) -> State:
        raise ExceptionGroup("", [Error("One"), ExceptionGroup("", [Error("Two"), ValueError("three")])])

    answer = await applied(thing(create=create), {})
    assert [error.summary for error in answer.errors] == [
        "One", "Two", "thing: ApplyResourceChange failed unexpectedly",
    ]  # fmt: skip


@pytest.mark.parametrize("operation", ["create", "update"])
async def test_a_value_that_stayed_unknown_is_an_error_and_the_rest_is_recorded(operation: str) -> None:
    """Terraform would report it without the name of the resource."""

    async def forget(_: Resource, *states: State) -> State:
        return states[-1] | {"id": "9", "etag": UNKNOWN, "rule": [{"a": UNKNOWN}]}

    answer = await applied(thing(**{operation: forget}), {"name": "b"}, CREATED if operation == "update" else None)
    assert answer.value == CREATED | {"id": "9", "name": "b", "etag": None, "rule": [{"a": None}]}
    [message] = messages_of(answer)
    assert "thing: values are missing after apply" in message
    assert "etag, rule" in message


@pytest.mark.parametrize(
    "wrong", [{"unknown": "x"}, {"name": 5}, {"rule": "x"}, {"rule": [{"b": "x"}]}, {"name": "\ud800"}]
)
async def test_a_result_that_does_not_fit_loses_only_what_does_not_fit(wrong: dict[str, Any]) -> None:
    """A bug must not make Terraform forget an existing object."""

    async def create(_: Resource, plan: State) -> State:
        return plan | {"id": "9", "etag": "v1"} | wrong

    answer = await applied(thing(create=create), {"name": "a"})
    expected = CREATED | {"id": "9"} | {name: [] if name == "rule" else None for name in wrong if name in CREATED}
    assert answer.value == expected
    assert len(messages_of(answer)) == 1


@pytest.mark.parametrize(("prior", "left"), [(None, None), (CREATED, CREATED)])
async def test_a_resource_that_returns_nothing_is_an_error(
    prior: dict[str, Value] | None, left: dict[str, Value] | None
) -> None:
    """A create or an update that returns nothing is a bug, and not a deletion."""

    async def nothing(*_: Any) -> None: ...

    answer = await applied(thing(create=nothing, update=nothing), {"name": "b"}, prior)
    assert answer.value == left
    assert "must return a State, got NoneType" in messages_of(answer)[0]


async def test_warnings_come_with_the_result() -> None:
    """Warnings are shown whether an operation succeeds or fails."""

    async def create(_: Resource, plan: State) -> State:
        warn("Careful")
        if plan["name"] == "bad":
            raise Error("Bad")
        return plan | {"id": "1", "etag": "v1"}

    good, bad = await applied(thing(create=create), {"name": "a"}), await applied(thing(create=create), {"name": "bad"})
    assert [len(answer.warnings) for answer in (good, bad)] == [1, 1]
    assert [len(answer.errors) for answer in (good, bad)] == [0, 1]


async def test_a_stop_ends_what_waits_and_keeps_its_state() -> None:
    """The process keeps serving, because Terraform waits for the result."""
    waiting = asyncio.Event()

    async def create(_: Resource, plan: State) -> State:
        keep_state(plan | {"id": "9"})
        waiting.set()
        await pause(3600)
        raise AssertionError

    async with in_process(provider(thing(create=create))) as client:
        planned = await client.plan("thing", {})
        running = asyncio.create_task(client.apply("thing", {}, planned))
        await waiting.wait()
        stopped, answer, read = await client.stop(), await running, await client.read("thing", CREATED)
    assert (stopped, answer.value["id"], read.value) == ("", "9", CREATED)
    assert [error.summary for error in answer.errors] == ["Interrupted"]
