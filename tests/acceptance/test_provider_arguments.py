"""The provider's own numbers with real Terraform: retries, timeouts, `max_concurrency`."""

import re

import pytest

from dynatrace_sandbox.testing import RunningSandbox
from terraform_plugin.testing import Terraform, TerraformFailed
from tests.acceptance.configurations import connection, permissions

OBJECTS = "/api/v2/settings/objects"


def provider(arguments: str) -> str:
    """Return a provider block with these arguments."""
    return f'provider "dynatrace" {{\n  {arguments}\n}}\n'


def test_without_retries_the_first_failure_is_the_last(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """The same apply succeeds with the default."""
    sandbox.fault("respond", "POST", OBJECTS, status=503)

    with pytest.raises(TerraformFailed) as failed:
        terraform.apply(provider("max_retries = 0") + connection())

    [error] = failed.value.errors
    assert "503" in error.detail
    assert len(sandbox.requests("POST", OBJECTS)) == 1
    assert sandbox.objects() == []

    sandbox.clear_faults()
    sandbox.fault("respond", "POST", OBJECTS, status=503)
    terraform.apply(connection())
    assert len(sandbox.objects()) == 1


@pytest.mark.parametrize("argument", ["request_timeout", "operation_timeout"])
def test_a_variable_shortens_the_request_timeout(terraform: Terraform, sandbox: RunningSandbox, argument: str) -> None:
    """The message names the seconds and the argument that raises them."""
    sandbox.fault("hold", "POST", OBJECTS, times=None)
    retries = "0" if argument == "request_timeout" else "5"
    terraform.environ |= {f"DYNATRACE_{argument.upper()}": "1", "DYNATRACE_MAX_RETRIES": retries}

    with pytest.raises(TerraformFailed) as failed:
        terraform.apply(connection())

    sandbox.clear_faults()
    [error] = failed.value.errors
    assert re.search(rf"longer than (1|0\.9\d+) seconds\. Try again later, or raise {argument}", error.detail)
    assert terraform.state() == {}


URL_FROM_A_RESOURCE = """
resource "terraform_data" "environment" {
  input = "%s"
}
provider "dynatrace" {
  dt_env_url       = terraform_data.environment.output
  oauth_preference = true
}
"""


def test_a_url_that_another_resource_gives_is_waited_for(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """Creates are planned without a request, with a warning; one apply creates everything."""
    terraform.environ = sandbox.environ("all")
    config = URL_FROM_A_RESOURCE % terraform.environ.pop("DYNATRACE_ENV_URL")
    config += connection() + permissions('all_users = "read"')

    plan = terraform.plan(config)
    assert {warning.summary for warning in plan.warnings} == {"Not validated with Dynatrace"}
    assert "dt_env_url in the provider block depends on a resource" in plan.warnings[0].detail
    assert sandbox.requests() == []

    terraform.apply(config)
    assert [found["accessors"] != [] for found in sandbox.objects()] == [True]


def test_a_number_outside_its_limit_is_found_by_validate(terraform: Terraform) -> None:
    """At its line, with the valid range."""
    [message] = terraform.validate(provider("max_concurrency = 0") + connection())

    assert (message.severity, message.summary) == ("error", "Invalid max_concurrency")
    assert "from 1 to 100" in message.detail
    assert "max_concurrency" in message.code


def test_a_managed_url_without_its_environment_is_explained(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """The cluster of a Managed environment returns 404 for the whole API if /e/ and the environment ID are missing."""
    sandbox.fault("respond", path="*/settings/objects*", times=None, status=404)
    url = terraform.environ["DYNATRACE_ENV_URL"]

    with pytest.raises(TerraformFailed) as failed:
        terraform.plan(connection())

    [error] = failed.value.errors
    assert error.summary == "No Settings API at this URL, or no such schema"
    assert f'DYNATRACE_ENV_URL, which is "{url}"' in error.detail
    assert "/e/" in error.detail
    assert "deleted" not in error.detail


THEIRS = """
data "dynatrace_aws_connections" "every" {
}
output "owners" {
  value = data.dynatrace_aws_connections.every.connections[*].owner.id
}
"""


def test_admin_access_shows_the_connections_of_every_owner(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """As an argument and as a variable. Every request about objects carries the parameter."""
    path = "/platform/classic/environment-api/v2/settings/objects"
    value = {"name": "theirs", "type": "awsWebIdentity", "awsWebIdentity": {"consumers": []}}
    schema = "builtin:hyperscaler-authentication.connections.aws"
    body = [{"schemaId": schema, "scope": "environment", "value": value}]
    [created] = sandbox.call("POST", path, "colleague-platform-token", json=body).json()
    owner = sandbox.credentials["colleague-platform-token"]["userId"]

    def owners(config: str) -> object:
        return terraform.plan(config).json["planned_values"]["outputs"]["owners"]["value"]

    terraform.environ = sandbox.environ("oauth")
    assert owners(THEIRS) == []
    before = len(sandbox.requests())
    terraform.environ |= {"DYNATRACE_ADMIN_ACCESS": "true"}
    assert owners(THEIRS) == [owner]
    del terraform.environ["DYNATRACE_ADMIN_ACCESS"]
    assert owners(provider("admin_access = true") + THEIRS) == [owner]
    sent = [one for one in sandbox.requests()[before:] if one["path"] == path]
    assert sent
    assert all("adminAccess=true" in one["query"] for one in sent)

    terraform.environ = sandbox.environ("stranger-platform-token")
    [warning] = terraform.plan(provider("admin_access = true") + THEIRS).warnings
    assert warning.summary == "admin_access has no effect"
    assert "settings:objects:admin" in warning.detail
    sandbox.call("DELETE", f"{path}/{created['objectId']}", "colleague-platform-token").raise_for_status()


def test_admin_access_is_refused_at_plan_with_an_api_token(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """Nothing is sent."""
    with pytest.raises(TerraformFailed) as failed:
        terraform.plan(provider("admin_access = true") + connection())

    [error] = failed.value.errors
    assert error.summary == "admin_access requires platform credentials"
    assert "admin_access = true" in error.code
    assert sandbox.requests() == []
