"""Keeping a state while an operation runs, and what a resource offers by default."""

import asyncio

import pytest

from terraform_plugin import Attribute, Error, Schema, String
from terraform_plugin.resource import Resource, keep_state, kept_state
from terraform_plugin.state.state import State
from tests.terraform_plugin.thing import thing


async def test_the_last_state_that_was_kept_counts() -> None:
    """A state also counts from a task that the operation started; other operations do not see it."""

    async def operation(*ids: int) -> State | None:
        with kept_state() as kept:
            for id_ in ids:
                await asyncio.create_task(keeping(State({"id": id_})))
        return kept[-1] if kept else None

    async def keeping(state: State) -> None:
        keep_state(state)

    assert list(await asyncio.gather(operation(1, 2), operation(), operation(3))) == [{"id": 2}, None, {"id": 3}]


def test_outside_of_an_operation_nothing_is_kept() -> None:
    """There is nothing to record it in."""
    keep_state(State({"id": 1}))
    with kept_state() as kept:
        assert kept == []


def test_an_identity_is_made_of_attributes() -> None:
    """A name that the schema lacks would only be noticed by Terraform 1.12 or newer."""
    schema = Schema("", attributes={"id": Attribute(String, "", computed=True)})
    with pytest.raises(ValueError, match="Own: the schema has no attribute name, which identity names"):
        type("Own", (Resource,), {"schema": schema, "identity": ("id", "name")})


async def test_a_resource_without_an_id_cannot_be_imported() -> None:
    """Unless it has an `import_state` of its own."""
    with pytest.raises(Error, match="thing cannot be imported"):
        await thing(schema=Schema(""))(None).import_state("a")
    assert await thing()(None).import_state("a") == {"id": "a"}
