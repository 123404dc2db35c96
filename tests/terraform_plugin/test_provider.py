"""What an author subclasses, and the state that goes in and out."""

import asyncio

import pytest

from terraform_plugin.cty.types import String
from terraform_plugin.function import Function, Parameter
from terraform_plugin.resource import keep_state, kept_state
from terraform_plugin.state.state import State


def test_a_state_with_other_values_is_a_copy() -> None:
    """Private data and configuration go along; nobody changes what came from Terraform."""
    state = State({"a": 1, "b": 2}, private=b"p", config={"a": 1})
    changed = state | {"b": 3}
    assert (changed, changed.private, changed.config) == ({"a": 1, "b": 3}, b"p", {"a": 1})
    assert (state, state.with_private(b"q").private, state.private) == ({"a": 1, "b": 2}, b"q", b"p")


async def test_the_last_state_that_was_kept_counts() -> None:
    """Also from tasks that the operation starts; other operations do not see it."""

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


def parameter(name: str) -> Parameter:
    return Parameter(name, String, "")


@pytest.mark.parametrize("name", ["", "9a", "a b", "a.b", "a\n"])
def test_a_name_that_terraform_refuses_cannot_be_declared(name: str) -> None:
    """Of a function, of a parameter, of the variadic one."""
    with pytest.raises(ValueError, match="not an identifier"):
        type("Broken", (Function,), {"name": name})
    with pytest.raises(ValueError, match="not an identifier"):
        type("Broken", (Function,), {"name": "f", "parameters": [parameter(name)]})
    with pytest.raises(ValueError, match="not an identifier"):
        type("Broken", (Function,), {"name": "f", "variadic": parameter(name)})


def test_two_parameters_have_two_names() -> None:
    """The variadic one included."""
    with pytest.raises(ValueError, match="same name"):
        type("Broken", (Function,), {"name": "f", "parameters": [parameter("a")], "variadic": parameter("a")})
