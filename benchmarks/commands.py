"""Commands that are measured: those of Terraform in a folder of one contestant, and a provider's start."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from pathlib import Path
from typing import NamedTuple

from benchmarks.contestants import Contestant
from benchmarks.memory import watched
from terraform_plugin.server.serve import COOKIE
from terraform_plugin.testing import Terraform
from terraform_plugin.testing.client_certificate import new_client_certificate

BARE = [sys.executable, "-c", "pass"]
"""A bare interpreter start: what no provider in Python can be faster than."""
_LAST = 3000  # characters of what a failed command printed


class Run(NamedTuple):
    """What one command took."""

    seconds: float
    peak: int
    """Bytes at the peak of the largest process that it started; 0 if nobody looked."""


class Folder:
    """A folder with `configuration`, initialized. `variables` is what the provider sees."""

    def __init__(self, path: Path, contestant: Contestant, variables: Mapping[str, str], configuration: str) -> None:
        path.mkdir(parents=True)
        self.path = path
        self._terraform = Terraform(path, contestant.mirror, {}, {**variables, "TF_LOG_PROVIDER": ""})
        (path / "main.tf").write_text(configuration, encoding="utf-8")
        self.run("init")

    @property
    def executable(self) -> Path:
        """The provider as Terraform found it."""
        [found] = self.path.glob(".terraform/providers/*/*/*/*/*/terraform-provider-dynatrace_v*")
        return found

    def plan(self, *, memory: bool = False) -> Run:
        return self.run("plan", "-out=plan", memory=memory)

    def apply(self) -> Run:
        """Apply what was planned."""
        return self.run("apply", "plan")

    def refresh(self, *, memory: bool = False) -> Run:
        """Read everything in the state and compare, without a plan for the configuration."""
        return self.run("plan", "-refresh-only", memory=memory)

    def destroy(self) -> Run:
        return self.run("destroy", "-auto-approve")

    def export(self, *resources: str) -> Run:
        """Run the provider's own command, into a folder that does not exist yet."""
        target = self.path / f"export-{time.monotonic_ns()}"
        command = [str(self.executable), "-export", "-ref", "-skip-terraform-init", *resources]
        return timed(command, self.path, {**self._terraform.variables, "DYNATRACE_TARGET_FOLDER": str(target)})

    def run(self, command: str, *arguments: str, memory: bool = False) -> Run:
        """Run a command of Terraform."""
        whole = [self._terraform.binary, command, "-input=false", "-no-color", *arguments]
        return timed(whole, self.path, self._terraform.variables, memory=memory)


def timed(command: Sequence[str], path: Path, variables: Mapping[str, str], *, memory: bool = False) -> Run:
    """Run a command in `path`. Raises `RuntimeError` with the end of what it printed if it fails."""
    output = path / "output.txt"
    with output.open("wb") as printed:
        started = time.perf_counter()
        with subprocess.Popen(  # noqa: S603  # ours
            command, cwd=path, env=variables, stdin=subprocess.DEVNULL, stdout=printed, stderr=subprocess.STDOUT
        ) as process:
            with watched(process.pid) if memory else nullcontext() as peak:
                process.wait()
            elapsed = time.perf_counter() - started
    if process.returncode:
        last = output.read_text(encoding="utf-8", errors="replace")[-_LAST:]
        raise RuntimeError(f"{' '.join(command)} failed with status {process.returncode} in {path}:\n{last}")
    return Run(elapsed, peak.bytes if peak else 0)


def start(command: Sequence[str], certificate: str = new_client_certificate().pem) -> float:
    """Return the seconds from the start of a provider to its handshake, as Terraform starts it; of BARE, to its end."""
    asked = {COOKIE[0]: COOKIE[1], "PLUGIN_PROTOCOL_VERSIONS": "5,6", "PLUGIN_CLIENT_CERT": certificate}
    started = time.perf_counter()
    with subprocess.Popen(  # noqa: S603  # ours
        command, env=os.environ | asked, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        elapsed = time.perf_counter() - started
        process.kill()
    if line.count("|") < 4 and command != BARE:
        raise RuntimeError(f"{command} did not print a handshake line, but: {line}")
    return elapsed
