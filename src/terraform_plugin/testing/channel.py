"""A client's channel to services in the same process, without a socket.

The client is grpclib's: a second implementation of gRPC and HTTP/2, to which ours is held.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

from grpclib.client import Channel

from terraform_plugin.grpc.server import GrpcServer, Service


class _Pipe(asyncio.Transport):
    """One direction of a connection: what is written arrives in the next turn of the event loop."""

    def __init__(self, far_end: asyncio.Protocol) -> None:
        super().__init__()
        self._far_end = far_end
        self._is_closing = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        if data and not self._is_closing:
            asyncio.get_running_loop().call_soon(self._far_end.data_received, bytes(data))

    def is_closing(self) -> bool:
        return self._is_closing

    def close(self) -> None:
        self._is_closing = True


@asynccontextmanager
async def channel_to(services: Sequence[Service]) -> AsyncIterator[Channel]:
    """Return a channel whose calls reach `services`. What is still running at the end is cancelled."""
    server = GrpcServer(services)
    channel = Channel()
    near, far = channel._protocol_factory(), server.connection()  # noqa: SLF001  # grpclib's own test channel does so
    channel._protocol = near  # noqa: SLF001  # the same
    near.connection_made(_Pipe(far))
    far.connection_made(_Pipe(near))
    try:
        yield channel
    finally:
        near.connection_lost(None)
        channel.close()
        far.connection_lost(None)
        server.close()
        await server.wait_closed()
