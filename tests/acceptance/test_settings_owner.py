"""`dynatrace_settings_owner` with real Terraform: a connection is given away, and is still managed."""

import re
from typing import Any

import pytest

from dynatrace_sandbox.tenant.credentials import AUDITORS, OWNER, STRANGER
from dynatrace_sandbox.testing import RunningSandbox
from terraform_plugin.testing import Terraform, TerraformFailed
from tests.acceptance.configurations import connection, permissions, role, role_arn, user
from tests.examples.applied import SETTINGS_OWNER, SETTINGS_OWNER_IMPORT, text_of

ADDRESS = "dynatrace_settings_owner.this"
BASE = "/platform/classic/environment-api/v2/settings/objects"
GROUP, SELF = {"type": "group", "id": AUDITORS}, {"type": "user", "id": OWNER.id}
ADMIN = {"DYNATRACE_ADMIN_ACCESS": "true"}
CONNECTION_ID = "dynatrace_aws_connection.this.id"
PERMISSIONS_ID = "dynatrace_settings_permissions.this.id"


def owner(object_id: str = PERMISSIONS_ID, group: str = AUDITORS) -> str:
    """Return the owner of the connection `this`; `object_id` is an expression."""
    return f"""
resource "dynatrace_settings_owner" "this" {{
  settings_object_id = {object_id}
  group              = "{group}"
}}
"""


KEPT = permissions(f"users {{\n{user(OWNER.id, 'write')}}}")


@pytest.fixture
def terraform(terraform: Terraform, sandbox: RunningSandbox) -> Any:
    """Terraform with an OAuth client that is also an administrator; what is left is destroyed as one."""
    terraform.environ = sandbox.environ("oauth") | {"TF_VAR_team": AUDITORS}
    yield terraform
    terraform.environ = sandbox.environ("oauth") | {"TF_VAR_team": AUDITORS} | ADMIN


def failing(terraform: Terraform, config: str, *, at: str = "plan") -> str:
    """Return what a plan or an apply says when it fails."""
    with pytest.raises(TerraformFailed) as failed:
        terraform.plan(config) if at == "plan" else terraform.apply(config)
    return "\n".join(f"{error.summary}\n{error.detail}" for error in failed.value.errors)


