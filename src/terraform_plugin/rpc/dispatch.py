"""Around every RPC: take the request, let a method fill in the reply, turn what it raises into diagnostics."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message_factory import GetMessageClass

from terraform_plugin.diagnostics import Error, collect_warnings
from terraform_plugin.grpc.connection import StreamEndedError
from terraform_plugin.grpc.server import GrpcError, Handler, Handlers, Status, Stream
from terraform_plugin.rpc.convert import diagnostic_message, errors_in, shown
from terraform_plugin.stopping import use_stop_event

logger = logging.getLogger(__name__)


Method = Callable[[Any, Any], Awaitable[None]]


def handlers(service: object, descriptor: ServiceDescriptor, stop: asyncio.Event) -> Handlers:
    """Return a handler for each RPC of a service, by its path.

    An RPC that `service` has no method for answers with an error diagnostic, or with UNIMPLEMENTED where its reply has
    no room for one.
    """
    return {
        f"/{descriptor.full_name}/{rpc.name}": Handler(
            _handler_of(service, rpc, stop),
            GetMessageClass(rpc.input_type),
            GetMessageClass(rpc.output_type),
        )
        for rpc in descriptor.methods
    }


def _handler_of(service: object, rpc: MethodDescriptor, stop: asyncio.Event) -> Callable[[Any], Awaitable[None]]:
    if rpc.server_streaming and not rpc.client_streaming and hasattr(service, snake_case(rpc.name)):
        return _stream_from(getattr(service, snake_case(rpc.name)), rpc.name, GetMessageClass(rpc.output_type), stop)
    streams = rpc.client_streaming or rpc.server_streaming
    method = None if streams else getattr(service, snake_case(rpc.name), None)
    if method is None and (streams or "diagnostics" not in rpc.output_type.fields_by_name):
        return _unimplemented
    return _answer_with(method or _offers_none, rpc.name, GetMessageClass(rpc.output_type), stop)


async def _unimplemented(_: Stream) -> None:
    raise GrpcError(Status.UNIMPLEMENTED, "This provider has nothing of this kind.")


def snake_case(name: str) -> str:
    """Return the name of an RPC as a Python method: `GetMetadata` -> `get_metadata`."""
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name).lstrip("_")


async def _offers_none(request: Any, _: Any) -> None:
    name = getattr(request, "type_name", "") or getattr(request, "action_type", "")
    raise Error(
        f"The provider offers nothing called {name}" if name else "Not offered by this provider",
        "This version of the provider has nothing of this kind. Check the name, or use a newer release.",
    )


def _answer_with(
    method: Method, name: str, reply_type: type[Any], stop: asyncio.Event
) -> Callable[[Stream], Awaitable[None]]:
    async def handle(stream: Stream) -> None:
        request = await stream.receive_one()
        use_stop_event(stop)
        reply = reply_type()
        started = time.perf_counter()
        await _fill(method, name, request, reply)
        milliseconds = round((time.perf_counter() - started) * 1000, 1)
        logger.debug("answered", extra={"rpc": name, "of": _subject(request), "milliseconds": milliseconds})
        await stream.send(reply)

    return handle


def _stream_from(
    events: Callable[[Any], AsyncIterator[Any]], name: str, event_type: type[Any], stop: asyncio.Event
) -> Callable[[Stream], Awaitable[None]]:
    """Send what a method yields; what it raises or warns of is the last event."""

    async def handle(stream: Stream) -> None:
        request = await stream.receive_one()
        use_stop_event(stop)
        stream.send_headers()
        with collect_warnings() as found:
            try:
                async for event in events(request):
                    await stream.send(event)
            except StreamEndedError:  # Terraform has enough
                return
            except (Exception, SystemExit) as failure:  # noqa: BLE001  # nothing may escape, as in `_fill`
                found.extend(error.diagnostic() for error in errors_in(failure, f"{_subject(request)}: {name}"))
        if found:
            await stream.send(event_type(diagnostic=[diagnostic_message(one) for one in found]))

    return handle


async def _fill(method: Method, name: str, request: Any, reply: Any) -> None:
    with collect_warnings() as warnings:
        try:
            await method(request, reply)
        except (Exception, SystemExit) as failure:  # noqa: BLE001  # Terraform would lose what is in the reply
            _add_errors(reply, [*errors_in(failure, f"{_subject(request)}: {name}")])
    if warnings and hasattr(reply, "diagnostics"):
        reply.diagnostics.extend(diagnostic_message(warning) for warning in warnings)


def _add_errors(reply: Any, errors: list[Error]) -> None:
    if hasattr(reply, "diagnostics"):
        reply.diagnostics.extend(diagnostic_message(error.diagnostic()) for error in errors)
    elif hasattr(reply, "error"):  # CallFunction
        reply.error.text = shown("\n\n".join(map(str, errors))).removesuffix(".")  # Terraform writes one behind it
        if errors[0].argument is not None:
            reply.error.function_argument = errors[0].argument
    else:  # StopProvider
        reply.Error = shown("\n".join(map(str, errors)))


def _subject(request: Any) -> str:
    """Return what a request is about: a type name, a function's name, or the provider."""
    for field in ("type_name", "target_type_name", "name"):
        if name := getattr(request, field, ""):
            return str(name)
    return "provider"
