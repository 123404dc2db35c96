"""The module `aws_monitored_account`, by its examples."""

import json
import re
from typing import Any

import pytest

from dynatrace_sandbox.testing import RunningSandbox
from terraform_plugin.testing import Terraform, TerraformFailed
from tests.acceptance.tenants import trusting_role
from tests.acceptance.test_aws_monitoring_configuration import put
from tests.acceptance.test_doctor import command as provider_command
from tests.acceptance.test_modules import example, import_blocks
from tests.acceptance.test_modules import terraform as module_terraform
from tests.examples.applied import EXAMPLES, MONITORED_ACCOUNT, MONITORED_ACCOUNTS, OTHER_WORKSPACE

__all__ = ["module_terraform"]


@pytest.fixture
def terraform(module_terraform: Terraform, sandbox: RunningSandbox) -> Terraform:
    """Terraform with the providers that the module requires, and a platform token."""
    module_terraform.environ = sandbox.environ("platform-token")
    return module_terraform


MODULE = "module.production"
CONFIGURATION = f"{MODULE}.dynatrace_aws_monitoring_configuration.this"
CONNECTION = f"{MODULE}.module.connection.dynatrace_aws_connection.this"
ROLE_ARN = f"{MODULE}.module.connection.dynatrace_aws_connection_role_arn.this"
ACCOUNT = "123456789012"
IMPORTS = {
    ROLE_ARN: "production",
    CONNECTION: "production",
    CONFIGURATION: ACCOUNT,
    f"{MODULE}.module.connection.aws_iam_role.this": "dynatrace-monitoring",
    f'{MODULE}.module.connection.aws_iam_role_policy_attachment.this["read_only"]': (
        "dynatrace-monitoring/arn:aws:iam::aws:policy/ReadOnlyAccess"
    ),
    f'{MODULE}.aws_iam_policy.this["own-1"]': f"arn:aws:iam::{ACCOUNT}:policy/dynatrace-monitoring-own-1",
    f'{MODULE}.aws_iam_role_policy_attachment.this["own-1"]': (
        f"dynatrace-monitoring/arn:aws:iam::{ACCOUNT}:policy/dynatrace-monitoring-own-1"
    ),
}
"""All that the module creates, and the IDs by which it is imported."""


