"""`dynatrace_settings_permissions` with real Terraform: whose a connection is, and who else may use it."""

from pathlib import Path
from typing import Any

import pytest

from dynatrace_sandbox.tenant.credentials import COLLEAGUE, OWNER, STRANGER, TEAM
from dynatrace_sandbox.testing import RunningSandbox
from terraform_plugin.testing import Terraform, TerraformFailed
from tests.acceptance.configurations import connection, group, permissions, user

ADDRESS = "dynatrace_settings_permissions.this"
BASE = "/platform/classic/environment-api/v2/settings/objects"
OBJECTS = {"api-token": "/api/v2/settings/objects", "platform-token": BASE}
CONSUMER = "APP:dynatrace.aws.connector"
EXAMPLE = Path(__file__).parent.parent.parent / "examples" / "private_connection"


@pytest.fixture
def terraform(terraform: Terraform, sandbox: RunningSandbox) -> Terraform:
    """Terraform with a platform token and nothing else."""
    terraform.environ = sandbox.environ("platform-token")
    return terraform


def accessors(sandbox: RunningSandbox) -> dict[str, list[str]]:
    """Return the permissions of the only object, by accessor."""
    [found] = sandbox.objects()
    return {item["id"] or item["type"]: item["permissions"] for item in found["accessors"]}


def created(sandbox: RunningSandbox, credential: str) -> str:
    """Create a connection outside of Terraform, and return its id."""
    value = {"name": "elsewhere", "type": "awsWebIdentity", "awsWebIdentity": {"consumers": [CONSUMER]}}
    body = [{"schemaId": "builtin:hyperscaler-authentication.connections.aws", "scope": "environment", "value": value}]
    [made] = sandbox.call("POST", OBJECTS[credential], credential, json=body).json()
    return str(made["objectId"])


