"""Keeping a state while an operation runs."""

import asyncio

from terraform_plugin.resource import keep_state, kept_state
from terraform_plugin.state.state import State


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
