"""gRPC over HTTP/2: handlers by path, messages, deadlines and status codes.

Source: gRPC over HTTP2 (the protocol's description in the gRPC repository, PROTOCOL-HTTP2.md) and its status codes
(statuscodes.md). Messages are not compressed: go-plugin does not ask for it.
"""

from __future__ import annotations

import asyncio
import logging
import socket
import ssl
from collections.abc import Awaitable, Callable, Mapping, Sequence
from enum import IntEnum
from typing import Any, Protocol

from msgspec import Struct

from terraform_plugin.grpc import hpack
from terraform_plugin.grpc.connection import Http2Connection, Http2Stream, StreamEndedError
from terraform_plugin.grpc.frames import ErrorCode

MAX_MESSAGE = 256 << 20
"""Bytes of a request: as much as HashiCorp's own library accepts (terraform-plugin-go, tf6server). Terraform accepts
responses of 64 MB."""

logger = logging.getLogger(__name__)

_CONTENT_TYPE = (b"content-type", b"application/grpc")
_RESPONSE_HEADERS = hpack.encode([(b":status", b"200"), _CONTENT_TYPE])
_TRAILERS_OK = hpack.encode([(b"grpc-status", b"0")])
_PREFIX = 5  # bytes before each message: whether it is compressed, and its length
_LONGEST_STATUS = 8 << 10  # bytes of a status message; the headers must fit into one frame
_SECONDS = {b"H": 3600.0, b"M": 60.0, b"S": 1.0, b"m": 1e-3, b"u": 1e-6, b"n": 1e-9}


class Status(IntEnum):
    """gRPC's status codes, those that this server sends."""

    OK = 0
    UNKNOWN = 2
    DEADLINE_EXCEEDED = 4
    NOT_FOUND = 5
    RESOURCE_EXHAUSTED = 8
    UNIMPLEMENTED = 12
    INTERNAL = 13


