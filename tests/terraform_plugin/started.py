"""A provider's process, started the way Terraform starts it, with the handshake that it printed."""

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

from grpclib.client import Channel
from grpclib.config import Configuration

from terraform_plugin.provider import Provider
from terraform_plugin.server.serve import COOKIE
from terraform_plugin.testing import ProtocolClient
from terraform_plugin.testing.client_certificate import ClientCertificate
from tests.terraform_plugin.conftest import ECHO
from tests.terraform_plugin.echo_provider import EchoProvider


@asynccontextmanager
async def all_sockets_closed() -> AsyncIterator[None]:
    """Wait until what was opened inside is closed: a `Channel` only begins with that."""
    watched = asyncio.get_running_loop()._selector.get_map()  # type: ignore[attr-defined]
    before = len(watched)
    yield
    while len(watched) > before:  # noqa: ASYNC110  # asyncio tells nobody
        await asyncio.sleep(0)


class Started:
    """A provider's process and its handshake.

    `client` is the identity that was announced to it, if any. `provider` describes what `command` starts.
    """

    def __init__(
        self,
        *arguments: str,
        client: ClientCertificate | None,
        folder: Path,
        command: Sequence[str] = ECHO,
        provider: Provider | None = None,
        **environment: str,
    ) -> None:
        self.provider = provider or EchoProvider()
        self.client = client
        self.folder = folder
        self.sockets = folder / "sockets"
        self.sockets.mkdir(exist_ok=True)
        announced = {"PLUGIN_CLIENT_CERT": client.pem} if client else {}
        offered = {COOKIE[0]: COOKIE[1], "PLUGIN_PROTOCOL_VERSIONS": "5,6", "PLUGIN_UNIX_SOCKET_DIR": str(self.sockets)}
        self.process = subprocess.Popen(
            [*command, *arguments],
            env=offered | announced | environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout
        self.line = self.process.stdout.readline().removesuffix("\n")

    @property
    def fields(self) -> list[str]:
        return self.line.split("|")

    def tls(self, identity: ClientCertificate | None) -> ssl.SSLContext:
        """What Terraform does: it trusts the certificate of the handshake, and shows its own."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        padded = self.fields[5] + "=" * (-len(self.fields[5]) % 4)
        context.load_verify_locations(cadata=f"-----BEGIN CERTIFICATE-----\n{padded}\n-----END CERTIFICATE-----\n")
        context.set_alpn_protocols(["h2"])
        if identity:
            identity.load(context, self.folder)
        return context

    @asynccontextmanager
    async def channel(self, context: ssl.SSLContext | None) -> AsyncIterator[Channel]:
        _, _, network, address, *_ = self.fields
        config = Configuration(ssl_target_name_override="localhost" if context else None)
        host, _, port = address.partition(":")
        place = {"path": address} if network == "unix" else {"host": host, "port": int(port)}
        async with all_sockets_closed(), Channel(**place, ssl=context, config=config) as channel:
            yield channel

    @asynccontextmanager
    async def connected(self) -> AsyncIterator[ProtocolClient]:
        async with self.channel(self.tls(self.client) if self.client else None) as channel:
            yield ProtocolClient(channel, self.provider)

    def logged(self, message: str) -> None:
        """Wait until something was logged."""
        assert self.process.stderr
        while f'"@message": "{message}"' not in (line := self.process.stderr.readline()):
            assert line, "the process has ended"

    def end(self) -> tuple[int, str, str]:
        """Wait for the end; return the exit code and what else was written to stdout and stderr."""
        out, err = self.process.communicate()
        assert list(self.sockets.iterdir()) == []
        return self.process.returncode, out, err
