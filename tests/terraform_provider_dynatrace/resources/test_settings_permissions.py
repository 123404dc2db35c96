"""The mapping between `dynatrace_settings_permissions` and accessors, and what a configuration may say."""

from typing import Any
from uuid import UUID

import httpx2
import msgspec
import pytest

from dynatrace_sandbox.faults import FaultScript
from terraform_plugin import UNKNOWN, Error, State
from terraform_plugin.diagnostics import collect_warnings
from terraform_plugin.planning.plan import plan
from terraform_plugin.state.objects import complete
from terraform_plugin.validation import validate
from terraform_provider_dynatrace.aws.connection import SCHEMA_ID
from terraform_provider_dynatrace.config.credentials import Credentials
from terraform_provider_dynatrace.config.tenant import Tenant
from terraform_provider_dynatrace.resources.settings_permissions import (
    SettingsPermissions,
    from_accessors,
    to_accessors,
)
from terraform_provider_dynatrace.settings.objects import SettingsObjects
from terraform_provider_dynatrace.settings.permissions import ALL_USERS, Accessor, Level
from tests.terraform_provider_dynatrace.far_end import FarEnd, client_of, json
from tests.terraform_provider_dynatrace.in_process import ENVIRONMENT
from tests.terraform_provider_dynatrace.in_process import Tenant as FarTenant

SCHEMA = SettingsPermissions.schema
ONE, OTHER = str(UUID(int=0xA)), str(UUID(int=0xB))
USERS = {"users": [{"user": [{"uid": ONE, "access": "read"}, {"uid": OTHER, "access": "write"}]}]}
GROUPS = {"groups": [{"group": [{"id": ONE, "access": "write"}]}]}


def config(**values: Any) -> State:
    return State(complete(SCHEMA, {"settings_object_id": "the-object", **values}))


def planned(**values: Any) -> State:
    change = plan(SCHEMA, None, config(**values))
    assert change.planned is not None
    return change.planned


@pytest.mark.parametrize(
    ("values", "accessors"),
    [
        ({}, {}),
        ({"all_users": "none"}, {}),
        ({"all_users": "read"}, {ALL_USERS: "read"}),
        (USERS, {Accessor("user", ONE): "read", Accessor("user", OTHER): "write"}),
        (GROUPS | {"all_users": "write"}, {Accessor("group", ONE): "write", ALL_USERS: "write"}),
    ],
)
def test_what_is_configured_becomes_accessors_and_comes_back(
    values: dict[str, Any], accessors: dict[Accessor, Level]
) -> None:
    """What was set reads back as it was planned: no difference in the next plan."""
    wanted = planned(**values)

    assert to_accessors(wanted) == accessors
    assert wanted | from_accessors(accessors, wanted) == wanted


def test_accessors_that_terraform_does_not_manage_show_up() -> None:
    """A read returns all accessors, so that the next plan would remove them."""
    found = from_accessors({Accessor("user", OTHER): "write", ALL_USERS: "read"}, planned(**GROUPS))

    assert found == {
        "all_users": "read",
        "users": [{"user": [{"uid": OTHER, "access": "write"}]}],
        "groups": [],
    }


def test_a_uuid_keeps_the_spelling_it_was_configured_with() -> None:
    """Dynatrace writes UUIDs in lower case; upper case in a configuration is not a change."""
    wanted = planned(groups=[{"group": [{"id": ONE.upper(), "access": "write"}]}])

    assert to_accessors(wanted) == {Accessor("group", ONE): "write"}
    assert from_accessors(to_accessors(wanted), wanted)["groups"] == wanted["groups"]


def test_a_kind_of_accessor_that_is_not_known_is_an_error() -> None:
    """It cannot be shown, and leaving it out would hide an access."""
    with pytest.raises(Error, match="robot abc has access"):
        from_accessors({Accessor("robot", "abc"): "read"}, planned())


@pytest.mark.parametrize("before", [None, "none"])
@pytest.mark.parametrize("now", [None, "none"])
def test_no_access_for_all_users_has_two_spellings(before: str | None, now: str | None) -> None:
    """Leaving `all_users` out and "none" mean the same, in a state of the official provider too."""
    state = SettingsPermissions.upgrade(0, {"id": "the-object", "all_users": before} | GROUPS)
    prior = State(complete(SCHEMA, state))

    assert plan(SCHEMA, prior, config(all_users=now, **GROUPS)).planned == prior


