"""HTTP/2 against RFC 9113: what the peer may send, what it may not, and what it may send too much of."""

import asyncio

import hpack
import pytest

from terraform_plugin.grpc import connection as limits
from terraform_plugin.grpc.connection import Http2Stream, StreamEndedError
from terraform_plugin.grpc.frames import PREFACE, ErrorCode
from tests.terraform_plugin.grpc.peer import (
    ACK,
    CONTINUATION,
    DATA,
    END_HEADERS,
    END_STREAM,
    GOAWAY,
    HEADERS,
    HELLO,
    PADDED,
    PING,
    POST,
    PRIORITY,
    PUSH_PROMISE,
    RST_STREAM,
    SETTINGS,
    WINDOW_UPDATE,
    WITH_PRIORITY,
    Frame,
    Peer,
    frame,
    setting,
)

OPEN = frame(HEADERS, END_HEADERS, 1, POST)
CLOSED = frame(HEADERS, END_HEADERS | END_STREAM, 1, POST) + frame(RST_STREAM, 0, 1, bytes(4))
ONE = (1).to_bytes(4, "big")
LARGEST = (2**31 - 1).to_bytes(4, "big")


def literal(name: bytes, value: bytes) -> bytes:
    """A header that enters no table. RFC 7541, section 6.2.2."""
    return b"\x00" + bytes((len(name),)) + name + bytes((len(value),)) + value


def request(*headers: tuple[bytes, bytes]) -> bytes:
    block = b"".join(literal(name, value) for name, value in headers)
    return frame(HEADERS, END_HEADERS | END_STREAM, 1, block)


USUAL = [(b":method", b"POST"), (b":scheme", b"http"), (b":path", b"/x")]


