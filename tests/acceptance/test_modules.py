"""The modules, by their examples. The small AWS provider stands in for hashicorp/aws."""

import json
import re
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
    """At the first attempt. An OIDC provider is found by its URL."""
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

    terraform.apply(config + AGAIN)

    assert role_names(sandbox) == ["dynatrace-again", "dynatrace-data-acquisition", "dynatrace-production"]
    assert [attempt["allowed"] for attempt in sandbox.aws()["assume_role_attempts"]] == [True] * 3


def test_a_plan_refuses_another_role_unless_the_connection_is_replaced(
    terraform: Terraform, sandbox: RunningSandbox
) -> None:
    """Nothing is changed. With the command of the error, one apply replaces connection, role and role ARN."""
    config = example(WEB_IDENTITY, ROLE_BASED)
    terraform.apply(config)
    renamed = config.replace('"dynatrace-data-acquisition"', '"dynatrace-other"').replace(
        '"dynatrace-production"', '"dynatrace-production"\n  role_path = "/team/"'
    )

    with pytest.raises(TerraformFailed) as failed:
        terraform.plan(renamed)

    connections = {found["objectId"] for found in sandbox.objects()}
    commands = []
    for error in failed.value.errors:
        assert error.summary == "The connection already has another role ARN"
        assert "terraform apply -replace=dynatrace_aws_connection.NAME\n" in error.detail
        assert "In a module" in error.detail
        [address] = re.findall(r"as in (module\.\S+)\.", error.detail)
        commands.append("-replace=" + address.replace("module.NAME", error.address.rpartition(".dynatrace_")[0]))

    terraform.apply(renamed, *commands)

    assert role_names(sandbox) == ["dynatrace-other", "team/dynatrace-production"]
    assert connections.isdisjoint(found["objectId"] for found in sandbox.objects())
    assert [attempt["allowed"] for attempt in sandbox.aws()["assume_role_attempts"]] == [True] * 4


def role_names(sandbox: RunningSandbox) -> list[str]:
    """Return the path and the name of each IAM role."""
    return sorted(role["arn"].partition("/")[2] for role in sandbox.aws()["roles"])


ACCOUNT = "arn:aws:iam::123456789012"
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"
IMPORTS = {
    "module.production.dynatrace_aws_connection.this": "production",
    "module.production.dynatrace_aws_connection_role_arn.this": "production",
    "module.production.aws_iam_openid_connect_provider.this[0]": f"{ACCOUNT}:oidc-provider/token.dynatrace.com",
    "module.production.aws_iam_role.this": "dynatrace-production",
    'module.production.aws_iam_role_policy_attachment.this["read_only"]': f"dynatrace-production/{READ_ONLY}",
    "module.data_acquisition.dynatrace_aws_connection.this": "data acquisition",
    "module.data_acquisition.dynatrace_aws_connection_role_arn.this": "data acquisition",
    "module.data_acquisition.aws_iam_role.this": "dynatrace-data-acquisition",
    'module.data_acquisition.aws_iam_role_policy_attachment.this["read_only"]': (
        f"dynatrace-data-acquisition/{READ_ONLY}"
    ),
}
"""All that two modules create, and the IDs by which it is imported."""


def test_all_that_a_module_creates_can_be_imported_without_changes(
    terraform: Terraform, sandbox: RunningSandbox
) -> None:
    """Into an empty state. Nothing is added, changed or destroyed."""
    config = example(WEB_IDENTITY, ROLE_BASED)
    terraform.apply(config)
    objects = sandbox.objects()
    (terraform.folder / "terraform.tfstate").unlink()

    imported = config + import_blocks(IMPORTS)

    assert terraform.plan(imported).changes == {}
    applied = terraform.apply(imported)
    assert "Resources: 9 imported, 0 added, 0 changed, 0 destroyed." in applied.output
    assert sandbox.objects() == objects


def import_blocks(ids: dict[str, str]) -> str:
    """Return an import block for each address."""
    return "".join(f"import {{\n  to = {address}\n  id = {json.dumps(id_)}\n}}\n" for address, id_ in ids.items())


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
