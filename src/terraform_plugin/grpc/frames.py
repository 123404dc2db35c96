"""HTTP/2's frames: their types, flags and limits, error codes, and what makes a list of headers a request.

Source: RFC 9113; docstrings name the section of each rule.
"""

from __future__ import annotations

import struct
from enum import IntEnum

from terraform_plugin.grpc.hpack import Header

PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
"""What a client sends first. Section 3.4."""
FRAME_SIZE = 16_384
"""Bytes of a frame's payload at most, in both directions: the smallest limit that is allowed. Section 4.2."""
MAX_WINDOW = (1 << 31) - 1
"""Section 6.9.1."""
DEFAULT_WINDOW = 65_535
"""Section 6.9.2."""


class FrameType(IntEnum):
    """Section 6."""

    DATA = 0
    HEADERS = 1
    PRIORITY = 2
    RST_STREAM = 3
    SETTINGS = 4
    PUSH_PROMISE = 5
    PING = 6
    GOAWAY = 7
    WINDOW_UPDATE = 8
    CONTINUATION = 9


class ErrorCode(IntEnum):
    """Section 7."""

    NO_ERROR = 0
    PROTOCOL_ERROR = 1
    INTERNAL_ERROR = 2
    FLOW_CONTROL_ERROR = 3
    STREAM_CLOSED = 5
    FRAME_SIZE_ERROR = 6
    REFUSED_STREAM = 7
    CANCEL = 8
    COMPRESSION_ERROR = 9
    ENHANCE_YOUR_CALM = 11


END_STREAM = 0x1
ACK = 0x1
END_HEADERS = 0x4
PADDED = 0x8
PRIORITY_FLAG = 0x20


class Setting(IntEnum):
    """Section 6.5.2."""

    HEADER_TABLE_SIZE = 1
    ENABLE_PUSH = 2
    MAX_CONCURRENT_STREAMS = 3
    INITIAL_WINDOW_SIZE = 4
    MAX_FRAME_SIZE = 5
    MAX_HEADER_LIST_SIZE = 6


# Section 8.2.2: they belong to HTTP/1.1.
_CONNECTION_HEADERS = {b"connection", b"proxy-connection", b"keep-alive", b"transfer-encoding", b"upgrade"}
_REQUIRED_PSEUDO_HEADERS = {b":method", b":scheme", b":path"}
_PSEUDO_HEADERS = _REQUIRED_PSEUDO_HEADERS | {b":authority"}
_MOST_DIGITS = 18  # of a content length: Python refuses to convert thousands of them


class ConnectionFault(Exception):
    """The peer broke a rule in a way that ends the connection. Section 5.4.1."""

    def __init__(self, code: ErrorCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class StreamFault(Exception):
    """The peer broke a rule in a way that ends one stream. Section 5.4.2."""

    def __init__(self, code: ErrorCode, reason: str) -> None:
        super().__init__(reason)
        self.code = code


def frame(kind: int, flags: int, stream_id: int, payload: bytes = b"") -> bytes:
    """Return a frame. Section 4.1."""
    return struct.pack("!IBI", len(payload) << 8 | kind, flags, stream_id) + payload


def without_padding(flags: int, payload: bytes) -> bytes:
    """Return a payload without its padding. Section 6.1."""
    if not flags & PADDED:
        return payload
    if not payload or payload[0] >= len(payload):
        raise ConnectionFault(ErrorCode.PROTOCOL_ERROR, "padding that is longer than its frame")
    return payload[1 : len(payload) - payload[0]]


def is_request(headers: list[Header]) -> bool:
    """Return whether the headers are those of a request. Sections 8.2 and 8.3.1."""
    pseudo: list[bytes] = []
    regular = False
    for name, value in headers:
        if name.startswith(b":"):
            if regular or name not in _PSEUDO_HEADERS or name in pseudo:
                return False
            pseudo.append(name)
        else:
            regular = True
            if not name or name != name.lower() or name in _CONNECTION_HEADERS:
                return False
            if name == b"te" and value != b"trailers":
                return False
            if name == b"content-length" and not (value.isdigit() and len(value) <= _MOST_DIGITS):
                return False
    return set(pseudo) >= _REQUIRED_PSEUDO_HEADERS and (b":path", b"") not in headers


def content_length(headers: list[Header]) -> int | None:
    """Return how many bytes the request's body has, or None if the request does not say so."""
    return next((int(value) for name, value in headers if name == b"content-length"), None)
