"""Sockets that listen on this machine only."""

from __future__ import annotations

import socket

HOST = "127.0.0.1"


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
