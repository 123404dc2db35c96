"""Where the provider listens: a unix socket nobody else can open, or the loopback interface.

Source: go-plugin's variables PLUGIN_UNIX_SOCKET_DIR, PLUGIN_MIN_PORT and PLUGIN_MAX_PORT, of which Terraform sets the
last two.
"""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from msgspec import Struct

from terraform_plugin.diagnostics import Error

UNIX_SOCKETS = sys.platform != "win32"
_LONGEST_PATH = 103  # bytes; Linux has room for 107, macOS for this many


class Listener(Struct, frozen=True):
    """A bound socket, and what the handshake line calls it: `unix` and a path, or `tcp` and `127.0.0.1:port`."""

    socket: socket.socket
    network: str
    address: str


@contextmanager
def private_folder(environ: Mapping[str, str], short: str = "/tmp") -> Iterator[Path]:  # noqa: S108  # fresh in it
    """Make a folder that only this user can enter, for the socket and whatever else is nobody's business; remove it.

    It is in PLUGIN_UNIX_SOCKET_DIR or else the temporary folder, or in `short` if that is too long for a socket's path.
    Raises `Error` where none can be made.
    """
    place = Path(environ.get("PLUGIN_UNIX_SOCKET_DIR") or _temporary_folder(environ, short)).absolute()
    name = f"plugin{os.urandom(4).hex()}"
    if len(os.fsencode(_socket_path(place / name))) > _LONGEST_PATH:
        place = Path(short)
    folder = place / name
    try:
        folder.mkdir(0o700)
    except OSError as error:
        raise Error("No place for a socket", f"Tried to make a folder in {place}: {error}. Set TMPDIR.") from error
    try:
        yield folder
    finally:
        _remove(folder)


def _temporary_folder(environ: Mapping[str, str], otherwise: str) -> str:
    """Return what the module tempfile would; importing that is 5 ms of a start."""
    named = filter(None, map(environ.get, ("TMPDIR", "TEMP", "TMP")))
    return next((place for place in named if Path(place).is_dir()), otherwise)


def _remove(folder: Path) -> None:
    with suppress(OSError):
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()


def _socket_path(folder: Path) -> Path:
    return folder / "socket"


def listen_in(folder: Path) -> Listener:
    """Return a unix socket in `folder`. Only who can enter the folder can connect."""
    bound = socket.socket(socket.AF_UNIX)
    path = str(_socket_path(folder))
    bound.bind(path)
    return Listener(bound, "unix", path)


def listen_on_loopback(environ: Mapping[str, str]) -> Listener:
    """Return a TCP socket on 127.0.0.1, on the first free port that go-plugin's limits allow.

    Raises `Error` if there is none.
    """
    lowest = int(environ.get("PLUGIN_MIN_PORT") or 0)
    highest = int(environ.get("PLUGIN_MAX_PORT") or lowest)
    for port in range(lowest, highest + 1):
        bound = socket.socket(socket.AF_INET)
        try:
            bound.bind(("127.0.0.1", port))
        except OSError:
            bound.close()
        else:
            return Listener(bound, "tcp", f"127.0.0.1:{bound.getsockname()[1]}")
    raise Error("No free port", f"Each port from {lowest} to {highest} on 127.0.0.1 is taken.")
