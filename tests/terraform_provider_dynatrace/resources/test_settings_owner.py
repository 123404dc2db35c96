"""The resource `dynatrace_settings_owner`: what a plan refuses and warns of, and what an apply does."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Any

import pytest

from dynatrace_sandbox.tenant.credentials import AUDITORS, COLLEAGUE, OWNER, STRANGER, TEAM
from terraform_plugin import UNKNOWN, Error, State
from terraform_plugin.diagnostics import collect_warnings
from terraform_plugin.planning.plan import plan
from terraform_plugin.state.objects import complete
from terraform_plugin.validation import validate
from terraform_provider_dynatrace.aws.connection import SCHEMA_ID
from terraform_provider_dynatrace.client.errors import Forbidden
from terraform_provider_dynatrace.config.credentials import Credentials
from terraform_provider_dynatrace.config.tenant import Tenant
from terraform_provider_dynatrace.connections.planned_access import PlannedAccess
from terraform_provider_dynatrace.resources.settings_owner import SettingsOwner, from_owner, wanted_owner
from terraform_provider_dynatrace.settings.model import Owner
from terraform_provider_dynatrace.settings.objects import SettingsObjects
from terraform_provider_dynatrace.settings.permissions import ALL_USERS, Accessor, Level, PermissionsApi
from tests.terraform_provider_dynatrace.in_process import ENVIRONMENT
from tests.terraform_provider_dynatrace.in_process import Tenant as FarTenant

SCHEMA = SettingsOwner.schema
ROLE = "arn:aws:iam::123456789012:role/dynatrace"
SELF = Accessor("user", OWNER.id)


def tenant_of(far: FarTenant, credential: str = "platform-token", *, admin_access: bool = False) -> Tenant:
    client = far.client(credential)
    return Tenant(ENVIRONMENT, client, Credentials(client.credential, client.credential, ""), admin_access=admin_access)


def config(object_id: Any, **owner: Any) -> State:
    return State(complete(SCHEMA, {"settings_object_id": object_id, **(owner or {"group": AUDITORS})}))


async def created(far: FarTenant, credential: str = "platform-token", **accessors: Level) -> str:
    """Create a role-based connection with permissions for `self` and `everybody`."""
    value = {"name": "one", "type": "awsRoleBasedAuthentication", "awsRoleBasedAuthentication": {"roleArn": ""}}
    found = await SettingsObjects(far.client(credential), SCHEMA_ID).create(value)
    given: Mapping[str, Accessor] = {"self": SELF, "everybody": ALL_USERS, "team": Accessor("group", TEAM)}
    if accessors:
        levels = {given[name]: level for name, level in accessors.items()}
        await PermissionsApi(far.client(credential)).set(found.object_id, levels)
    return found.object_id


def owner_of(far: FarTenant, object_id: str) -> Any:
    return far.sandbox.environment.known(object_id).owner


async def planned(resource: SettingsOwner, wanted: State | None, prior: State | None = None) -> list[tuple[str, str]]:
    """Plan, and return the warnings as summary and detail."""
    with collect_warnings() as warnings:
        await resource.plan(plan(SCHEMA, prior, wanted))
    return [(warning.summary, warning.detail) for warning in warnings]


@pytest.mark.parametrize(
    ("owner", "says"),
    [
        ({}, "Set exactly one of `user` and `group`; neither is set."),
        ({"user": OWNER.id, "group": TEAM}, "`user` and `group` are set."),
        ({"user": "someone@example.com"}, 'got the e-mail address "someone@example.com"'),
        ({"group": "Platform team"}, "group must be the UUID of a group, such as 01234567-89ab-cdef-0123-456789abcdef"),
        ({"user": "dt0c01.PUBLICPART.SECRETPART"}, "got a credential (dt0c01.…)"),
    ],
)
def test_a_mistake_is_found_by_validate(owner: dict[str, str], says: str) -> None:
    """It names what was given, unless that is a secret."""
    [error] = validate(SCHEMA, State(complete(SCHEMA, {"settings_object_id": "A", **owner})))

    assert says in error.detail
    assert "SECRETPART" not in error.detail


@pytest.mark.parametrize("owner", [{"user": UNKNOWN}, {"group": UNKNOWN}, {"user": UNKNOWN, "group": UNKNOWN}])
async def test_what_is_not_known_yet_is_planned_without_a_request(owner: dict[str, Any]) -> None:
    """The group may be created in the same apply."""
    far = FarTenant()
    wanted = config("A", **owner)

    assert validate(SCHEMA, wanted) == []
    assert await planned(SettingsOwner(tenant_of(far)), wanted) == []
    assert await planned(SettingsOwner(tenant_of(far)), config(UNKNOWN)) == []
    assert far.requests() == []


async def test_the_present_owner_needs_no_transfer() -> None:
    """Neither plan nor apply changes anything, in any spelling of the UUID."""
    far = FarTenant()
    object_id = await created(far)
    resource = SettingsOwner(tenant_of(far))
    wanted = config(object_id, user=OWNER.id.upper())

    assert await planned(resource, wanted) == []
    assert await resource.create(wanted) == wanted | {"id": object_id}
    assert far.requests("POST", "*:transfer-ownership") == []


@pytest.mark.parametrize(
    ("accessors", "says"),
    [
        ({}, "lock this credential out"),
        ({"team": "write"}, "lock this credential out"),
        ({"self": "read"}, "has no role ARN yet"),
        ({"everybody": "read"}, "has no role ARN yet"),
    ],
)
async def test_a_transfer_that_takes_away_needed_access_is_refused(accessors: dict[str, Level], says: str) -> None:
    """By the plan, and by an apply that no plan could check; the ways out are named."""
    far = FarTenant()
    object_id = await created(far, **accessors)

    for attempt in ("plan", "create"):
        resource = SettingsOwner(tenant_of(far))
        with pytest.raises(Error, match=says) as refused:
            await (planned(resource, config(object_id)) if attempt == "plan" else resource.create(config(object_id)))
        assert str(refused.value.path) == "settings_object_id"
        assert "dynatrace_settings_permissions" in refused.value.detail
        assert "admin_access = true" in refused.value.detail
    assert owner_of(far, object_id) == ("user", OWNER.id)


@pytest.mark.parametrize("accessors", [{"self": "write"}, {"everybody": "write"}])
async def test_a_transfer_is_possible_while_permissions_keep_this_credential_in(accessors: dict[str, Level]) -> None:
    """No warning either: the present owner keeps its access."""
    far = FarTenant()
    object_id = await created(far, **accessors)
    resource = SettingsOwner(tenant_of(far))

    assert await planned(resource, config(object_id)) == []
    assert await resource.create(config(object_id)) == config(object_id) | {"id": object_id}
    assert owner_of(far, object_id) == ("group", AUDITORS)


async def test_what_was_read_before_a_transfer_is_read_again() -> None:
    """A data source of the same apply shows the new owner."""
    far = FarTenant()
    object_id = await created(far, self="write")
    tenant = tenant_of(far)
    before = await tenant.settings(SCHEMA_ID).get(object_id)

    await SettingsOwner(tenant).create(config(object_id))
    after = await tenant.settings(SCHEMA_ID).get(object_id)

    assert before is not None
    assert after is not None
    assert (before.owner, after.owner) == (Owner("user", OWNER.id), Owner("group", AUDITORS))


async def test_reading_is_enough_for_a_connection_with_a_role_arn() -> None:
    """Or for one whose role ARN this run sets before."""
    far = FarTenant()
    object_id = await created(far, self="read")
    tenant = tenant_of(far)
    tenant.shared(PlannedAccess).note_role_arn(object_id)

    assert await planned(SettingsOwner(tenant), config(object_id)) == []

    found = far.sandbox.environment.known(object_id)
    found.value["awsRoleBasedAuthentication"]["roleArn"] = ROLE
    assert await planned(SettingsOwner(tenant_of(far)), config(object_id)) == []
    await SettingsOwner(tenant_of(far)).create(config(object_id))
    assert owner_of(far, object_id) == ("group", AUDITORS)


async def test_planned_permissions_count_at_plan() -> None:
    """Those that the run grants before, and not those that it takes away."""
    far = FarTenant()
    object_id = await created(far, everybody="write")
    kept, lost = tenant_of(far), tenant_of(far)
    kept.shared(PlannedAccess).note_permissions(object_id, {SELF: "write"})
    lost.shared(PlannedAccess).note_permissions(object_id, {})

    assert await planned(SettingsOwner(kept), config(object_id)) == []
    with pytest.raises(Error, match="lock this credential out") as refused:
        await planned(SettingsOwner(lost), config(object_id))
    assert "settings_object_id = dynatrace_settings_permissions.NAME.id" in refused.value.detail


async def test_with_admin_access_the_loss_of_the_present_owner_is_a_warning() -> None:
    """This credential keeps its access."""
    far = FarTenant()
    object_id = await created(far, "colleague-platform-token")
    resource = SettingsOwner(tenant_of(far, "admin-platform-token", admin_access=True))

    [(summary, detail)] = await planned(resource, config(object_id))
    await resource.create(config(object_id))

    assert summary == "The present owner loses access"
    assert f"belongs to user {COLLEAGUE.id}. After the transfer to group {AUDITORS}" in detail
    assert owner_of(far, object_id) == ("group", AUDITORS)


async def test_without_admin_access_an_object_of_somebody_else_is_refused_at_plan() -> None:
    """The error names the argument."""
    far = FarTenant()
    object_id = await created(far, "colleague-platform-token")

    with pytest.raises(Forbidden, match="not allowed to read") as refused:
        await planned(SettingsOwner(tenant_of(far, "admin-platform-token")), config(object_id))

    assert "set admin_access = true" in refused.value.detail


async def test_an_object_without_owner_is_refused() -> None:
    """It is public, and cannot be transferred: neither by its creator nor by an administrator."""
    far = FarTenant()
    object_id = await created(far, "api-token")

    for attempt in ("plan", "create", "import"):
        resource = SettingsOwner(tenant_of(far, "admin-platform-token", admin_access=True))
        calls: dict[str, Callable[[SettingsOwner], Awaitable[Any]]] = {
            "plan": lambda one: planned(one, config(object_id)),
            "create": lambda one: one.create(config(object_id)),
            "import": lambda one: one.import_state(object_id),
        }
        with pytest.raises(Error, match="The settings object has no owner") as refused:
            await calls[attempt](resource)
        assert "terraform apply -replace=ADDRESS" in refused.value.detail


async def test_an_object_of_a_schema_without_owners_is_refused() -> None:
    """The advice is another one: no credential gives it an owner."""
    far = FarTenant()
    object_id = await created(far, "api-token")
    schemas = far.sandbox.environment.schemas
    schemas[SCHEMA_ID] = {**schemas[SCHEMA_ID], "ownerBasedAccessControl": False}

    with pytest.raises(Error, match="Objects of this schema have no owner") as refused:
        await planned(SettingsOwner(tenant_of(far)), config(object_id))

    assert SCHEMA_ID in refused.value.detail
    assert "Remove this resource" in refused.value.detail


async def test_an_object_that_does_not_exist_is_refused_at_its_attribute() -> None:
    """Not at the resource as a whole."""
    with pytest.raises(Error, match="Not found in Dynatrace") as refused:
        await planned(SettingsOwner(tenant_of(FarTenant())), config("vu9U3hXa3q0AAAABAAAA"))

    assert str(refused.value.path) == "settings_object_id"


async def test_without_platform_credentials_nothing_is_tried() -> None:
    """An API token has no owner, and cannot transfer anything."""
    far = FarTenant()
    client = far.client("api-token")
    tenant = Tenant(ENVIRONMENT, client, Credentials(client.credential, None, "", "Set platform_token."))

    with pytest.raises(Error, match=r"Owners of settings objects cannot be managed with an API token\. Set plat"):
        await planned(SettingsOwner(tenant), config(UNKNOWN))
    assert far.requests() == []


async def test_a_second_transfer_keeps_those_that_are_listed() -> None:
    """This credential is not the owner any more: it reads the object as one of the accessors."""
    far = FarTenant()
    object_id = await created(far, "colleague-platform-token", self="write")
    await PermissionsApi(far.client("colleague-platform-token")).set(object_id, {SELF: "write"})
    prior = State(complete(SCHEMA, {"id": object_id, "settings_object_id": object_id, "user": COLLEAGUE.id}))
    resource = SettingsOwner(tenant_of(far))

    [(summary, _)] = await planned(resource, config(object_id, group=AUDITORS), prior)
    assert summary == "The present owner loses access"
    with pytest.raises(Forbidden, match="not allowed to write") as refused:
        await resource.update(prior, config(object_id) | {"id": object_id})
    assert "Only the owner of an object" in refused.value.detail


async def test_drift_is_shown() -> None:
    """A transfer elsewhere, also to all users, who are neither user nor group."""
    far = FarTenant()
    object_id = await created(far, everybody="read")
    state = State(complete(SCHEMA, {"id": object_id, "settings_object_id": object_id, "group": AUDITORS}))
    environment = far.sandbox.environment

    for owner, shown in ((("user", OWNER.id), (OWNER.id, None)), (("all-users", ""), (None, None))):
        environment.store.put(replace(environment.known(object_id), owner=owner))
        read = await SettingsOwner(tenant_of(far)).read(state)
        assert read is not None
        assert (read["user"], read["group"]) == shown


@pytest.mark.parametrize(("api_token", "requests"), [(False, 1), (True, 20)])
async def test_many_owners_are_read_with_one_list(api_token: bool, requests: int) -> None:  # noqa: FBT001
    """Unless connections are read with an API token, to whom the list would not show private ones."""
    far = FarTenant()
    platform = far.client("platform-token")
    objects = SettingsObjects(platform, SCHEMA_ID)
    values = ({"name": f"one {number}", "type": "awsWebIdentity", "awsWebIdentity": {}} for number in range(20))
    ids = [(await objects.create(value)).object_id for value in values]
    client = far.client("api-token") if api_token else platform
    tenant = Tenant(ENVIRONMENT, client, Credentials(client.credential, platform.credential, ""))
    states = [State(complete(SCHEMA, {"id": one, "settings_object_id": one, "user": OWNER.id})) for one in ids]

    assert await asyncio.gather(*(SettingsOwner(tenant).read(state) for state in states)) == states
    assert len(far.requests("GET")) == requests


async def test_the_owner_of_an_object_of_another_schema_is_read() -> None:
    """By its ID: lists contain connections only."""
    far = FarTenant()
    object_id = await created(far)
    environment = far.sandbox.environment
    environment.schemas["builtin:other"] = environment.schemas[SCHEMA_ID]
    environment.store.put(replace(environment.known(object_id), schema_id="builtin:other"))
    state = State(complete(SCHEMA, {"id": object_id, "settings_object_id": object_id, "user": OWNER.id}))

    assert await SettingsOwner(tenant_of(far)).read(state) == state


async def test_an_object_that_is_gone_is_gone() -> None:
    """The next plan creates."""
    assert await SettingsOwner(tenant_of(FarTenant())).read(State({"id": "vu9U3hXa3q0AAAABAAAA"})) is None


async def test_an_import_reads_the_owner() -> None:
    """By the object's ID."""
    far = FarTenant()
    object_id = await created(far)
    resource = SettingsOwner(tenant_of(far))

    imported = await resource.read(State(complete(SCHEMA, await resource.import_state(object_id))))

    assert imported == complete(SCHEMA, {"id": object_id, "settings_object_id": object_id, "user": OWNER.id})