def test_another_object_needs_another_resource() -> None:
    """Permissions of one object do not move to another one."""
    prior = State(planned() | {"id": "the-object"})

    change = plan(SCHEMA, prior, config(settings_object_id="another"))

    assert [str(path) for path in change.requires_replace] == ["settings_object_id"]


@pytest.mark.parametrize(
    ("values", "path", "says"),
    [
        ({"all_users": "admin"}, "all_users", 'must be "read", "write" or "none"'),
        ({"users": [{"user": [{"uid": ONE, "access": "none"}]}]}, "users[0].user", 'must be "read" or "write"'),
        ({"users": [{"user": [{"uid": "", "access": "read"}]}]}, "users[0].user", "UUID of a user"),
        ({"groups": [{"group": [{"id": "", "access": "read"}]}]}, "groups[0].group", "UUID of a group"),
        ({"users": [{"user": [{"uid": "a@example.com", "access": "read"}]}]}, "users[0].user", "UUID of a user"),
        ({"groups": [{"group": [{"id": "Admins", "access": "read"}]}]}, "groups[0].group", "UUID of a group"),
        ({"users": [{"user": [{"uid": ONE + "\n", "access": "read"}]}]}, "users[0].user", "UUID of a user"),
        (
            {"users": [{"user": [{"uid": ONE, "access": "read"}, {"uid": ONE.upper(), "access": "write"}]}]},
            "users[0].user",
            f'the user "{ONE}" 2 times',
        ),
        (
            {"groups": [{"group": [{"id": ONE, "access": "read"}, {"id": ONE, "access": "write"}]}]},
            "groups[0].group",
            f'the group "{ONE}" 2 times',
        ),
    ],
)
def test_a_mistake_is_found_by_validate(values: dict[str, Any], path: str, says: str) -> None:
    """It names the block; Terraform has no address for what is inside a set."""
    [error] = validate(SCHEMA, config(**values))

    assert str(error.path) == path
    assert says in error.detail


@pytest.mark.parametrize("group", [UNKNOWN, [UNKNOWN], [{"id": UNKNOWN, "access": UNKNOWN}] * 2])
def test_what_is_not_known_yet_is_no_mistake(group: Any) -> None:
    """Groups may be made in the same apply."""
    assert validate(SCHEMA, config(groups=[{"group": group}])) == []


def test_one_user_may_also_be_one_group() -> None:
    """Users and groups have ids of their own."""
    assert validate(SCHEMA, config(**USERS, **GROUPS)) == []


VALUE = {"name": "shared", "type": "awsWebIdentity", "awsWebIdentity": {"consumers": ["APP:dynatrace.aws.connector"]}}


def tenant_of(far: FarTenant, platform: str) -> Tenant:
    """Return a tenant whose objects are created with an API token while platform credentials are at hand."""
    client = far.client("api-token")
    credentials = Credentials(client.credential, far.credential(platform), "")
    return Tenant(ENVIRONMENT, client, credentials)


async def test_an_object_without_owner_is_a_warning_of_the_plan() -> None:
    """Responses do not document how an absent owner is written, so the plan cannot be sure."""
    far = FarTenant()
    tenant = tenant_of(far, "platform-token")
    created = await tenant.settings(SCHEMA_ID).create(VALUE)

    with collect_warnings() as warnings:
        await SettingsPermissions(tenant).plan(
            plan(SCHEMA, None, config(settings_object_id=created.object_id, **GROUPS))
        )

    [warning] = warnings
    assert (warning.summary, str(warning.path)) == ("The settings object may have no owner", "settings_object_id")
    assert "DYNATRACE_HTTP_OAUTH_PREFERENCE=true" in warning.detail


@pytest.mark.parametrize("takes_effect", [True, False])
async def test_permissions_without_effect_are_an_error_and_others_are_not(*, takes_effect: bool) -> None:
    """The apply looks whether they are there."""
    present: list[dict[str, Any]] = []

    async def respond(request: httpx2.Request) -> httpx2.Response:
        if request.method == "POST":
            if takes_effect:
                present.append(msgspec.json.decode(request.content))
            return json({}, 201)
        if request.url.path.endswith("/permissions"):
            return json({"accessors": present})
        return json({"objectId": "the-object", "value": VALUE})

    async with client_of(FarEnd(respond)) as client:
        resource = SettingsPermissions(
            Tenant(ENVIRONMENT, client, Credentials(client.credential, client.credential, ""))
        )
        wanted = planned(**GROUPS)
        if takes_effect:
            assert await resource.create(wanted) == wanted | {"id": "the-object"}
        else:
            with pytest.raises(Error, match="The settings object has no owner") as failed:
                await resource.create(wanted)
            assert "permissions have no effect on it" in failed.value.detail


