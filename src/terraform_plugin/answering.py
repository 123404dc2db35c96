"""Around every RPC: take the request, let a method fill in the reply, turn what it raises into diagnostics."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message_factory import GetMessageClass
from grpclib.const import Cardinality, Handler
from grpclib.server import Stream

from terraform_plugin.diagnostics import Error, collect_warnings
from terraform_plugin.messages import diagnostic_message, errors_in, shown
from terraform_plugin.stopping import use_stop_event

logger = logging.getLogger(__name__)

Handlers = dict[str, Handler]
Method = Callable[[Any, Any], Awaitable[None]]


def handlers(service: object, descriptor: ServiceDescriptor, stop: asyncio.Event) -> Handlers:
    """Return a handler for each RPC that `service` has a method for, by its path.

    An RPC without a method answers with an error diagnostic; where its reply has no room for one it is left out, which
    gRPC answers with UNIMPLEMENTED.
    """
    return {
        f"/{descriptor.full_name}/{rpc.name}": Handler(
            _answer_with(method, rpc.name, GetMessageClass(rpc.output_type), stop),
            Cardinality.UNARY_UNARY,
            GetMessageClass(rpc.input_type),
            GetMessageClass(rpc.output_type),
        )
        for rpc, method in _methods(service, descriptor)
    }


def _methods(service: object, descriptor: ServiceDescriptor) -> Iterator[tuple[MethodDescriptor, Method]]:
    for rpc in descriptor.methods:
        if rpc.client_streaming or rpc.server_streaming:
            continue
        method = getattr(service, snake_case(rpc.name), None)
        if method is not None:
            yield rpc, method
        elif "diagnostics" in rpc.output_type.fields_by_name:
            yield rpc, _offers_none


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
) -> Callable[[Stream[Any, Any]], Awaitable[None]]:
    async def handle(stream: Stream[Any, Any]) -> None:
        request = await stream.recv_message()
        use_stop_event(stop)
        reply = reply_type()
        started = time.perf_counter()
        await _fill(method, name, request, reply)
        milliseconds = round((time.perf_counter() - started) * 1000, 1)
        logger.debug("answered", extra={"rpc": name, "of": _subject(request), "milliseconds": milliseconds})
        await stream.send_message(reply)

    return handle


async def _fill(method: Method, name: str, request: Any, reply: Any) -> None:
    with collect_warnings() as warnings:
        try:
            await method(request, reply)
        except Exception as failure:  # noqa: BLE001  # nothing may escape: Terraform would lose what is in the reply
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
