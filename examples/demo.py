"""Runs the example from `terraform init` to `terraform destroy` against the sandbox, for `make demo`.

`dynatrace-sandbox run` starts it and sets the environment variables with the addresses of Dynatrace and AWS. All files
are written into one folder: `build/demo`, or the one passed as an argument. The exit status is 0 only if every step
had the expected result. With `--keep`, nothing is destroyed, and the sandbox runs until Ctrl-C.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import shutil
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
from rich.console import Console
from rich.table import Table

from terraform_plugin.testing import find_binary

ROOT = Path(__file__).parent.parent
MIRROR = Path("terraform.d", "plugins")  # a mirror that Terraform searches by default, in its working directory
SCRIPTS = Path(sys.executable).parent


class Failed(Exception):
    """The demo cannot continue. The text says why."""


@dataclass(frozen=True)
class Step:
    """A command. `shown` is a pattern: lines of the output that match it are printed while the command runs."""

    title: str
    command: Sequence[str]
    shown: str


INSTALL_DYNATRACE, INSTALL_AWS, INIT, PLAN, APPLY, PLAN_AGAIN, DESTROY = (
    Step(
        "Install the Dynatrace provider",
        ["terraform-provider-dynatrace", "install", "--dir", str(MIRROR)],
        "^Installed",
    ),
    Step(
        "Install the small AWS provider",
        ["terraform-provider-aws-iam", "install", "--dir", str(MIRROR)],
        "^Installed",
    ),
    Step("Initialize", ["terraform", "init"], "^- Installed|initialized"),
    Step("Plan", ["terraform", "plan", "-out=tfplan"], "^  # |^Plan: |^No changes"),
    Step("Apply", ["terraform", "apply", "tfplan"], "(Creation complete|Still creating)|^Apply complete"),
    Step("Plan again", ["terraform", "plan", "-detailed-exitcode"], "^  # |^Plan: |^No changes"),
    Step("Destroy", ["terraform", "destroy", "-auto-approve"], "Destruction complete|Warning: |^Destroy complete"),
)


@dataclass(frozen=True)
class Inventory:
    """What exists: settings objects in Dynatrace, roles and OIDC providers in AWS, and attempts to assume a role."""

    objects: list[dict[str, Any]]
    roles: list[dict[str, Any]]
    providers: list[dict[str, Any]]
    assume_role_attempts: list[dict[str, Any]]

    def is_complete(self) -> bool:
        """Return whether the whole example exists and Dynatrace could assume its role."""
        counts = (len(self.objects), len(self.roles), len(self.providers))
        return counts == (1, 1, 1) and bool(self.assume_role_attempts) and self.assume_role_attempts[-1]["allowed"]

    def is_empty(self) -> bool:
        """Return whether nothing is left."""
        return not (self.objects or self.roles or self.providers)


def main() -> int:
    """Run the demo and return the exit status."""
    parser = argparse.ArgumentParser(description="Run the example against the sandbox.")
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "build" / "demo", help="where all files go")
    parser.add_argument("--keep", action="store_true", help="destroy nothing, and wait for Ctrl-C")
    parsed = parser.parse_args()
    console = Console(highlight=False, width=None if sys.stdout.isatty() else 120)
    try:
        asyncio.run(demonstrate(console, parsed.folder.absolute(), os.environ, keep=parsed.keep))
    except Failed as failure:
        console.print(f"[bold red]The demo failed:[/] {failure}")
        return 1
    except KeyboardInterrupt:
        console.print("\nInterrupted. The sandbox was stopped, and everything that the demo created in it is gone.")
        return 130
    return 0


async def demonstrate(console: Console, folder: Path, environment: Mapping[str, str], *, keep: bool) -> None:
    """Run every step. Raises `Failed`.

    With `keep`, the steps end before the destroy, and the sandbox keeps running until the task is cancelled.
    """
    url = environment.get("DYNATRACE_ENV_URL", "")
    if not url.startswith("http://127.0.0.1:"):
        raise Failed("The demo only runs against a sandbox, because it creates and destroys objects. Run `make demo`.")
    async with httpx2.AsyncClient(base_url=f"{url}/sandbox", trust_env=False) as sandbox:
        info = (await sandbox.get("/")).json()
        console.print(f"A sandbox is running: Dynatrace at {url}, AWS at {info['awsUrl']}.")
        console.print("All requests stay on this machine. The example is [bold]examples/aws_connection/main.tf[/].")
        console.print(f"To watch what happens, open {url}/ in a browser.", soft_wrap=True)
        variables = terraform_variables(environment, folder, tenant=info["options"]["tenant"])
        prepare(folder)
        for step in (INSTALL_DYNATRACE, INSTALL_AWS, INIT, PLAN, APPLY):
            await run(console, step, folder, variables)
        show_what_exists(console, await inventory(sandbox))
        await run(console, PLAN_AGAIN, folder, variables)
        if keep:
            show_how_to_continue(console, url, folder, tenant=info["options"]["tenant"])
            await asyncio.Event().wait()  # the sandbox ends with this process
        await run(console, DESTROY, folder, variables)
        show_what_is_left(console, await inventory(sandbox))


def prepare(folder: Path) -> None:
    """Copy the example into an empty folder."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    shutil.copy(ROOT / "examples" / "aws_connection" / "main.tf", folder)
    (folder / "terraform.rc").touch()


