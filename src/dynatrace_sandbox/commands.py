"""The commands `serve` and `run`: one server, until a signal, the end of standard input, or the end of a command."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Callable, Sequence
from typing import Any

from dynatrace_sandbox.sandbox import Options
from dynatrace_sandbox.server import Server, running
from dynatrace_sandbox.shell import child_environ, credentials_variables, export_script, sandbox_variables

_NOT_FOUND, _NOT_EXECUTABLE, _KILLED = 127, 126, 128
"""Exit statuses of a shell; `_KILLED` plus the number of the signal."""


async def serve(options: Options, port: int, credentials: str, while_stdin_open: bool) -> int:  # noqa: FBT001 from the command line
    """Serve until SIGINT, SIGTERM, SIGHUP or, if asked for, the end of standard input. Raises `OSError`."""
    stopped = asyncio.Event()
    _on_signals([signal.SIGINT, signal.SIGTERM, signal.SIGHUP], stopped.set)
    async with running(options, port) as server:
        sys.stdout.write(export_script(_variables(server), server.url, _credentials(server), credentials))
        sys.stdout.flush()
        if while_stdin_open:
            asyncio.get_running_loop().add_reader(sys.stdin, _stop_at_end, stopped)
        await stopped.wait()
    return 0


async def run(options: Options, command: Sequence[str], credentials: str) -> int:
    """Run a command with the sandbox's environment variables; return its exit status as a shell would."""
    terminated = asyncio.Event()
    # A terminal sends SIGINT to the command too, which ends in its own way.
    _on_signals([signal.SIGINT], lambda: None)
    _on_signals([signal.SIGTERM, signal.SIGHUP], terminated.set)
    async with running(options) as server:
        variables = _variables(server) | credentials_variables(server.url, _credentials(server), credentials)
        try:
            return await _run_command(terminated, command, child_environ(os.environ, variables))
        except FileNotFoundError:
            sys.stderr.write(f"dynatrace-sandbox: command not found: {command[0]}\n")
            return _NOT_FOUND
        except PermissionError:
            sys.stderr.write(f"dynatrace-sandbox: {command[0]} is not executable\n")
            return _NOT_EXECUTABLE


async def _run_command(terminated: asyncio.Event, command: Sequence[str], environ: dict[str, str]) -> int:
    """Run a command, terminate it when `terminated` is set, and return its exit status."""
    process = await asyncio.create_subprocess_exec(*command, env=environ)
    termination = asyncio.create_task(_terminate_when(terminated, process))
    status = await process.wait()
    termination.cancel()
    return status if status >= 0 else _KILLED - status


async def _terminate_when(terminated: asyncio.Event, process: asyncio.subprocess.Process) -> None:
    await terminated.wait()
    process.terminate()


def _on_signals(signals: Sequence[signal.Signals], act: Callable[[], Any]) -> None:
    for number in signals:
        asyncio.get_running_loop().add_signal_handler(number, act)


def _stop_at_end(stopped: asyncio.Event) -> None:
    if not os.read(sys.stdin.fileno(), 1024):
        asyncio.get_running_loop().remove_reader(sys.stdin)
        stopped.set()


def _variables(server: Server) -> dict[str, str]:
    return sandbox_variables(server.url, server.sandbox.options.tenant, server.aws_url)


def _credentials(server: Server) -> dict[str, dict[str, Any]]:
    return {name: credential.as_json() for name, credential in server.sandbox.credentials.items()}
