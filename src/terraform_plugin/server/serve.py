"""Start a provider, as Terraform does or by hand.

Source: go-plugin's handshake (docs/design/0008-sources.md#go-plugin). The variable TF_PLUGIN_MAGIC_COOKIE shows that
Terraform started this process. One line on stdout has the address and the certificate; nothing else is written there.

The line is written as soon as Terraform can connect. Then `session` and everything else is imported, the provider
included, while Terraform reads the line and connects: it starts a provider three times for a plan, and waits for each.
"""

from __future__ import annotations

import io
import json
import logging
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from terraform_plugin import log
from terraform_plugin.diagnostics import Error
from terraform_plugin.masking import safe_text
from terraform_plugin.server.listener import (
    UNIX_SOCKETS,
    Listener,
    listen_in,
    listen_on_loopback,
    private_folder,
)
from terraform_plugin.server.tls import new_identity, server_context

if TYPE_CHECKING:
    import ssl

    from terraform_plugin.provider import Provider

COOKIE = ("TF_PLUGIN_MAGIC_COOKIE", "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2")

logger = logging.getLogger(__name__)

_BACKLOG = 100  # connections that wait to be accepted; asyncio's default

_FOR_A_PERSON = """\
This is a Terraform provider ({source}). It is not started by hand: `terraform init` finds it where it
is installed, and `terraform plan` and `terraform apply` start it. To use a debugger, start it with --debug.
"""
_DEBUGGING = """\
The provider is running. To use it with Terraform, run this in another terminal:

    export TF_REATTACH_PROVIDERS='{value}'

To stop the provider, press Ctrl-C.
"""


def serve(  # noqa: PLR0913 -- what a program passes, and what tests replace; keywords only
    provider: Provider | Callable[[], Provider],
    *,
    source: str,
    commands: str = "",
    arguments: Sequence[str] = tuple(sys.argv[1:]),
    environ: Mapping[str, str] = os.environ,
    unix_sockets: bool = UNIX_SOCKETS,
) -> int:
    """Serve `provider` to Terraform until Terraform ends it. Return the exit code if it could not be served.

    `provider` can be a function that imports the provider and returns it: it is called when Terraform knows already
    where to connect, which makes each start shorter. `source` is the provider's source address, such as
    "registry.terraform.io/hashicorp/aws". With `--debug` among the `arguments` it waits for a Terraform that has its
    address in TF_REATTACH_PROVIDERS. Started by hand, it prints what it is, and `commands`, which says what else the
    program can do. After it has served, it ends the process and does not return.
    """
    if "--debug" in arguments:
        return _debug(provider, source, environ, unix_sockets=unix_sockets)
    if environ.get(COOKIE[0]) != COOKIE[1]:
        sys.stderr.write(_FOR_A_PERSON.format(source=source) + (commands and f"{commands}\n"))
        return 1
    # Until the event loop handles signals. A SIGTERM that comes before is heard when everything is imported.
    terminated: list[int] = []
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda number, _: terminated.append(number))
    log.start(source.rpartition("/")[2], environ, sys.stderr)
    stdout = _Stdout()
    try:
        status = _serve(provider, environ, stdout, terminated, unix_sockets=unix_sockets)
    except BaseException as error:  # Python would print a SystemExit's message unmasked
        logger.exception("the provider cannot be served")
        stdout.refuse(error)
        return 1
    sys.stderr.flush()
    os._exit(status)  # a thread that hangs in a system call would keep Python's own way out waiting


def _serve(
    provider: Provider | Callable[[], Provider],
    environ: Mapping[str, str],
    stdout: _Stdout,
    terminated: Sequence[int],
    *,
    unix_sockets: bool,
) -> int:
    """Write the handshake line and serve until Terraform does not need this process any more. Return the exit code."""
    if "6" not in environ.get("PLUGIN_PROTOCOL_VERSIONS", "").split(","):
        logger.warning("this Terraform does not offer plugin protocol 6")
    parent = os.getppid()
    with private_folder(environ, with_tls=bool(environ.get("PLUGIN_CLIENT_CERT")) or not unix_sockets) as folder:
        listener = listen_in(folder) if unix_sockets else listen_on_loopback(environ)
        context, announcement = _protection(listener, environ, folder)
        listener.socket.listen(_BACKLOG)
        stdout.say("|".join(("1", "6", listener.network, listener.address, "grpc", *announcement)))
        from terraform_plugin.server import session  # noqa: PLC0415  # asyncio and gRPC, after the handshake

        return session.run(provider, session.Start(listener.socket, context, parent, terminated), environ)


class _Stdout:
    """The real stdout, for one line. Everything else that is printed from now on goes to stderr, into the log."""

    def __init__(self) -> None:
        self._descriptor: int | None = os.dup(1)
        os.dup2(2, 1)
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(line_buffering=True)  # Python buffers the output to a pipe in blocks

    def say(self, line: str) -> None:
        """Write the line, unless one was written before."""
        if self._descriptor is not None:
            os.write(self._descriptor, f"{line}\n".encode())
            os.close(self._descriptor)
            self._descriptor = None

    def refuse(self, error: BaseException) -> None:
        """Show the user why the provider does not start: Terraform quotes a first line that is not a handshake."""
        self.say(" ".join(reason_of(error).replace("|", "/").split()))


def reason_of(error: BaseException) -> str:
    """Return why the provider does not start, without secrets."""
    return safe_text(str(error) if isinstance(error, Error) else f"the provider cannot start: {error!r}")


def _protection(
    listener: Listener, environ: Mapping[str, str], folder: Path
) -> tuple[ssl.SSLContext | None, list[str]]:
    """Return the TLS context of the connection, and the handshake's field for it.

    Terraform uses TLS unless TF_DISABLE_PLUGIN_TLS is set. Without TLS, only the folder keeps other users out.
    """
    client_certificate = environ.get("PLUGIN_CLIENT_CERT")
    if client_certificate:
        identity = new_identity()
        return server_context(identity, client_certificate, folder), [identity.announcement]
    if listener.network != "unix":
        raise Error(
            "Refused to serve without TLS",
            "Any process on this machine could use the provider over TCP. Unset TF_DISABLE_PLUGIN_TLS.",
        )
    return None, []


def _debug(
    provider: Provider | Callable[[], Provider], source: str, environ: Mapping[str, str], *, unix_sockets: bool
) -> int:
    """Serve without TLS, which Terraform does not support here, until interrupted. Log to the terminal."""
    if not unix_sockets:
        sys.stderr.write("--debug needs unix sockets: without TLS, any process could use a TCP port.\n")
        return 1
    from terraform_plugin.server import session  # noqa: PLC0415  # asyncio and gRPC

    with private_folder(environ, with_tls=False) as folder:
        listener = listen_in(folder)

        def announce() -> None:
            sys.stdout.write(_DEBUGGING.format(value=reattach_value(source, os.getpid(), listener.address)))
            sys.stdout.flush()

        session.run_debugged(provider, listener.socket, environ, announce)
    return 0


def reattach_value(source: str, pid: int, path: str) -> str:
    """Return the value of TF_REATTACH_PROVIDERS for a provider on the unix socket `path`.

    `Test` makes Terraform accept the protocol version and leave the process running.
    """
    address = {"Network": "unix", "String": path}
    return json.dumps(
        {source: {"Protocol": "grpc", "ProtocolVersion": 6, "Pid": pid, "Test": True, "Addr": address}},
        separators=(",", ":"),
    )
