"""The far end of a connection: frames written by hand, and what the server does with them."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from terraform_plugin.grpc.connection import Http2Connection, Http2Stream
from terraform_plugin.grpc.frames import PREFACE

DATA, HEADERS, PRIORITY, RST_STREAM, SETTINGS, PUSH_PROMISE, PING, GOAWAY, WINDOW_UPDATE, CONTINUATION = range(10)
END_STREAM, ACK, END_HEADERS, PADDED, WITH_PRIORITY = 0x1, 0x1, 0x4, 0x8, 0x20

# :method POST, :scheme http, :path /x, as literals that enter no table
POST = bytes.fromhex("8386") + b"\x04\x02/x"


def frame(kind: int, flags: int, stream_id: int, payload: bytes = b"") -> bytes:
    """A frame, as RFC 9113 section 4.1 has it; written here a second time."""
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream_id.to_bytes(4, "big") + payload


def setting(name: int, value: int) -> bytes:
    return struct.pack("!HI", name, value)


HELLO = PREFACE + frame(SETTINGS, 0, 0)


@dataclass
class Frame:
    """A frame that the server sent."""

    kind: int
    flags: int
    stream_id: int
    payload: bytes

    @property
    def code(self) -> int:
        """The error code of RST_STREAM and GOAWAY."""
        return int.from_bytes(self.payload[4:8] if self.kind == GOAWAY else self.payload[:4], "big")


class Wire(asyncio.Transport):
    """What the server writes to."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.closed = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.writes.append(bytes(data))

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True


@dataclass
class Peer:
    """A client that writes what it likes."""

    on_stream: Callable[[Http2Stream], None] = lambda _: None
    streams: list[Http2Stream] = field(default_factory=list)
    wire: Wire = field(default_factory=Wire)

    def __post_init__(self) -> None:
        self.connection = Http2Connection(self._opened, lambda _: None)
        self.connection.connection_made(self.wire)

    def _opened(self, stream: Http2Stream) -> None:
        self.streams.append(stream)
        self.on_stream(stream)

    async def send(self, *parts: bytes) -> list[Frame]:
        """Return the frames that the server has sent until everything is handled, without those of its greeting."""
        for part in parts:
            self.connection.data_received(part)
        for _ in range(5):
            await asyncio.sleep(0)
        return self.received()

    def received(self) -> list[Frame]:
        """Return all frames so far, without the greeting (SETTINGS and a window) and the ACK of our SETTINGS."""
        frames = [*_frames(b"".join(self.wire.writes))]
        greeting = [
            each for each in frames if each.kind == SETTINGS or (each.kind == WINDOW_UPDATE and not each.stream_id)
        ]
        return [each for each in frames if each not in greeting[:3]]


def _frames(data: bytes) -> Iterator[Frame]:
    while data:
        length = int.from_bytes(data[:3], "big")
        yield Frame(data[3], data[4], int.from_bytes(data[5:9], "big"), data[9 : 9 + length])
        data = data[9 + length :]
