"""Listening on this machine only, and asking what listens there."""

from __future__ import annotations

import json
import socket
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

HOST = "127.0.0.1"
_PATIENCE = 10


def listening_socket(port: int) -> socket.socket:
    """Return a socket that listens on loopback; port 0 takes a free one. Raises `OSError`.

    The protocol is named because asyncio switches Nagle's algorithm off only then; accepted connections inherit the
    option. With it on, an answer written in two parts waits 40 ms for the client's delayed acknowledgement.
    """
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made.bind((HOST, port))
        made.listen(128)
    except OSError as error:
        made.close()
        raise OSError(error.errno, f"cannot listen on {HOST}:{port}: {error.strerror}") from error
    return made


def ask(url: str, method: str = "GET") -> Any:
    """Return the JSON that an http URL on this machine answers, past any proxy. Raises `OSError` or `ValueError`."""
    opener = build_opener(ProxyHandler({}))
    with opener.open(Request(url, method=method), timeout=_PATIENCE) as answer:  # noqa: S310 an http URL of our own
        return json.load(answer)
