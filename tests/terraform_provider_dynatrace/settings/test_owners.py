"""Reading owners and transferring objects, against the sandbox, with lost responses."""

from __future__ import annotations

from typing import Any

import pytest

from dynatrace_sandbox.faults import FaultScript
from dynatrace_sandbox.tenant.credentials import AUDITORS, COLLEAGUE, OWNER, STRANGER
from terraform_plugin.diagnostics import collect_warnings
from terraform_provider_dynatrace.aws.connection import SCHEMA_ID
from terraform_provider_dynatrace.client.errors import Forbidden, NotFound, Rejected, ServerFault
from terraform_provider_dynatrace.settings.model import Owner
from terraform_provider_dynatrace.settings.objects import SettingsObjects
from terraform_provider_dynatrace.settings.owners import OwnersApi
from terraform_provider_dynatrace.settings.permissions import Accessor, PermissionsApi
from tests.terraform_provider_dynatrace.in_process import Tenant, losing

VALUE = {"name": "one", "type": "awsWebIdentity", "awsWebIdentity": {"consumers": ["APP:dynatrace.aws.connector"]}}
PIPELINE = "platform-token"
TEAM = Owner("group", AUDITORS)


def owners(tenant: Tenant, credential: str = PIPELINE, *, admin_access: bool = False) -> OwnersApi:
    return OwnersApi(tenant.client(credential), admin_access=admin_access)


async def created(tenant: Tenant, credential: str = PIPELINE) -> str:
    return (await SettingsObjects(tenant.client(credential), SCHEMA_ID).create(VALUE)).object_id


def owner_of(tenant: Tenant, object_id: str) -> Any:
    return tenant.sandbox.environment.known(object_id).owner


@pytest.mark.parametrize("owner", [TEAM, Owner("user", COLLEAGUE.id), Owner("all-users")])
async def test_an_object_is_given_to_another_owner(owner: Owner) -> None:
    """A user, a group, or all users."""
    tenant = Tenant()
    object_id = await created(tenant)

    await owners(tenant).transfer(object_id, owner)

    assert owner_of(tenant, object_id) == (owner.type, owner.id)
    [sent] = tenant.requests("POST", "*:transfer-ownership")
    assert (sent["query"], sent["status"]) == ("", 204)


async def test_admin_access_transfers_what_others_own() -> None:
    """With the parameter, and only with it."""
    tenant = Tenant()
    object_id = await created(tenant)

    with pytest.raises(Forbidden) as refused:
        await owners(tenant, "admin-platform-token").transfer(object_id, TEAM)
    assert "Only the owner of an object, or an administrator, can transfer it" in refused.value.detail
    assert "set admin_access = true" in refused.value.detail

    await owners(tenant, "admin-platform-token", admin_access=True).transfer(object_id, TEAM)
    assert (await owners(tenant, "admin-platform-token", admin_access=True).get(object_id)).owner == TEAM


async def listed(tenant: Tenant, object_id: str) -> None:
    """Let the pipeline read the object, whoever owns it."""
    await PermissionsApi(tenant.client(PIPELINE)).set(object_id, {Accessor("user", OWNER.id): "read"})


@pytest.mark.parametrize("readable", [True, False])
async def test_a_lost_response_is_no_error(readable: bool) -> None:  # noqa: FBT001
    """The second attempt is refused, because the first one was carried out: also if the object cannot be read then."""
    tenant = Tenant()
    object_id = await created(tenant)
    if readable:
        await listed(tenant, object_id)
    tenant.after = losing("POST")

    with collect_warnings() as warnings:
        await owners(tenant).transfer(object_id, TEAM)

    assert owner_of(tenant, object_id) == ("group", AUDITORS)
    assert [one["status"] for one in tenant.requests("POST", "*:transfer-ownership")] == [204, 403]
    assert [warning.summary for warning in warnings] == ([] if readable else ["The response to a transfer was lost"])


async def test_a_transfer_that_was_not_carried_out_stays_an_error() -> None:
    """The server fails each time: the owner is asked, and is still the old one."""
    tenant = Tenant()
    object_id = await created(tenant)
    tenant.sandbox.faults.add(FaultScript("respond", "POST", "*:transfer-ownership", status=503, times=None))

    with pytest.raises(ServerFault):
        await owners(tenant).transfer(object_id, TEAM)

    assert owner_of(tenant, object_id) == ("user", OWNER.id)


async def test_a_first_refusal_is_not_taken_for_a_lost_response() -> None:
    """Write permission is not enough, and the owner stays."""
    tenant = Tenant()
    object_id = await created(tenant)
    await PermissionsApi(tenant.client(PIPELINE)).set(object_id, {Accessor("user", COLLEAGUE.id): "write"})

    with pytest.raises(Forbidden):
        await owners(tenant, "colleague-platform-token").transfer(object_id, TEAM)

    assert len(tenant.requests("POST", "*:transfer-ownership")) == 1


async def test_an_owner_that_does_not_exist_is_refused_by_dynatrace() -> None:
    """With its reason."""
    tenant = Tenant()
    object_id = await created(tenant)

    with pytest.raises(Rejected) as refused:
        await owners(tenant).transfer(object_id, Owner("group", STRANGER.id))

    assert [violation.path for violation in refused.value.violations] == ["newOwner.id"]


async def test_a_conflict_is_retried() -> None:
    """Others change permissions of the object at this moment."""
    tenant = Tenant()
    object_id = await created(tenant)
    tenant.sandbox.faults.add(FaultScript("respond", "POST", "*:transfer-ownership", status=409, times=2))

    await owners(tenant).transfer(object_id, TEAM)

    assert owner_of(tenant, object_id) == ("group", AUDITORS)


async def test_an_object_that_does_not_exist_has_no_owner() -> None:
    """Not found, for reading and for a transfer."""
    tenant = Tenant()

    with pytest.raises(NotFound):
        await owners(tenant).get("gone")
    with pytest.raises(NotFound):
        await owners(tenant).transfer("gone", TEAM)


async def test_a_schema_says_whether_its_objects_have_owners() -> None:
    """Not known for a schema that cannot be read."""
    tenant = Tenant()
    tenant.has_schema("builtin:public", SCHEMA_ID, ownerBasedAccessControl=False)
    api = owners(tenant)

    assert await api.schema_has_owners(SCHEMA_ID) is True
    assert await api.schema_has_owners("builtin:public") is False
    assert await api.schema_has_owners("builtin:gone") is None
    assert await api.schema_has_owners(None) is None
    assert await owners(tenant, "powerless-platform-token").schema_has_owners(SCHEMA_ID) is None
