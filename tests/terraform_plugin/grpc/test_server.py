"""gRPC over HTTP/2, with a client written by hand, and with grpclib's."""

import asyncio
import logging
import socket
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.wrappers_pb2 import BytesValue, StringValue
from grpclib.client import Channel, StreamStreamMethod, UnaryUnaryMethod
from grpclib.config import Configuration
from grpclib.const import Status as ClientStatus
from grpclib.exceptions import GRPCError
from h2.connection import H2Connection
from h2.events import DataReceived, ResponseReceived, StreamEnded, StreamReset, TrailersReceived

from terraform_plugin.grpc.server import MAX_MESSAGE, GrpcError, GrpcServer, Handler, Handlers, Status, Stream
from terraform_plugin.testing.channel import channel_to
from tests.terraform_plugin.grpc.peer import Wire

Method = Callable[[Stream], Awaitable[None]]
HEADERS = [
    (":method", "POST"),
    (":scheme", "http"),
    (":path", "/x.Service/Call"),
    (":authority", "localhost"),
    ("content-type", "application/grpc"),
    ("te", "trailers"),
]


class Service:
    """One method."""

    def __init__(self, method: Method, message: type[Any] = StringValue) -> None:
        self._handler = Handler(method, message, message)

    def handlers(self) -> Handlers:
        return {"/x.Service/Call": self._handler}


async def echo(stream: Stream) -> None:
    while (message := await stream.receive()) is not None:
        await stream.send(message)


def message(text: str) -> bytes:
    data = StringValue(value=text).SerializeToString()
    return b"\0" + len(data).to_bytes(4, "big") + data


async def respond(method: Method, body: bytes, headers: list[tuple[str, str]] = HEADERS) -> list[Any]:
    """Return the events that h2, another implementation, reads from the response to one request."""
    server = GrpcServer([Service(method)])
    connection = server.connection()
    wire = Wire()
    connection.connection_made(wire)
    client = H2Connection()
    client.initiate_connection()
    client.send_headers(1, headers)
    client.send_data(1, body, end_stream=True)
    connection.data_received(client.data_to_send())
    await server.wait_closed()
    for _ in range(3):
        await asyncio.sleep(0)
    return client.receive_data(b"".join(wire.writes))


def fields(events: list[Any], kind: type[Any]) -> dict[str, str]:
    """Return the headers of the first event of a kind."""
    event = next(event for event in events if isinstance(event, kind))
    return {name.decode(): value.decode() for name, value in event.headers}


async def test_a_response_has_headers_a_message_and_trailers() -> None:
    """In this order, each once."""
    events = await respond(echo, message("hello"))
    kinds = (ResponseReceived, DataReceived, TrailersReceived, StreamEnded)
    assert [type(event) for event in events if isinstance(event, kinds)] == [*kinds]
    assert fields(events, ResponseReceived) == {":status": "200", "content-type": "application/grpc"}
    assert next(event.data for event in events if isinstance(event, DataReceived)) == message("hello")
    assert fields(events, TrailersReceived) == {"grpc-status": "0"}


async def test_a_status_without_a_message_is_one_block() -> None:
    """With a content type. Go would not read the status otherwise."""

    async def refuse(_: Stream) -> None:
        raise GrpcError(Status.NOT_FOUND, "100 % été")

    events = await respond(refuse, message("hello"))
    assert fields(events, ResponseReceived) == {
        ":status": "200",
        "content-type": "application/grpc",
        "grpc-status": "5",
        "grpc-message": "100 %25 %C3%A9t%C3%A9",
    }


@pytest.mark.parametrize(
    ("body", "status", "text"),
    [
        (b"", Status.INTERNAL, "a request without a message"),
        (b"\0\0\0", Status.INTERNAL, "the request ends inside of a message"),
        (b"\0\0\0\0\5abc", Status.INTERNAL, "the request ends inside of a message"),
        (b"\1\0\0\0\0", Status.UNIMPLEMENTED, "messages must not be compressed"),
        (b"\0\0\0\0\1\xff", Status.INTERNAL, "a message that cannot be decoded"),
        (
            b"\0" + (MAX_MESSAGE + 1).to_bytes(4, "big"),
            Status.RESOURCE_EXHAUSTED,
            f"a message of {MAX_MESSAGE + 1} bytes; at most {MAX_MESSAGE} are read",
        ),
    ],
)
async def test_a_request_that_cannot_be_read_has_a_status(body: bytes, status: Status, text: str) -> None:
    """The message gives the reason."""

    async def read(stream: Stream) -> None:
        await stream.receive_one()

    trailers = fields(await respond(read, body), ResponseReceived)
    assert (trailers["grpc-status"], trailers["grpc-message"]) == (str(int(status)), text)


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [(":method", "GET", "405"), ("content-type", "application/json", "415"), ("content-type", "", "415")],
)
async def test_a_request_of_another_kind_gets_its_http_status(name: str, value: str, status: str) -> None:
    """For example a request of a browser."""
    headers = [(key, value if key == name else usual) for key, usual in HEADERS]
    assert fields(await respond(echo, b"", headers), ResponseReceived) == {":status": status}


