"""HTTP/2 as a server needs it: streams, flow control in both directions, and limits for a hostile peer.

Source: RFC 9113; comments name the section of each rule. If the peer breaks a rule, a `ConnectionFault` ends the
connection with GOAWAY, or a `StreamFault` ends one stream with RST_STREAM.

Frames are written once per turn of the event loop: a response is headers, a message and trailers, and each write of its
own would be a system call, a TLS record and a wake-up of the peer.
"""

from __future__ import annotations

import asyncio
import struct
from collections import OrderedDict
from collections.abc import Callable
from typing import ClassVar, cast

from terraform_plugin.grpc.frames import (
    ACK,
    DEFAULT_WINDOW,
    END_HEADERS,
    END_STREAM,
    FRAME_SIZE,
    MAX_WINDOW,
    PREFACE,
    PRIORITY_FLAG,
    ConnectionFault,
    ErrorCode,
    FrameType,
    Setting,
    StreamFault,
    content_length,
    frame,
    is_request,
    without_padding,
)
from terraform_plugin.grpc.hpack import (
    NO_TABLE,
    TABLE_SIZE,
    Header,
    HeaderDecoder,
    HeaderListTooLargeError,
    HpackError,
)

WINDOW = 16 << 20
"""Bytes that the peer may send before they are read, on a stream and on the connection. Most values are smaller."""
MAX_STREAMS = 1024
"""Streams at the same time. Terraform runs ten operations at once unless it is told otherwise."""
MAX_HEADER_LIST = 64 << 10
"""Bytes of a request's headers. Terraform's have 200."""
MAX_BUFFERED = 512 << 20
"""Bytes that are received and not read yet, on all streams: twice the largest message."""
MAX_RESETS = 1000
"""Streams that the peer may cancel, or break a rule on, in excess of those that it lets end: each costs us a task."""
MAX_CONTROL_FRAMES = 1000
"""Replies to PING and SETTINGS that wait for a peer that does not read."""

_REMEMBERED = 1000  # streams that have ended: a late frame on one of them breaks no rule


class StreamEndedError(Exception):
    """The peer cancelled the stream, or the connection is lost: nobody waits for the rest of the response."""


class Http2Stream:
    """One request and its response."""

    def __init__(self, connection: Http2Connection, stream_id: int, headers: list[Header], send_window: int) -> None:
        self.id = stream_id
        self.headers = headers
        """The request's headers, pseudo-headers first."""
        self.on_end: Callable[[], object] | None = None
        """Called once when the peer cancels the stream, or the connection is lost, while it is still open."""
        self.is_ended = False
        """Whether nothing can be sent any more: the peer has cancelled, or this side is done."""
        self.send_window = send_window
        self.receive_window = WINDOW
        self.is_request_complete = False
        self._connection = connection
        self._received = bytearray()
        self._wanted = 0
        self._reader: asyncio.Future[None] | None = None
        self._declared = content_length(headers)
        self._length = 0

    async def read(self, size: int) -> bytes | None:
        """Return the next `size` bytes of the request's body, or None if it ends before that.

        Raises `StreamEndedError` if the stream ends before that.
        """
        while len(self._received) < size:
            if self.is_ended:
                raise StreamEndedError
            if self.is_request_complete:
                return None
            # What the reader waits for counts as read, or a message larger than the window would never be whole.
            self._wanted = size
            self._connection.credit(self)
            self._reader = asyncio.get_running_loop().create_future()
            try:
                await self._reader
            finally:
                self._reader = None
                self._wanted = 0
        body = bytes(self._received[:size])
        del self._received[:size]
        self._connection.note_read(self, size)
        return body

    @property
    def unread(self) -> int:
        """Bytes that are received and that no reader is waiting for."""
        return 0 if self._wanted else len(self._received)

    @property
    def buffered(self) -> int:
        """Bytes that are received and not read."""
        return len(self._received)

    def receive(self, data: bytes, *, is_last: bool) -> None:
        """Take a part of the request's body. Raises `StreamFault` if the body is not as long as announced."""
        self._received += data
        self._length += len(data)
        if is_last:
            self.is_request_complete = True
        if self._declared is not None and (
            self._length > self._declared or (is_last and self._length != self._declared)
        ):
            raise StreamFault(ErrorCode.PROTOCOL_ERROR, "a body that is not as long as its content-length")
        self.wake_reader()

    def wake_reader(self) -> None:
        """Let the reader look again."""
        if self._reader is not None and not self._reader.done():
            self._reader.set_result(None)

    def send_headers(self, block: bytes, *, end_stream: bool = False) -> None:
        """Send a header block of at most one frame: the response's headers, or its trailers."""
        self._connection.send_headers(self, block, end_stream=end_stream)

    async def send_data(self, data: bytes) -> None:
        """Send a part of the response's body, as fast as the peer's windows allow.

        Raises `StreamEndedError` if the stream has ended.
        """
        await self._connection.send_data(self, data)

    def reset(self, code: ErrorCode) -> None:
        """End the stream at once."""
        self._connection.reset(self, code)