@pytest.mark.parametrize(("id_", "says"), [(" ", "The import ID is empty"), ("gone", "Settings object not found")])
async def test_nothing_cannot_be_imported(id_: str, says: str) -> None:
    """Neither an empty ID nor that of nothing."""
    with pytest.raises(Error, match=says):
        await SettingsOwner(tenant_of(FarTenant())).import_state(id_)


async def test_destroying_it_changes_nothing_and_says_so() -> None:
    """An object that has an owner cannot be without one."""
    far = FarTenant()
    object_id = await created(far)
    prior = State(complete(SCHEMA, {"id": object_id, "settings_object_id": object_id, "user": OWNER.id}))
    resource = SettingsOwner(tenant_of(far))
    before = len(far.requests())

    [(summary, detail)] = await planned(resource, None, prior)
    await resource.delete(prior)

    assert summary == "The owner stays in Dynatrace"
    assert f"belongs to user {OWNER.id}" in detail
    assert len(far.requests()) == before


async def test_an_owner_that_dynatrace_does_not_know_is_an_error_at_its_attribute() -> None:
    """The group has no such UUID in the account."""
    far = FarTenant()
    object_id = await created(far, everybody="write")

    with pytest.raises(Error) as refused:
        await SettingsOwner(tenant_of(far)).create(config(object_id, group=STRANGER.id))

    assert str(refused.value.path) == "group"
    assert f"There is no group with the id {STRANGER.id}" in refused.value.detail