async def test_an_unknown_method_is_unimplemented() -> None:
    """Terraform goes on without it."""
    headers = [(key, "/x.Service/New" if key == ":path" else usual) for key, usual in HEADERS]
    trailers = fields(await respond(echo, message("hello"), headers), ResponseReceived)
    assert (trailers["grpc-status"], trailers["content-type"]) == ("12", "application/grpc")


@pytest.mark.parametrize(
    ("value", "status"),
    [("1n", "4"), ("0S", "4"), ("1H", "0"), ("99999999H", "0"), ("100000000S", "0"), ("x", "0"), ("1d", "0")],
)
async def test_the_clients_deadline_counts(value: str, status: str) -> None:
    """It has at most eight digits and a unit. Anything else is ignored."""

    async def wait(stream: Stream) -> None:
        if value in ("1n", "0S"):
            await asyncio.Event().wait()
        stream.send_headers()

    events = await respond(wait, b"", [*HEADERS, ("grpc-timeout", value)])
    kind = ResponseReceived if status == "4" else TrailersReceived
    assert fields(events, kind)["grpc-status"] == status


async def test_a_failure_is_logged_and_reported_without_its_message(caplog: pytest.LogCaptureFixture) -> None:
    """The message could contain a secret."""

    async def fail(_: Stream) -> None:
        raise RuntimeError("s3cret")

    trailers = fields(await respond(fail, b""), ResponseReceived)
    assert (trailers["grpc-status"], trailers["grpc-message"]) == ("2", "internal error")
    assert caplog.records[0].levelno == logging.ERROR


async def test_a_long_status_fits_into_a_frame() -> None:
    """The text is cut."""

    async def refuse(_: Stream) -> None:
        raise GrpcError(Status.UNKNOWN, "é" * 100_000)

    assert len(fields(await respond(refuse, b""), ResponseReceived)["grpc-message"]) == 8192


async def test_another_clients_calls_are_served() -> None:
    """Messages in both directions, one after the other on one stream."""
    async with channel_to([Service(echo)]) as channel:
        method = StreamStreamMethod(channel, "/x.Service/Call", StringValue, StringValue)
        async with method.open() as stream:
            for text in ("one", "two"):
                await stream.send_message(StringValue(value=text))
                reply = await stream.recv_message()
                assert reply is not None
                assert reply.value == text
            await stream.end()
            assert await stream.recv_message() is None


async def test_a_cancelled_call_is_cancelled_here() -> None:
    """Its handler stops, and its task ends."""
    cancelled = asyncio.Event()

    async def wait(stream: Stream) -> None:
        await stream.receive()
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise

    async with channel_to([Service(wait)]) as channel:
        method = UnaryUnaryMethod(channel, "/x.Service/Call", StringValue, StringValue)
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(method(StringValue(value="x")), 0.05)
        await asyncio.wait_for(cancelled.wait(), 5)


@pytest.mark.parametrize("windows", [65_535, 16 << 20])
async def test_messages_of_64_megabytes_go_both_ways(tmp_path: Path, windows: int) -> None:
    """Over a real socket, with another client's flow control: small windows, and large ones."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(tmp_path / "socket"))
    server = GrpcServer([Service(echo, BytesValue)])
    await server.start(listener)
    config = Configuration(http2_connection_window_size=windows, http2_stream_window_size=windows)
    async with Channel(path=str(tmp_path / "socket"), config=config) as channel:
        method = UnaryUnaryMethod(channel, "/x.Service/Call", BytesValue, BytesValue)
        large = BytesValue(value=bytes(range(256)) * (1 << 18))
        assert (await method(large)) == large
    server.close()
    await server.wait_closed()


async def test_a_closed_server_ends_what_is_running() -> None:
    """No call keeps waiting for a response."""
    started = asyncio.Event()

    async def wait(_: Stream) -> None:
        started.set()
        await asyncio.Event().wait()

    server = GrpcServer([Service(wait)])
    connection = server.connection()
    wire = Wire()
    connection.connection_made(wire)
    client = H2Connection()
    client.initiate_connection()
    client.send_headers(1, HEADERS)
    connection.data_received(client.data_to_send())
    await started.wait()
    server.close()
    await server.wait_closed()
    assert wire.closed
    events = client.receive_data(b"".join(wire.writes))
    assert not [event for event in events if isinstance(event, TrailersReceived | StreamReset)]


async def test_an_error_of_the_client_is_its_own() -> None:
    """A status becomes the client's exception."""

    async def refuse(_: Stream) -> None:
        raise GrpcError(Status.NOT_FOUND, "no such thing")

    async with channel_to([Service(refuse)]) as channel:
        method = UnaryUnaryMethod(channel, "/x.Service/Call", StringValue, StringValue)
        with pytest.raises(GRPCError) as caught:
            await method(StringValue())
    assert (caught.value.status, caught.value.message) == (ClientStatus.NOT_FOUND, "no such thing")
