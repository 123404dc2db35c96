"""The examples that the documentation shows, applied as they are."""

import json
import re
from pathlib import Path

import pytest

from dynatrace_sandbox.testing import RunningSandbox
from terraform_plugin.install.mirror import install, module_command
from terraform_plugin.testing import Terraform
from tests.examples import applied
from tests.examples.applied import text_of

OBJECTS = "/api/v2/settings/objects"
ROLE_BASED = {
    "name": "Account 123456789012",
    "type": "awsRoleBasedAuthentication",
    "awsRoleBasedAuthentication": {"roleArn": "", "consumers": ["SVC:com.dynatrace.da"]},
}


@pytest.mark.parametrize(
    ("example", "importing"),
    [(applied.THE_PAGE, applied.THE_PAGE_IMPORT), (applied.ROLE_ARN, applied.ROLE_ARN_IMPORT)],
)
def test_a_resources_example_is_applied_and_imported(
    terraform: Terraform, sandbox: RunningSandbox, example: str, importing: str
) -> None:
    """The role is assumed. After removing the resources from the state and importing them, the plan is empty."""
    terraform.apply(text_of(example))
    assert [attempt["allowed"] for attempt in sandbox.aws()["assume_role_attempts"]] == [True]

    [address] = re.findall(r"to = (\S+)", text_of(importing))
    terraform.run("state", "rm", address)
    result = terraform.apply(text_of(example, importing))

    assert "Resources: 1 imported, 0 added, 0 changed, 0 destroyed." in result.output


def test_the_examples_of_functions_and_data_sources_are_applied(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """Their values are those in the comments."""
    item = {"schemaId": "builtin:hyperscaler-authentication.connections.aws", "scope": "environment"}
    [created] = sandbox.call("POST", OBJECTS, json=[item | {"value": ROLE_BASED}]).json()
    text = text_of(*applied.FUNCTIONS, *applied.DATA_SOURCES)

    terraform.apply(text)

    for expected, name in re.findall(r'# (\S+)\noutput "(\w+)"', text):
        assert terraform.output(name).startswith(expected.removesuffix("vu9U3hXa3q0AAAAB..."))
    assert terraform.output("external_id") == created["objectId"]
    assert terraform.output("consumers") == ["SVC:com.dynatrace.da"]
    assert terraform.output("ids") == {"Account 123456789012": created["objectId"]}
    policies = {role["arn"].rpartition("/")[2]: json.dumps(role["trustPolicy"]) for role in sandbox.aws()["roles"]}
    assert sorted(policies) == ["dynatrace-role-based", "role-based", "web-identity"]
    assert created["objectId"] in policies["dynatrace-role-based"]
    terraform.destroy()
    sandbox.call("DELETE", f"{OBJECTS}/{created['objectId']}").raise_for_status()


def test_the_providers_example_is_applied(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """With its own arguments and no credentials in the environment: the connection has an owner."""
    variables = {"environment_url": sandbox.url, "platform_token": sandbox.credentials["platform-token"]["secret"]}
    terraform.environ = sandbox.environ("none") | {f"TF_VAR_{name}": text for name, text in variables.items()}

    terraform.apply(text_of(applied.PROVIDER))

    assert [found["owner"] is not None for found in sandbox.objects()] == [True]


def test_both_providers_can_be_used_in_one_configuration(
    terraform: Terraform, sandbox: RunningSandbox, mirror: Path
) -> None:
    """Under two local names; here this provider stands in for the official one."""
    install("dynatrace-oss/dynatrace", "0.1.0", module_command("terraform_provider_dynatrace"), mirror)

    terraform.apply(text_of(applied.BESIDE))

    assert [found["value"]["name"] for found in sandbox.objects()] == ["production"]