class GrpcError(Exception):
    """Ends a call with a status other than OK."""

    def __init__(self, status: Status, message: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.message = message


class Handler(Struct, frozen=True):
    """What serves one path: `function` is called with the `Stream` of each call."""

    function: Callable[[Any], Awaitable[None]]
    request_type: type[Any]
    """The protobuf message that a client sends."""
    response_type: type[Any]
    """The protobuf message that it gets."""


Handlers = Mapping[str, Handler]


class Service(Protocol):
    """Serves the paths in `handlers`, such as `/plugin.GRPCController/Shutdown`."""

    def handlers(self) -> Handlers: ...


class Stream:
    """One call: the client's messages, and the responses."""

    def __init__(self, stream: Http2Stream, request_type: type[Any]) -> None:
        self._stream = stream
        self._request_type = request_type
        self._has_headers = False

    async def receive(self) -> Any:
        """Return the next message of the client, or None at the end of the request.

        Raises `GrpcError` for a message that cannot be read, and `StreamEndedError` if the client has cancelled.
        """
        prefix = await self._stream.read(_PREFIX)
        if prefix is None:
            if self._stream.buffered:
                raise GrpcError(Status.INTERNAL, "the request ends inside of a message")
            return None
        if prefix[0]:
            raise GrpcError(Status.UNIMPLEMENTED, "messages must not be compressed")
        length = int.from_bytes(prefix[1:], "big")
        if length > MAX_MESSAGE:
            raise GrpcError(Status.RESOURCE_EXHAUSTED, f"a message of {length} bytes; at most {MAX_MESSAGE} are read")
        message = await self._stream.read(length)
        if message is None:
            raise GrpcError(Status.INTERNAL, "the request ends inside of a message")
        try:
            return self._request_type.FromString(message)
        except Exception as error:  # protobuf's own class differs between its implementations
            raise GrpcError(Status.INTERNAL, "a message that cannot be decoded") from error

    async def receive_one(self) -> Any:
        """Return the only message of a call. Raises like `receive`, and `GrpcError` if there is none."""
        message = await self.receive()
        if message is None:
            raise GrpcError(Status.INTERNAL, "a request without a message")
        return message

    def send_headers(self) -> None:
        """Tell the client that the call has begun, before there is a message."""
        if not self._has_headers:
            self._has_headers = True
            self._stream.send_headers(_RESPONSE_HEADERS)

    async def send(self, message: Any) -> None:
        """Send a message. Raises `StreamEndedError` if the client has cancelled."""
        self.send_headers()
        data = message.SerializeToString()
        await self._stream.send_data(b"\0" + len(data).to_bytes(4, "big") + data)

    def finish(self, status: Status = Status.OK, message: str = "") -> None:
        """Send the status; nothing can be sent after it. Only the first status counts."""
        if self._stream.is_ended:
            return
        trailers = _TRAILERS_OK if status is Status.OK else hpack.encode(_status(status, message))
        if not self._has_headers:
            # No message: headers and trailers are one block. Without a content type Go would not read the status.
            trailers = _RESPONSE_HEADERS + trailers
            self._has_headers = True
        self._stream.send_headers(trailers, end_stream=True)


class GrpcServer:
    """Serves services on one socket, each call in a task of its own. `otherwise` serves all other paths."""

    def __init__(self, services: Sequence[Service], otherwise: Handler | None = None) -> None:
        self._otherwise = otherwise
        self._handlers = {path: handler for service in services for path, handler in service.handlers().items()}
        self._connections: set[Http2Connection] = set()
        self._calls: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def start(
        self, listener: socket.socket, context: ssl.SSLContext | None = None, handshake_timeout: float = 10.0
    ) -> None:
        """Accept connections from now on, with TLS if there is a `context`.

        A connection whose TLS handshake is not done after `handshake_timeout` seconds is closed: each one holds a
        descriptor, of which a process has few.
        """
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(
            self.connection, sock=listener, ssl=context, ssl_handshake_timeout=handshake_timeout if context else None
        )

    def connection(self) -> Http2Connection:
        """Return the protocol of a new connection."""
        connection = Http2Connection(self._accept, self._connections.discard)
        self._connections.add(connection)
        return connection

    def close(self) -> None:
        """Accept no further connections, cancel running calls, send what is waiting, and close all connections."""
        if self._server is not None:
            self._server.close()
        for call in self._calls:
            call.cancel()
        for connection in [*self._connections]:
            connection.close()

    async def wait_closed(self) -> None:
        """Return when no call is running any more."""
        while self._calls:
            await asyncio.wait(self._calls)

    def _accept(self, stream: Http2Stream) -> None:
        call = asyncio.get_running_loop().create_task(self._serve(stream))
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)
        stream.on_end = call.cancel

    async def _serve(self, stream: Http2Stream) -> None:
        headers = dict(stream.headers)
        if status := _http_refusal(headers):
            stream.send_headers(hpack.encode([(b":status", status)]), end_stream=True)
            return
        path = headers[b":path"].decode("ascii", "replace")
        handler = self._handlers.get(path, self._otherwise)
        call = Stream(stream, handler.request_type if handler else bytes)
        if handler is None:
            # Terraform goes on without an RPC that came after our protocol version only if it reads UNIMPLEMENTED.
            call.finish(Status.UNIMPLEMENTED, f"there is no method {path}")
            return
        try:
            async with asyncio.timeout(_timeout(headers)):
                await handler.function(call)
            call.finish()
        except TimeoutError:
            call.finish(Status.DEADLINE_EXCEEDED, "the client's deadline has passed")
        except GrpcError as error:
            call.finish(error.status, error.message)
        except StreamEndedError:
            pass  # nobody waits for the response
        except asyncio.CancelledError:
            stream.reset(ErrorCode.CANCEL)
            raise
        except Exception:
            logger.exception("a call failed", extra={"path": path})
            call.finish(Status.UNKNOWN, "internal error")


def _http_refusal(headers: Mapping[bytes, bytes]) -> bytes:
    """Return the HTTP status for a request that is not gRPC's, or nothing."""
    if headers.get(b":method") != b"POST":
        return b"405"
    if not headers.get(b"content-type", b"").startswith(b"application/grpc"):
        return b"415"
    return b""


def _timeout(headers: Mapping[bytes, bytes]) -> float | None:
    """Return the seconds that the client waits. Source: `grpc-timeout`, at most eight digits and a unit."""
    value = headers.get(b"grpc-timeout", b"")
    amount, unit = value[:-1], value[-1:]
    if not amount.isdigit() or len(amount) > 8 or unit not in _SECONDS:
        return None
    return int(amount) * _SECONDS[unit]


def _status(status: Status, message: str) -> list[hpack.Header]:
    """Return the trailers of a status. Its message is percent-encoded UTF-8, except for visible ASCII characters."""
    encoded = b"".join(
        bytes((byte,)) if 0x20 <= byte <= 0x7E and byte != 0x25 else b"%%%02X" % byte
        for byte in message.encode("utf-8", "replace")
    )
    return [(b"grpc-status", b"%d" % status), (b"grpc-message", encoded[:_LONGEST_STATUS])]
