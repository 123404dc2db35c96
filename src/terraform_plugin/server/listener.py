"""Where the provider listens: a unix socket that no other user can open, or the loopback interface.

Source: go-plugin's variables PLUGIN_UNIX_SOCKET_DIR, PLUGIN_MIN_PORT and PLUGIN_MAX_PORT, of which Terraform sets the
last two (docs/design/0008-sources.md#go-plugin).
"""

from __future__ import annotations

import os
import socket
import stat
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from msgspec import Struct

from terraform_plugin.diagnostics import Error

UNIX_SOCKETS = sys.platform != "win32"
_LONGEST_PATH = 103  # bytes; Linux allows 107, macOS 103


class Listener(Struct, frozen=True):
    """A bound socket, and its name in the handshake line."""

    socket: socket.socket
    network: str
    """`unix` or `tcp`."""
    address: str
    """A path, or `127.0.0.1:port`."""


@contextmanager
def private_folder(
    environ: Mapping[str, str],
    short: str = "/tmp",  # noqa: S108  # the folder in it is new
    *,
    with_tls: bool = True,
) -> Iterator[Path]:
    """Make a folder that only this user can enter, for the socket and for temporary files; remove it afterwards.

    It is in PLUGIN_UNIX_SOCKET_DIR or else in the temporary folder. It is in `short` if the path of a socket there
    would be too long, or could not be written in the handshake line. Raises `Error` if no folder can be made, and
    without TLS also if another user could put one in its place.
    """
    parent = Path(environ.get("PLUGIN_UNIX_SOCKET_DIR") or _temporary_folder(environ, short)).absolute()
    name = f"plugin{os.urandom(4).hex()}"
    path = str(_socket_path(parent / name))
    if len(os.fsencode(path)) > _LONGEST_PATH or "|" in path or not path.isprintable():
        parent = Path(short)
    if not with_tls:
        _refuse_others(parent)
    folder = parent / name
    try:
        folder.mkdir(0o700)
    except OSError as error:
        raise Error(
            "No folder for the socket", f"Tried to make a folder in {parent}: {error}. Set TMPDIR to another folder."
        ) from error
    try:
        yield folder
    finally:
        _remove(folder)


def _refuse_others(parent: Path) -> None:
    """Raise `Error` if another user could rename what is in `parent`, or one of the folders above it.

    Without TLS, Terraform would then send its credentials to a socket of that user: only the path identifies ours.
    """
    for folder in (parent, *parent.parents):
        try:
            status = folder.stat()
        except OSError:
            continue  # to make a folder in it fails, too
        shared = status.st_mode & stat.S_IWOTH and not status.st_mode & stat.S_ISVTX
        if shared or status.st_uid not in (0, os.getuid()):
            raise Error(
                "Unsafe folder for the socket",
                "The provider serves without TLS (--debug or TF_DISABLE_PLUGIN_TLS), and other users can rename files "
                f"in {folder}: they could receive the credentials that Terraform sends. Set TMPDIR to a folder that "
                "only you can write to.",
            )


def _temporary_folder(environ: Mapping[str, str], default: str) -> str:
    """Return what the module tempfile would return. To import it would take 5 ms of a start."""
    candidates = filter(None, map(environ.get, ("TMPDIR", "TEMP", "TMP")))
    return next((candidate for candidate in candidates if Path(candidate).is_dir()), default)


def _remove(folder: Path) -> None:
    with suppress(OSError):
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()


def _socket_path(folder: Path) -> Path:
    return folder / "socket"


def listen_in(folder: Path) -> Listener:
    """Return a unix socket in `folder`. Only users who can enter the folder can connect to it."""
    bound = socket.socket(socket.AF_UNIX)
    path = str(_socket_path(folder))
    bound.bind(path)
    return Listener(bound, "unix", path)


def listen_on_loopback(environ: Mapping[str, str]) -> Listener:
    """Return a TCP socket on 127.0.0.1, on the first free port that go-plugin's limits allow.

    Raises `Error` if there is none.
    """
    lowest = _port(environ, "PLUGIN_MIN_PORT", 0)
    highest = _port(environ, "PLUGIN_MAX_PORT", lowest)
    for port in range(lowest, highest + 1):
        bound = socket.socket(socket.AF_INET)
        try:
            bound.bind(("127.0.0.1", port))
        except OSError:
            bound.close()
        else:
            return Listener(bound, "tcp", f"127.0.0.1:{bound.getsockname()[1]}")
    raise Error("No free port", f"All ports from {lowest} to {highest} on 127.0.0.1 are in use.")


def _port(environ: Mapping[str, str], variable: str, default: int) -> int:
    text = environ.get(variable) or str(default)
    if not text.isascii() or not text.isdecimal() or int(text[:6]) > 65535:
        raise Error("Invalid port", f'The variable {variable} must be a port, 0 to 65535, got "{text[:100]}".')
    return int(text)
