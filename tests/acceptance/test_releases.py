"""Life cycle, validation at plan, export and take-over on each release of the schema of AWS connections.

Source: docs/design/0008-sources.md#aws-connection-schema.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dynatrace_sandbox.tenant.releases import RELEASES
from dynatrace_sandbox.testing import RunningSandbox
from terraform_plugin.testing import Terraform, TerraformFailed
from tests.acceptance.configurations import connection, role, role_arn
from tests.acceptance.conftest import PROVIDERS
from tests.acceptance.tenants import create, role_based, trusting_role, web_identity
from tests.acceptance.test_takeover import OFFICIAL, OURS, SINGLE, official_folder

OTHERS = {
    "0.0.24": ["APP:dynatrace.biz.carbon", "DA", "SVC:com.dynatrace.openpipeline", "NONE"],
    "0.0.26": ["SVC:com.dynatrace.grail", "DA", "SVC:com.dynatrace.openpipeline", "NONE"],
    "345": ["SVC:com.dynatrace.grail", "SVC:com.dynatrace.bo", "SVC:com.dynatrace.openpipeline"],
}
"""Consumers of role-based authentication besides the default, by release."""

UNKNOWN = {"0.0.24": "SVC:com.dynatrace.grail", "0.0.26": "APP:dynatrace.biz.carbon", "345": "DA"}
"""A consumer that another release has, by release."""


@pytest.fixture(params=RELEASES)
def release(request: pytest.FixtureRequest, sandbox: RunningSandbox) -> Iterator[str]:
    """The sandbox serves this release; the reset of the next test restores the newest."""
    sandbox.configure(release=request.param)
    yield request.param
    sandbox.reset()


def role_based_auth(consumer: str) -> str:
    consumers = f'consumers = ["{consumer}"]' if consumer else ""
    return (
        f'resource "dynatrace_aws_connection" "based" {{\n  name = "based"\n  role_based_auth {{\n{consumers}\n}}\n}}\n'
    )


def test_a_life_cycle(terraform: Terraform, sandbox: RunningSandbox, release: str) -> None:
    """Create with a role ARN, an empty next plan, a rename, another consumer, destroy."""
    config = connection() + role() + role_arn()
    terraform.apply(config + role_based_auth(""))
    assert terraform.plan(config + role_based_auth("")).empty

    terraform.apply(config.replace('"production"', '"renamed"') + role_based_auth(OTHERS[release][0]))

    values = {one["value"]["name"]: one["value"] for one in sandbox.objects()}
    assert values["renamed"]["awsWebIdentity"]["roleArn"].endswith(":role/dynatrace")
    assert values["based"]["awsRoleBasedAuthentication"]["consumers"] == [OTHERS[release][0]]


def test_a_plan_refuses_a_consumer_of_another_release(terraform: Terraform, release: str) -> None:
    """Dynatrace refuses it during the plan, and the error names the consumer."""
    with pytest.raises(TerraformFailed) as failed:
        terraform.plan(role_based_auth(UNKNOWN[release]))

    [error] = failed.value.errors
    assert UNKNOWN[release] in error.detail


def test_an_export_makes_the_round_trip(tmp_path: Path, mirror: Path, sandbox: RunningSandbox, release: str) -> None:
    """With every consumer of the release, without consumers, and with a role ARN: only imports, then no changes."""
    with trusting_role(sandbox) as arn:
        based = [role_based(f"based {consumer}".replace(":", " "), "", [consumer]) for consumer in OTHERS[release]]
        create(sandbox, [*based, role_based("without", "", ()), role_based("usual"), web_identity("web", arn)])
    variables = sandbox.environ() | {"TF_LOG_PROVIDER": "", "DYNATRACE_TARGET_FOLDER": str(tmp_path)}
    terraform = Terraform(tmp_path, mirror, PROVIDERS, variables)

    command = [sys.executable, "-m", "terraform_provider_dynatrace", "-export"]
    subprocess.run(command, env=terraform.variables, capture_output=True, check=True)

    terraform.run("plan", "-input=false", "-no-color", "-out=plan")
    changes = [one["change"] for one in terraform.show("plan")["resource_changes"]]
    assert [change["actions"] for change in changes] == [["no-op"]] * (len(OTHERS[release]) + 4)
    assert all("importing" in change for change in changes)


def test_a_folder_of_the_official_provider_is_taken_over(
    terraform: Terraform, sandbox: RunningSandbox, release: str
) -> None:
    """The next plan shows no change."""
    with trusting_role(sandbox) as arn:
        official_folder(terraform, sandbox, "single", arn)
        terraform.run("state", "replace-provider", "-auto-approve", OFFICIAL, OURS)

        assert terraform.plan(SINGLE.replace("<role ARN>", arn)).empty
        assert json.loads((terraform.folder / "terraform.tfstate").read_text())["resources"] != []
        assert {one["schemaVersion"] for one in sandbox.objects()} == {release if release != "345" else "0.0.27"}