async def test_permissions_that_are_set_at_the_same_time_are_waited_for() -> None:
    """Terraform starts what does not refer to each other in any order."""
    far = FarTenant()
    object_id = await created(far)
    tenant = tenant_of(far)

    async def share() -> None:
        with tenant.shared(PlannedAccess).using(object_id):
            await tenant.permissions.set(object_id, {SELF: "read", ALL_USERS: "write"})

    await asyncio.gather(SettingsOwner(tenant).create(config(object_id)), share())

    assert owner_of(far, object_id) == ("group", AUDITORS)
    assert len(far.sandbox.environment.known(object_id).accessors) == 2


@pytest.mark.parametrize(
    ("owner", "state", "shown"),
    [
        (Owner("user", "u"), {}, {"user": "u", "group": None}),
        (Owner("", "u"), {}, {"user": "u", "group": None}),
        (Owner("group", TEAM), {"group": TEAM.upper()}, {"user": None, "group": TEAM.upper()}),
        (Owner("group", TEAM), {"group": AUDITORS}, {"user": None, "group": TEAM}),
        (Owner("all-users"), {"user": "u"}, {"user": None, "group": None}),
        (None, {"user": "u"}, {"user": None, "group": None}),
    ],
)
def test_an_owner_becomes_attributes(owner: Owner | None, state: dict[str, Any], shown: dict[str, Any]) -> None:
    """A UUID keeps the spelling of the configuration."""
    assert from_owner(owner, state) == shown


def test_an_owner_in_an_unknown_form_is_an_error() -> None:
    """To call it no owner would plan a transfer that nobody asked for."""
    with pytest.raises(Error, match="Unknown form of owner"):
        from_owner(Owner(), {})


def test_attributes_become_an_owner() -> None:
    """None while it is not known."""
    assert wanted_owner({"user": None, "group": TEAM.upper()}) == Owner("group", TEAM)
    assert wanted_owner({"user": UNKNOWN, "group": None}) is None
    assert wanted_owner({"user": None, "group": UNKNOWN}) is None
