"""What a provider's process does from its handshake to its end. It has asyncio, gRPC, and the provider itself."""

from __future__ import annotations

import asyncio
import gc
import logging
import socket
import ssl
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from terraform_plugin import log
from terraform_plugin.grpc.server import GrpcError, GrpcServer, Handler, Status
from terraform_plugin.server.lifetime import (
    Calls,
    Life,
    leave_signals_to_terraform,
    until_given_up,
    until_interrupted,
    until_the_end,
)
from terraform_plugin.server.serve import reason_of

if TYPE_CHECKING:
    from terraform_plugin.grpc.server import Service
    from terraform_plugin.provider import Provider
    from terraform_plugin.rpc.service import ProviderService

logger = logging.getLogger(__name__)

_CLOSE_TIMEOUT = 0.5  # seconds for each step; Terraform kills a process that has not ended after 2 seconds

Load = Callable[[], "Provider"]


class Start(Struct, frozen=True):
    """What the handshake leaves behind."""

    listener: socket.socket
    """The socket that the line names."""
    context: ssl.SSLContext | None
    """How its connections are protected."""
    parent: int
    """The process that reads the line."""
    terminated: Sequence[int]
    """Not empty if there has been a SIGTERM."""


def run(provider: Provider | Load, start: Start, environ: Mapping[str, str]) -> int:
    """Serve until Terraform does not need this process any more. Return the exit code."""
    return asyncio.new_event_loop().run_until_complete(_serve(provider, start, environ))


def run_debugged(
    provider: Provider | Load, listener: socket.socket, environ: Mapping[str, str], announce: Callable[[], None]
) -> None:
    """Serve without TLS until interrupted; `announce` is called when a client can connect."""
    asyncio.run(_serve_debugged(_loaded(provider, environ), listener, announce))


async def _serve(provider: Provider | Load, start: Start, environ: Mapping[str, str]) -> int:
    termination = leave_signals_to_terraform()
    if start.terminated:
        termination.set()
    stop = asyncio.Event()
    try:
        service = _service(_loaded(provider, environ), stop)
    except BaseException as error:  # Terraform has read its line: the next thing that it reads is a response
        logger.exception("the provider cannot be served")
        await _started([], start.listener, start.context, _refusing(reason_of(error)))
        await until_given_up(termination, start.parent)
        return 1
    from terraform_plugin.server.go_plugin import GoPlugin  # noqa: PLC0415  # protobuf, whose import can fail

    life = Life(GoPlugin(), Calls(service), termination, stop, start.parent)
    server = await _started([life.calls, life.plugin], start.listener, start.context)
    logger.debug("ending", extra={"reason": await until_the_end(life)})
    await _close(server, service)
    return 0


async def _serve_debugged(provider: Provider, listener: socket.socket, announce: Callable[[], None]) -> None:
    from terraform_plugin.server.go_plugin import GoPlugin  # noqa: PLC0415  # protobuf, whose import can fail

    service = _service(provider, asyncio.Event())
    server = await _started([service, GoPlugin()], listener, None)
    announce()
    await until_interrupted()
    await _close(server, service)


def _loaded(provider: Provider | Load, environ: Mapping[str, str]) -> Provider:
    """Return the provider, after importing everything that serving it needs."""
    from terraform_plugin.provider import Provider as ProviderClass  # noqa: PLC0415  # whose import can fail
    from terraform_plugin.rpc import service  # noqa: F401, PLC0415  # the same

    loaded = provider if isinstance(provider, ProviderClass) else provider()
    gc.freeze()  # imported modules are never garbage: the collector does not look at them from now on
    gc.enable()
    log.start(loaded.name, environ, sys.stderr, _packages(loaded))
    return loaded


def _packages(provider: Provider) -> list[str]:
    """Return the names of the author's loggers: the provider's name, and the packages of its class and base classes."""
    return [
        provider.name,
        *(class_.__module__.partition(".")[0] for class_ in type(provider).mro() if class_ is not object),
    ]


def _service(provider: Provider, stop: asyncio.Event) -> ProviderService:
    from terraform_plugin.rpc.service import ProviderService  # noqa: PLC0415  # protobuf, whose import can fail

    return ProviderService(provider, stop)


def _refusing(reason: str) -> Handler:
    """Return a handler that answers every call with the reason why the provider could not be loaded."""

    async def refuse(_: Any) -> None:
        raise GrpcError(Status.INTERNAL, reason)

    return Handler(refuse, bytes, bytes)


async def _started(
    services: Sequence[Service],
    listener: socket.socket,
    context: ssl.SSLContext | None,
    otherwise: Handler | None = None,
) -> GrpcServer:
    server = GrpcServer(services, otherwise)
    await server.start(listener, context)
    return server


async def _close(server: GrpcServer, service: ProviderService) -> None:
    """Cancel running calls, release what the provider holds, and let the client close the connection."""
    server.close()
    for last in (service.close, server.wait_closed):
        with suppress(TimeoutError):
            await asyncio.wait_for(last(), _CLOSE_TIMEOUT)
