"""A provider in a process of its own, in debug mode, called over its real socket."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from typing import NamedTuple

import psutil
from grpclib.client import Channel

from terraform_plugin.testing import ProtocolClient
from terraform_provider_dynatrace.provider import DynatraceProvider

PROVIDER = [sys.executable, "-m", "terraform_provider_dynatrace"]
_REATTACH = re.compile("export TF_REATTACH_PROVIDERS='(.*)'")


class Served(NamedTuple):
    """A provider that waits for one client after the other."""

    process: psutil.Process
    reattach: str
    """The value of TF_REATTACH_PROVIDERS with which Terraform uses this process."""

    @asynccontextmanager
    async def client(self) -> AsyncIterator[ProtocolClient]:
        """Connect, for the length of the block."""
        [provider] = json.loads(self.reattach).values()
        async with Channel(path=provider["Addr"]["String"]) as channel:
            yield ProtocolClient(channel, DynatraceProvider({}))


@contextmanager
def served(variables: Mapping[str, str], command: Sequence[str] = PROVIDER) -> Iterator[Served]:
    """Start a provider, and end it after the block."""
    whole = [*command, "--debug"]
    with subprocess.Popen(whole, env={**os.environ, **variables}, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  # ours
        assert process.stdout is not None
        try:
            found = next(filter(None, map(_REATTACH.search, process.stdout)))
            yield Served(psutil.Process(process.pid), found[1])
        finally:
            process.send_signal(signal.SIGTERM)