async def test_without_platform_credentials_nothing_is_tried() -> None:
    """An API token cannot manage permissions; the plan says so before it is known which object it is about."""
    far = FarTenant()
    client = far.client("api-token")
    credentials = Credentials(client.credential, None, "", "Set client_id and client_secret, or platform_token.")
    tenant = Tenant(ENVIRONMENT, client, credentials)

    with pytest.raises(Error, match=r"cannot be managed with an API token\. Set client_id"):
        await SettingsPermissions(tenant).plan(plan(SCHEMA, None, config(settings_object_id=UNKNOWN)))
    assert far.requests() == []


async def test_an_unusual_response_is_explained() -> None:
    """A permission to write without one to read does not exist in Terraform."""
    far = FarTenant()
    tenant = tenant_of(far, "platform-token")

    owned = SettingsObjects(far.client("platform-token"), SCHEMA_ID)
    created = await owned.create(VALUE)
    settings_object = far.sandbox.environment.store.get(created.object_id)
    assert settings_object is not None
    settings_object.accessors[("user", ONE)] = ("w",)
    with pytest.raises(Error, match="neither read nor write") as failed:
        await SettingsPermissions(tenant).read(State({"id": created.object_id}))
    assert f"user {ONE} has the permissions ['w']" in failed.value.detail


@pytest.mark.parametrize(
    ("object_id", "says"),
    [("vu9U3hXa3q0AAAABAAAA", "does not exist"), ("", "settings:objects:read")],
)
async def test_an_object_that_cannot_be_shared_is_refused_at_plan(object_id: str, says: str) -> None:
    """An object that does not exist, or is private to somebody else, cannot be shared."""
    far = FarTenant()

    owned = SettingsObjects(far.client("platform-token"), SCHEMA_ID)
    created = await owned.create(VALUE)
    resource = SettingsPermissions(tenant_of(far, "stranger-platform-token"))
    with pytest.raises(Error) as failed:
        await resource.plan(plan(SCHEMA, None, config(settings_object_id=object_id or created.object_id)))
    assert says in failed.value.detail


@pytest.mark.parametrize(
    ("credential", "refused"),
    [("stranger-platform-token", True), ("other-admin-platform-token", True), ("admin-platform-token", False)],
)
async def test_permissions_of_an_object_that_can_only_be_read_are_refused_at_plan(
    credential: str,
    refused: bool,  # noqa: FBT001
) -> None:
    """Changing them takes write access, or the right to act as the owner."""
    far = FarTenant()
    owner = tenant_of(far, "platform-token")
    created = await SettingsObjects(far.client("platform-token"), SCHEMA_ID).create(VALUE)
    await owner.permissions.set(created.object_id, {ALL_USERS: "read"})
    change = plan(SCHEMA, None, config(settings_object_id=created.object_id, **GROUPS))
    resource = SettingsPermissions(tenant_of(far, credential))

    if not refused:
        assert await resource.plan(change) == change
        return
    with pytest.raises(Error, match="not allowed to change this object") as failed:
        await resource.plan(change)
    assert "to read it, and nothing else" in failed.value.detail
    assert "needs the scope settings:objects:admin" in failed.value.detail


async def test_where_the_right_to_act_as_the_owner_is_not_known_permissions_are_planned() -> None:
    """What an administrator's operations are is not documented, so that they are not enough to refuse."""
    far = FarTenant()
    owner = tenant_of(far, "platform-token")
    created = await SettingsObjects(far.client("platform-token"), SCHEMA_ID).create(VALUE)
    await owner.permissions.set(created.object_id, {ALL_USERS: "read"})
    far.sandbox.faults.add(FaultScript("respond", "POST", "*:resolve", status=404, times=None))
    change = plan(SCHEMA, None, config(settings_object_id=created.object_id, **GROUPS))

    assert await SettingsPermissions(tenant_of(far, "stranger-platform-token")).plan(change) == change
