"""Runs Terraform in the target folder: init, and the import of what was exported.

Source: docs/design/0008-sources.md#terraform-cli.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from terraform_plugin import Error

_LAST_LINES = 40  # of the output of a command that failed
_UNATTENDED = ("-input=false", "-no-color")
_INSTALL = "The files were written. If Terraform did not find the provider, run terraform-provider-dynatrace install."


class Terraform:
    """Terraform or OpenTofu in a folder. Its output is shown only if it fails."""

    def __init__(self, folder: Path, binary: str, environ: Mapping[str, str]) -> None:
        self.folder = folder
        self.binary = binary
        self.environ = {**environ, "TF_IN_AUTOMATION": "1"}

    def init(self) -> None:
        """Run `terraform init`. Raises `Error`."""
        self._run("init", *_UNATTENDED, advice=_INSTALL)

    def import_state(self) -> int:
        """Apply the import blocks and return how many resources were imported.

        Raises `Error`, and changes nothing, if the plan has other changes.
        """
        with tempfile.TemporaryDirectory() as temporary:
            plan = str(Path(temporary) / "plan")
            self._run("plan", *_UNATTENDED, f"-out={plan}")
            shown = json.loads(self._run("show", "-json", plan))
            if others := list(other_changes(shown)):
                raise Error(
                    "The plan has other changes than imports", _OTHER_CHANGES.format(changes="\n".join(others[:20]))
                )
            count = imports(shown)
            if count:
                self._run("apply", *_UNATTENDED, plan)
        return count

    def _run(self, command: str, *arguments: str, advice: str = "") -> str:
        """Run a command and return its output. Terraform also receives an interrupt, so it can end by itself."""
        with subprocess.Popen(  # noqa: S603  # the arguments are ours
            [self.binary, command, *arguments],
            cwd=self.folder,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            encoding="utf-8",
            errors="replace",
        ) as process:
            try:
                output, errors = process.communicate()
            except KeyboardInterrupt:
                process.communicate()
                raise
        if process.returncode:
            text = "\n".join(f"{output}{errors}".strip().splitlines()[-_LAST_LINES:])
            raise Error(f"terraform {command} failed in {self.folder}", f"{text}\n\n{advice}".strip())
        return output


_OTHER_CHANGES = (
    "Nothing was imported. Terraform would also make these changes, because the folder has other configuration, or "
    "because an edited file differs from Dynatrace:\n{changes}\n\nRun terraform plan in the folder to see the details."
)


def find_binary(environ: Mapping[str, str]) -> str | None:
    """Return the path of $TERRAFORM, terraform or tofu, whichever is found first; None without any."""
    names = filter(None, (environ.get("TERRAFORM"), "terraform", "tofu"))
    return next((path for name in names if (path := shutil.which(name, path=environ.get("PATH")))), None)


def other_changes(plan: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line about each change in a plan (its JSON) that is not an import."""
    for change in plan.get("resource_changes", []):
        actions = change["change"]["actions"]
        if actions not in (["no-op"], ["read"]):
            yield f"  {change['address']}: {' and '.join(actions)}"
    for name, change in plan.get("output_changes", {}).items():
        if change["actions"] != ["no-op"]:
            yield f"  output {name}: {' and '.join(change['actions'])}"


def imports(plan: Mapping[str, Any]) -> int:
    """Return how many resources a plan (its JSON) imports."""
    return sum("importing" in change["change"] for change in plan.get("resource_changes", []))
