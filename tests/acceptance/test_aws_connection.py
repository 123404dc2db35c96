"""`dynatrace_aws_connection` with real Terraform."""

from typing import Any

import pytest

from dynatrace_sandbox.testing import RunningSandbox
from terraform_plugin.testing import Terraform, TerraformFailed
from tests.acceptance.configurations import connection, role, role_arn

ADDRESS = "dynatrace_aws_connection.this"
ROLE_BASED = """
resource "dynatrace_aws_connection" "this" {
  name = "production"
  role_based_auth {
    consumers = ["SVC:com.dynatrace.da"]
  }
}
"""


def test_a_connection_is_what_was_configured(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """Dynatrace stores the documented value under the ID that is in the state."""
    terraform.apply(connection())

    [found] = sandbox.objects()
    assert found["objectId"] == terraform.state()[ADDRESS]["id"]
    assert found["value"] == {
        "name": "production",
        "type": "awsWebIdentity",
        "awsWebIdentity": {"consumers": ["APP:dynatrace.aws.connector"], "roleArn": ""},
    }


def test_a_role_based_connection_needs_no_consumers(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """Dynatrace sets its default, and the next plan has no changes."""
    terraform.apply('resource "dynatrace_aws_connection" "this" {\n  name = "plain"\n  role_based_auth {}\n}')

    [found] = sandbox.objects()
    assert found["value"]["awsRoleBasedAuthentication"] == {"consumers": ["SVC:com.dynatrace.da"], "roleArn": ""}


def test_a_new_name_changes_in_place_and_nothing_else(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """A role ARN that was set meanwhile stays."""
    terraform.apply(connection() + role() + role_arn())
    [before] = sandbox.objects()
    renamed = connection("renamed") + role() + role_arn()

    assert terraform.plan(renamed).changes == {ADDRESS: ["update"]}
    terraform.apply(renamed)

    [after] = sandbox.objects()
    assert after["objectId"] == before["objectId"]
    assert after["value"] == before["value"] | {"name": "renamed"}
    assert after["value"]["awsWebIdentity"]["roleArn"].endswith(":role/dynatrace")


@pytest.mark.parametrize("other", [ROLE_BASED, connection(consumer="APP:dynatrace.biz.carbon")])
def test_another_authentication_or_consumer_replaces_the_connection(
    terraform: Terraform, sandbox: RunningSandbox, other: str
) -> None:
    """Dynatrace does not change them in place."""
    sandbox.configure(release="0.0.24")
    terraform.apply(connection())

    assert terraform.plan(other).actions(ADDRESS) == ["delete", "create"]
    terraform.apply(other)


def test_a_deleted_connection_is_planned_again(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """A read with 404 removes it from the state, without an error."""
    terraform.apply(connection())
    [found] = sandbox.objects()
    deleted = sandbox.call("DELETE", f"/api/v2/settings/objects/{found['objectId']}")
    assert deleted.status_code == 204

    assert terraform.plan(connection()).actions(ADDRESS) == ["create"]


def test_a_rename_made_elsewhere_is_drift(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """The plan shows it and restores the configured name."""
    terraform.apply(connection())
    [found] = sandbox.objects()
    value = found["value"] | {"name": "renamed elsewhere"}
    changed = sandbox.call("PUT", f"/api/v2/settings/objects/{found['objectId']}", json={"value": value})
    assert changed.status_code == 200

    plan = terraform.plan(connection())

    assert plan.actions(ADDRESS) == ["update"]
    assert (plan.before(ADDRESS) or {})["name"] == "renamed elsewhere"


@pytest.mark.parametrize(
    "name",
    ['with \\"quotes\\" and $${dollars} and %%{percent}', "ünïcödé 接続 🔗", "back\\\\slash and\\ttab", "a" * 100],
)
def test_any_name_is_kept(terraform: Terraform, name: str) -> None:
    """Dynatrace stores any name that HCL can express; the harness checks that the next plan is empty."""
    terraform.apply(connection(name))


def test_a_lost_response_creates_no_second_object(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """The create is retried with the same external ID: the apply succeeds, and there is one object."""
    terraform.environ["DYNATRACE_VALIDATE_AT_PLAN"] = "false"
    sandbox.fault("reset", "POST", "*/settings/objects", acts=True)

    terraform.apply(connection())

    assert len(sandbox.requests("POST")) > 1
    assert len(sandbox.objects()) == 1


def test_an_existing_connection_is_imported_by_its_id(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """After the import the plan is empty."""
    value = {"name": "production", "type": "awsWebIdentity"} | {
        "awsWebIdentity": {"consumers": ["APP:dynatrace.aws.connector"], "roleArn": ""}
    }
    body = [{"schemaId": "builtin:hyperscaler-authentication.connections.aws", "scope": "environment", "value": value}]
    [created] = sandbox.call("POST", "/api/v2/settings/objects", json=body).json()

    terraform.import_(connection(), ADDRESS, created["objectId"])

    assert terraform.plan(connection()).empty


def test_a_mistake_is_found_by_validate(terraform: Terraform) -> None:
    """Terraform shows what the provider found, at the line that is wrong; `resources/` has the table of mistakes."""
    body = 'name = "production"\nweb_identity {\n consumers = []\n}'
    found = terraform.validate(f'resource "dynatrace_aws_connection" "this" {{\n{body}\n}}')

    [message] = [message for message in found if message.severity == "error"]
    assert "no Dynatrace integration could use" in message.detail
    assert "consumers" in message.code


def test_unknown_values_wait_for_the_apply(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """Names, consumers and whole blocks may depend on something that does not exist yet."""
    terraform.apply("""
resource "terraform_data" "later" {
  input = { name = "decided later", consumers = ["APP:dynatrace.aws.connector"] }
}
resource "dynatrace_aws_connection" "this" {
  name = terraform_data.later.output.name
  dynamic "web_identity" {
    for_each = toset(terraform_data.later.output.consumers)
    content {
      consumers = [web_identity.value]
    }
  }
}
""")

    assert [found["value"]["name"] for found in sandbox.objects()] == ["decided later"]


def test_what_dynatrace_refuses_at_apply_points_at_its_attribute(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """A name that came into use after the plan: the message of the server is shown at the attribute."""
    terraform.environ["DYNATRACE_VALIDATE_AT_PLAN"] = "false"
    terraform.apply(connection())
    terraform.run("state", "rm", ADDRESS)

    with pytest.raises(TerraformFailed) as failed:
        terraform.apply(connection())

    [error] = failed.value.errors
    assert "There is another connection defined under this name" in error.detail
    assert 'name = "production"' in error.code
    [left] = sandbox.objects()
    assert sandbox.call("DELETE", f"/api/v2/settings/objects/{left['objectId']}").status_code == 204


def message_of(terraform: Terraform, config: str = connection()) -> str:
    with pytest.raises(TerraformFailed) as failed:
        terraform.apply(config)
    return "\n".join(f"{error.summary}\n{error.detail}" for error in failed.value.errors)


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"DYNATRACE_ENV_URL": ""}, ["dt_env_url", "DYNATRACE_ENV_URL", "https://abc12345.live.dynatrace.com"]),
        ({"DYNATRACE_API_TOKEN": ""}, ["dt_api_token", "settings.read", "settings.write"]),
        (
            {"DYNATRACE_ENV_URL": "abc12345.live.dynatrace.com"},
            ['DYNATRACE_ENV_URL must be a URL, got "abc12345.live.dynatrace.com"', "The scheme https:// is missing"],
        ),
        ({"DYNATRACE_API_TOKEN": "dt0c01.WRONG.TOKEN"}, ["401", "API token", "DYNATRACE_API_TOKEN"]),
        ({"DYNATRACE_ENV_URL": "http://127.0.0.1:9"}, ["127.0.0.1:9", "nothing accepts connections there"]),
    ],
)
def test_a_wrong_provider_configuration_says_what_to_do(
    terraform: Terraform, variables: dict[str, str], says: list[str]
) -> None:
    """The error names the argument or variable, its value, and what it must be."""
    terraform.environ |= variables

    message = message_of(terraform)

    assert [text for text in says if text not in message] == []
    assert "dt0c01.WRONG" not in message


def test_a_missing_scope_is_named_in_the_error(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """403 names the scope and the credential."""
    terraform.environ |= sandbox.environ("read-only-api-token")

    assert "settings.write" in message_of(terraform)


@pytest.mark.parametrize(
    ("fault", "says"),
    [
        ({"status": 200, "body": "<html>Log in</html>", "headers": {"Content-Type": "text/html"}}, "HTML"),
        ({"status": 302, "headers": {"Location": "https://sso.dynatrace.com/login"}}, "sso.dynatrace.com"),
        ({"status": 200, "body": "{not json"}, "JSON"),
    ],
)
def test_a_response_that_is_not_json_is_described(
    terraform: Terraform, sandbox: RunningSandbox, fault: dict[str, Any], says: str
) -> None:
    """A login page, a redirect or malformed JSON is an error without a traceback."""
    sandbox.fault("respond", path="*/settings/objects*", times=None, **fault)

    message = message_of(terraform)
    sandbox.clear_faults()

    assert says in message
    assert "Traceback" not in message