@pytest.mark.parametrize(
    ("section", "sent", "code"),
    [
        ("3.4 another protocol", b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n", ErrorCode.PROTOCOL_ERROR),
        ("3.4 a first frame that is not SETTINGS", PREFACE + frame(PING, 0, 0, bytes(8)), ErrorCode.PROTOCOL_ERROR),
        ("4.2 a frame above the limit", HELLO + OPEN + frame(DATA, 0, 1, bytes(16385)), ErrorCode.FRAME_SIZE_ERROR),
        ("4.3 undecodable headers", HELLO + frame(HEADERS, END_HEADERS, 1, b"\xff"), ErrorCode.COMPRESSION_ERROR),
        ("5.1 data on a stream that is idle", HELLO + frame(DATA, 0, 1, b"x"), ErrorCode.PROTOCOL_ERROR),
        ("5.1 a reset of a stream that is idle", HELLO + frame(RST_STREAM, 0, 1, bytes(4)), ErrorCode.PROTOCOL_ERROR),
        ("5.1 a window of a stream that is idle", HELLO + frame(WINDOW_UPDATE, 0, 1, ONE), ErrorCode.PROTOCOL_ERROR),
        ("5.1 data on a stream that has ended", HELLO + CLOSED + frame(DATA, 0, 1, b"x"), ErrorCode.STREAM_CLOSED),
        ("5.1 headers on a stream that has ended", HELLO + CLOSED + OPEN, ErrorCode.STREAM_CLOSED),
        ("5.1.1 a stream of the server", HELLO + frame(HEADERS, END_HEADERS, 2, POST), ErrorCode.PROTOCOL_ERROR),
        ("5.1.1 headers on stream 0", HELLO + frame(HEADERS, END_HEADERS, 0, POST), ErrorCode.PROTOCOL_ERROR),
        (
            "5.1.1 a stream below one that was opened",
            HELLO + frame(HEADERS, END_HEADERS, 5, POST) + frame(HEADERS, END_HEADERS, 3, POST),
            ErrorCode.PROTOCOL_ERROR,
        ),
        ("6.1 data on stream 0", HELLO + frame(DATA, 0, 0, b"x"), ErrorCode.PROTOCOL_ERROR),
        ("6.1 too much padding", HELLO + OPEN + frame(DATA, PADDED, 1, b"\x05abc"), ErrorCode.PROTOCOL_ERROR),
        ("6.1 padding without its length", HELLO + OPEN + frame(DATA, PADDED, 1), ErrorCode.PROTOCOL_ERROR),
        (
            "6.2 padding longer than the headers",
            HELLO + frame(HEADERS, END_HEADERS | PADDED, 1, b"\xff" + POST),
            ErrorCode.PROTOCOL_ERROR,
        ),
        (
            "6.2 HEADERS too short for its priority",
            HELLO + frame(HEADERS, END_HEADERS | WITH_PRIORITY, 1, b"\0\0"),
            ErrorCode.FRAME_SIZE_ERROR,
        ),
        (
            "5.3.1 a stream that depends on itself",
            HELLO + frame(HEADERS, END_HEADERS | WITH_PRIORITY, 1, ONE + b"\x10" + POST),
            ErrorCode.PROTOCOL_ERROR,
        ),
        ("6.3 PRIORITY on stream 0", HELLO + frame(PRIORITY, 0, 0, bytes(5)), ErrorCode.PROTOCOL_ERROR),
        ("6.4 a reset of stream 0", HELLO + frame(RST_STREAM, 0, 0, bytes(4)), ErrorCode.PROTOCOL_ERROR),
        ("6.4 a reset of 3 bytes", HELLO + OPEN + frame(RST_STREAM, 0, 1, bytes(3)), ErrorCode.FRAME_SIZE_ERROR),
        ("6.5 SETTINGS on a stream", HELLO + frame(SETTINGS, 0, 1), ErrorCode.PROTOCOL_ERROR),
        ("6.5 settings of 3 bytes", HELLO + frame(SETTINGS, 0, 0, bytes(3)), ErrorCode.FRAME_SIZE_ERROR),
        ("6.5 an ACK with settings", HELLO + frame(SETTINGS, ACK, 0, bytes(6)), ErrorCode.FRAME_SIZE_ERROR),
        ("6.5.2 ENABLE_PUSH of 2", HELLO + frame(SETTINGS, 0, 0, setting(2, 2)), ErrorCode.PROTOCOL_ERROR),
        ("6.5.2 a window above 2^31-1", HELLO + frame(SETTINGS, 0, 0, setting(4, 2**31)), ErrorCode.FLOW_CONTROL_ERROR),
        ("6.5.2 frames below 2^14", HELLO + frame(SETTINGS, 0, 0, setting(5, 16383)), ErrorCode.PROTOCOL_ERROR),
        ("6.5.2 frames of 2^24", HELLO + frame(SETTINGS, 0, 0, setting(5, 2**24)), ErrorCode.PROTOCOL_ERROR),
        ("6.6 a push by the client", HELLO + frame(PUSH_PROMISE, END_HEADERS, 1, bytes(4)), ErrorCode.PROTOCOL_ERROR),
        ("6.7 PING on a stream", HELLO + frame(PING, 0, 1, bytes(8)), ErrorCode.PROTOCOL_ERROR),
        ("6.7 a ping of 7 bytes", HELLO + frame(PING, 0, 0, bytes(7)), ErrorCode.FRAME_SIZE_ERROR),
        ("6.8 GOAWAY on a stream", HELLO + frame(GOAWAY, 0, 1, bytes(8)), ErrorCode.PROTOCOL_ERROR),
        ("6.8 GOAWAY of 4 bytes", HELLO + frame(GOAWAY, 0, 0, bytes(4)), ErrorCode.FRAME_SIZE_ERROR),
        ("6.9 WINDOW_UPDATE of 0", HELLO + frame(WINDOW_UPDATE, 0, 0, bytes(4)), ErrorCode.PROTOCOL_ERROR),
        ("6.9 a window update of 3 bytes", HELLO + frame(WINDOW_UPDATE, 0, 0, bytes(3)), ErrorCode.FRAME_SIZE_ERROR),
        ("6.9.1 a window above 2^31-1", HELLO + frame(WINDOW_UPDATE, 0, 0, LARGEST), ErrorCode.FLOW_CONTROL_ERROR),
        (
            "6.9.2 a window of a stream above 2^31-1 by settings",
            HELLO + OPEN + frame(WINDOW_UPDATE, 0, 1, (2**31 - 1 - 65535).to_bytes(4, "big"))
            + frame(SETTINGS, 0, 0, setting(4, 65536)),
            ErrorCode.FLOW_CONTROL_ERROR,
        ),
        ("6.10 CONTINUATION without HEADERS", HELLO + frame(CONTINUATION, 0, 1, POST), ErrorCode.PROTOCOL_ERROR),
        (
            "6.10 another frame between headers",
            HELLO + frame(HEADERS, 0, 1, POST) + frame(PING, 0, 0, bytes(8)),
            ErrorCode.PROTOCOL_ERROR,
        ),
        (
            "6.10 a continuation of another stream",
            HELLO + frame(HEADERS, 0, 1, POST) + frame(CONTINUATION, END_HEADERS, 3),
            ErrorCode.PROTOCOL_ERROR,
        ),
    ],
)  # fmt: skip
async def test_a_violation_ends_the_connection(section: str, sent: bytes, code: ErrorCode) -> None:
    """With GOAWAY and the code that the RFC names. Later input is ignored."""
    peer = Peer()
    last = (await peer.send(sent, frame(PING, 0, 0, bytes(8))))[-1]
    assert (last.kind, last.code, peer.wire.closed) == (GOAWAY, code, True), section


@pytest.mark.parametrize(
    ("section", "sent", "code"),
    [
        (
            "5.1 data after the end of a request",
            frame(HEADERS, END_HEADERS | END_STREAM, 1, POST) + frame(DATA, 0, 1, b"x"),
            ErrorCode.STREAM_CLOSED,
        ),
        (
            "5.1 headers after the end of a request",
            frame(HEADERS, END_HEADERS | END_STREAM, 1, POST) + frame(HEADERS, END_HEADERS | END_STREAM, 1, POST),
            ErrorCode.STREAM_CLOSED,
        ),
        ("6.3 a priority of 4 bytes", OPEN + frame(PRIORITY, 0, 1, bytes(4)), ErrorCode.FRAME_SIZE_ERROR),
        ("5.3.1 a stream that depends on itself", OPEN + frame(PRIORITY, 0, 1, ONE + b"\0"), ErrorCode.PROTOCOL_ERROR),
        ("6.9 WINDOW_UPDATE of 0", OPEN + frame(WINDOW_UPDATE, 0, 1, bytes(4)), ErrorCode.PROTOCOL_ERROR),
        ("6.9.1 a window above 2^31-1", OPEN + frame(WINDOW_UPDATE, 0, 1, LARGEST), ErrorCode.FLOW_CONTROL_ERROR),
        ("8.1 trailers that are not the end", OPEN + frame(HEADERS, END_HEADERS, 1, b""), ErrorCode.PROTOCOL_ERROR),
        (
            "8.1 a pseudo-header among the trailers",
            OPEN + frame(HEADERS, END_HEADERS | END_STREAM, 1, POST),
            ErrorCode.PROTOCOL_ERROR,
        ),
        ("8.2.1 a name in upper case", request(*USUAL, (b"X-Name", b"x")), ErrorCode.PROTOCOL_ERROR),
        ("8.2.2 a header of HTTP/1.1", request(*USUAL, (b"connection", b"close")), ErrorCode.PROTOCOL_ERROR),
        ("8.2.2 te other than trailers", request(*USUAL, (b"te", b"gzip")), ErrorCode.PROTOCOL_ERROR),
        ("8.3 an unknown pseudo-header", request(*USUAL, (b":test", b"x")), ErrorCode.PROTOCOL_ERROR),
        ("8.3 a pseudo-header of a response", request(*USUAL, (b":status", b"200")), ErrorCode.PROTOCOL_ERROR),
        ("8.3 a pseudo-header after a header", request((b"x", b"y"), *USUAL), ErrorCode.PROTOCOL_ERROR),
        ("8.3.1 no method", request(*USUAL[1:]), ErrorCode.PROTOCOL_ERROR),
        ("8.3.1 no scheme", request(USUAL[0], USUAL[2]), ErrorCode.PROTOCOL_ERROR),
        ("8.3.1 no path", request(*USUAL[:2]), ErrorCode.PROTOCOL_ERROR),
        ("8.3.1 an empty path", request(*USUAL[:2], (b":path", b"")), ErrorCode.PROTOCOL_ERROR),
        ("8.3.1 two methods", request(USUAL[0], *USUAL), ErrorCode.PROTOCOL_ERROR),
        ("8.1.1 a body of another length", request(*USUAL, (b"content-length", b"3")), ErrorCode.PROTOCOL_ERROR),
        ("8.1.1 a length that is not a number", request(*USUAL, (b"content-length", b"x")), ErrorCode.PROTOCOL_ERROR),
        (
            "8.1.1 a length of more digits than Python converts",
            frame(HEADERS, END_HEADERS, 1, POST + b"\x0f\x0d\x7f\x89\x26" + b"9" * 5000),
            ErrorCode.PROTOCOL_ERROR,
        ),
    ],
)  # fmt: skip
async def test_a_violation_on_a_stream_ends_that_stream(section: str, sent: bytes, code: ErrorCode) -> None:
    """With RST_STREAM and the code that the RFC names. The connection stays open."""
    peer = Peer()
    frames = await peer.send(HELLO, sent, frame(PING, 0, 0, b"12345678"))
    assert [(each.kind, each.stream_id, each.code) for each in frames[:-1]] == [(RST_STREAM, 1, code)], section
    assert frames[-1] == Frame(PING, ACK, 0, b"12345678"), section


@pytest.mark.parametrize(
    ("section", "sent"),
    [
        ("4.1 an unknown type", frame(0xBE, 0xFF, 1, b"anything")),
        ("4.1 unknown flags", frame(PING, 0xFE, 0, bytes(8))),
        ("5.1 a late window of a stream that has ended", CLOSED + frame(WINDOW_UPDATE, 0, 1, ONE)),
        ("5.1 a late reset of a stream that has ended", CLOSED + frame(RST_STREAM, 0, 1, bytes(4))),
        ("5.1 a priority of a stream that is idle", frame(PRIORITY, 0, 9, bytes(5))),
        ("6.5.2 an unknown setting", frame(SETTINGS, 0, 0, setting(0xF000, 7))),
        ("6.7 an answer to a ping that was not sent", frame(PING, ACK, 0, bytes(8))),
        ("6.8 GOAWAY", frame(GOAWAY, 0, 0, bytes(8) + b"goodbye")),
    ],
)
async def test_allowed_frames_cause_no_fault(section: str, sent: bytes) -> None:
    """Neither GOAWAY nor RST_STREAM; the next ping is answered."""
    peer = Peer()
    frames = await peer.send(HELLO, sent, frame(PING, 0, 0, b"12345678"))
    assert frames[-1] == Frame(PING, ACK, 0, b"12345678"), section
    assert not {each.kind for each in frames} & {GOAWAY, RST_STREAM}, section


async def test_the_server_says_what_it_accepts() -> None:
    """SETTINGS first, and a window of the connection that is as large as that of a stream. Section 3.4."""
    peer = Peer()
    await peer.send(HELLO)
    greeting = b"".join(peer.wire.writes)
    assert greeting.startswith(
        frame(SETTINGS, 0, 0, setting(3, 1024) + setting(4, 16 << 20) + setting(6, 64 << 10))
        + frame(WINDOW_UPDATE, 0, 0, ((16 << 20) - 65535).to_bytes(4, "big"))
    )
    assert greeting.endswith(frame(SETTINGS, ACK, 0))


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
async def test_frames_may_come_in_any_pieces(size: int) -> None:
    """Byte by byte, or many at once."""
    sent = HELLO + frame(HEADERS, 0, 1, POST[:3]) + frame(CONTINUATION, END_HEADERS, 1, POST[3:])
    sent += frame(DATA, PADDED, 1, b"\x02body..") + frame(HEADERS, END_HEADERS | END_STREAM, 1, literal(b"x", b"y"))
    peer = Peer()
    await peer.send(*(sent[start : start + size] for start in range(0, len(sent), size)))
    (stream,) = peer.streams
    assert stream.headers == USUAL
    assert await stream.read(4) == b"body"
    assert await stream.read(1) is None


async def test_a_peer_may_have_no_room_for_a_header_table() -> None:
    """The next header block sets its size to 0, as hpack and nghttp2 demand. Sections 4.3.1 and RFC 7541, 4.2."""
    peer = Peer()
    await peer.send(HELLO, OPEN, frame(SETTINGS, 0, 0, setting(1, 4096) + setting(1, 0)))
    peer.streams[0].send_headers(b"\x88")
    peer.streams[0].send_headers(b"\x88", end_stream=True)
    decoder = hpack.Decoder()
    decoder.max_allowed_table_size = 0
    blocks = [each.payload for each in await peer.send() if each.kind == HEADERS]
    decoded = [[(*header,) for header in decoder.decode(block, raw=True)] for block in blocks]
    assert decoded == [[(b":status", b"200")]] * 2
    assert blocks[1] == b"\x88"


async def test_everything_of_a_response_is_one_write() -> None:
    """Each separate write would wake Terraform, so headers, message and trailers are written together."""
    peer = Peer()
    await peer.send(HELLO, OPEN)
    before = len(peer.wire.writes)
    (stream,) = peer.streams
    stream.send_headers(b"\x88")
    await stream.send_data(b"message")
    stream.send_headers(b"\x88", end_stream=True)
    await asyncio.sleep(0)
    assert len(peer.wire.writes) == before + 1


async def test_a_response_before_the_end_of_its_request_gives_the_rest_up() -> None:
    """RST_STREAM with NO_ERROR tells the client to stop sending. Data in transit is ignored. Section 8.1."""
    peer = Peer()
    await peer.send(HELLO, OPEN)
    peer.streams[0].send_headers(b"\x88", end_stream=True)
    frames = await peer.send(frame(DATA, END_STREAM, 1, b"late"))
    assert [each.kind for each in frames] == [HEADERS, RST_STREAM]
    assert frames[1].code == ErrorCode.NO_ERROR


@pytest.mark.parametrize("how", ["reset", "lost"])
async def test_a_stream_that_the_peer_ends_is_ended_for_its_handler(how: str) -> None:
    """A handler that reads or sends gets one error."""
    peer = Peer()
    await peer.send(HELLO, OPEN)
    (stream,) = peer.streams
    ended: list[str] = []
    stream.on_end = lambda: ended.append("ended")
    reading = asyncio.ensure_future(stream.read(1))
    await asyncio.sleep(0)
    if how == "reset":
        await peer.send(frame(RST_STREAM, 0, 1, bytes(4)))
    else:
        peer.connection.connection_lost(None)
    with pytest.raises(StreamEndedError):
        await reading
    with pytest.raises(StreamEndedError):
        await stream.send_data(b"late")
    assert ended == ["ended"]


class TestFlowControl:
    """Sections 5.2 and 6.9."""

    async def sending(self, size: int, *settings: bytes) -> tuple[Peer, asyncio.Task[None]]:
        peer = Peer()
        await peer.send(HELLO, *settings, OPEN)
        task = asyncio.ensure_future(peer.streams[0].send_data(bytes(size)))
        await peer.send()
        return peer, task

    def sizes(self, peer: Peer) -> list[int]:
        return [len(each.payload) for each in peer.received() if each.kind == DATA]

    async def test_data_is_sent_up_to_the_window(self) -> None:
        """65,535 bytes at first, in frames of 16,384 at most."""
        peer, task = await self.sending(100_000)
        assert self.sizes(peer) == [16384, 16384, 16384, 16383]
        task.cancel()

    async def test_both_windows_must_have_room(self) -> None:
        """Room in only one of the two windows is not enough."""
        peer, task = await self.sending(65_536)
        await peer.send(frame(WINDOW_UPDATE, 0, 1, ONE))
        assert sum(self.sizes(peer)) == 65_535
        await peer.send(frame(WINDOW_UPDATE, 0, 0, ONE))
        assert sum(self.sizes(peer)) == 65_536
        assert task.done()

    async def test_the_last_value_of_a_setting_counts(self) -> None:
        """A frame may have several. Section 6.5.3."""
        peer, task = await self.sending(3, frame(SETTINGS, 0, 0, setting(4, 0) + setting(4, 70_000) + setting(4, 2)))
        assert self.sizes(peer) == [2]
        task.cancel()

    async def test_the_peers_settings_count_for_open_streams(self) -> None:
        """A smaller window can make one negative, and a larger one opens it again. Section 6.9.2."""
        peer, task = await self.sending(3, frame(SETTINGS, 0, 0, setting(4, 2)))
        assert self.sizes(peer) == [2]
        await peer.send(frame(SETTINGS, 0, 0, setting(4, 0)))
        await peer.send(frame(WINDOW_UPDATE, 0, 1, (2).to_bytes(4, "big")))
        assert self.sizes(peer) == [2]
        await peer.send(frame(SETTINGS, 0, 0, setting(4, 1)))
        assert self.sizes(peer) == [2, 1]
        assert task.done()

    async def test_frames_are_as_large_as_the_peer_allows(self) -> None:
        """MAX_FRAME_SIZE. Section 6.5.2."""
        peer, _ = await self.sending(60_000, frame(SETTINGS, 0, 0, setting(5, 40_000)))
        assert self.sizes(peer) == [40_000, 20_000]

    async def test_a_cancelled_stream_frees_its_sender(self) -> None:
        """It waits for a window that will never open."""
        peer, task = await self.sending(100_000)
        await peer.send(frame(RST_STREAM, 0, 1, bytes(4)))
        with pytest.raises(StreamEndedError):
            await task

    async def test_a_full_transport_holds_senders_back(self) -> None:
        """The event loop reports it, and no data is buffered here."""
        peer = Peer()
        await peer.send(HELLO, OPEN)
        peer.connection.pause_writing()
        task = asyncio.ensure_future(peer.streams[0].send_data(b"x"))
        await peer.send()
        assert self.sizes(peer) == []
        peer.connection.resume_writing()
        await peer.send()
        assert self.sizes(peer) == [1]
        assert task.done()

    async def test_more_than_the_window_is_refused(self) -> None:
        """A stream that is not read can receive 16 MiB at most."""
        peer = Peer()
        await peer.send(HELLO, OPEN)
        full = frame(DATA, 0, 1, bytes(16384))
        frames = await peer.send(*[full] * 1024)
        assert [each for each in frames if each.stream_id == 1] == []
        frames = await peer.send(full)
        assert [(each.kind, each.code) for each in frames if each.stream_id == 1] == [
            (RST_STREAM, ErrorCode.FLOW_CONTROL_ERROR)
        ]

    async def test_a_stream_that_nobody_reads_does_not_hold_up_others(self) -> None:
        """The connection's window is enlarged all the time."""
        peer = Peer()
        await peer.send(HELLO, OPEN, *[frame(DATA, 0, 1, bytes(16384))] * 1024)
        await peer.send(frame(HEADERS, END_HEADERS, 3, POST), frame(DATA, END_STREAM, 3, b"body"))
        assert await peer.streams[1].read(4) == b"body"

    async def test_a_message_larger_than_the_window_is_read(self) -> None:
        """A message of 64 MB: the reader enlarges the window while it waits."""
        peer = Peer()
        await peer.send(HELLO, OPEN)
        size = 64 << 20
        reading = asyncio.ensure_future(peer.streams[0].read(size))
        await asyncio.sleep(0)
        full = frame(DATA, 0, 1, bytes(16384))
        for _ in range(size // 16384):
            peer.connection.data_received(full)
        body = await reading
        assert body is not None
        assert len(body) == size
        granted = sum(
            int.from_bytes(each.payload, "big") for each in peer.received()
            if each.kind == WINDOW_UPDATE and each.stream_id == 1
        )  # fmt: skip
        assert granted >= size - limits.WINDOW


class TestLimits:
    """What a hostile peer can make the server spend. RFC 9113, section 10.5."""

    async def test_more_streams_than_announced_are_refused(self) -> None:
        """The other streams continue. Section 5.1.2."""
        peer = Peer()
        opened = [frame(HEADERS, END_HEADERS, 1 + 2 * number, POST) for number in range(limits.MAX_STREAMS + 1)]
        frames = await peer.send(HELLO, *opened)
        assert [(each.kind, each.stream_id, each.code) for each in frames] == [
            (RST_STREAM, 1 + 2 * limits.MAX_STREAMS, ErrorCode.REFUSED_STREAM)
        ]
        assert len(peer.streams) == limits.MAX_STREAMS

    @pytest.mark.parametrize("ends_stream", [RST_STREAM, WINDOW_UPDATE], ids=["rapid reset", "MadeYouReset"])
    async def test_streams_that_are_opened_and_cancelled_for_ever_end_the_connection(self, ends_stream: int) -> None:
        """Each costs a task here and almost nothing for the peer (CVE-2023-44487).

        With a WINDOW_UPDATE of 0, the peer makes the server cancel the stream (CVE-2025-8671).
        """
        peer = Peer()
        pairs = [
            frame(HEADERS, END_HEADERS, number, POST) + frame(ends_stream, 0, number, bytes(4))
            for number in range(1, 2 * limits.MAX_RESETS + 3, 2)
        ]
        last = (await peer.send(HELLO, *pairs))[-1]
        assert (last.kind, last.code) == (GOAWAY, ErrorCode.ENHANCE_YOUR_CALM)

    async def test_cancelling_as_many_as_are_served_is_fine(self) -> None:
        """Terraform cancels calls when a user interrupts it."""

        def serve_every_other(stream: Http2Stream) -> None:
            if stream.id % 4 == 1:
                stream.send_headers(b"\x88", end_stream=True)

        peer = Peer(on_stream=serve_every_other)
        await peer.send(HELLO)
        for number in range(1, 8 * limits.MAX_RESETS, 4):
            served = frame(HEADERS, END_HEADERS | END_STREAM, number, POST)
            cancelled = frame(HEADERS, END_HEADERS, number + 2, POST) + frame(RST_STREAM, 0, number + 2, bytes(4))
            peer.connection.data_received(served + cancelled)
        assert not peer.wire.closed

    async def test_endless_continuations_end_the_connection(self) -> None:
        """A header list would otherwise have no limit ("CONTINUATION flood", CERT VU#421644)."""
        peer = Peer()
        parts = [frame(HEADERS, 0, 1, POST)] + [frame(CONTINUATION, 0, 1, literal(b"x", b"y" * 120) * 100)] * 6
        last = (await peer.send(HELLO, *parts))[-1]
        assert (last.kind, last.code) == (GOAWAY, ErrorCode.ENHANCE_YOUR_CALM)

    async def test_a_list_that_grows_by_decoding_is_refused(self) -> None:
        """Each byte of a block can stand for 4 KiB of the table."""
        peer = Peer()
        bomb = POST + b"\x40\x01x\x7f\x81\x1e" + b"y" * 4000 + b"\xbe" * 1000
        frames = await peer.send(HELLO, frame(HEADERS, END_HEADERS, 1, bomb), frame(PING, 0, 0, bytes(8)))
        assert [(each.kind, each.code) for each in frames[:1]] == [(RST_STREAM, ErrorCode.ENHANCE_YOUR_CALM)]
        assert frames[-1].kind == PING

    @pytest.mark.parametrize("question", [frame(PING, 0, 0, bytes(8)), frame(SETTINGS, 0, 0, setting(4, 70000))])
    async def test_questions_of_a_peer_that_does_not_read_end(self, question: bytes) -> None:
        """The responses to its pings would fill the memory."""
        peer = Peer()
        await peer.send(HELLO)
        peer.connection.pause_writing()
        await peer.send(*[question] * (limits.MAX_CONTROL_FRAMES + 1))
        assert peer.wire.closed

    async def test_a_peer_that_reads_may_ask_on(self) -> None:
        """Terraform's gRPC library sends a ping with nearly every message, to measure the bandwidth."""
        peer = Peer()
        await peer.send(HELLO)
        for _ in range(3 * limits.MAX_CONTROL_FRAMES):
            peer.connection.data_received(frame(PING, 0, 0, bytes(8)))
            await asyncio.sleep(0)
        assert not peer.wire.closed
