"""The module `aws_monitored_account`, by its examples."""

import re
from pathlib import Path

import pytest

from dynatrace_sandbox.testing import RunningSandbox
from terraform_plugin.testing import Terraform
from tests.acceptance.test_modules import SOURCES, example
from tests.acceptance.test_modules import terraform as module_terraform
from tests.examples.applied import MONITORED_ACCOUNT, MONITORED_ACCOUNTS

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


def test_three_accounts_have_three_providers(tmp_path: Path, mirror: Path, terraform: Terraform) -> None:
    """The sandbox has one AWS account, so the example is validated and not applied."""
    config = example(MONITORED_ACCOUNTS)

    assert [message.summary for message in terraform.validate(config)] == []
    terraform.init("")
    assert re.findall(r"providers = { aws = (\S+) }", config) == ["aws.production", "aws.staging", "aws.development"]
    assert {*SOURCES} == {"aws", "dynatrace"}