class Http2Connection(asyncio.Protocol):
    """One connection of a client. `on_stream` is called with each new request, as soon as its headers are complete."""

    def __init__(self, on_stream: Callable[[Http2Stream], None], on_lost: Callable[[Http2Connection], None]) -> None:
        self._on_stream = on_stream
        self._on_lost = on_lost
        self._transport: asyncio.Transport | None = None
        self._loop = asyncio.get_running_loop()
        self._decoder = HeaderDecoder(max_list_size=MAX_HEADER_LIST)
        self._streams: dict[int, Http2Stream] = {}
        self._ended: OrderedDict[int, bool] = OrderedDict()  # the last streams that ended: whether this side reset them
        self._last_id = 0
        self._resets = 0
        self._buffered = 0

        self._input = b""
        self._is_greeted = False  # whether the preface has been received
        self._has_settings = False
        self._block: tuple[int, int, bytearray] | None = None  # stream, flags and bytes of headers without END_HEADERS
        self._receive_window = WINDOW

        self._output: list[bytes] = []
        self._control_frames = 0  # in the output, or written while the peer does not read
        self._is_paused = False
        self._is_closing = False
        self._send_window = DEFAULT_WINDOW
        self._stream_send_window = DEFAULT_WINDOW
        self._peer_frame_size = FRAME_SIZE
        self._table_update = b""  # what the next header block must begin with
        self._senders: list[asyncio.Future[None]] = []  # waiting for a window, or for the transport

    # The event loop's calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        settings = {
            Setting.MAX_CONCURRENT_STREAMS: MAX_STREAMS,
            Setting.INITIAL_WINDOW_SIZE: WINDOW,
            Setting.MAX_HEADER_LIST_SIZE: MAX_HEADER_LIST,
        }
        payload = b"".join(struct.pack("!HI", *setting) for setting in settings.items())
        self._write(frame(FrameType.SETTINGS, 0, 0, payload))
        # SETTINGS changes the windows of streams only; the connection's own is 65,535 bytes until it is enlarged.
        self._write(frame(FrameType.WINDOW_UPDATE, 0, 0, struct.pack("!I", WINDOW - DEFAULT_WINDOW)))

    def data_received(self, data: bytes) -> None:
        if self._is_closing:
            return
        data = self._input + data if self._input else data
        try:
            self._input = data[self._frames(data) :]
        except ConnectionFault as fault:
            self._fail(fault)
        except HpackError as error:
            self._fail(ConnectionFault(ErrorCode.COMPRESSION_ERROR, str(error)))

    def connection_lost(self, exc: Exception | None) -> None:
        del exc
        self._is_closing = True
        self._transport = None
        for stream in [*self._streams.values()]:
            self._forget(stream, was_reset=False)
        self._wake_senders()
        self._on_lost(self)

    def pause_writing(self) -> None:
        self._is_paused = True

    def resume_writing(self) -> None:
        self._is_paused = False
        self._control_frames = 0
        self._wake_senders()

    def close(self) -> None:
        """Send what is waiting, and close the connection.

        There is no GOAWAY: the process ends, and some clients drop the last response if GOAWAY arrives with it.
        """
        self._hang_up()

    # Receiving

    def _frames(self, data: bytes) -> int:
        """Handle the frames that are complete. Return how many bytes they have."""
        position, end = 0, len(data)
        if not self._is_greeted:
            if data[: len(PREFACE)] != PREFACE[:end]:
                raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "not a client of HTTP/2")
            if end < len(PREFACE):
                return 0
            self._is_greeted = True
            position = len(PREFACE)
        while end - position >= 9 and not self._is_closing:
            length = data[position] << 16 | data[position + 1] << 8 | data[position + 2]
            if length > FRAME_SIZE:
                raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, f"a frame of {length} bytes")
            following = position + 9 + length
            if following > end:
                break
            stream_id = int.from_bytes(data[position + 5 : position + 9], "big") & MAX_WINDOW
            self._frame(data[position + 3], data[position + 4], stream_id, data[position + 9 : following])
            position = following
        return position

    def _frame(self, kind: int, flags: int, stream_id: int, payload: bytes) -> None:
        if not self._has_settings and kind != FrameType.SETTINGS:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "the first frame is not SETTINGS")  # 3.4
        if self._block is not None and (kind != FrameType.CONTINUATION or stream_id != self._block[0]):
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "a frame between the parts of a header block")  # 6.10
        receive = self._RECEIVERS.get(kind)
        if receive is None:
            return  # 5.5: frames of unknown types are ignored
        try:
            receive(self, flags, stream_id, payload)
        except StreamFault as fault:
            self._refuse(stream_id, fault.code)

    def _receive_data(self, flags: int, stream_id: int, payload: bytes) -> None:
        self._receive_window -= len(payload)
        if self._receive_window < 0:
            raise ConnectionFault(ErrorCode.FLOW_CONTROL_ERROR, "more data than the connection's window")  # 6.9.1
        stream = self._streams.get(stream_id)
        if stream is None:
            self._credit_connection()
            self._late(stream_id, "DATA")
            return
        if stream.is_request_complete:
            raise StreamFault(ErrorCode.STREAM_CLOSED, "data after the end of a request")  # 5.1
        stream.receive_window -= len(payload)
        if stream.receive_window < 0:
            raise StreamFault(ErrorCode.FLOW_CONTROL_ERROR, "more data than the stream's window")
        data = without_padding(flags, payload)
        self._buffered += len(data)
        if self._buffered > MAX_BUFFERED:
            raise ConnectionFault(ErrorCode.ENHANCE_YOUR_CALM, "too much data that is not read")
        stream.receive(data, is_last=bool(flags & END_STREAM))
        self._credit_connection()
        if not stream.is_request_complete:
            self.credit(stream)

    def _receive_headers(self, flags: int, stream_id: int, payload: bytes) -> None:
        if not stream_id & 1:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "headers on a stream that a client cannot open")  # 5.1.1
        block = without_padding(flags, payload)
        if flags & PRIORITY_FLAG:
            if len(block) < 5:
                raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, "HEADERS too short for its priority")
            depends_on, block = int.from_bytes(block[:4], "big") & MAX_WINDOW, block[5:]
            if depends_on == stream_id:
                raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "a stream that depends on itself")
        self._collect_block(stream_id, flags, bytearray(block))

    def _receive_continuation(self, flags: int, stream_id: int, payload: bytes) -> None:
        if self._block is None:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "CONTINUATION without HEADERS")  # 6.10
        _, first_flags, block = self._block
        block += payload
        self._collect_block(stream_id, first_flags | flags & END_HEADERS, block)

    def _collect_block(self, stream_id: int, flags: int, block: bytearray) -> None:
        # A peer could send continuations without end, so the size of the encoded block is limited, too.
        if len(block) > MAX_HEADER_LIST:
            raise ConnectionFault(ErrorCode.ENHANCE_YOUR_CALM, "too many headers")
        if not flags & END_HEADERS:
            self._block = (stream_id, flags, block)
            return
        self._block = None
        is_last = bool(flags & END_STREAM)
        try:
            headers = self._decoder.decode(bytes(block))  # in any case: the table must stay that of the peer
        except HeaderListTooLargeError:
            self._last_id = max(self._last_id, stream_id)
            self._refuse(stream_id, ErrorCode.ENHANCE_YOUR_CALM)
            return
        if stream := self._streams.get(stream_id):
            self._receive_trailers(stream, headers, is_last=is_last)
        else:
            self._open(stream_id, headers, is_last=is_last)

    def _receive_trailers(self, stream: Http2Stream, headers: list[Header], *, is_last: bool) -> None:
        if stream.is_request_complete:
            self._refuse(stream.id, ErrorCode.STREAM_CLOSED)
        elif not is_last or any(name.startswith(b":") for name, _ in headers):
            self._refuse(stream.id, ErrorCode.PROTOCOL_ERROR)  # 8.1
        else:
            self._deliver(stream, b"", is_last=True)

    def _open(self, stream_id: int, headers: list[Header], *, is_last: bool) -> None:
        if stream_id <= self._last_id:
            self._late(stream_id, "HEADERS")
            return
        self._last_id = stream_id
        if len(self._streams) >= MAX_STREAMS:
            self._refuse(stream_id, ErrorCode.REFUSED_STREAM)  # 5.1.2
            return
        if not is_request(headers):
            self._refuse(stream_id, ErrorCode.PROTOCOL_ERROR)  # 8.1.1
            return
        stream = Http2Stream(self, stream_id, headers, self._stream_send_window)
        self._streams[stream_id] = stream
        if is_last:
            self._deliver(stream, b"", is_last=True)
        if not stream.is_ended:
            self._on_stream(stream)

    def _deliver(self, stream: Http2Stream, data: bytes, *, is_last: bool) -> None:
        try:
            stream.receive(data, is_last=is_last)
        except StreamFault as fault:
            self._refuse(stream.id, fault.code)

    def _receive_priority(self, _: int, stream_id: int, payload: bytes) -> None:
        """Ignore it, as section 5.3.2 advises."""
        if stream_id == 0:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "PRIORITY on stream 0")
        if len(payload) != 5:
            raise StreamFault(ErrorCode.FRAME_SIZE_ERROR, "PRIORITY that is not 5 bytes")
        if int.from_bytes(payload[:4], "big") & MAX_WINDOW == stream_id:
            raise StreamFault(ErrorCode.PROTOCOL_ERROR, "a stream that depends on itself")

    def _receive_reset(self, _: int, stream_id: int, payload: bytes) -> None:
        if len(payload) != 4:
            raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, "RST_STREAM that is not 4 bytes")
        if stream_id == 0 or stream_id > self._last_id:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "RST_STREAM for a stream that is not open")  # 6.4
        if stream := self._streams.get(stream_id):
            self._count_reset()
            self._forget(stream, was_reset=False)

    def _receive_settings(self, flags: int, stream_id: int, payload: bytes) -> None:
        if stream_id:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "SETTINGS on a stream")  # 6.5
        if (flags & ACK and payload) or len(payload) % 6:
            raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, "SETTINGS of a wrong length")
        self._has_settings = True
        if flags & ACK:
            return
        # The last value of a setting counts (6.5.3). A frame has room for thousands of values of INITIAL_WINDOW_SIZE,
        # each of which would change all open streams.
        for name, value in dict(struct.iter_unpack("!HI", payload)).items():
            self._apply_setting(name, value)
        self._write_control(frame(FrameType.SETTINGS, ACK, 0))
        self._wake_senders()

    def _apply_setting(self, name: int, value: int) -> None:
        """Section 6.5.2. Unknown settings are ignored."""
        if name == Setting.HEADER_TABLE_SIZE and value < TABLE_SIZE:
            # 4.3.1: the next header block must reduce the table to the limit. Our encoder has no use for a table.
            self._table_update = NO_TABLE
        if name == Setting.ENABLE_PUSH and value > 1:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "ENABLE_PUSH is neither 0 nor 1")
        if name == Setting.MAX_FRAME_SIZE:
            if not FRAME_SIZE <= value < 1 << 24:
                raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, f"MAX_FRAME_SIZE of {value}")
            self._peer_frame_size = value
        if name == Setting.INITIAL_WINDOW_SIZE:
            if value > MAX_WINDOW:
                raise ConnectionFault(ErrorCode.FLOW_CONTROL_ERROR, f"INITIAL_WINDOW_SIZE of {value}")
            difference, self._stream_send_window = value - self._stream_send_window, value
            for stream in self._streams.values():  # 6.9.2: a window can become negative
                stream.send_window += difference
                if stream.send_window > MAX_WINDOW:
                    raise ConnectionFault(ErrorCode.FLOW_CONTROL_ERROR, "a window that is too large")

    def _receive_push_promise(self, _: int, __: int, ___: bytes) -> None:
        raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "a client cannot push")  # 8.4

    def _receive_ping(self, flags: int, stream_id: int, payload: bytes) -> None:
        if stream_id:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "PING on a stream")  # 6.7
        if len(payload) != 8:
            raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, "PING that is not 8 bytes")
        if not flags & ACK:
            self._write_control(frame(FrameType.PING, ACK, 0, payload))

    def _receive_goaway(self, _: int, stream_id: int, payload: bytes) -> None:
        """Serve what is open: the peer opens no more streams, and closes the connection itself. Section 6.8."""
        if stream_id:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "GOAWAY on a stream")
        if len(payload) < 8:
            raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, "GOAWAY that is too short")

    def _receive_window_update(self, _: int, stream_id: int, payload: bytes) -> None:
        if len(payload) != 4:
            raise ConnectionFault(ErrorCode.FRAME_SIZE_ERROR, "WINDOW_UPDATE that is not 4 bytes")
        increment = int.from_bytes(payload, "big") & MAX_WINDOW
        if stream_id == 0:
            if increment == 0:
                raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "WINDOW_UPDATE of 0")  # 6.9
            self._send_window += increment
            if self._send_window > MAX_WINDOW:
                raise ConnectionFault(ErrorCode.FLOW_CONTROL_ERROR, "a window that is too large")  # 6.9.1
        elif stream := self._streams.get(stream_id):
            if increment == 0:
                raise StreamFault(ErrorCode.PROTOCOL_ERROR, "WINDOW_UPDATE of 0")
            stream.send_window += increment
            if stream.send_window > MAX_WINDOW:
                raise StreamFault(ErrorCode.FLOW_CONTROL_ERROR, "a window that is too large")
        elif stream_id > self._last_id:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "a window of a stream that is not open")  # 5.1
        self._wake_senders()

    _RECEIVERS: ClassVar[dict[int, Callable[[Http2Connection, int, int, bytes], None]]] = {
        FrameType.DATA: _receive_data,
        FrameType.HEADERS: _receive_headers,
        FrameType.PRIORITY: _receive_priority,
        FrameType.RST_STREAM: _receive_reset,
        FrameType.SETTINGS: _receive_settings,
        FrameType.PUSH_PROMISE: _receive_push_promise,
        FrameType.PING: _receive_ping,
        FrameType.GOAWAY: _receive_goaway,
        FrameType.WINDOW_UPDATE: _receive_window_update,
        FrameType.CONTINUATION: _receive_continuation,
    }

    # Flow control of what is received

    def note_read(self, stream: Http2Stream, size: int) -> None:
        """Count what a reader has taken, so that the peer may send as much again."""
        self._buffered -= size
        if not stream.is_request_complete and not stream.is_ended:
            self.credit(stream)

    def credit(self, stream: Http2Stream) -> None:
        """Enlarge a stream's window again when half of it is used, except for what is received and not wanted yet."""
        increment = WINDOW - stream.unread - stream.receive_window
        if increment > WINDOW // 2:
            stream.receive_window += increment
            self._write(frame(FrameType.WINDOW_UPDATE, 0, stream.id, struct.pack("!I", increment)))

    def _credit_connection(self) -> None:
        # At once, not as data is read: a stream that nobody reads must not hold up the others. Each stream's window and
        # MAX_BUFFERED bound what is held.
        increment = WINDOW - self._receive_window
        if increment > WINDOW // 2:
            self._receive_window += increment
            self._write(frame(FrameType.WINDOW_UPDATE, 0, 0, struct.pack("!I", increment)))

    # Sending

    def send_headers(self, stream: Http2Stream, block: bytes, *, end_stream: bool) -> None:
        """Send a header block of at most 16 KiB. Nothing is sent on a stream that has ended."""
        if stream.is_ended:
            return
        if self._table_update:
            block, self._table_update = self._table_update + block, b""
        self._write(frame(FrameType.HEADERS, END_HEADERS | (END_STREAM if end_stream else 0), stream.id, block))
        if end_stream:
            self._finish(stream)

    async def send_data(self, stream: Http2Stream, data: bytes) -> None:
        """Send data in frames, each as large as the windows and the peer's limit allow. Sections 4.2 and 6.9.

        Raises `StreamEndedError` if the stream has ended.
        """
        position = 0
        while position < len(data):
            if stream.is_ended:
                raise StreamEndedError
            size = min(self._send_window, stream.send_window, self._peer_frame_size, len(data) - position)
            if size <= 0 or self._is_paused:
                await self._until_sendable()
                continue
            self._send_window -= size
            stream.send_window -= size
            self._write(frame(FrameType.DATA, 0, stream.id, data[position : position + size]))
            position += size

    async def _until_sendable(self) -> None:
        waiting = self._loop.create_future()
        self._senders.append(waiting)
        await waiting

    def _wake_senders(self) -> None:
        senders, self._senders = self._senders, []
        for sender in senders:
            if not sender.done():
                sender.set_result(None)

    def reset(self, stream: Http2Stream, code: ErrorCode) -> None:
        """End a stream that is still open, from this side."""
        if not stream.is_ended:
            self._write(frame(FrameType.RST_STREAM, 0, stream.id, struct.pack("!I", code)))
            stream.on_end = None
            self._forget(stream, was_reset=True)

    def _finish(self, stream: Http2Stream) -> None:
        """Close a stream whose response is complete."""
        if not stream.is_request_complete:
            # The rest of the request is not needed. Section 8.1.
            self._write(frame(FrameType.RST_STREAM, 0, stream.id, struct.pack("!I", ErrorCode.NO_ERROR)))
        self._resets = max(0, self._resets - 1)
        stream.on_end = None
        self._forget(stream, was_reset=not stream.is_request_complete)

    def _forget(self, stream: Http2Stream, *, was_reset: bool) -> None:
        stream.is_ended = True
        self._buffered -= stream.buffered
        if self._streams.pop(stream.id, None) is not None:
            self._remember(stream.id, was_reset=was_reset)
        stream.wake_reader()
        self._wake_senders()
        on_end, stream.on_end = stream.on_end, None
        if on_end is not None:
            on_end()

    def _remember(self, stream_id: int, *, was_reset: bool) -> None:
        self._ended[stream_id] = was_reset
        if len(self._ended) > _REMEMBERED:
            self._ended.popitem(last=False)

    def _late(self, stream_id: int, name: str) -> None:
        """Handle a frame for a stream that is not open. Section 5.1."""
        if self._ended.get(stream_id):
            return  # this side reset it, and the frame was on its way
        if stream_id == 0 or stream_id > self._last_id or stream_id not in self._ended:
            raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, f"{name} on a stream that is not open")
        raise ConnectionFault(ErrorCode.STREAM_CLOSED, f"{name} on a stream that has ended")

    def _refuse(self, stream_id: int, code: ErrorCode) -> None:
        """Answer a fault of one stream."""
        self._write_control(frame(FrameType.RST_STREAM, 0, stream_id, struct.pack("!I", code)))
        if stream := self._streams.get(stream_id):
            self._count_reset()
            self._forget(stream, was_reset=True)
        else:
            self._remember(stream_id, was_reset=True)

    def _count_reset(self) -> None:
        self._resets += 1
        if self._resets > MAX_RESETS:
            raise ConnectionFault(ErrorCode.ENHANCE_YOUR_CALM, "too many streams are cancelled")

    def _fail(self, fault: ConnectionFault) -> None:
        if self._is_closing:
            return
        payload = struct.pack("!II", self._last_id, fault.code) + str(fault).encode()
        self._write(frame(FrameType.GOAWAY, 0, 0, payload))
        self._hang_up()

    def _hang_up(self) -> None:
        self._is_closing = True
        self._flush()
        if self._transport is not None:
            self._transport.close()
        for stream in [*self._streams.values()]:
            self._forget(stream, was_reset=True)

    def _write_control(self, data: bytes) -> None:
        """Write a reply. A peer that does not read replies cannot request any number of them."""
        self._control_frames += 1
        if self._control_frames > MAX_CONTROL_FRAMES:
            raise ConnectionFault(ErrorCode.ENHANCE_YOUR_CALM, "too many frames that require a reply")
        self._write(data)

    def _write(self, data: bytes) -> None:
        if not self._output:
            self._loop.call_soon(self._flush)
        self._output.append(data)

    def _flush(self) -> None:
        if self._output and self._transport is not None:
            output, self._output = b"".join(self._output), []
            self._transport.write(output)
            if not self._is_paused:
                self._control_frames = 0
