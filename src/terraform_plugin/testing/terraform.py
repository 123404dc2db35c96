"""Run the real Terraform (or OpenTofu) in a folder of its own: HCL in, plan and state out."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from terraform_plugin.testing.results import Json, Message, Plan, PlanNotEmpty, Result, TerraformFailed

_NEEDS_INIT = re.compile(r"^\s*(?:module|backend|source|version|required_providers|provider)\b.*$", re.MULTILINE)
_prepared: dict[tuple[object, ...], Path] = {}
"""Folders in which `init` has run already, by everything that it depends on."""


def find_binary(environ: Mapping[str, str] = os.environ) -> str:
    """Return the command to test with: $TERRAFORM, terraform or tofu. Raises `FileNotFoundError` if there is none."""
    for name in filter(None, (environ.get("TERRAFORM"), "terraform", "tofu")):
        if path := shutil.which(name, path=environ.get("PATH")):
            return path
    raise FileNotFoundError(
        "These tests run the real Terraform or OpenTofu, and neither is on the PATH. Install one of them from "
        "https://developer.hashicorp.com/terraform/install or https://opentofu.org/docs/intro/install, or set "
        "the variable TERRAFORM to its path."
    )


class Terraform:
    """Terraform in `folder`, with the providers of `mirror` and nothing of the user's own settings.

    Without a mirror, Terraform looks for providers in its default places; its HOME is `folder`. `providers` are source
    addresses by local name, for configurations that require none themselves. `environ` is what Terraform and the
    providers see in addition to PATH and HOME; it may be changed between commands. Commands take further arguments of
    Terraform, such as "-parallelism=20". They raise `TerraformFailed`.
    """

    def __init__(
        self,
        folder: Path,
        mirror: Path | None,
        providers: Mapping[str, str],
        environ: Mapping[str, str] | None = None,
        binary: str | None = None,
    ) -> None:
        self.folder = folder
        self.mirror = mirror
        self.environ = dict(environ or {})
        self.binary = binary or find_binary()
        self._requirements = _requirements(providers)
        self._ready_for: tuple[object, ...] = ()
        (folder / "cli.tfrc").write_text(_cli_configuration(mirror) if mirror else "", encoding="utf-8")

    def init(self, config: str) -> None:
        """Write `config` to the folder, and run `init` unless that was done before."""
        requirements = "" if "required_providers" in config else self._requirements
        (self.folder / "providers.tf").write_text(requirements, encoding="utf-8")
        (self.folder / "main.tf").write_text(config, encoding="utf-8")
        wants = (self.binary, self.mirror, requirements, *_NEEDS_INIT.findall(config))
        if wants == self._ready_for:
            return
        if wants in _prepared and _prepared[wants].exists():
            self._copy_from(_prepared[wants])
        else:
            self.run("init", "-no-color", "-input=false")
            _prepared[wants] = self.folder
        self._ready_for = wants

    def validate(self, config: str) -> list[Message]:
        """Return the errors and warnings of `config`."""
        self.init(config)
        result = self._run("validate", "-json")
        return [Message.parse(diagnostic) for diagnostic in json.loads(result.printed)["diagnostics"]]

    def plan(self, config: str, *arguments: str) -> Plan:
        """Return the plan for `config`."""
        self.init(config)
        return Plan(self._plan(*arguments), self.show("plan"))

    def apply(self, config: str, *arguments: str) -> Result:
        """Apply `config`. Raises `PlanNotEmpty` if another plan after it has a change."""
        self.init(config)
        result = self.run("apply", "-json", "-input=false", "-auto-approve", *arguments)
        following = self._plan(*(argument for argument in arguments if not argument.startswith("-replace")))
        if following.code != 0:
            raise PlanNotEmpty(f"{Plan(following, self.show('plan')).changes}\n{following.output}")
        return result

    def destroy(self, *arguments: str) -> Result:
        """Destroy everything in the state."""
        return self.run("destroy", "-json", "-input=false", "-auto-approve", *arguments)

    def import_(self, config: str, address: str, id_: str) -> Result:
        """Import an existing object into the state."""
        self.init(config)
        return self.run("import", "-no-color", "-input=false", address, id_)

    def show(self, *plan: str) -> Json:
        """Return the state, or the saved plan `plan`, as `terraform show -json` has it."""
        shown: Json = json.loads(self.run("show", "-json", *plan).printed)
        return shown

    def state(self) -> dict[str, Json]:
        """Return the values of every resource in the state, by address."""
        return {address: instance["attributes"] for address, instance in self._instances()}

    def tainted(self) -> list[str]:
        """Return the addresses of tainted resources, whose creation failed after it had begun."""
        return [address for address, instance in self._instances() if instance.get("status") == "tainted"]

    def output(self, name: str) -> Any:
        """Return the value of an output."""
        return json.loads(self.run("output", "-json", name).printed)

    @property
    def log(self) -> str:
        """Everything that the providers have logged, at every level."""
        path = self.folder / "terraform.log"
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def run(self, *arguments: str) -> Result:
        """Run any command. Raises `TerraformFailed`."""
        result = self._run(*arguments)
        if result.code != 0:
            raise TerraformFailed(result)
        return result

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start any command in a process group of its own without waiting for it, for example to interrupt it."""
        return subprocess.Popen(  # noqa: S603  # the arguments are the test's own
            [self.binary, *arguments],
            cwd=self.folder,
            env=self.variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            start_new_session=True,
        )

    def _plan(self, *arguments: str) -> Result:
        result = self._run("plan", "-json", "-input=false", "-detailed-exitcode", "-out=plan", *arguments)
        if result.code == 1:
            raise TerraformFailed(result)
        return result

    def _run(self, *arguments: str) -> Result:
        process = self.start(*arguments)
        printed, _ = process.communicate()
        return Result(arguments, process.returncode, printed)

    @property
    def variables(self) -> dict[str, str]:
        """The environment variables of the next command."""
        inherited = {name: os.environ[name] for name in ("PATH", "TMPDIR", "SYSTEMROOT", "TEMP") if name in os.environ}
        return (
            inherited
            | {
                "HOME": str(self.folder),
                "CHECKPOINT_DISABLE": "1",
                "TF_CLI_CONFIG_FILE": str(self.folder / "cli.tfrc"),
                "TF_IN_AUTOMATION": "1",
                "TF_LOG_PROVIDER": "trace",
                "TF_LOG_PATH": str(self.folder / "terraform.log"),
            }
            | self.environ
        )

    def _instances(self) -> Iterator[tuple[str, Json]]:
        """Read the state file: `show` would start the provider once more."""
        path = self.folder / "terraform.tfstate"
        state = json.loads(path.read_bytes()) if path.exists() else {"resources": []}
        for resource in state["resources"]:
            for instance in resource["instances"]:
                yield _address(resource, instance), instance

    def _copy_from(self, prepared: Path) -> None:
        shutil.rmtree(self.folder / ".terraform", ignore_errors=True)  # prepared for another configuration before
        shutil.copytree(prepared / ".terraform", self.folder / ".terraform", symlinks=True)
        shutil.copy(prepared / ".terraform.lock.hcl", self.folder)


def _requirements(providers: Mapping[str, str]) -> str:
    lines = "".join(f'    {name} = {{ source = "{source}" }}\n' for name, source in providers.items())
    return f"terraform {{\n  required_providers {{\n{lines}  }}\n}}\n"


def _cli_configuration(mirror: Path) -> str:
    return f"provider_installation {{\n  filesystem_mirror {{\n    path = {json.dumps(str(mirror))}\n  }}\n}}\n"


def _address(resource: Json, instance: Json) -> str:
    mode = "data." if resource["mode"] == "data" else ""
    module = f"{resource['module']}." if "module" in resource else ""
    key = f"[{json.dumps(instance['index_key'])}]" if "index_key" in instance else ""
    return f"{module}{mode}{resource['type']}.{resource['name']}{key}"
