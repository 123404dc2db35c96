"""Listening on this machine only."""

import socket

import pytest

from dynatrace_sandbox.loopback import listening_socket


def test_it_listens_on_loopback_only() -> None:
    """A free port, at once, without Nagle's algorithm."""
    with listening_socket(0) as listening:
        assert listening.getsockname()[0] == "127.0.0.1"
        assert listening.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        with socket.create_connection(listening.getsockname()):
            pass


def test_a_taken_port_is_said() -> None:
    """With its number, and without leaving a socket open."""
    with listening_socket(0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"cannot listen on 127.0.0.1:{port}: "):
            listening_socket(port)
