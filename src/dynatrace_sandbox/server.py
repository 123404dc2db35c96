"""Both sides on loopback ports: uvicorn for Dynatrace, moto's server for AWS."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from dynatrace_sandbox.api.app import create_app
from dynatrace_sandbox.aws.moto import Moto
from dynatrace_sandbox.loopback import HOST, listening_socket
from dynatrace_sandbox.sandbox import Options, Sandbox
from dynatrace_sandbox.shell import FOREIGN

_GRACE = 1
"""Seconds that answers under way have when the server stops."""


class Server:
    """One running sandbox: `url` is Dynatrace's side, `aws_url` the AWS side."""

    def __init__(self, sandbox: Sandbox, url: str, aws_url: str) -> None:
        self.sandbox = sandbox
        self.url = url
        self.aws_url = aws_url


class _Protocol(H11Protocol):
    """Hands the connection's transport to the application, for faults that strike below HTTP."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as in its base
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


class _Uvicorn(uvicorn.Server):
    """Leaves signals to whoever runs it."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def running(options: Options, port: int = 0) -> AsyncIterator[Server]:
    """Run a sandbox in this process for the length of the block. Port 0 takes a free one. Raises `OSError`."""
    listening = listening_socket(port)
    _forget_aws_settings()
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


def _forget_aws_settings() -> None:
    """Keep boto3, in this process, from the profiles of whoever started it."""
    for name in FOREIGN:
        os.environ.pop(name, None)
    os.environ |= {"AWS_CONFIG_FILE": os.devnull, "AWS_SHARED_CREDENTIALS_FILE": os.devnull}


def _config(sandbox: Sandbox) -> uvicorn.Config:
    settings: dict[str, Any] = {"log_config": None, "access_log": False, "server_header": False, "lifespan": "off"}
    return uvicorn.Config(
        create_app(sandbox), http=_Protocol, ws="none", loop="asyncio", timeout_graceful_shutdown=_GRACE, **settings
    )
