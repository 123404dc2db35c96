"""`make demo`: that it runs, and that it cannot say it worked when it did not."""

import os
import re
import signal
import subprocess
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import httpx2
import pytest
from rich.console import Console

from examples import demo
from terraform_plugin.testing import find_binary

DEMO = [sys.executable, demo.__file__]
CONNECTION = {
    "objectId": "vu9U3hXa3q0AAAABADJidWlsdGluOmh5cGVyc2NhbGVyLWF1dGhlbnRpY2F0aW9uNr7vVN4V2t6t",
    "value": {
        "name": "AWS connection name",
        "type": "awsWebIdentity",
        "awsWebIdentity": {"consumers": ["APP:dynatrace.aws.connector"], "roleArn": "arn:aws:iam::123456789012:role/r"},
    },
}
ROLE = {
    "arn": "arn:aws:iam::123456789012:role/r",
    "trustPolicy": {"Statement": [{"Condition": {"StringEquals": {"token.dynatrace.com:aud": "host/app-id/x"}}}]},
}
PROVIDER = {"url": "token.dynatrace.com", "client_ids": ["host/app-id/x"]}
ATTEMPT = {"allowed": True, "presented": {"audience": "host/app-id/x"}}


def found(**changes: Any) -> demo.Inventory:
    whole: dict[str, Any] = {
        "objects": [CONNECTION],
        "roles": [ROLE],
        "providers": [PROVIDER],
        "assume_role_attempts": [ATTEMPT],
    }
    return demo.Inventory(**whole | changes)


def test_the_demo_applies_the_example_and_leaves_nothing(tmp_path: Path) -> None:
    """Four resources, no changes in the next plan, nothing left: with real Terraform and both real providers."""
    sandbox = [sys.executable, "-m", "dynatrace_sandbox", "run", "--"]
    ended = subprocess.run([*sandbox, *DEMO, tmp_path / "demo"], capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stderr) == (0, ""), ended.stdout
    assert "Apply complete! Resources: 4 added, 0 changed, 0 destroyed." in ended.stdout
    assert "assumed by Dynatrace" in ended.stdout
    assert "No changes. Your infrastructure matches the configuration." in ended.stdout
    assert "0 connections in Dynatrace; 0 roles and 0 OIDC providers in AWS" in ended.stdout


def continue_demo(process: subprocess.Popen[str]) -> str:
    """Do what a demo that was kept prints; return the address of its page."""
    assert process.stdout is not None
    printed = ""
    while "Press Ctrl-C" not in printed:
        line = process.stdout.readline()
        assert line, printed
        printed += line
    page: str = re.findall(r"See it:    (\S+)", printed)[0]
    assert "role/AWS-iam-role-name" in httpx2.get(page, trust_env=False).text
    [apply] = re.findall(r"Apply it:  (.*)", printed)
    again = apply.replace("terraform apply", f"{find_binary()} plan -detailed-exitcode")
    assert subprocess.run(["/bin/sh", "-c", again], capture_output=True, check=False).returncode == 0
    return page


def test_the_demo_is_kept_for_a_person_to_continue(tmp_path: Path) -> None:
    """The page's address is printed; the printed command finds nothing to change. Ctrl-C ends it, the folder stays."""
    folder = tmp_path / "demo"
    command = [sys.executable, "-m", "dynatrace_sandbox", "run", "--", *DEMO, "--keep", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, start_new_session=True) as process:
        try:
            page = continue_demo(process)
        finally:
            os.killpg(process.pid, signal.SIGINT)
        ending, _ = process.communicate(timeout=60)

    assert (process.returncode, "The sandbox was stopped" in ending) == (130, True)
    assert (folder / "terraform.tfstate").exists()
    with pytest.raises(httpx2.ConnectError):
        httpx2.get(page, trust_env=False)


@pytest.mark.parametrize("url", [{}, {"DYNATRACE_ENV_URL": "https://abc12345.live.dynatrace.com"}], ids=str)
def test_the_demo_sends_nothing_to_a_real_environment(tmp_path: Path, url: dict[str, str]) -> None:
    """Without a sandbox it says how to start with one, and fails."""
    environment = {name: value for name, value in os.environ.items() if name != "DYNATRACE_ENV_URL"} | url
    ended = subprocess.run([*DEMO, tmp_path / "demo"], env=environment, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "make demo" in ended.stdout


async def test_a_command_that_fails_ends_the_demo_with_its_whole_output(tmp_path: Path) -> None:
    """A failed command is shown with its whole output, also the lines that a successful one does not show."""
    console = Console(file=StringIO())
    step = demo.Step("Fail", ["terraform", "apply", "no-such-plan"], "nothing is shown")
    with pytest.raises(demo.Failed, match="terraform apply no-such-plan failed with status 1"):
        await demo.run(console, step, tmp_path, demo.terraform_variables(os.environ, tmp_path, tenant="host"))
    assert isinstance(console.file, StringIO)
    assert "no-such-plan" in console.file.getvalue().partition("\n")[2].partition("\n")[2]


@pytest.mark.parametrize(
    "changes",
    [
        {"objects": []},
        {"roles": []},
        {"providers": []},
        {"assume_role_attempts": []},
        {"assume_role_attempts": [ATTEMPT, ATTEMPT | {"allowed": False}]},
    ],
    ids=str,
)
def test_the_demo_fails_if_the_example_is_incomplete(changes: dict[str, Any]) -> None:
    """Also a role that Dynatrace could not assume the last time it tried."""
    with pytest.raises(demo.Failed, match="A part of the example is missing"):
        demo.show_what_exists(Console(file=StringIO()), found(**changes))


def test_the_whole_example_passes() -> None:
    """The table shows each thing, and what Dynatrace presented."""
    console = Console(file=StringIO(), width=120)
    demo.show_what_exists(console, found())
    assert isinstance(console.file, StringIO)
    shown = console.file.getvalue()
    assert "AWS connection name" in shown
    assert "token.dynatrace.com:aud StringEquals host/app-id/x" in shown
    assert "audience host/app-id/x" in shown


@pytest.mark.parametrize("left", [{"objects": [CONNECTION]}, {"roles": [ROLE]}, {"providers": [PROVIDER]}], ids=str)
def test_the_demo_fails_if_anything_is_left(left: dict[str, Any]) -> None:
    """On either side."""
    nothing: dict[str, Any] = {"objects": [], "roles": [], "providers": []}
    demo.show_what_is_left(Console(file=StringIO()), found(**nothing))
    with pytest.raises(demo.Failed, match="not destroyed"):
        demo.show_what_is_left(Console(file=StringIO()), found(**nothing | left))


def test_long_ids_are_cut_in_the_middle() -> None:
    """An ARN or a host name is not."""
    assert demo.shortened(f"dt:connection-id/{CONNECTION['objectId']}") == "dt:connection-id/vu9U3hXa3q0A…4V2t6t"
    assert demo.shortened("arn:aws:iam::123456789012:role/AWS-iam-role-name") == (
        "arn:aws:iam::123456789012:role/AWS-iam-role-name"
    )


def test_terraform_settings_of_the_user_are_not_used(tmp_path: Path) -> None:
    """Variables that would change what Terraform does are dropped; logging is kept."""
    mine = {"TF_CLI_ARGS_apply": "-lock=false", "TF_DATA_DIR": "x", "TF_LOG": "debug", "PATH": "p"}
    variables = demo.terraform_variables(mine, tmp_path, tenant="host")
    assert variables.keys() & mine.keys() == {"TF_LOG", "PATH"}
    assert variables["TF_VAR_tenant_url"] == "host"
