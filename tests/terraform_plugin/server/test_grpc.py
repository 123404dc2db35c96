"""grpclib's server as Terraform needs it: how often it writes, counted."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from grpclib.client import Channel

from terraform_plugin.rpc.service import ProviderService
from terraform_plugin.server.grpc import GatheredWrites, GrpcServer
from terraform_plugin.testing import ProtocolClient
from tests.terraform_plugin.echo_provider import EchoProvider


class Recording(asyncio.Transport):
    """The far end of a transport: what was written, write by write."""

    def __init__(self) -> None:
        super().__init__({"peername": "terraform"})
        self.written: list[bytes] = []
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(bytes(data))

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed


class Watched(GrpcServer):
    """A server that knows how often its connections wrote to their transports."""

    def __init__(self, *services: ProviderService) -> None:
        super().__init__(services)
        self.writes = 0

    def _protocol_factory(self) -> Any:
        protocol = super()._protocol_factory()
        made = protocol.connection_made

        def connection_made(transport: asyncio.BaseTransport) -> None:
            made(Counting(transport, self))  # type: ignore[arg-type] # the event loop makes no other

        protocol.connection_made = connection_made  # type: ignore[method-assign] # this one instance
        return protocol


class Counting(asyncio.Transport):
    """Hands everything on, and counts the writes."""

    def __init__(self, transport: asyncio.Transport, server: Watched) -> None:
        super().__init__()
        self._transport = transport
        self._server = server

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self._server.writes += 1
        self._transport.write(data)

    def close(self) -> None:
        self._transport.close()

    def is_closing(self) -> bool:
        return self._transport.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return self._transport.get_extra_info(name, default)


@asynccontextmanager
async def served(path: Path) -> AsyncIterator[tuple[Watched, ProtocolClient]]:
    """A provider on a unix socket, and a client of it that has called once."""
    provider = EchoProvider()
    service = ProviderService(provider, asyncio.Event())
    server = Watched(service)
    await server.start(path=str(path))
    async with Channel(path=str(path)) as channel:
        client = ProtocolClient(channel, provider)
        await client.plan("echo_text", {"text": "hello"})
        yield server, client
    server.close()
    await server.wait_closed()
    await service.close()


async def _write(*parts: bytes) -> Recording:
    far_end = Recording()
    gathered = GatheredWrites(far_end)
    for part in parts:
        gathered.write(part)
    assert far_end.written == []
    await asyncio.sleep(0)
    return far_end


async def test_what_is_written_in_one_turn_is_sent_at_once() -> None:
    """In the order it was written in."""
    assert (await _write(b"headers", b"message", b"trailers")).written == [b"headersmessagetrailers"]


async def test_the_next_turn_sends_again() -> None:
    """Nothing is kept back, and nothing is sent twice."""
    far_end = Recording()
    gathered = GatheredWrites(far_end)
    for part in (b"a", b"b"):
        gathered.write(part)
        await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert far_end.written == [b"a", b"b"]


async def test_what_was_written_before_the_close_is_sent() -> None:
    """The answer to a shutdown request is the last thing written."""
    far_end = Recording()
    gathered = GatheredWrites(far_end)
    gathered.write(b"bye")
    gathered.close()
    assert gathered.is_closing()
    await asyncio.sleep(0)
    assert (far_end.written, far_end.closed) == ([b"bye"], True)


async def test_it_is_the_transport_for_whoever_asks_about_it() -> None:
    """grpclib asks for the socket and the peer."""
    gathered = GatheredWrites(Recording())
    assert (gathered.get_extra_info("peername"), gathered.get_extra_info("cipher", "none")) == ("terraform", "none")


async def test_a_reply_is_one_write(tmp_path: Path) -> None:
    """Headers, message and trailers together; each alone would wake Terraform three times for every call."""
    async with served(tmp_path / "socket") as (server, client):
        before = server.writes
        for _ in range(50):
            await client.plan("echo_text", {"text": "hello"})
        assert server.writes - before == 50
