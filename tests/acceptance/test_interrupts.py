"""Interrupts and kills during a real apply: the state is saved, and no process is left.

Terraform runs in a session of its own; a signal goes to it, or to every process of it as a terminal's Ctrl-C does.
"""

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from dynatrace_sandbox.testing import RunningSandbox
from terraform_plugin.testing import Terraform, TerraformFailed
from tests.acceptance.configurations import AUDIENCE, connection, role, role_arn
from tests.acceptance.fault_table import ONE
from tests.acceptance.processes import everything_ends, provider_of

CONNECTION = "dynatrace_aws_connection.this"
ROLE_ARN = "dynatrace_aws_connection_role_arn.this"
WAITING = connection() + role(audience=f"https://{AUDIENCE}") + role_arn(timeout="30m")  # a role that never fits
APPLY = ("apply", "-auto-approve", "-no-color", "-input=false")


@contextmanager
def waiting(terraform: Terraform, sandbox: RunningSandbox) -> Iterator[subprocess.Popen[str]]:
    """An apply whose role ARN was refused once and is retried."""
    terraform.init(WAITING)
    with terraform.start(*APPLY) as running:
        sandbox.wait_for_requests(1, "PUT", ONE)
        yield running


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_ends_the_wait_for_a_role(
    terraform: Terraform, sandbox: RunningSandbox, number: signal.Signals
) -> None:
    """With a timeout of 30 minutes, it ends at once. The connection and the role are in the state."""
    with waiting(terraform, sandbox) as running:
        os.kill(running.pid, number)
        printed, _ = running.communicate()

    assert running.returncode == 1
    assert "Error: Interrupted" in printed
    assert {CONNECTION, "aws_iam_role.dynatrace"} <= terraform.state().keys()
    assert ROLE_ARN not in terraform.state()
    assert terraform.state()[CONNECTION]["id"] == sandbox.objects()[0]["objectId"]


def test_ctrl_c_also_stops_the_provider(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """Every process of the terminal gets the signal. The result is the same, and the next apply continues."""
    with waiting(terraform, sandbox) as running:
        os.killpg(running.pid, signal.SIGINT)
        printed, _ = running.communicate()

    assert "Error: Interrupted" in printed
    assert ROLE_ARN not in terraform.state()

    terraform.apply(connection() + role() + role_arn())
    assert len(sandbox.objects()) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_create_waits_for_its_response(
    terraform: Terraform, sandbox: RunningSandbox, number: signal.Signals
) -> None:
    """A request that was sent is not abandoned: what it creates is in the state. Every process gets the signal."""
    creating = sandbox.fault("hold", "POST", "*/settings/objects", query="")
    terraform.init(connection())
    with terraform.start(*APPLY) as running:
        creating.wait_until_holding()
        os.killpg(running.pid, number)
        _read_until(running, "Gracefully shutting down")
        creating.release()
        running.communicate()

    assert terraform.state()[CONNECTION]["id"] == sandbox.objects()[0]["objectId"]


def test_a_second_interrupt_keeps_earlier_results(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """Terraform ends at once, even while it writes the state. Completed resources are in the state or its backup."""
    terraform.init(connection())
    terraform.run(*APPLY)
    terraform.init(connection() + connection("second", label="second"))
    held = sandbox.fault("hold", "POST", "*/settings/objects", query="")
    with terraform.start(*APPLY) as running:
        held.wait_until_holding()
        os.killpg(running.pid, signal.SIGINT)
        _read_until(running, "Gracefully shutting down")
        os.killpg(running.pid, signal.SIGINT)
        printed, _ = running.communicate()

    assert running.returncode == 1
    assert "Two interrupts received" in printed
    sandbox.clear_faults()
    state, backup = (terraform.folder / name for name in ("terraform.tfstate", "terraform.tfstate.backup"))
    if not state.read_text() and backup.exists():
        backup.replace(state)
    assert list(terraform.state()) == [CONNECTION]


def test_the_provider_ends_with_a_killed_terraform(
    terraform: Terraform, sandbox: RunningSandbox, tmp_path: Path
) -> None:
    """It gets no signal: the process ends by itself, and the folder of its socket is removed."""
    sockets = tmp_path / "s"
    sockets.mkdir()
    terraform.environ |= {"TMPDIR": str(sockets)}
    with waiting(terraform, sandbox) as running:
        assert list(sockets.glob("plugin*"))
        running.kill()
        running.communicate()

    assert everything_ends(running.pid)
    assert list(sockets.glob("plugin*")) == []
    [found] = sandbox.objects()
    sandbox.call("DELETE", f"/api/v2/settings/objects/{found['objectId']}").raise_for_status()
    sandbox.reset()


def test_what_a_killed_provider_has_created_is_adopted(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """Its create was carried out without a response: the next plan reports the connection with an import block."""
    held = sandbox.fault("hold", "POST", "*/settings/objects", query="", acts=True)
    terraform.init(connection())
    with terraform.start(*APPLY) as running:
        held.wait_until_holding()
        os.kill(provider_of(running.pid), signal.SIGKILL)
        sandbox.clear_faults()
        running.communicate()
    assert running.returncode == 1
    assert terraform.state() == {}
    [orphan] = sandbox.objects()

    with pytest.raises(TerraformFailed, match="The name is already in use") as failed:
        terraform.plan(connection())
    [error] = failed.value.errors
    block = re.search(r"^ *import \{$.*?^ *\}$", error.detail, re.MULTILINE | re.DOTALL)
    assert block
    terraform.apply(connection() + block[0].replace("dynatrace_aws_connection.NAME", CONNECTION))

    assert sandbox.objects() == [orphan]
    assert terraform.state()[CONNECTION]["id"] == orphan["objectId"]


def _read_until(running: subprocess.Popen[str], words: str) -> None:
    assert running.stdout
    for line in running.stdout:
        if words in line:
            return
    raise AssertionError(f"Terraform ended without saying: {words}")
