"""Around every RPC: receive the request, call a method that fills in the response, turn exceptions into diagnostics."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Any

from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message_factory import GetMessageClass

from terraform_plugin.diagnostics import Error, collect_warnings
from terraform_plugin.grpc.connection import StreamEndedError
from terraform_plugin.grpc.server import GrpcError, Handler, Handlers, Status, Stream
from terraform_plugin.masking import safe_text
from terraform_plugin.rpc.diagnostics import diagnostic_messages, errors_in
from terraform_plugin.stopping import use_stop_event

logger = logging.getLogger(__name__)

Method = Callable[[Any, Any], Awaitable[None]]
"""Takes the request, and fills in the response."""
StreamMethod = Callable[[Any], AsyncIterator[Any]]
"""Takes the request, and yields the messages of the response."""


def handlers(
    service: ServiceDescriptor, methods: Mapping[str, Method], streams: Mapping[str, StreamMethod], stop: asyncio.Event
) -> Handlers:
    """Return a handler for each RPC of a service, by its path. `methods` and `streams` are by the names of RPCs.

    An RPC without a method returns an error diagnostic, or UNIMPLEMENTED if its response has no field for one.
    """

    def handler_of(rpc: MethodDescriptor) -> Callable[[Stream], Awaitable[None]]:
        message_type = GetMessageClass(rpc.output_type)
        if rpc.name in streams:
            return _stream_handler(streams[rpc.name], rpc.name, message_type, stop)
        if rpc.name in methods:
            return _handler(methods[rpc.name], rpc.name, message_type, stop)
        if rpc.client_streaming or rpc.server_streaming or "diagnostics" not in rpc.output_type.fields_by_name:
            return _unimplemented
        return _handler(_not_offered, rpc.name, message_type, stop)

    return {
        f"/{service.full_name}/{rpc.name}": Handler(
            handler_of(rpc),
            GetMessageClass(rpc.input_type),
            GetMessageClass(rpc.output_type),
        )
        for rpc in service.methods
    }


async def _unimplemented(_: Stream) -> None:
    raise GrpcError(Status.UNIMPLEMENTED, "This provider does not implement this method.")


async def _not_offered(request: Any, _: Any) -> None:
    name = getattr(request, "type_name", "") or getattr(request, "action_type", "")
    raise Error(
        f"This provider does not have {name}" if name else "Not offered by this provider",
        "This version of the provider has nothing of this kind. Check the name, or use a newer release.",
    )


def _handler(
    method: Method, rpc: str, response_type: type[Any], stop: asyncio.Event
) -> Callable[[Stream], Awaitable[None]]:
    async def handle(stream: Stream) -> None:
        request = await stream.receive_one()
        use_stop_event(stop)
        response = response_type()
        started = time.perf_counter()
        await _fill(method, rpc, request, response)
        milliseconds = round((time.perf_counter() - started) * 1000, 1)
        logger.debug("RPC completed", extra={"rpc": rpc, "subject": _subject(request), "milliseconds": milliseconds})
        await stream.send(response)

    return handle


def _stream_handler(
    method: StreamMethod, rpc: str, event_type: type[Any], stop: asyncio.Event
) -> Callable[[Stream], Awaitable[None]]:
    """Send what a method yields. Its errors and warnings are the last event."""

    async def handle(stream: Stream) -> None:
        request = await stream.receive_one()
        use_stop_event(stop)
        stream.send_headers()
        with collect_warnings() as diagnostics:
            try:
                async for event in method(request):
                    await stream.send(event)
            except StreamEndedError:  # Terraform has closed the stream: it wants no further results
                return
            except (Exception, SystemExit) as failure:  # noqa: BLE001  # nothing may escape, as in `_fill`
                diagnostics.extend(error.diagnostic() for error in errors_in(failure, _subject(request), rpc))
        if diagnostics:
            await stream.send(event_type(diagnostic=diagnostic_messages(diagnostics)))

    return handle


async def _fill(method: Method, rpc: str, request: Any, response: Any) -> None:
    errors: list[Error] = []
    with collect_warnings() as warnings:
        try:
            await method(request, response)
        except (Exception, SystemExit) as failure:  # noqa: BLE001  # Terraform would lose what is in the response
            errors.extend(errors_in(failure, _subject(request), rpc))
    if "diagnostics" in response.DESCRIPTOR.fields_by_name:
        response.diagnostics.extend(diagnostic_messages([*(error.diagnostic() for error in errors), *warnings]))
    elif errors and rpc == "CallFunction":
        response.error.text = safe_text("\n\n".join(map(str, errors))).removesuffix(".")  # Terraform adds one
        if errors[0].argument is not None:
            response.error.function_argument = errors[0].argument
    elif errors:  # StopProvider
        response.Error = safe_text("\n".join(map(str, errors)))


def _subject(request: Any) -> str:
    """Return what a request is about: a type name, a function's name, or the provider."""
    for field in ("type_name", "target_type_name", "name"):
        if name := getattr(request, field, ""):
            return str(name)
    return "provider"
