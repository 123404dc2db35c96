"""Monitoring configurations with the real Terraform: the whole life, and what a plan finds."""

from pathlib import Path
from typing import Any

import pytest

from dynatrace_sandbox.testing import RunningSandbox, running_sandbox
from terraform_plugin.testing import Terraform, TerraformFailed
from tests.acceptance.conftest import PROVIDERS
from tests.acceptance.tenants import create, role_based, trusting_role
from tests.examples.applied import MONITORING, MONITORING_IMPORT, MONITORING_OPTIONS, text_of

CONFIGURATIONS = "/platform/extensions/v2/extensions/com.dynatrace.extension.da-aws/monitoring-configurations"
ADDRESS = "dynatrace_aws_monitoring_configuration.production"
OWNER = "platform-token"


@pytest.fixture
def terraform(terraform: Terraform, sandbox: RunningSandbox) -> Terraform:
    """Terraform with a platform token: the Extensions API takes no API tokens."""
    terraform.environ = sandbox.environ(OWNER)
    return terraform


def put(sandbox: RunningSandbox, **aws: Any) -> None:
    """Change properties of the only configuration, as somebody else."""
    [found] = sandbox.configurations()
    value = found["value"] | {"aws": found["value"]["aws"] | aws}
    path = f"{CONFIGURATIONS}/{found['objectId']}"
    assert sandbox.call("PUT", path, "colleague-platform-token", json={"value": value}).status_code == 200


