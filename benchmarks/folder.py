"""A folder in which one contestant runs Terraform: how long it took, how much memory its provider held."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.contestants import Contestant
from benchmarks.memory import watched
from terraform_plugin.testing import Terraform

_QUIET = ("-input=false", "-no-color")
_LAST = 3000  # characters of what a failed command printed


@dataclass(frozen=True)
class Run:
    """What one command took: seconds, and MB at the peak of the largest provider process (None: not measured)."""

    seconds: float
    megabytes: float | None


class Folder:
    """A folder with `configuration`, initialized. `environment` is what the provider sees."""

    def __init__(self, path: Path, contestant: Contestant, environment: Mapping[str, str], configuration: str) -> None:
        path.mkdir(parents=True)
        self.path = path
        self._terraform = Terraform(path, contestant.mirror, {}, {**environment, "TF_LOG_PROVIDER": ""})
        (path / "main.tf").write_text(configuration, encoding="utf-8")
        self.run("init")

    @property
    def executable(self) -> Path:
        """The provider as Terraform found it."""
        [found] = self.path.glob(".terraform/providers/*/*/*/*/*/terraform-provider-dynatrace_v*")
        return found

    @property
    def variables(self) -> Mapping[str, str]:
        """The whole environment of a command."""
        return self._terraform.variables

    def plan(self) -> Run:
        return self.run("plan", "-out=plan")

    def apply(self) -> Run:
        """Apply what was planned."""
        return self.run("apply", "plan")

    def refresh(self) -> Run:
        """Read everything in the state and compare, without a plan for the configuration."""
        return self.run("plan", "-refresh-only")

    def destroy(self) -> Run:
        return self.run("destroy", "-auto-approve")

    def run(self, command: str, *arguments: str) -> Run:
        """Run a command of Terraform. Raises `RuntimeError` with the end of what it printed, should it fail."""
        return timed([self._terraform.binary, command, *_QUIET, *arguments], self.path, self.variables)


def timed(command: list[str], path: Path, variables: Mapping[str, str]) -> Run:
    """Run any command in `path`."""
    output = path / "output.txt"
    with output.open("wb") as printed:
        started = time.perf_counter()
        with subprocess.Popen(  # noqa: S603  # ours
            command, cwd=path, env=variables, stdin=subprocess.DEVNULL, stdout=printed, stderr=subprocess.STDOUT
        ) as process:
            with watched(process.pid) as peak:
                process.wait()
            elapsed = time.perf_counter() - started
    if process.returncode:
        said = output.read_text(encoding="utf-8", errors="replace")[-_LAST:]
        raise RuntimeError(f"{' '.join(command)} failed with status {process.returncode} in {path}:\n{said}")
    return Run(elapsed, peak.megabytes)
