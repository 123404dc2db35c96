"""When a provider's process ends: when Terraform requests it, when Terraform has ended, or at a signal."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine
from types import TracebackType
from typing import TYPE_CHECKING, Any

from msgspec import Struct, structs

from terraform_plugin.grpc.server import Handlers, Service

if TYPE_CHECKING:
    from terraform_plugin.server.go_plugin import GoPlugin

logger = logging.getLogger(__name__)


class Timeouts(Struct, frozen=True):
    """How long each step of a process's end may take, in seconds."""

    parent_check: float = 1.0
    """Between two checks of whether the process that started this one still exists."""
    first_client: float = 60.0
    """Until the first client must have connected. go-plugin waits one minute for a plugin to start."""
    shutdown_request: float = 10.0
    """From the end of a client's broker stream to its shutdown request, which takes milliseconds."""
    last_calls: float = 30.0
    """What running calls may still take after SIGTERM."""


_TIMEOUTS = Timeouts()


class Calls:
    """Serves `service`, and counts the calls that are running."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._running = 0
        self.seen = False
        """Whether there has been a call."""
        self.finished = asyncio.Event()
        """Set while no call is running."""
        self.finished.set()

    def handlers(self) -> Handlers:
        return {
            path: structs.replace(handler, function=self._counted(handler.function))
            for path, handler in self._service.handlers().items()
        }

    def _counted(self, method: Callable[[Any], Awaitable[None]]) -> Callable[[Any], Awaitable[None]]:
        async def call(stream: Any) -> None:
            with self:
                await method(stream)

        return call

    def __enter__(self) -> None:
        self._running += 1
        self.seen = True
        self.finished.clear()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._running -= 1
        if not self._running:
            self.finished.set()


def leave_signals_to_terraform() -> asyncio.Event:
    """Handle signals in the running event loop; return what SIGTERM sets.

    SIGINT is ignored: Ctrl-C in a terminal reaches every process, and Terraform then sends a stop request itself.
    """
    terminated = asyncio.Event()
    on_signal(signal.SIGINT, lambda: logger.info("ignored an interrupt: Terraform handles it"))
    on_signal(signal.SIGTERM, terminated.set)
    return terminated


class Life(Struct, frozen=True):
    """What a process's end depends on."""

    plugin: GoPlugin
    calls: Calls
    terminated: asyncio.Event
    """Set by SIGTERM."""
    stop: asyncio.Event
    """Set by Terraform's stop request, and by SIGTERM."""
    parent: int
    """The id of the process that started this one."""


async def until_the_end(life: Life, timeouts: Timeouts = _TIMEOUTS) -> str:
    """Wait until Terraform no longer needs this process. Return the reason.

    SIGTERM counts as a stop request. The process then ends after the calls that are running, because their results
    belong into the state.
    """
    return await _first(
        {
            "shutdown": life.plugin.shutdown.wait(),
            "orphaned": _orphaned(life.parent, timeouts),
            "abandoned": _abandoned(life, timeouts),
            "terminated": _finished(life, timeouts),
        }
    )


async def until_given_up(terminated: asyncio.Event, parent: int, timeouts: Timeouts = _TIMEOUTS) -> str:
    """Wait until Terraform, which was refused every call, has ended, or could have ended this process. Return why."""
    return await _first(
        {
            "orphaned": _orphaned(parent, timeouts),
            "terminated": terminated.wait(),
            "abandoned": asyncio.sleep(timeouts.first_client),
        }
    )


async def until_interrupted() -> None:
    """Return at SIGINT or SIGTERM."""
    interrupted = asyncio.Event()
    on_signal(signal.SIGINT, interrupted.set)
    on_signal(signal.SIGTERM, interrupted.set)
    await interrupted.wait()


def on_signal(number: signal.Signals, action: Callable[[], object]) -> None:
    """Call `action` in the running event loop at a signal. On Windows, which cannot do that, the signal is ignored."""
    try:
        asyncio.get_running_loop().add_signal_handler(number, action)
    except NotImplementedError:
        signal.signal(number, signal.SIG_IGN)


async def _first(reasons: dict[str, Coroutine[Any, Any, object]]) -> str:
    """Return the name of the first one that returns."""
    tasks = [asyncio.create_task(waiting, name=name) for name, waiting in reasons.items()]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    return done.pop().get_name()


async def _orphaned(parent: int, timeouts: Timeouts) -> None:
    # A process whose parent has ended gets another one. On Windows the id never changes; there, the end of the
    # connection shows that Terraform has ended.
    while os.getppid() == parent:  # noqa: ASYNC110  # there is no event for it
        await asyncio.sleep(timeouts.parent_check)


async def _abandoned(life: Life, timeouts: Timeouts) -> None:
    """Return when no client has connected, or when the client has left without a shutdown request."""
    await asyncio.sleep(timeouts.first_client)
    # A client that is connected may be silent for hours, while a person reads the plan that it waits to apply. Only the
    # end of its broker stream shows that it has left. If it made calls without opening one, nothing shows it, and the
    # process stays until its parent ends.
    if life.plugin.connected.is_set() or life.calls.seen:
        await life.plugin.disconnected.wait()
        await asyncio.sleep(timeouts.shutdown_request)


async def _finished(life: Life, timeouts: Timeouts) -> None:
    """Return when, after SIGTERM, no call is running, or one takes too long."""
    await life.terminated.wait()
    life.stop.set()
    try:
        await asyncio.wait_for(life.calls.finished.wait(), timeouts.last_calls)
    except TimeoutError:
        logger.warning("terminated while a call was running")
