"""grpclib's server as Terraform needs it: an answer to every path, and one write for whatever is ready to be sent."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from google.protobuf.empty_pb2 import Empty
from grpclib.config import Configuration
from grpclib.const import Cardinality, Handler, Status
from grpclib.exceptions import GRPCError
from grpclib.protocol import H2Protocol
from grpclib.server import Server, Stream

if TYPE_CHECKING:
    from grpclib._typing import IServable

_WINDOW = 16 << 20  # bytes in flight; a schema or a value of several MB needs no round trips


class GrpcServer(Server):
    """Serves `services`."""

    def __init__(self, services: Sequence[IServable]) -> None:
        windows = Configuration(http2_connection_window_size=_WINDOW, http2_stream_window_size=_WINDOW)
        super().__init__(services, config=windows)
        self._mapping = _Answered(self._mapping)  # there is no other way in

    def _protocol_factory(self) -> H2Protocol:
        known = super()._protocol_factory()
        return _Protocol(known.handler, known.config, known.h2_config)


class _Answered(dict[str, Handler]):
    """A server's methods, and UNIMPLEMENTED for any other.

    grpclib's own answer to those has no content type, for want of which Go takes it for an unknown failure; Terraform
    goes on without an RPC that came after our protocol version only if it hears UNIMPLEMENTED.
    """

    def get(self, path: str, default: object = None) -> Handler:  # never without an answer
        del default
        return self[path] if path in self else Handler(_unimplemented, Cardinality.UNARY_UNARY, Empty, Empty)


async def _unimplemented(_: Stream[Empty, Empty]) -> None:
    raise GRPCError(Status.UNIMPLEMENTED, "this provider has no such method")


class _Protocol(H2Protocol):
    """HTTP/2 over a transport that gathers."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(GatheredWrites(cast("asyncio.Transport", transport)))


class GatheredWrites(asyncio.Transport):
    """Sends what is written in one turn of the event loop at once: a reply is headers, message and trailers.

    Each write of its own would be a system call, a TLS record and a wake-up of Terraform: a quarter of a call's time.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__()
        self._transport = transport
        self._waiting: list[bytes | bytearray | memoryview] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._send)
        self._waiting.append(data)

    def _send(self) -> None:
        if self._waiting:
            gathered, self._waiting = b"".join(self._waiting), []
            self._transport.write(gathered)

    def close(self) -> None:
        """Close after everything written is sent."""
        self._send()
        self._transport.close()

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._transport.get_extra_info(name, default)
