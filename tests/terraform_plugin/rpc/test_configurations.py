"""Several configurations in one process: none is closed while a call uses it, none is forgotten."""

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar

from terraform_plugin.provider import Provider
from terraform_plugin.resource import Resource
from terraform_plugin.rpc.configurations import Configurations
from terraform_plugin.schema import Schema
from terraform_plugin.state.state import State
from terraform_plugin.testing import in_process
from tests.terraform_plugin.thing import OPEN, thing


class Example(Provider):
    """Its client is the argument `a`; what happens to clients is in `events`."""

    name = "example"
    schema = Schema("", attributes={"a": OPEN})

    def __init__(self, resource: type[Resource], configuring: Callable[[], Awaitable[None]] | None = None) -> None:
        self.resources = (resource,)  # type: ignore[misc]  # of this instance only
        self.events: list[str] = []
        self.configuring = configuring

    async def configure(self, config: State) -> str:
        if self.configuring:
            await self.configuring()
        self.events.append(f"configure {config['a']}")
        return str(config["a"])

    async def close(self, client: str) -> None:
        self.events.append(f"close {client}")


async def test_a_configuration_outlives_its_running_calls() -> None:
    """A second one comes while a read waits: the read ends with its own client, which is closed after it."""
    reading, go_on = asyncio.Event(), asyncio.Event()

    async def read(self: Resource, state: State) -> State:
        reading.set()
        await go_on.wait()
        example.events.append(f"read with {self.client}")
        return state

    example = Example(thing(read=read))

    async with in_process(example) as client:
        await client.configure({"a": "first"})
        running = asyncio.create_task(client.read("thing", {"id": "1"}))
        await reading.wait()
        await client.configure({"a": "second"})
        go_on.set()
        answer = await running

    assert answer.errors == []
    assert example.events == [
        "configure first",
        "configure second",
        "read with first",
        "close first",
        "close second",
    ]


async def test_configurations_made_at_the_same_time_are_all_closed() -> None:
    """Two provider blocks of one run: Terraform configures both at once."""
    both = asyncio.Barrier(2)

    async def meet() -> None:
        await both.wait()

    example = Example(thing(), meet)

    async with in_process(example) as client:
        await asyncio.gather(client.configure({"a": "x"}), client.configure({"a": "y"}))

    assert sorted(example.events) == ["close x", "close y", "configure x", "configure y"]


async def test_closing_waits_for_the_last_call() -> None:
    """A provider's clients are closed when the last call that uses them has ended."""
    go_on = asyncio.Event()
    resource = thing()
    example = Example(resource)

    async def use(configurations: Configurations) -> None:
        configurations.instance(resource)
        await go_on.wait()
        example.events.append("used")

    configurations = Configurations(example)
    await configurations.configure(State({"a": "only"}))
    call = asyncio.create_task(use(configurations))
    await asyncio.sleep(0)
    closing = asyncio.create_task(configurations.close())
    await asyncio.sleep(0)
    go_on.set()
    await asyncio.gather(call, closing)

    assert example.events == ["configure only", "used", "close only"]


async def test_each_call_begins_in_its_own_context() -> None:
    """What a provider sets for one call says nothing to the next, or to one at the same time."""
    begun: ContextVar[int] = ContextVar("begun", default=0)

    class Counting(Example):
        calls = 0

        def before_call(self, client: str) -> None:
            assert client == "only"
            assert begun.get() == 0
            Counting.calls += 1
            begun.set(Counting.calls)

    async def read(self: Resource, state: State) -> State:
        await asyncio.sleep(0)
        example.events.append(f"call {begun.get()}")
        return state

    example = Counting(thing(read=read))

    async with in_process(example) as client:
        await client.configure({"a": "only"})
        await asyncio.gather(*(client.read("thing", {"id": str(number)}) for number in range(2)))
        await client.read("thing", {"id": "3"})

    assert sorted(example.events) == ["call 1", "call 2", "call 3", "close only", "configure only"]
