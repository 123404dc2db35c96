"""A provider in a process of its own, called over its real socket: with TLS as Terraform has it, or in debug mode."""

from __future__ import annotations

import json
import os
import re
import signal
import ssl
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from grpclib.client import Channel
from grpclib.config import Configuration

from terraform_plugin.server.serve import COOKIE
from terraform_plugin.testing import ProtocolClient
from terraform_plugin.testing.client_certificate import ClientCertificate, new_client_certificate
from terraform_provider_dynatrace.provider import DynatraceProvider

PROVIDER = [sys.executable, "-m", "terraform_provider_dynatrace"]
_REATTACH = re.compile("export TF_REATTACH_PROVIDERS='(.*)'")


class Served:
    """A provider's process and where it listens; `context` is the client's side of TLS, None without."""

    def __init__(self, process: subprocess.Popen[str], address: str, context: ssl.SSLContext | None) -> None:
        self.process_id = process.pid
        self.address = address
        self._context = context
        self.reattach = ""

    @asynccontextmanager
    async def client(self) -> AsyncIterator[ProtocolClient]:
        """Connect, for the length of the block."""
        config = Configuration(ssl_target_name_override="localhost" if self._context else None)
        async with Channel(path=self.address, ssl=self._context, config=config) as channel:
            yield ProtocolClient(channel, DynatraceProvider({}))


@contextmanager
def with_tls(folder: Path, variables: Mapping[str, str], command: Sequence[str] = PROVIDER) -> Iterator[Served]:
    """Start a provider as Terraform does; `folder` is private."""
    ours = new_client_certificate()
    wanted = {COOKIE[0]: COOKIE[1], "PLUGIN_PROTOCOL_VERSIONS": "6", "PLUGIN_CLIENT_CERT": ours.pem}
    with _started(command, {**variables, **wanted}) as process:
        assert process.stdout is not None
        fields = process.stdout.readline().strip().split("|")
        yield Served(process, fields[3], _trusting(fields[5], ours, folder))


@contextmanager
def debugged(variables: Mapping[str, str], command: Sequence[str] = PROVIDER) -> Iterator[Served]:
    """Start a provider that waits for one Terraform after the other: no TLS; `reattach` is for their environment."""
    with _started([*command, "--debug"], variables) as process:
        assert process.stdout is not None
        found = next(filter(None, map(_REATTACH.search, process.stdout)))
        [told] = json.loads(found[1]).values()
        served = Served(process, told["Addr"]["String"], None)
        served.reattach = found[1]
        yield served


@contextmanager
def _started(command: Sequence[str], variables: Mapping[str, str]) -> Iterator[subprocess.Popen[str]]:
    with subprocess.Popen(command, env={**os.environ, **variables}, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  # ours
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)


def _trusting(announced: str, ours: ClientCertificate, folder: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    padded = announced + "=" * (-len(announced) % 4)
    context.load_verify_locations(cadata=f"-----BEGIN CERTIFICATE-----\n{padded}\n-----END CERTIFICATE-----\n")
    context.set_alpn_protocols(["h2"])
    ours.load(context, folder)
    return context