def test_a_connection_is_handed_over_and_still_managed(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """The example: created by OAuth, role ARN, permissions, transfer to a group, and an empty plan.

    Then renamed with `admin_access`; without it, the plan explains what is missing, and nothing in the state is lost.
    """
    example = text_of(SETTINGS_OWNER)
    terraform.apply(example)  # followed by a plan that is empty

    [found] = sandbox.objects()
    assert found["owner"] == GROUP
    assert [(one["type"], one["permissions"]) for one in found["accessors"]] == [("all-users", ["r"])]
    assert [attempt["allowed"] for attempt in sandbox.aws()["assume_role_attempts"]] == [True]
    one = f"{BASE}/{found['objectId']}"
    assert sandbox.call("GET", one, "stranger-platform-token").status_code == 200
    assert sandbox.call("PUT", one, "colleague-oauth", json={"value": found["value"]}).status_code == 200

    renamed = example.replace('"Account 123456789012"', '"Renamed"')
    before = terraform.state()
    refused = failing(terraform, renamed)
    assert "set admin_access = true in the provider block" in refused
    assert "settings:objects:admin" in refused
    assert terraform.state() == before

    terraform.environ |= ADMIN
    terraform.apply(renamed)
    assert [one["value"]["name"] for one in sandbox.objects()] == ["Renamed"]

    private = renamed.replace('all_users          = "read"', "")
    terraform.apply(private)
    del terraform.environ["DYNATRACE_ADMIN_ACCESS"]
    known = terraform.state()
    refused = failing(terraform, private)
    assert "not allowed to read" in refused
    assert "set admin_access = true in the provider block" in refused
    assert terraform.state() == known

    terraform.environ |= ADMIN
    assert terraform.plan(private).empty
    result = terraform.destroy()
    assert "The owner stays in Dynatrace" in result.output
    assert sandbox.objects() == []


def test_an_owner_is_imported_by_the_id_of_its_object(terraform: Terraform) -> None:
    """Forgotten by the state and imported again, nothing is to be changed."""
    example = text_of(SETTINGS_OWNER)
    terraform.apply(example)
    [address] = re.findall(r"to = (\S+)", text_of(SETTINGS_OWNER_IMPORT))
    terraform.run("state", "rm", address)

    result = terraform.apply(text_of(SETTINGS_OWNER, SETTINGS_OWNER_IMPORT))

    assert "Resources: 1 imported, 0 added, 0 changed, 0 destroyed." in result.output


@pytest.mark.parametrize("parallelism", [1, 10])
def test_without_references_the_outcome_is_the_same_or_the_missing_one_is_named(
    terraform: Terraform, sandbox: RunningSandbox, parallelism: int
) -> None:
    """Connection, permissions, owner and role ARN, all of which only refer to the connection.

    The permissions let the credential write, so the role ARN can be set before the transfer or after it. Whatever
    Terraform takes first, nothing is transferred before the permissions are there; then another apply does the rest.
    """
    config = connection() + role() + role_arn() + KEPT + owner(CONNECTION_ID)
    try:
        terraform.apply(config, f"-parallelism={parallelism}")
    except TerraformFailed as failed:
        assert "settings_object_id = dynatrace_settings_permissions.NAME.id" in failed.output  # noqa: PT017
        assert sandbox.objects()[0]["owner"] == SELF
        terraform.apply(config)

    [found] = sandbox.objects()
    assert found["owner"] == GROUP
    assert found["value"]["awsWebIdentity"]["roleArn"].endswith(":role/dynatrace")


def test_a_role_arn_that_could_not_be_set_after_the_transfer_is_set_before(
    terraform: Terraform, sandbox: RunningSandbox
) -> None:
    """From the transfer on, the credential would only read. The reference that the error names makes it right."""
    config = connection() + role() + permissions('all_users = "read"')

    message = failing(terraform, config + owner(), at="apply")

    assert "The connection has no role ARN yet" in message
    assert "settings_object_id = dynatrace_aws_connection_role_arn.NAME.id" in message
    assert sandbox.objects()[0]["owner"] == SELF
    terraform.apply(config + role_arn() + owner("dynatrace_aws_connection_role_arn.this.id"))
    assert sandbox.objects()[0]["owner"] == GROUP


def test_a_transfer_that_locks_the_credential_out_is_refused_at_plan(
    terraform: Terraform, sandbox: RunningSandbox
) -> None:
    """The connection exists, so the plan knows; permissions of the same plan count."""
    terraform.apply(connection())

    message = failing(terraform, connection() + owner(CONNECTION_ID))

    assert "The transfer would lock this credential out" in message
    assert f"belongs to user {OWNER.id}" in message
    assert "settings_object_id = dynatrace_settings_permissions.NAME.id" in message
    assert sandbox.requests("POST", "*:transfer-ownership") == []
    terraform.apply(connection() + KEPT + owner())
    assert sandbox.objects()[0]["owner"] == GROUP


def test_a_lost_response_is_no_error(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """The transfer was carried out, and the next plan is empty."""
    sandbox.fault("reset", "POST", "*:transfer-ownership", acts=True)

    terraform.apply(connection() + KEPT + owner())

    assert sandbox.objects()[0]["owner"] == GROUP


def test_many_owners_are_refreshed_with_their_connections(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """A list of connections says whose they are, so at most three objects are read by their IDs."""
    several = "{\n  count = 12\n"
    config = connection("conn-${count.index}").replace("{\n", several, 1)
    config += owner("dynatrace_aws_connection.this[count.index].id").replace("{\n", several, 1)
    config = config.replace(f'group              = "{AUDITORS}"', f'user               = "{OWNER.id}"')
    terraform.apply(config)
    before = len(sandbox.requests("GET"))

    assert terraform.plan(config).changes == {}

    sent = [request["path"] for request in sandbox.requests("GET")[before:]]
    by_id = [path for path in sent if path.startswith(f"{BASE}/")]
    assert len(by_id) <= 3, sent
    assert len(sent) - len(by_id) == 1


def test_a_transfer_elsewhere_is_drift(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """The plan shows who owns the object now, and transfers it again."""
    config = connection() + KEPT + owner()
    terraform.apply(config)
    [found] = sandbox.objects()
    to = {"newOwner": {"type": "user", "id": STRANGER.id}}
    path = f"{BASE}/{found['objectId']}:transfer-ownership"
    sandbox.call("POST", path, "admin-platform-token", params={"adminAccess": "true"}, json=to).raise_for_status()

    terraform.environ |= ADMIN
    plan = terraform.plan(config)

    assert plan.changes == {ADDRESS: ["update"]}
    assert ((plan.before(ADDRESS) or {})["user"], (plan.before(ADDRESS) or {})["group"]) == (STRANGER.id, None)
    assert "The present owner loses access" in [warning.summary for warning in plan.warnings]
    terraform.apply(config)
    assert sandbox.objects()[0]["owner"] == GROUP


def test_a_destroy_that_would_lock_the_credential_out_is_a_warning(terraform: Terraform) -> None:
    """The permissions are destroyed before the connection, which the credential could not delete then."""
    config = connection() + KEPT + owner()
    terraform.apply(config)

    warned = [message.summary for message in terraform.plan(config, "-destroy").warnings]
    terraform.environ |= ADMIN
    as_admin = [message.summary for message in terraform.plan(config, "-destroy").warnings]

    lockout = "Access is revoked before the object is deleted"
    assert (warned.count(lockout), as_admin.count(lockout)) == (1, 0)
    assert "The owner stays in Dynatrace" in warned


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ('group = "Platform team"', 'got the name "Platform team"'),
        ('user = "someone@example.com"', 'got the e-mail address "someone@example.com"'),
        (f'user = "{OWNER.id}"\n  group = "{AUDITORS}"', "`user` and `group` are set"),
        ("", "neither is set"),
    ],
)
def test_a_mistake_is_found_by_validate(terraform: Terraform, given: str, says: str) -> None:
    """It names what was given."""
    config = f'resource "dynatrace_settings_owner" "this" {{\n  settings_object_id = "A"\n  {given}\n}}\n'

    [message] = terraform.validate(config)

    assert says in message.detail


def test_an_api_token_cannot_transfer(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """The plan says so and what to configure, before anything is created."""
    terraform.environ = sandbox.environ("api-token")

    message = failing(terraform, connection() + owner(CONNECTION_ID))

    assert "Owners require platform credentials" in message
    assert "platform_token" in message


def test_missing_write_access_is_found_at_plan(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """Of a connection that can only be read: a rename, a destroy, new permissions. Nothing is tried to find out."""
    config = connection() + permissions('all_users = "read"')
    terraform.apply(config)
    terraform.environ = sandbox.environ("stranger-platform-token")
    sent = len(sandbox.requests())

    renamed = failing(terraform, connection("renamed") + permissions('all_users = "read"'))
    shared = failing(terraform, connection() + permissions('all_users = "write"'))

    for message in (renamed, shared):
        assert "not allowed to change this object" in message
        assert f"belongs to user {OWNER.id}" in message
    methods = {(one["method"], one["path"].rpartition("/")[2]) for one in sandbox.requests()[sent:]}
    assert {method for method, _ in methods} == {"GET", "POST"}
    assert [path for method, path in methods if method == "POST"] == ["effective-permissions:resolve"]


def test_a_missing_scope_is_found_at_plan_though_the_name_is_not_known(
    terraform: Terraform, sandbox: RunningSandbox
) -> None:
    """Effective permissions say so; where they are not known, as before, the apply does."""
    config = """
resource "terraform_data" "name" {
  input = "production"
}
""" + connection("${terraform_data.name.output}")
    terraform.environ = sandbox.environ("read-only-platform-token")

    assert "does not grant settings:objects:write" in failing(terraform, config)
    sandbox.fault("respond", "POST", "*:resolve", status=404, times=None)
    assert terraform.plan(config).actions("dynatrace_aws_connection.this") == ["create"]
