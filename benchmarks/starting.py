"""From the start of a provider's process to its handshake, as Terraform starts it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from terraform_plugin.server.serve import COOKIE
from terraform_plugin.testing.client_certificate import new_client_certificate

BARE = [sys.executable, "-c", "pass"]
"""A bare interpreter start: what no provider in Python can be faster than."""


def terraform_variables() -> dict[str, str]:
    """Return what Terraform puts into the environment of a provider, with a certificate on the curve it uses."""
    return {COOKIE[0]: COOKIE[1], "PLUGIN_PROTOCOL_VERSIONS": "5,6", "PLUGIN_CLIENT_CERT": new_client_certificate().pem}


def to_handshake(executable: Path, terraform: Mapping[str, str]) -> float:
    """Return the seconds from the start of `executable` to its handshake line; the process is ended then."""
    started = time.perf_counter()
    with subprocess.Popen(  # noqa: S603  # a provider
        [executable], env=os.environ | terraform, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        elapsed = time.perf_counter() - started
        process.kill()
    if line.count("|") < 4:
        raise RuntimeError(f"{executable} did not print a handshake line, but: {line}")
    return elapsed


def run(command: Sequence[str]) -> float:
    """Return the seconds that a command takes."""
    started = time.perf_counter()
    subprocess.run(command, check=True)  # noqa: S603  # ours
    return time.perf_counter() - started
