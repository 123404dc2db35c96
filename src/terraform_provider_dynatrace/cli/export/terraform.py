"""Run Terraform in the target folder: init, and the import of what was exported into its state."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from terraform_plugin import Error
from terraform_plugin.masking import masked

_LAST_LINES = 40
_UNATTENDED = ("-input=false", "-no-color")
_INSTALL = "The files are written. If the provider was not found: terraform-provider-dynatrace install."


class Terraform:
    """Terraform (or OpenTofu) in a folder, with `environment`; what it prints is shown only if it fails."""

    def __init__(self, folder: Path, binary: str, environment: Mapping[str, str]) -> None:
        self.folder = folder
        self.binary = binary
        self.environment = {**environment, "TF_IN_AUTOMATION": "1"}

    def init(self) -> None:
        """Run `terraform init`. Raises `Error`."""
        self._run("init", *_UNATTENDED, advice=_INSTALL)

    def import_state(self) -> int:
        """Apply the import blocks and return how many resources came into the state.

        Raises `Error`, with nothing changed, if the plan wants to do anything else.
        """
        with tempfile.TemporaryDirectory() as temporary:
            plan = str(Path(temporary) / "plan")
            self._run("plan", *_UNATTENDED, f"-out={plan}")
            shown = json.loads(self._run("show", "-json", plan))
            if others := list(other_changes(shown)):
                raise Error("The plan would do more than import", _MORE.format(changes="\n".join(others[:20])))
            count = imports(shown)
            if count:
                self._run("apply", *_UNATTENDED, plan)
        return count

    def _run(self, command: str, *arguments: str, advice: str = "") -> str:
        """Run a command and return what it printed; an interrupt reaches Terraform too, and it is waited for."""
        with subprocess.Popen(  # noqa: S603  # the arguments are ours
            [self.binary, command, *arguments],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
        ) as process:
            try:
                printed, complaints = process.communicate()
            except KeyboardInterrupt:
                process.communicate()
                raise
        if process.returncode:
            said = "\n".join(f"{printed}{complaints}".strip().splitlines()[-_LAST_LINES:])
            raise Error(f"terraform {command} failed in {self.folder}", masked(f"{said}\n\n{advice}".strip()))
        return printed


_MORE = (
    "Nothing was changed. Beside imports, Terraform wants to change what is in the configuration already or differs "
    "from Dynatrace:\n{changes}\n\nRun terraform plan in the folder to see why."
)


def find_binary(environment: Mapping[str, str]) -> str | None:
    """Return the command to run: $TERRAFORM, terraform or tofu; None if there is none."""
    names = filter(None, (environment.get("TERRAFORM"), "terraform", "tofu"))
    return next((found for name in names if (found := shutil.which(name, path=environment.get("PATH")))), None)


def other_changes(plan: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a plan would do beside importing. Source: Terraform's JSON form of a plan."""
    for change in plan.get("resource_changes", []):
        actions = change["change"]["actions"]
        if actions not in (["no-op"], ["read"]):
            yield f"  {change['address']}: {' and '.join(actions)}"
    for name, change in plan.get("output_changes", {}).items():
        if change["actions"] != ["no-op"]:
            yield f"  output {name}: {' and '.join(change['actions'])}"


def imports(plan: Mapping[str, Any]) -> int:
    """Return how many resources a plan would import."""
    return sum("importing" in change["change"] for change in plan.get("resource_changes", []))