def test_a_connection_that_is_not_shown_yet_is_waited_for(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """After its create, responses about it can be 404: its permissions and a data source wait until it is shown."""
    hidden: dict[str, Any] = {
        "path": "*/settings/objects/*",
        "status": 404,
        "body": '{"error": {"code": 404, "message": "Not found."}}',
    }
    read = 'data "dynatrace_aws_connection" "this" {\n  id = dynatrace_aws_connection.this.id\n}\n'
    faults = [sandbox.fault("respond", method, times=3, **hidden) for method in ("GET", "POST")]

    terraform.apply(connection() + permissions('all_users = "read"') + read)

    assert accessors(sandbox) == {"all-users": ["r"]}
    assert [fault.applied for fault in faults] == [3, 3]


def test_a_connection_that_no_list_contains_yet_is_found_by_its_name(
    terraform: Terraform, sandbox: RunningSandbox
) -> None:
    """By the data sources, in the apply that creates the connection. Lists after it contain the connection."""
    empty = '{"items": [], "totalCount": 0, "pageSize": 500}'
    lists = sandbox.fault("respond", "GET", path="*/settings/objects", times=2, status=200, body=empty)
    read = (
        'data "dynatrace_aws_connection" "this" {\n  name       = dynatrace_aws_connection.this.name\n'
        "  depends_on = [dynatrace_aws_connection.this]\n}\n"
        'data "dynatrace_aws_connections" "all" {\n  depends_on = [dynatrace_aws_connection.this]\n}\n'
        'output "by_name" {\n  value = data.dynatrace_aws_connection.this.id\n}\n'
        'output "all" {\n  value = join(" ", data.dynatrace_aws_connections.all.connections[*].id)\n}\n'
    )

    terraform.environ["DYNATRACE_VALIDATE_AT_PLAN"] = "false"  # so that the plan sends no list of its own
    terraform.apply(connection() + read)

    [found] = sandbox.objects()
    assert (terraform.output("by_name"), terraform.output("all")) == (found["objectId"],) * 2
    assert lists.applied == 2


def test_the_example_shares_a_private_connection_with_one_group(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """`examples/private_connection`: the group's members may read and write, others see nothing; destroy ends both."""
    terraform.environ = sandbox.environ("all") | {"TF_VAR_team": TEAM}
    terraform.apply((EXAMPLE / "main.tf").read_text())

    [found] = sandbox.objects()
    one = f"{BASE}/{found['objectId']}"
    assert found["owner"]["id"] == OWNER.id
    assert accessors(sandbox) == {TEAM: ["r", "w"]}
    seen = {who: sandbox.call("GET", one, f"{who}-platform-token").status_code for who in ("colleague", "stranger")}
    assert seen == {"colleague": 200, "stranger": 403}
    assert sandbox.call("GET", f"/api/v2/settings/objects/{found['objectId']}").status_code == 403

    terraform.destroy()
    assert sandbox.objects() == []


def test_only_what_differs_is_changed(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """One request for each difference, also for what somebody gave by hand; what is right already is left alone."""
    before = f"users {{\n{user(COLLEAGUE.id, 'read')}}}\ngroups {{\n{group(TEAM.upper(), 'read')}}}"
    after = f'all_users = "none"\ngroups {{\n{group(TEAM.upper(), "write")}}}'
    terraform.apply(connection() + permissions(before))
    assert accessors(sandbox) == {COLLEAGUE.id: ["r"], TEAM: ["r"]}
    [found] = sandbox.objects()
    by_hand = {"accessor": {"type": "user", "id": STRANGER.id}, "permissions": ["r", "w"]}
    sandbox.call("POST", f"{BASE}/{found['objectId']}/permissions", "platform-token", json=by_hand).raise_for_status()
    made = len(sandbox.requests("*", "*/permissions*"))

    plan = terraform.plan(connection() + permissions(before))
    drifted = (plan.before(ADDRESS) or {})["users"][0]["user"]
    assert plan.actions(ADDRESS) == ["update"]
    assert {"uid": STRANGER.id, "access": "write"} in drifted
    terraform.apply(connection() + permissions(after))

    assert accessors(sandbox) == {TEAM: ["r", "w"]}
    written = [one["method"] for one in sandbox.requests("*", "*/permissions*")[made:] if one["method"] != "GET"]
    assert sorted(written) == ["DELETE", "DELETE", "PUT"]

    terraform.apply(connection())
    assert accessors(sandbox) == {}


def test_the_next_apply_completes_partial_permissions(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """The second accessor is refused: the error names it, the resource is tainted, and the plan shows what lacks."""
    config = connection() + permissions(f"users {{\n{user(COLLEAGUE.id, 'read')}{user(STRANGER.id, 'write')}}}")
    envelope = '{"error": {"code": 400, "message": "No such user."}}'
    sandbox.fault("respond", "POST", "*/permissions", status=400, body=envelope, skip=1, times=None)

    message = failing(terraform, config, at="apply")
    [given] = accessors(sandbox)
    [other] = {COLLEAGUE.id, STRANGER.id} - {given}
    assert f"This request was to grant user {other}" in message
    assert terraform.tainted() == [ADDRESS]
    sandbox.clear_faults()

    plan = terraform.plan(config)
    assert plan.changes == {ADDRESS: ["delete", "create"]}
    assert [item["uid"] for item in (plan.before(ADDRESS) or {})["users"][0]["user"]] == [given]
    terraform.apply(config)
    assert accessors(sandbox) == {COLLEAGUE.id: ["r"], STRANGER.id: ["r", "w"]}


@pytest.mark.parametrize(("text", "says"), [("", "The import ID is empty"), ("nothing", "Settings object not found")])
def test_permissions_of_a_missing_object_cannot_be_imported(terraform: Terraform, text: str, says: str) -> None:
    """Not by an empty id, nor by one that nothing has."""
    with pytest.raises(TerraformFailed, match=says):
        terraform.import_(permissions(object_id='"nothing"'), ADDRESS, text)


def test_permissions_are_imported_by_the_settings_object_id(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """After the import the plan is empty."""
    object_id = created(sandbox, "platform-token")
    given = {"accessor": {"type": "group", "id": TEAM}, "permissions": ["r"]}
    sandbox.call("POST", f"{BASE}/{object_id}/permissions", "platform-token", json=given).raise_for_status()
    config = permissions(f"groups {{\n{group(TEAM, 'read')}}}", f'"{object_id}"')

    terraform.import_(config, ADDRESS, object_id)

    assert terraform.plan(config).empty
    terraform.destroy()
    sandbox.call("DELETE", f"{BASE}/{object_id}", "platform-token").raise_for_status()


def failing(terraform: Terraform, config: str, *, at: str) -> str:
    """Return what a plan or an apply says when it fails."""
    with pytest.raises(TerraformFailed) as failed:
        terraform.plan(config) if at == "plan" else terraform.apply(config)
    return "\n".join(f"{error.summary}\n{error.detail}\n{error.code}" for error in failed.value.errors)


def test_an_object_without_owner_is_a_warning_of_the_plan(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """It exists, so the plan knows that Dynatrace names no owner. The apply fails because nothing took effect."""
    object_id = created(sandbox, "api-token")

    [warning] = terraform.plan(permissions('all_users = "read"', f'"{object_id}"')).warnings

    assert warning.summary == "The settings object may have no owner"
    assert "permissions have no effect" in warning.detail
    assert f'settings_object_id = "{object_id}"' in warning.code
    failure = failing(terraform, permissions('all_users = "read"', f'"{object_id}"'), at="apply")
    assert "The settings object has no owner" in failure
    sandbox.call("DELETE", f"/api/v2/settings/objects/{object_id}").raise_for_status()


def test_a_connection_that_will_be_public_is_a_warning_of_the_plan(
    terraform: Terraform, sandbox: RunningSandbox
) -> None:
    """The API token takes precedence over platform credentials, so the connection gets no owner."""
    terraform.environ = sandbox.environ("all")

    plan = terraform.plan(connection() + permissions('all_users = "read"'))

    assert [warning.summary for warning in plan.warnings] == ["The connection will be public"]


def test_an_api_token_cannot_manage_permissions(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """The plan says so and what to configure, before anything is created."""
    terraform.environ = sandbox.environ("api-token")

    message = failing(terraform, connection() + permissions(), at="plan")

    assert "Permissions require platform credentials" in message
    assert "platform_token" in message


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ('all_users = "admin"', 'must be "read", "write" or "none"'),
        (f"users {{\n{user(TEAM, 'read')}{user(TEAM, 'write')}}}", "2 times"),
    ],
)
def test_a_mistake_is_found_by_validate(terraform: Terraform, body: str, says: Any) -> None:
    """Each says what would be right."""
    found = terraform.validate(connection() + permissions(body))

    errors = [f"{message.summary} {message.detail}" for message in found if message.severity == "error"]
    assert errors
    assert says in errors[0]
