"""When a provider's process ends: when Terraform says so, when Terraform is gone, or when it is told to by a signal."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Awaitable, Callable, Coroutine
from types import TracebackType
from typing import Any

from msgspec import Struct, structs

from terraform_plugin.grpc.server import Handlers, Service
from terraform_plugin.server.go_plugin import GoPlugin

logger = logging.getLogger(__name__)


class Patience(Struct, frozen=True):
    """Seconds: between two looks at who our parent is; until the first client must have come (Terraform waits as long
    for us); from the end of a client's broker stream to its shutdown request, which takes milliseconds; and for what
    running calls may still take after SIGTERM.
    """

    parent_check: float = 1.0
    first_contact: float = 60.0
    farewell: float = 10.0
    last_calls: float = 30.0


_PATIENCE = Patience()


class Calls:
    """Serves `service`, and knows whether a call is running (`none`) and whether there has been one (`any`)."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._running = 0
        self.any = False
        self.none = asyncio.Event()
        self.none.set()

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
        self.any = True
        self.none.clear()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self._running -= 1
        if not self._running:
            self.none.set()


def leave_signals_to_terraform() -> asyncio.Event:
    """Handle signals in the running event loop; return what SIGTERM sets.

    SIGINT is Terraform's business: a person's Ctrl-C reaches every process, and Terraform asks us to stop.
    """
    terminated = asyncio.Event()
    on_signal(signal.SIGINT, lambda: logger.info("interrupted: left to Terraform"))
    on_signal(signal.SIGTERM, terminated.set)
    return terminated


class Life(Struct, frozen=True):
    """What a process's end depends on: the services, the flags for SIGTERM and for Terraform's wish to stop, and the
    process that started this one.
    """

    plugin: GoPlugin
    calls: Calls
    terminated: asyncio.Event
    stop: asyncio.Event
    parent: int


async def until_the_end(life: Life, patience: Patience = _PATIENCE) -> str:
    """Return why, when Terraform wants this process to end, or needs it no longer.

    SIGTERM is taken for a request to stop; the process ends after the calls that are running: their results go into
    the state.
    """
    return await _first(
        {
            "shutdown": life.plugin.shutdown.wait(),
            "orphaned": _orphaned(life, patience),
            "abandoned": _abandoned(life, patience),
            "terminated": _finished(life, patience),
        }
    )


async def until_interrupted() -> None:
    """Return at SIGINT or SIGTERM."""
    interrupted = asyncio.Event()
    on_signal(signal.SIGINT, interrupted.set)
    on_signal(signal.SIGTERM, interrupted.set)
    await interrupted.wait()


def on_signal(number: signal.Signals, action: Callable[[], object]) -> None:
    """Call `action` in the running event loop at a signal. Windows' loop cannot: there the signal is ignored."""
    try:
        asyncio.get_running_loop().add_signal_handler(number, action)
    except NotImplementedError:
        signal.signal(number, signal.SIG_IGN)


async def _first(reasons: dict[str, Coroutine[Any, Any, object]]) -> str:
    """Return the name of what comes first."""
    tasks = [asyncio.create_task(waiting, name=name) for name, waiting in reasons.items()]
    done, pending = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in pending:
        task.cancel()
    return done.pop().get_name()


async def _orphaned(life: Life, patience: Patience) -> None:
    """Return when the parent is another one. Windows never says; there the connection tells."""
    while os.getppid() == life.parent:  # noqa: ASYNC110  # nobody sends an event for it
        await asyncio.sleep(patience.parent_check)


async def _abandoned(life: Life, patience: Patience) -> None:
    """Return when no client came, or the one that came is gone without a shutdown request."""
    await asyncio.sleep(patience.first_contact)
    if life.plugin.came.is_set() or life.calls.any:
        await life.plugin.left.wait()
        await asyncio.sleep(patience.farewell)


async def _finished(life: Life, patience: Patience) -> None:
    """Return when, after SIGTERM, no call is running, or one takes too long."""
    await life.terminated.wait()
    life.stop.set()
    try:
        await asyncio.wait_for(life.calls.none.wait(), patience.last_calls)
    except TimeoutError:
        logger.warning("terminated while a call was running")
