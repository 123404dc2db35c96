"""The module `aws_monitored_account`, by its examples."""

import json
import re
from pathlib import Path

import pytest

from dynatrace_sandbox.testing import RunningSandbox
from terraform_plugin.testing import Terraform
from tests.acceptance.tenants import trusting_role
from tests.acceptance.test_modules import SOURCES, example
from tests.acceptance.test_modules import terraform as module_terraform
from tests.examples.applied import EXAMPLES, MONITORED_ACCOUNT, MONITORED_ACCOUNTS, OTHER_WORKSPACE

__all__ = ["module_terraform"]


@pytest.fixture
def terraform(module_terraform: Terraform, sandbox: RunningSandbox) -> Terraform:
    """Terraform with the providers that the module requires, and a platform token."""
    module_terraform.environ = sandbox.environ("platform-token")
    return module_terraform


def test_one_block_monitors_an_account(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """Another role replaces the connection, and the monitoring configuration gets the new one."""
    config = example(MONITORED_ACCOUNT)
    terraform.apply(config)
    [found] = sandbox.configurations()
    [credential] = found["value"]["aws"]["credentials"]
    assert (credential["enabled"], credential["accountId"]) == (True, "123456789012")
    assert credential["connectionId"] == sandbox.objects()[0]["objectId"]

    terraform.apply(config.replace('"EC2_essential", ', "").replace("regions ", 'role_name = "other"\n  regions '))

    [after] = sandbox.configurations()
    assert after["objectId"] == found["objectId"]
    assert after["value"]["featureSets"] == ["RDS_essential"]
    [credential] = after["value"]["aws"]["credentials"]
    assert credential["connectionId"] == sandbox.objects()[0]["objectId"]

    terraform.destroy()
    assert (sandbox.configurations(), sandbox.objects(), sandbox.aws()["roles"]) == ([], [], [])


LONG = """
module "long" {
  source    = "%s/aws_monitored_account"
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
    attached = [name for name in terraform.state() if ".aws_iam_role_policy_attachment.documents" in name]
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


def test_three_accounts_have_three_providers(tmp_path: Path, mirror: Path, terraform: Terraform) -> None:
    """The sandbox has one AWS account, so the example is validated and not applied."""
    config = example(MONITORED_ACCOUNTS)

    assert [message.summary for message in terraform.validate(config)] == []
    terraform.init("")
    assert re.findall(r"providers = { aws = (\S+) }", config) == ["aws.production", "aws.staging", "aws.development"]
    assert {*SOURCES} == {"aws", "dynatrace"}