def test_an_account_is_monitored_for_all_its_life(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """Created, changed, changed by somebody else, imported into an empty state, and destroyed in one run."""
    config = text_of(MONITORING, MONITORING_OPTIONS)
    terraform.apply(config)  # which also checks that the next plan is empty
    assert "EC2_essential" in terraform.output("essential_feature_sets")

    changed = config.replace('"us-east-1", "eu-central-1"', '"eu-west-1"').replace('"RDS_essential", ', "")
    terraform.apply(changed)
    [found] = sandbox.configurations()
    assert found["value"]["aws"]["metricsConfiguration"]["regions"] == ["eu-west-1"]
    assert found["value"]["featureSets"] == ["EC2_essential", "S3_essential"]

    put(sandbox, tagEnrichment=["somebody"], automatedDeploymentTemplateVersion="2")
    assert terraform.plan(changed).changes == {ADDRESS: ["update"]}
    terraform.apply(changed)
    [found] = sandbox.configurations()
    assert sorted(found["value"]["aws"]["tagEnrichment"]) == ["cost-center", "owner"]
    assert found["value"]["aws"]["automatedDeploymentTemplateVersion"] == "2"

    terraform.run("state", "rm", ADDRESS)
    result = terraform.apply(changed + text_of(MONITORING_IMPORT))
    assert "Resources: 1 imported, 0 added, 0 changed, 0 destroyed." in result.output

    terraform.destroy()
    assert (sandbox.configurations(), sandbox.objects(), sandbox.aws()["roles"]) == ([], [], [])


CONFIGURATION = """
resource "dynatrace_aws_monitoring_configuration" "this" {
  name          = "production"
  connection_id = "%s"
  account_id    = "%s"
  regions       = ["us-east-1"]
  feature_sets  = ["EC2_essential"]
}
"""
ACCOUNT = "123456789012"


def problems(terraform: Terraform, config: str) -> dict[str, str]:
    """Return the details of what a plan reports, by summary."""
    with pytest.raises(TerraformFailed) as failed:
        terraform.plan(config)
    return {error.summary: error.detail for error in failed.value.errors}


def test_a_plan_finds_what_would_fail(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """The connection, the account, the schema, and the scope; nothing is created."""
    with trusting_role(sandbox) as arn:
        ids = create(sandbox, [role_based("with", arn), role_based("without")], OWNER)
        fine = CONFIGURATION % (ids["with"], ACCOUNT)

        assert [*problems(terraform, CONFIGURATION % ("nothing", ACCOUNT))] == ["AWS connection not found"]
        assert [*problems(terraform, CONFIGURATION % (ids["without"], ACCOUNT))] == ["The connection has no role ARN"]
        assert [*problems(terraform, CONFIGURATION % (ids["with"], "1" * 12))] == ["Account of another connection"]

        wrong = problems(terraform, fine.replace("us-east-1", "us-east-7").replace("EC2_", "EC3_"))
        assert {*wrong} == {"Unknown region", "Unknown feature set"}
        assert "Did you mean us-east-" in wrong["Unknown region"]
        assert "EC2_essential" in wrong["Unknown feature set"]

        [taken] = sandbox.call("POST", CONFIGURATIONS, OWNER, json=monitoring_body(ids["with"])).json().values()
        detail = problems(terraform, fine)["The account is monitored already"]
        assert "import {\n    to = dynatrace_aws_monitoring_configuration.NAME" in detail
        assert f'id = "{taken}"' in detail
        assert sandbox.call("DELETE", f"{CONFIGURATIONS}/{taken}", OWNER).status_code == 204

        other = create(sandbox, [role_based("other", arn)], OWNER)
        fine = CONFIGURATION % (other["other"], ACCOUNT)
        terraform.environ = sandbox.environ("read-only-oauth")
        [detail] = problems(terraform, fine).values()
        assert "extensions:configurations:write" in detail
        terraform.environ = sandbox.environ("api-token")
        assert [*problems(terraform, fine)] == ["Monitoring configurations require platform credentials"]

        for found in sandbox.objects():
            path = f"/platform/classic/environment-api/v2/settings/objects/{found['objectId']}"
            sandbox.call("DELETE", path, OWNER)
        assert sandbox.configurations() == []


def test_deleting_or_replacing_a_configuration_warns_of_its_connection(terraform: Terraform) -> None:
    """The connection goes along; the warnings say what to do."""
    config = text_of(MONITORING)
    terraform.apply(config)
    without = config[: config.index('resource "dynatrace_aws_monitoring_configuration"')]

    deleted = terraform.plan(without)
    assert [warning.summary for warning in deleted.warnings] == [
        "The connection is deleted with its monitoring configuration"
    ]
    assert "set enabled = false" in deleted.warnings[0].detail

    replaced = terraform.plan(
        config.replace('  name = "production"\n\n', '  name  = "production"\n  scope = "other"\n')
    )
    assert [warning.summary for warning in replaced.warnings] == [
        "Replacing a monitoring configuration deletes its connection"
    ]

    both = terraform.apply(config, f"-replace={ADDRESS}", "-replace=dynatrace_aws_connection.production")
    assert "Resources: 3 added, 1 changed, 3 destroyed." in both.output


def test_the_extension_must_be_installed(tmp_path: Path, mirror: Path) -> None:
    """The plan says how; once it is installed, the plan passes."""
    with running_sandbox(no_extension=True) as sandbox:
        terraform = Terraform(tmp_path, mirror, PROVIDERS, sandbox.environ(OWNER))

        detail = problems(terraform, text_of(MONITORING))["Extension not installed"]

        path = CONFIGURATIONS.removesuffix("/monitoring-configurations")
        assert path in detail
        assert sandbox.call("POST", path, OWNER).status_code == 202
        assert terraform.plan(text_of(MONITORING)).changes[ADDRESS] == ["create"]


def monitoring_body(connection: str) -> dict[str, Any]:
    """Return the body of a POST, as somebody without Terraform would send it."""
    regional = {"enabled": True, "regions": ["us-east-1"]}
    credential = {"enabled": True, "description": "d", "connectionId": connection, "accountId": ACCOUNT}
    aws = {
        "deploymentRegion": "us-east-1",
        "credentials": [credential],
        "regionFiltering": ["us-east-1"],
        "smartscapeConfiguration": {"enabled": True},
        "metricsConfiguration": regional,
    }
    value = {"enabled": True, "description": "theirs", "version": "1.0.7", "aws": aws}
    return {"scope": "integration-aws", "value": value}
