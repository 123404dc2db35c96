"""What `serve` and `run` do: one server, until a signal, the end of standard input, or the end of a command."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import Any

from dynatrace_sandbox.api.control import describe
from dynatrace_sandbox.sandbox import Options
from dynatrace_sandbox.server import Server, running
from dynatrace_sandbox.shell import as_shell, chosen_variables, pointed, sandbox_variables

_NOT_FOUND, _NOT_EXECUTABLE, _BY_SIGNAL = 127, 126, 128


async def serve(options: dict[str, Any], port: int, credentials: str, while_stdin_open: bool) -> int:  # noqa: FBT001 from the command line
    """Serve until SIGINT, SIGTERM or, when asked, the end of standard input. Raises `OSError` for a taken port."""
    stopped = asyncio.Event()
    _on_signals([signal.SIGINT, signal.SIGTERM, signal.SIGHUP], stopped.set)
    async with running(Options(**options), port) as server:
        sys.stdout.write(as_shell(_places(server), server.url, _credentials(server), credentials))
        sys.stdout.flush()
        if while_stdin_open:
            asyncio.get_running_loop().add_reader(sys.stdin, _stop_at_end, stopped)
        await stopped.wait()
    return 0


async def run(options: dict[str, Any], command: Sequence[str], credentials: str) -> int:
    """Run a command with the sandbox's variables in its environment; return its exit status as a shell would."""
    ended = asyncio.Event()
    _on_signals([signal.SIGINT], lambda: None)  # a terminal sends it to the command too
    _on_signals([signal.SIGTERM, signal.SIGHUP], ended.set)
    async with running(Options(**options)) as server:
        chosen = chosen_variables(server.url, _credentials(server), credentials)
        try:
            return await _run_until(ended, command, pointed(os.environ, _places(server) | chosen))
        except FileNotFoundError:
            sys.stderr.write(f"dynatrace-sandbox: there is no command {command[0]}\n")
            return _NOT_FOUND
        except PermissionError:
            sys.stderr.write(f"dynatrace-sandbox: {command[0]} cannot be executed\n")
            return _NOT_EXECUTABLE


async def _run_until(ended: asyncio.Event, command: Sequence[str], environment: dict[str, str]) -> int:
    """Run a command, pass a termination on to it, and return its exit status."""
    process = await asyncio.create_subprocess_exec(*command, env=environment)
    passing_on = asyncio.create_task(_terminate_when(ended, process))
    status = await process.wait()
    passing_on.cancel()
    return status if status >= 0 else _BY_SIGNAL - status


async def _terminate_when(ended: asyncio.Event, process: asyncio.subprocess.Process) -> None:
    await ended.wait()
    process.terminate()


def _on_signals(signals: Sequence[signal.Signals], act: Callable[[], Any]) -> None:
    for number in signals:
        asyncio.get_running_loop().add_signal_handler(number, act)


def _stop_at_end(stopped: asyncio.Event) -> None:
    if not os.read(sys.stdin.fileno(), 1024):
        asyncio.get_running_loop().remove_reader(sys.stdin)
        stopped.set()


def _places(server: Server) -> dict[str, str]:
    return sandbox_variables(server.url, server.sandbox.options.tenant, server.aws_url)


def _credentials(server: Server) -> dict[str, dict[str, Any]]:
    return {name: describe(one) for name, one in server.sandbox.credentials.items()}
