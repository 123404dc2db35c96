"""No secret is shown: in plans, errors, crashes, the most detailed log, on disk, or in arguments of a process."""

import os
import re
import signal
import sys
import time
from collections.abc import Iterator

import pytest

from dynatrace_sandbox.tenant.credentials import OWNER
from dynatrace_sandbox.testing import RunningSandbox
from terraform_plugin.install.mirror import install
from terraform_plugin.testing import Terraform, TerraformFailed
from tests.acceptance import crashing
from tests.acceptance.configurations import connection
from tests.acceptance.processes import command_lines, provider_of

ACCESS_TOKEN = re.compile(r"(?<![\w-])eyJ[\w-]{64}(?![\w-])")
OBJECTS = "*/settings/objects"


def failing_apply(terraform: Terraform, config: str) -> str:
    with pytest.raises(TerraformFailed) as failed:
        terraform.apply(config)
    return failed.value.output


def crashing_plan(terraform: Terraform, sandbox: RunningSandbox) -> str:
    """Kill the provider while it waits; return the output of Terraform, and the arguments of all processes."""
    held = sandbox.fault("hold", "POST", OBJECTS)
    with terraform.start("plan", "-no-color", "-input=false") as running:
        try:
            held.wait_until_holding()
            arguments = command_lines()
            os.kill(provider_of(running.pid), signal.SIGKILL)
        finally:
            sandbox.clear_faults()
        printed, _ = running.communicate()
    assert running.returncode != 0
    assert "terraform_provider_dynatrace" in arguments
    return printed + arguments


def everything(terraform: Terraform, sandbox: RunningSandbox) -> Iterator[str]:
    """Run all operations of a connection, and yield their output."""
    yield terraform.apply(connection()).printed
    yield terraform.plan(connection("renamed")).output
    yield terraform.run("show", "-no-color", "plan").printed
    yield terraform.run("show", "-json", "plan").printed
    sandbox.fault("respond", "PUT", "*", status=403, body='{"error": {"code": 403, "message": "No."}}', times=None)
    yield failing_apply(terraform, connection("renamed"))
    sandbox.clear_faults()
    terraform.init(connection() + connection("second", label="second"))
    crashed = crashing_plan(terraform, sandbox)
    assert re.search(r"Plugin did not respond|request was cancelled", crashed)
    yield crashed
    written = [path.read_bytes() for path in terraform.folder.rglob("*") if path.is_file()]
    assert len(written) >= 6  # state, backup, plan, lock file, configuration, log
    yield b"\n".join(written).decode("latin-1")


def failing_plan(terraform: Terraform, blocks: str) -> str:
    """Plan with the provider that goes wrong; return what is printed."""
    source = "terraform.local/dynatrace/crashing"
    assert terraform.mirror is not None
    install(source, "0.1.0", [sys.executable, "-E", "-P", crashing.__file__], terraform.mirror)
    required = f'terraform {{\n  required_providers {{\n    dynatrace = {{ source = "{source}" }}\n  }}\n}}\n'
    terraform.init(required + blocks)
    with terraform.start("plan", "-no-color", "-input=false") as running:
        printed, _ = running.communicate()
    assert running.returncode == 1
    return " ".join(printed.split())


CALLS = """
data "dynatrace_crash" "this" {
  for_each = toset(["call", "thread", "task", "recursion", "exit"])
  way      = each.key
}
"""
PROCESSES = """
provider "dynatrace" {
  alias = "second"
}
data "dynatrace_crash" "interrupt" {
  way = "interrupt"
}
data "dynatrace_crash" "abort" {
  provider = dynatrace.second
  way      = "abort"
}
"""


@pytest.mark.parametrize("credential", ["api-token", "oauth"])
def test_no_secret_is_shown_when_the_provider_goes_wrong(
    terraform: Terraform, sandbox: RunningSandbox, credential: str
) -> None:
    """A failure in a call is an error without a traceback; a failure that ends the process shows no secret."""
    terraform.environ = sandbox.environ(credential) | {"TF_LOG": "trace"}
    secret = sandbox.credentials[credential]["secret"].rpartition(".")[2]

    calls = failing_plan(terraform, CALLS)
    ended = failing_plan(terraform, PROCESSES)

    assert sorted(re.findall(r"(\w+): (?:cannot use|leaving with) \(sensitive value\)", calls)) == [
        "RuntimeError",
        "SystemExit",
    ]
    assert "RecursionError: maximum recursion depth exceeded" in calls
    assert re.search(r"Plugin did not respond|cancelled", ended)
    assert "Traceback" not in calls + ended
    assert terraform.log.count("RuntimeError: cannot use (sensitive value)") >= 3
    for text in (calls, ended, terraform.log):
        assert secret[:16] not in text


@pytest.mark.parametrize(
    ("credential", "owner"), [("api-token", None), ("oauth", OWNER.id), ("platform-token", OWNER.id)]
)
def test_no_secret_is_shown_with_any_credential(
    terraform: Terraform, sandbox: RunningSandbox, credential: str, owner: str | None
) -> None:
    """Plans, applies, failures, a killed provider, the saved plan and the state."""
    terraform.environ = sandbox.environ(credential) | {"TF_LOG": "trace"}
    secret = sandbox.credentials[credential]["secret"].rpartition(".")[2]

    shown = "\n".join(everything(terraform, sandbox))

    [found] = sandbox.objects()
    assert (found.get("owner") or {}).get("id") == owner
    assert {request["credential"] for request in sandbox.requests("*", OBJECTS)} == {credential}
    assert (
        f"Using the {credential.replace('-', ' ').replace('api', 'API').replace('oauth', 'OAuth client')}"
        in terraform.log
    )
    assert ACCESS_TOKEN.fullmatch(sandbox.access_token("oauth"))
    for text in (shown, terraform.log):
        assert secret[:16] not in text
        assert not ACCESS_TOKEN.search(text)


def test_a_token_that_expires_in_the_middle_of_an_apply_is_renewed(
    terraform: Terraform, sandbox: RunningSandbox
) -> None:
    """The token expires during the create: the provider logs in again, and neither token is shown."""
    terraform.environ = sandbox.environ("oauth") | {"TF_LOG": "trace", "DYNATRACE_VALIDATE_AT_PLAN": "false"}
    sandbox.configure(token_lifetime=1)
    terraform.init(connection())
    held = sandbox.fault("hold", "POST", OBJECTS)

    with terraform.start("apply", "-no-color", "-input=false", "-auto-approve") as running:
        held.wait_until_holding()
        time.sleep(1.1)  # the token's whole life: nothing else to wait for
        held.release()
        printed, _ = running.communicate()

    assert running.returncode == 0
    assert [request["status"] for request in sandbox.requests("POST", OBJECTS)] == [401, 200]
    assert len(sandbox.requests("POST", "/sso/oauth2/token")) == 2
    assert [found["owner"]["id"] for found in sandbox.objects()] == [OWNER.id]
    assert not ACCESS_TOKEN.search(printed + terraform.log)
