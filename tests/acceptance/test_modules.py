"""The modules, by their examples. The small AWS provider stands in for hashicorp/aws."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from dynatrace_sandbox.testing import RunningSandbox
from terraform_plugin.install.mirror import install, module_command
from terraform_plugin.testing import Terraform, TerraformFailed
from tests.examples.applied import EXAMPLES, MODULES, text_of

SOURCES = {
    "dynatrace": "terraform.local/dynatrace/dynatrace",
    "aws": "hashicorp/aws",
}
WEB_IDENTITY, ROLE_BASED, SHARED = MODULES

AGAIN = f"""
module "again" {{
  source               = "{EXAMPLES.parent / "modules"}/aws_web_identity"
  name                 = "again"
  role_name            = "dynatrace-again"
  create_oidc_provider = false
}}
"""


def example(*paths: str) -> str:
    """Return examples that find the modules from any folder."""
    # With "//", Terraform copies the whole folder of modules, of which one calls another.
    return text_of(*paths).replace("../../../modules/", f"{EXAMPLES.parent / 'modules'}//")


@pytest.fixture
def terraform(tmp_path: Path, mirror: Path, sandbox: RunningSandbox) -> Iterator[Terraform]:
    """Terraform with the providers that the modules require; at the end everything must be gone."""
    install("hashicorp/aws", "6.0.0", module_command("terraform_provider_aws_iam"), mirror)
    terraform = Terraform(tmp_path, mirror, SOURCES, sandbox.environ())
    yield terraform
    terraform.destroy()
    assert (sandbox.objects(), sandbox.aws()["roles"], sandbox.aws()["providers"]) == ([], [], [])


def test_both_modules_make_roles_that_dynatrace_assumes(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """At the first attempt. Another role name replaces the connection; an OIDC provider is found by its URL."""
    config = example(WEB_IDENTITY, ROLE_BASED)
    terraform.apply(config)

    assert [attempt["allowed"] for attempt in sandbox.aws()["assume_role_attempts"]] == [True, True]
    arns = {name: state["role_arn"] for name, state in terraform.state().items() if "connection_role_arn" in name}
    assert arns == {
        "module.production.dynatrace_aws_connection_role_arn.this": (
            "arn:aws:iam::123456789012:role/dynatrace-production"
        ),
        "module.data_acquisition.dynatrace_aws_connection_role_arn.this": (
            "arn:aws:iam::123456789012:role/dynatrace-data-acquisition"
        ),
    }
    assert len([name for name in terraform.state() if "policy_attachment" in name]) == 2

    terraform.apply(config.replace('"dynatrace-data-acquisition"', '"dynatrace-other"') + AGAIN)

    assert sorted(role["arn"].rpartition("/")[2] for role in sandbox.aws()["roles"]) == [
        "dynatrace-again",
        "dynatrace-other",
        "dynatrace-production",
    ]
    assert [attempt["allowed"] for attempt in sandbox.aws()["assume_role_attempts"]] == [True] * 4


def test_connections_share_an_oidc_provider_that_has_their_audiences(
    terraform: Terraform, sandbox: RunningSandbox
) -> None:
    """If an audience is missing, the apply fails before the role ARN is set, and the error says what to add."""
    config = example(SHARED)
    lacking = config.replace("abc12345.apps.dynatrace.com/", "xyz98765.apps.dynatrace.com/")

    with pytest.raises(TerraformFailed) as failed:
        terraform.apply(lacking)
    assert [
        "do not contain exactly abc12345.apps.dynatrace.com/app-id/dynatrace.aws.connector" in error.detail
        for error in failed.value.errors
    ] == [True, True]

    terraform.apply(config)
    assert [attempt["allowed"] for attempt in sandbox.aws()["assume_role_attempts"]] == [True, True]