def test_the_module_lives_from_its_plan_to_its_end(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """Applied, changed, changed by somebody else, exported, imported into an empty state, and destroyed in one run."""
    config = example(MONITORED_ACCOUNT)
    created = [address for address, actions in terraform.plan(config).changes.items() if actions == ["create"]]
    assert sorted(created) == sorted(IMPORTS)
    terraform.apply(config)  # which also checks that the next plan is empty

    changed = config.replace('["us-east-1", "eu-central-1"]', '["eu-west-1"]').replace(', "RDS_essential"', "")
    assert terraform.plan(changed).changes == {CONFIGURATION: ["update"]}
    terraform.apply(changed)
    [found] = sandbox.configurations()
    assert found["value"]["aws"]["metricsConfiguration"]["regions"] == ["eu-west-1"]
    assert found["value"]["featureSets"] == ["EC2_essential"]

    put(sandbox, metricsConfiguration={"enabled": True, "regions": ["us-west-2"]})
    assert terraform.plan(changed).changes == {CONFIGURATION: ["update"]}
    terraform.apply(changed)
    [found] = sandbox.configurations()
    assert found["value"]["aws"]["metricsConfiguration"]["regions"] == ["eu-west-1"]

    exported = export(terraform, found)
    assert re.search(r"connection_id += dynatrace_aws_connection(_role_arn)?\.production_\w+\.id\n", exported)
    assert re.search(r'regions += \["eu-west-1"\]\n', exported)

    (terraform.folder / "terraform.tfstate").unlink()
    imported = changed + import_blocks(IMPORTS)
    assert terraform.plan(imported).changes == {}
    assert "Resources: 7 imported, 0 added, 0 changed, 0 destroyed." in terraform.apply(imported).output
    assert sandbox.configurations() == [found]

    destroyed = terraform.destroy()
    assert [message.summary for message in destroyed.errors] == []
    aws = sandbox.aws()
    assert (sandbox.configurations(), sandbox.objects(), aws["roles"], aws["providers"]) == ([], [], [], [])


def export(terraform: Terraform, found: dict[str, Any]) -> str:
    """Return what -export -ref writes about the monitoring configuration and its connection."""
    target = terraform.folder / "exported"
    variables = terraform.variables | {"DYNATRACE_TARGET_FOLDER": str(target)}
    kinds = ("dynatrace_aws_connection", "dynatrace_aws_monitoring_configuration")
    ended = provider_command(variables, "-export", "-ref", "-flat", *kinds)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    text = "".join(file.read_text() for file in sorted(target.rglob("*.tf")))
    assert found["objectId"] in text
    return text


def test_doctor_says_whether_the_account_is_monitored(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """By which configuration, whether that is enabled, and whether it uses the connection."""
    config = example(MONITORED_ACCOUNT)

    def monitoring() -> str:
        ended = provider_command(sandbox.environ("platform-token"), "doctor", "aws", "production")
        assert (ended.returncode, ended.stderr) == (0, "")
        [line] = [line for line in ended.stdout.splitlines() if line.lstrip().startswith("monitoring")]
        return line.split(maxsplit=1)[1]

    terraform.apply(config)
    [found] = sandbox.configurations()
    assert monitoring() == f'"production" ({found["objectId"]}), enabled, uses this connection'

    terraform.apply(config.replace('"production"\n', '"production"\n  enabled = false\n', 1))
    assert monitoring() == f'"production" ({found["objectId"]}), disabled, uses this connection'


def test_a_replacement_without_the_connection_is_repaired_by_the_next_apply(
    terraform: Terraform, sandbox: RunningSandbox
) -> None:
    """With `-replace` alone, the connection is deleted. The error says so, and what to do."""
    sandbox.configure(connection_deletion=0)
    config = example(MONITORED_ACCOUNT)
    terraform.apply(config)

    with pytest.raises(TerraformFailed) as failed:
        terraform.apply(config, f"-replace={CONFIGURATION}")

    [error] = failed.value.errors
    assert error.summary == "The connection was deleted with the replaced configuration"
    assert "Run terraform apply again" in error.detail
    assert (sandbox.configurations(), sandbox.objects()) == ([], [])
    terraform.apply(config)
    [found] = sandbox.configurations()
    assert found["value"]["aws"]["credentials"][0]["connectionId"] == sandbox.objects()[0]["objectId"]


def test_one_block_monitors_an_account(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """A plan with another role names the command that replaces the connection, too. The configuration then stays."""
    config = example(MONITORED_ACCOUNT)
    terraform.apply(config)
    [found] = sandbox.configurations()
    [credential] = found["value"]["aws"]["credentials"]
    assert (credential["enabled"], credential["accountId"]) == (True, "123456789012")
    assert credential["connectionId"] == sandbox.objects()[0]["objectId"]

    renamed = config.replace('"EC2_essential", ', "").replace("regions ", 'role_path = "/team/"\n  regions ')
    with pytest.raises(TerraformFailed) as failed:
        terraform.plan(renamed)
    [error] = failed.value.errors
    assert (error.address, error.summary) == (ROLE_ARN, "The connection already has another role ARN")
    assert "terraform apply -replace=" in error.detail
    terraform.apply(renamed, f"-replace={CONNECTION}")

    [after] = sandbox.configurations()
    assert after["objectId"] == found["objectId"]
    assert after["value"]["featureSets"] == ["RDS_essential"]
    [credential] = after["value"]["aws"]["credentials"]
    assert credential["connectionId"] == sandbox.objects()[0]["objectId"]

    terraform.destroy()
    assert (sandbox.configurations(), sandbox.objects(), sandbox.aws()["roles"]) == ([], [], [])


LONG = """
module "long" {
  source    = "%s//aws_monitored_account"
  name      = "long"
  regions   = ["us-east-1"]
  role_name = "long"

  policy_documents = {
    long = jsonencode({
      Version = "2012-10-17"
      Statement = [for number in range(60) : {
        Effect   = "Allow"
        Action   = "ec2:DescribeSomethingWithAVeryLongName${number}"
        Resource = "arn:aws:ec2:us-east-1:123456789012:something/with-a-long-name-of-its-own/${number}"
      }]
    })
  }
}
"""


def test_a_long_policy_is_split(terraform: Terraform) -> None:
    """Every statement is in exactly one of the policies, and none of these is too long for IAM."""
    terraform.apply(LONG % (EXAMPLES.parent / "modules"))

    policies = [state["policy"] for name, state in terraform.state().items() if ".aws_iam_policy." in name]
    actions = [one["Action"] for policy in policies for one in json.loads(policy)["Statement"]]
    assert len(policies) > 1
    assert max(map(len, policies)) <= 6144
    assert sorted(actions) == sorted(f"ec2:DescribeSomethingWithAVeryLongName{number}" for number in range(60))
    attached = [name for name in terraform.state() if ".aws_iam_role_policy_attachment." in name]
    assert len(attached) == len(policies)


def test_a_role_of_another_workspace_needs_no_second_run(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """The role ARN is known before the role exists; here the role is there in time, and everything comes in one run."""
    with trusting_role(sandbox) as arn:
        terraform.environ |= {"TF_VAR_account_id": "123456789012", "TF_VAR_role_name": arn.rpartition("/")[2]}
        terraform.apply(example(OTHER_WORKSPACE))

        [found] = sandbox.configurations()
        assert found["value"]["aws"]["credentials"][0]["connectionId"] == terraform.output("external_id")
        terraform.destroy()
        assert (sandbox.configurations(), sandbox.objects()) == ([], [])


def test_a_role_that_another_workspace_creates_later_is_waited_for(
    terraform: Terraform, sandbox: RunningSandbox
) -> None:
    """The apply tries again until the role exists, and then creates the monitoring configuration."""
    terraform.environ |= {"TF_VAR_account_id": "222222222222", "TF_VAR_role_name": "trusting"}
    terraform.init(example(OTHER_WORKSPACE))
    process = terraform.start("apply", "-input=false", "-auto-approve", "-no-color")
    sandbox.wait_for_requests(2, "PUT", "*/settings/objects/*")  # Dynatrace has refused the role ARN once

    with trusting_role(sandbox, account="222222222222") as arn:
        printed, _ = process.communicate()
        assert process.returncode == 0, printed

        decisions = sandbox.aws()["assume_role_attempts"]
        assert {decision["role_arn"] for decision in decisions} == {arn}
        assert [decision["allowed"] for decision in decisions] == [False] * (len(decisions) - 1) + [True]
        [found] = sandbox.configurations()
        assert found["value"]["aws"]["credentials"][0]["accountId"] == "222222222222"
        terraform.destroy()
        assert (sandbox.configurations(), sandbox.objects()) == ([], [])


ACCOUNTS = {"production": "111111111111", "staging": "222222222222", "development": "333333333333"}


def test_three_accounts_are_monitored_with_three_providers(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """Each module block creates its role in the account of its provider, and Dynatrace assumes that role."""
    keys = {name: {"access_key": account, "secret_key": "any"} for name, account in ACCOUNTS.items()}
    terraform.environ |= {"TF_VAR_accounts": json.dumps(keys)}

    terraform.apply(example(MONITORED_ACCOUNTS))

    roles = {f"arn:aws:iam::{account}:role/dynatrace-monitoring" for account in ACCOUNTS.values()}
    assert {role["arn"] for role in sandbox.aws()["roles"]} == roles
    assert {decision["role_arn"] for decision in sandbox.aws()["assume_role_attempts"] if decision["allowed"]} == roles
    connections = {found["value"]["name"]: found["objectId"] for found in sandbox.objects()}
    monitored = {
        found["value"]["description"]: (credential["accountId"], credential["connectionId"])
        for found in sandbox.configurations()
        for credential in found["value"]["aws"]["credentials"]
    }
    assert monitored == {name: (account, connections[name]) for name, account in ACCOUNTS.items()}
    terraform.destroy()
    assert (sandbox.configurations(), sandbox.objects(), sandbox.aws()["roles"]) == ([], [], [])
