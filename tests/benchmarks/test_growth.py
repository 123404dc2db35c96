"""What one more costs does not depend on how many there are. Counted in calls of functions, not measured in time."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.calls import OFFLINE, TYPE, config_of
from terraform_plugin import Attribute, Block, Schema, Set, State, String
from terraform_plugin.cty.msgpack import decode, encode
from terraform_plugin.planning.plan import plan
from terraform_plugin.testing import in_process
from terraform_plugin.validation import validate
from terraform_provider_dynatrace.provider import DynatraceProvider

USERS = Schema(
    "Two sets, one of objects in which something is computed.",
    attributes={"id": Attribute(String, "", computed=True), "tags": Attribute(Set(String), "", optional=True)},
    blocks={
        "user": Block(
            {"uid": Attribute(String, "", required=True), "key": Attribute(String, "", computed=True)}, nesting="set"
        )
    },
)


@contextmanager
def counting() -> Iterator[list[int]]:
    """Count every call of a function, also of those in C, while the block runs."""
    count = [0]

    def note(_frame: Any, event: str, _about: Any) -> None:
        count[0] += event in ("call", "c_call")

    sys.setprofile(note)
    try:
        yield count
    finally:
        sys.setprofile(None)


def calls_of(work: Callable[[], object]) -> int:
    with counting() as count:
        work()
    return count[0]


def users(numbers: list[int], key: str | None) -> State:
    elements = [{"uid": f"user {number}", "key": key} for number in numbers]
    return State({"id": "1", "tags": [f"tag {number}" for number in numbers], "user": elements})


def change(count: int) -> None:
    """Plan, validate, encode and decode sets that come back in another order."""
    config, prior = users(list(range(count)), None), users(list(reversed(range(count))), "known")
    config["id"] = None
    change = plan(USERS, prior, config)
    assert change.planned == prior
    assert validate(USERS, config) == []
    assert decode(USERS.element_type, encode(USERS.element_type, prior)) == prior


def test_an_element_of_a_set_costs_the_same_in_a_large_set() -> None:
    """3000 elements cost a hundred times as much as 30, within a fifth: nothing compares each with each."""
    assert calls_of(lambda: change(3000)) < 1.2 * 100 * calls_of(lambda: change(30))


async def test_a_resource_costs_the_same_after_a_thousand_others() -> None:
    """The plan of the thousandth connection takes as many calls as that of the tenth, all layers included."""

    async def calls_after(*befores: int) -> list[int]:
        async with in_process(DynatraceProvider(OFFLINE)) as client:
            await client.configure({})
            counts, planned = [], 0
            for before in befores:
                for number in range(planned, before):
                    await client.plan(TYPE, config_of(number))
                with counting() as count:
                    await client.plan(TYPE, config_of(before))
                counts.append(count[0])
                planned = before + 1
            return counts

    tenth, thousandth = await calls_after(10, 1000)
    assert thousandth < 1.1 * tenth