def terraform_variables(environment: Mapping[str, str], folder: Path, *, tenant: str) -> dict[str, str]:
    """Return the environment variables of the commands, without the user's own Terraform settings."""
    others = {
        name: text for name, text in environment.items() if not name.startswith("TF_") or name.startswith("TF_LOG")
    }
    settings = {"TF_CLI_CONFIG_FILE": str(folder / "terraform.rc"), "TF_IN_AUTOMATION": "1", "TF_INPUT": "0"}
    return others | settings | {"TF_VAR_tenant_url": tenant, "TF_CLI_ARGS": "-no-color", "CHECKPOINT_DISABLE": "1"}


async def run(console: Console, step: Step, folder: Path, variables: Mapping[str, str]) -> None:
    """Run a step and print the matching lines. If it fails, print its whole output and raise `Failed`."""
    console.print(f"\n[bold cyan]{step.title}[/]  [dim]$ {' '.join(step.command)}[/]")
    started, output = time.monotonic(), list[str]()
    with console.status("running"):
        process = await asyncio.create_subprocess_exec(
            *resolved(step.command),
            cwd=folder,
            env=variables,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        assert process.stdout
        async for raw in process.stdout:
            line = raw.decode(errors="replace").rstrip()
            output.append(line)
            if re.search(step.shown, line):
                console.print(f"  {shortened(line.strip())}", markup=False, soft_wrap=True)
    if await process.wait() != 0:
        console.print("\n".join(output), markup=False, soft_wrap=True)
        raise Failed(f"{' '.join(step.command)} failed with status {process.returncode}. Its output is shown above.")
    console.print(f"  [green]done[/] [dim]in {time.monotonic() - started:.1f} s[/]")


def resolved(command: Sequence[str]) -> list[str]:
    """Return the command with the path of its executable: Terraform, OpenTofu, or one of this project."""
    return [find_binary() if command[0] == "terraform" else str(SCRIPTS / command[0]), *command[1:]]


async def inventory(sandbox: httpx2.AsyncClient) -> Inventory:
    """Read from the sandbox, not from Terraform's state, what exists."""
    objects, aws = (await sandbox.get("/objects")).json(), (await sandbox.get("/aws")).json()
    return Inventory(objects, aws["roles"], aws["providers"], aws["assume_role_attempts"])


def show_what_exists(console: Console, found: Inventory) -> None:
    """Print a table of what exists. Raises `Failed` if a part of the example is missing."""
    table = Table(title="\nWhat exists now", title_justify="left", title_style="bold", show_lines=True)
    for column in ("Where", "What", "Details"):
        table.add_column(column, overflow="fold")
    for row in rows(found):
        table.add_row(*row)
    console.print(table)
    if not found.is_complete():
        raise Failed("A part of the example is missing, or Dynatrace could not assume the role.")


def rows(found: Inventory) -> Iterator[tuple[str, str, str]]:
    """Yield the rows of the table."""
    for one in found.objects:
        details = one["value"][one["value"]["type"]]
        text = (
            f"id {shortened(one['objectId'])}\nconsumers {', '.join(details['consumers'])}\nrole {details['roleArn']}"
        )
        yield "Dynatrace", f"connection\n{one['value']['name']}", text
    for provider in found.providers:
        yield "AWS", f"OIDC provider\n{provider['url']}", f"accepts {', '.join(provider['client_ids'])}"
    for role in found.roles:
        yield "AWS", f"role\n{role['arn'].rpartition('/')[2]}", "\n".join(conditions(role["trustPolicy"]))
    for attempt in found.assume_role_attempts[-1:]:
        presented = (f"{name} {shortened(value)}" for name, value in attempt["presented"].items())
        verdict = "[green]assumed by Dynatrace[/]" if attempt["allowed"] else "[red]cannot be assumed[/]"
        yield "AWS", f"role\n{verdict}", "\n".join(presented)


def conditions(policy: Mapping[str, Any]) -> Iterator[str]:
    """Yield the conditions of a trust policy."""
    for statement in policy["Statement"]:
        for operator, wanted in statement["Condition"].items():
            yield from (f"{key} {operator} {shortened(value)}" for key, value in wanted.items())


def shortened(text: str) -> str:
    """Return the text with the middle of long settings object IDs replaced by an ellipsis."""
    return re.sub(r"([\w-]{12})[\w-]{40,}([\w-]{6})", r"\1…\2", text)


def show_what_is_left(console: Console, found: Inventory) -> None:
    """Print what is left. Raises `Failed` if anything is."""
    console.print(
        f"\n[bold]What is left:[/] {len(found.objects)} connections in Dynatrace; "
        f"{len(found.roles)} roles and {len(found.providers)} OIDC providers in AWS."
    )
    if not found.is_empty():
        raise Failed("Some objects were not destroyed.")
    console.print("[bold green]The example works:[/] applied, no changes in the next plan, and destroyed completely.")
    console.print("To try it yourself, run `make sandbox`. To use your own environment, see README.md.")


def show_how_to_continue(console: Console, url: str, folder: Path, *, tenant: str) -> None:
    """Print where to look and how to work with what the demo created; write the example's variable to its folder."""
    (folder / "terraform.tfvars").write_text(f'tenant_url = "{tenant}"\n', encoding="utf-8")
    env = f"{SCRIPTS / 'dynatrace-sandbox'} env --port {url.rpartition(':')[2]}"
    lines = [
        "\nThe example works, and everything is still there.",
        f"  See it:    {url}/",
        f"  Change it: {folder / 'main.tf'}",
        f'  Apply it:  cd {folder} && eval "$({env})" && terraform apply',
        "Press Ctrl-C to stop the sandbox. Everything in it is gone then; the folder stays.",
    ]
    console.print("\n".join(lines), markup=False, soft_wrap=True)
    console.file.flush()  # a pipe would get it only at the end


if __name__ == "__main__":
    sys.exit(main())
