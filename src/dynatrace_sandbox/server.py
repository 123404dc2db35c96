"""Both sides on loopback ports: uvicorn serves Dynatrace, werkzeug serves moto's IAM and STS."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from dynatrace_sandbox.api.app import create_app
from dynatrace_sandbox.aws.moto import Moto
from dynatrace_sandbox.loopback import HOST, listening_socket
from dynatrace_sandbox.sandbox import Options, Sandbox
from dynatrace_sandbox.shell import CONFLICTING

_GRACE_PERIOD = 1
"""Seconds that running requests have when the server stops."""


@dataclass(frozen=True)
class Server:
    """One running sandbox."""

    sandbox: Sandbox
    """Its state."""
    url: str
    """Where the Dynatrace side is served."""
    aws_url: str
    """Where the AWS side is served."""


class _Protocol(H11Protocol):
    """Gives the connection's transport to the application, for faults below HTTP."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in its base
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class _Uvicorn(uvicorn.Server):
    """uvicorn without its signal handlers: the command has its own."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def running(options: Options, port: int = 0) -> AsyncIterator[Server]:
    """Run a sandbox in this process for the length of the block. Port 0 takes a free one. Raises `OSError`."""
    listening = listening_socket(port)
    _isolate_boto3()
    moto = Moto()
    sandbox = Sandbox(options, moto)
    server = _Uvicorn(_config(sandbox))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    moto.start()
    try:
        yield Server(sandbox, f"http://{HOST}:{listening.getsockname()[1]}", moto.url)
    finally:
        server.should_exit = True
        await serving
        await asyncio.to_thread(moto.stop)


def _isolate_boto3() -> None:
    """Keep the user's AWS profiles away from boto3 in this process."""
    for name in CONFLICTING:
        os.environ.pop(name, None)
    os.environ |= {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}


def _config(sandbox: Sandbox) -> uvicorn.Config:
    settings: dict[str, Any] = {"log_config": None, "access_log": False, "server_header": False, "lifespan": "off"}
    return uvicorn.Config(
        create_app(sandbox),
        http=_Protocol,
        ws="none",
        loop="asyncio",
        timeout_graceful_shutdown=_GRACE_PERIOD,
        **settings,
    )
