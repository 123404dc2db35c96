"""Twenty thousand connections that are nearly right: each ends, or goes on; none raises, none hangs, none grows."""

import asyncio
import random

from google.protobuf.wrappers_pb2 import StringValue

from terraform_plugin.grpc.connection import MAX_STREAMS
from terraform_plugin.grpc.server import GrpcServer, Handler, Handlers, Stream
from tests.terraform_plugin.grpc.peer import (
    CONTINUATION,
    DATA,
    END_HEADERS,
    END_STREAM,
    GOAWAY,
    HEADERS,
    HELLO,
    PING,
    PRIORITY,
    RST_STREAM,
    SETTINGS,
    WINDOW_UPDATE,
    Wire,
    frame,
    setting,
)

INPUTS = 20_000
CALL = bytes.fromhex("8386") + b"\x04\x0d/x.Some/Method\x0f\x10\x10application/grpc"
CALL_INDEXED = bytes.fromhex("8386") + b"\x44\x0d/x.Some/Method\x5f\x10application/grpc"
HELLO_MESSAGE = b"\0\0\0\0\7\n\5hello"


class Service:
    """Answers what it reads."""

    def handlers(self) -> Handlers:
        return {"/x.Some/Metho": Handler(self._call, StringValue, StringValue)}

    async def _call(self, stream: Stream) -> None:
        while (message := await stream.receive()) is not None:
            await stream.send(message)


def parts(chance: random.Random) -> list[bytes]:
    """Return some frames of a client, each right in itself."""
    stream = chance.choice([0, 1, 1, 1, 3, 3, 5, 2, 2**31 - 1])
    return [
        chance.choice(
            [
                frame(
                    HEADERS, END_HEADERS | chance.choice([0, END_STREAM]), stream, chance.choice([CALL, CALL_INDEXED])
                ),
                frame(HEADERS, chance.randrange(256), stream, CALL[: chance.randrange(len(CALL))]),
                frame(CONTINUATION, chance.choice([0, END_HEADERS]), stream, CALL[chance.randrange(len(CALL)) :]),
                frame(DATA, chance.choice([0, END_STREAM]), stream, HELLO_MESSAGE[: chance.randrange(13)]),
                frame(DATA, chance.randrange(256), stream, chance.randbytes(chance.randrange(40))),
                frame(SETTINGS, chance.choice([0, 1]), 0, setting(chance.randrange(8), chance.randrange(1 << 32))),
                frame(WINDOW_UPDATE, 0, stream, chance.randrange(1 << 31).to_bytes(4, "big")),
                frame(RST_STREAM, 0, stream, chance.randbytes(4)),
                frame(PING, chance.choice([0, 1]), 0, chance.randbytes(8)),
                frame(GOAWAY, 0, 0, chance.randbytes(8)),
                frame(PRIORITY, 0, stream, chance.randbytes(5)),
                frame(chance.randrange(16), chance.randrange(256), stream, chance.randbytes(chance.randrange(20))),
            ]
        )
        for _ in range(chance.randrange(1, 8))
    ]


def damaged(data: bytes, chance: random.Random) -> bytes:
    """Return the bytes with some changed, some missing, or some too many."""
    changed = bytearray(data)
    for _ in range(chance.choice([0, 0, 1, 3])):
        place = chance.randrange(len(changed))
        match chance.randrange(3):
            case 0:
                changed[place] ^= 1 << chance.randrange(8)
            case 1:
                del changed[place : place + chance.randrange(1, 9)]
            case _:
                changed[place:place] = chance.randbytes(chance.randrange(1, 9))
        if not changed:
            return b""
    return bytes(changed)


async def test_no_input_raises_or_hangs() -> None:
    """Methods that the event loop calls return, calls end when the connection is lost, and the output is limited."""
    chance = random.Random(7541)  # noqa: S311  # repeatable, not secret
    closed = 0
    for _ in range(INPUTS):
        server = GrpcServer([Service()])
        wire = Wire()
        connection = server.connection()
        connection.connection_made(wire)
        sent = damaged(HELLO + b"".join(parts(chance)), chance)
        cut = chance.randrange(len(sent) + 1)
        connection.data_received(sent[:cut])
        await asyncio.sleep(0)
        connection.data_received(sent[cut:])
        await asyncio.sleep(0)
        closed += wire.closed
        connection.connection_lost(None)
        await server.wait_closed()
        assert sum(map(len, wire.writes)) < 4096
    assert MAX_STREAMS < closed < INPUTS  # some break a rule, and some do not
