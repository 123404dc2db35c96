"""What ends a provider's process, and what does not."""

import asyncio
import os
import signal
import subprocess
import sys

import pytest
from google.protobuf.empty_pb2 import Empty
from grpclib.client import UnaryUnaryMethod

from terraform_plugin.grpc.server import Handler, Handlers, Stream
from terraform_plugin.server.go_plugin import GoPlugin
from terraform_plugin.server.lifetime import (
    Calls,
    Life,
    Timeouts,
    leave_signals_to_terraform,
    until_given_up,
    until_the_end,
)
from terraform_plugin.testing.channel import channel_to

LONG = Timeouts(parent_check=0.01, first_client=3600, shutdown_request=3600, last_calls=3600)
SHORT = Timeouts(parent_check=3600, first_client=0, shutdown_request=0, last_calls=0)
PARENT = os.getppid()


class Slow:
    """A service with one call that takes until it is released."""

    def __init__(self) -> None:
        self.release = asyncio.Event()
        self.called = asyncio.Event()

    def handlers(self) -> Handlers:
        return {"/x.Slow/Call": Handler(self._call, Empty, Empty)}

    async def _call(self, stream: Stream) -> None:
        await stream.receive_one()
        self.called.set()
        await self.release.wait()
        await stream.send(Empty())


def new_life(slow: Slow, parent: int = PARENT) -> Life:
    return Life(GoPlugin(), Calls(slow), leave_signals_to_terraform(), asyncio.Event(), parent)


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
async def life(slow: Slow) -> Life:
    """A process that Terraform has just started; it takes over the signal handlers of the test's event loop."""
    return new_life(slow)


async def turns() -> None:
    """Let everything that can go on go on."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_a_shutdown_request_ends_it(life: Life) -> None:
    """Terraform sends it when it is done."""
    end = asyncio.create_task(until_the_end(life, LONG))
    await turns()
    assert not end.done()
    life.plugin.shutdown.set()
    assert await end == "shutdown"


async def test_another_parent_ends_it(slow: Slow) -> None:
    """Terraform was killed, so the process got another parent."""
    assert await until_the_end(new_life(slow, parent=PARENT + 1), LONG) == "orphaned"


async def test_a_client_that_left_ends_it(life: Life) -> None:
    """The connection was lost without a shutdown request."""
    life.plugin.connected.set()
    end = asyncio.create_task(until_the_end(life, SHORT))
    await turns()
    assert not end.done()
    life.plugin.disconnected.set()
    assert await end == "abandoned"


async def test_a_process_without_a_client_ends(life: Life) -> None:
    """Terraform died before it connected."""
    assert await until_the_end(life, SHORT) == "abandoned"


async def test_sigint_is_left_to_terraform(life: Life) -> None:
    """Ctrl-C reaches every process of the terminal. Terraform then sends a stop request, and waits for the results."""
    end = asyncio.create_task(until_the_end(life, LONG))
    await turns()
    os.kill(os.getpid(), signal.SIGINT)
    await turns()
    assert not end.done()
    assert not life.stop.is_set()
    life.plugin.shutdown.set()
    assert await end == "shutdown"


async def test_sigterm_waits_for_the_running_calls(life: Life, slow: Slow) -> None:
    """On SIGTERM, running calls are asked to stop, and their results still go into the state."""
    async with channel_to([life.calls]) as channel:
        end = asyncio.create_task(until_the_end(life, LONG))
        call = asyncio.create_task(UnaryUnaryMethod(channel, "/x.Slow/Call", Empty, Empty)(Empty()))
        await slow.called.wait()
        assert life.calls.seen
        os.kill(os.getpid(), signal.SIGTERM)
        await life.stop.wait()
        assert not end.done()
        slow.release.set()
        reason = await end
        assert await call == Empty()
        assert reason == "terminated"


async def test_sigterm_does_not_wait_forever(life: Life, slow: Slow) -> None:
    """A call that ignores the stop request is abandoned."""
    async with channel_to([life.calls]) as channel:
        life.plugin.connected.set()
        end = asyncio.create_task(until_the_end(life, SHORT))
        call = asyncio.create_task(UnaryUnaryMethod(channel, "/x.Slow/Call", Empty, Empty)(Empty()))
        await slow.called.wait()
        os.kill(os.getpid(), signal.SIGTERM)
        reason = await end
        slow.release.set()
        await call
        assert reason == "terminated"


async def test_a_cancelled_call_is_not_running_any_more(life: Life, slow: Slow) -> None:
    """A process does not wait for a call that has ended, however it ended."""
    async with channel_to([life.calls]) as channel:
        method = UnaryUnaryMethod(channel, "/x.Slow/Call", Empty, Empty)
        async with method.open() as stream:
            await stream.send_message(Empty())
            await slow.called.wait()
            assert not life.calls.finished.is_set()
            await stream.cancel()
        await life.calls.finished.wait()
        assert life.calls.finished.is_set()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_person_ends_a_debugged_provider(number: signal.Signals) -> None:
    """With Ctrl-C or kill."""
    code = (
        "import asyncio, os; from terraform_plugin.server.lifetime import until_interrupted\n"
        "async def main():\n"
        f"    asyncio.get_running_loop().call_soon(os.kill, os.getpid(), {int(number)})\n"
        "    await until_interrupted()\n"
        "    print('ended')\n"
        "asyncio.run(main())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)

    assert (done.returncode, done.stdout, done.stderr) == (0, "ended\n", "")


@pytest.mark.parametrize(
    ("terminated", "parent", "timeouts", "reason"),
    [
        (True, PARENT, LONG, "terminated"),
        (False, PARENT + 1, LONG, "orphaned"),
        (False, PARENT, SHORT, "abandoned"),
    ],
)
async def test_a_process_without_a_provider_ends(
    *, terminated: bool, parent: int, timeouts: Timeouts, reason: str
) -> None:
    """Terraform ends it after the first refused call. Nothing else keeps it for longer than a start may take."""
    event = asyncio.Event()
    if terminated:
        event.set()

    assert await until_given_up(event, parent, timeouts) == reason
