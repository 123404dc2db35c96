"""Requests with admin access, and what a refusal says about it. Against the sandbox."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from dynatrace_sandbox.faults import FaultScript
from terraform_plugin.diagnostics import collect_warnings
from terraform_provider_dynatrace.aws.connection import SCHEMA_ID
from terraform_provider_dynatrace.client.apis import ADMIN_SCOPE, SETTINGS_AS_ADMIN
from terraform_provider_dynatrace.client.auth import OAuthClient
from terraform_provider_dynatrace.client.errors import Forbidden
from terraform_provider_dynatrace.settings.objects import SettingsObjects
from terraform_provider_dynatrace.settings.permissions import ALL_USERS, PermissionsApi
from tests.terraform_provider_dynatrace.in_process import URL, Tenant

CONSUMER = "APP:dynatrace.aws.connector"


def value(name: str = "theirs") -> dict[str, Any]:
    return {"name": name, "type": "awsWebIdentity", "awsWebIdentity": {"roleArn": "", "consumers": [CONSUMER]}}


def objects(tenant: Tenant, credential: str, *, admin_access: bool = True) -> SettingsObjects:
    return SettingsObjects(tenant.client(credential), SCHEMA_ID, admin_access=admin_access)


async def private(tenant: Tenant) -> str:
    """Create a connection of somebody else."""
    created = await objects(tenant, "colleague-platform-token", admin_access=False).create(value())
    return created.object_id


async def test_every_request_about_objects_carries_the_parameter() -> None:
    """Reads, lists, lookups, creates, validations, changes and deletions."""
    tenant = Tenant()
    object_id = await private(tenant)
    before = len(tenant.requests())
    admin = objects(tenant, "admin-platform-token")

    assert await admin.get(object_id)
    assert [found.object_id for found in await admin.list()] == [object_id]
    assert await admin.find_by_name("theirs")
    created = await admin.create(value("own"))
    await admin.validate(value("new"))
    await admin.validate(value("other"), object_id)
    await admin.edit(object_id, lambda now: {**now, "name": "renamed"})
    await admin.api.by_external_ids(["x"])
    await admin.delete(object_id)
    await admin.delete(created.object_id)

    sent = [one for one in tenant.requests()[before:] if one["path"].split("/settings/")[1].startswith("objects")]
    assert {one["method"] for one in sent} == {"GET", "POST", "PUT", "DELETE"}
    assert [one for one in sent if "adminAccess=true" not in one["query"]] == []


async def test_without_the_argument_no_request_carries_the_parameter() -> None:
    """A credential with the right uses it only where the user asks for it."""
    tenant = Tenant()
    object_id = await private(tenant)

    with pytest.raises(Forbidden) as refused:
        await objects(tenant, "admin-platform-token", admin_access=False).get(object_id)

    assert "set admin_access = true in the provider block" in refused.value.detail
    assert f"requires the scope {ADMIN_SCOPE}" in refused.value.detail
    assert tenant.requests("*", "*/settings/objects*") != []
    assert [one for one in tenant.requests() if "adminAccess" in one["query"]] == []


@pytest.mark.parametrize("method", ["get", "edit", "delete", "validate"])
@pytest.mark.parametrize("credential", ["colleague-platform-token", "other-admin-platform-token"])
async def test_a_refusal_names_the_argument_and_the_scope(method: str, credential: str) -> None:
    """Without the right, or with a right for other schemas: the object is not called missing."""
    tenant = Tenant()
    mine = await objects(tenant, "platform-token", admin_access=False).create(value("mine"))
    other = objects(tenant, credential)
    calls: dict[str, Callable[[], Awaitable[Any]]] = {
        "get": lambda: other.get(mine.object_id),
        "edit": lambda: other.edit(mine.object_id, lambda now: now),
        "delete": lambda: other.delete(mine.object_id),
        "validate": lambda: other.api.put(mine.object_id, value(), None, validate_only=True),
    }

    with pytest.raises(Forbidden) as refused:
        await calls[method]()

    assert f"admin_access = true only has an effect with the scope {ADMIN_SCOPE}" in refused.value.detail
    assert "limited to other schemas" in refused.value.detail


async def test_an_api_token_is_not_advised_to_use_admin_access() -> None:
    """It has no user, and so no such right."""
    tenant = Tenant()
    object_id = await private(tenant)

    with pytest.raises(Forbidden) as refused:
        await objects(tenant, "api-token", admin_access=False).get(object_id)

    assert "admin_access" not in refused.value.detail


@pytest.mark.parametrize(
    ("credential", "warnings"),
    [
        ("admin-platform-token", 0),
        ("connections-admin-platform-token", 0),
        ("colleague-platform-token", 1),
        ("other-admin-platform-token", 1),
    ],
)
async def test_a_list_without_the_right_is_a_warning(credential: str, warnings: int) -> None:
    """Dynatrace leaves the objects of others out without a word. The warning comes once."""
    tenant = Tenant()
    await private(tenant)
    found = objects(tenant, credential)

    with collect_warnings() as collected:
        await found.list()
        await found.list()

    assert [warning.summary for warning in collected] == ["admin_access has no effect"] * warnings
    assert all(ADMIN_SCOPE in warning.detail for warning in collected)
    assert len(tenant.requests("POST", "*:resolve")) == 1


@pytest.mark.parametrize("status", [403, 404])
async def test_where_the_right_is_not_known_a_list_has_no_warning(status: int) -> None:
    """The endpoint may not exist, or need a scope that the credential does not have."""
    tenant = Tenant()
    tenant.sandbox.faults.add(FaultScript("respond", "POST", "*:resolve", status=status, times=None))

    with collect_warnings() as collected:
        await objects(tenant, "colleague-platform-token").list()

    assert collected == []


async def test_a_login_keeps_the_scope_for_admin_access_if_it_lacks_another_one() -> None:
    """A client without `settings:schemas:read` is still an administrator."""
    tenant = Tenant()
    object_id = await private(tenant)
    known = tenant.sandbox.credentials["oauth"]
    fewer = FaultScript("respond", "POST", "*/oauth2/token", status=400, body='{"error": "invalid_scope"}', times=1)
    tenant.sandbox.faults.add(fewer)
    credential = OAuthClient(
        known.public, known.secret, token_url=f"{URL}/sso/oauth2/token", source="x", api=SETTINGS_AS_ADMIN
    )

    admin = SettingsObjects(tenant.client("oauth").using(credential), SCHEMA_ID, admin_access=True)

    assert await admin.get(object_id)
    assert len(tenant.requests("POST", "*/oauth2/token")) == 2
    assert credential.lacks_scope("settings:schemas:read")
    assert not credential.lacks_scope(ADMIN_SCOPE)


async def test_permissions_do_without_admin_access_unless_the_user_asks_for_it() -> None:
    """With the argument, a refusal of admin access is the answer."""
    tenant = Tenant()
    created = await objects(tenant, "platform-token", admin_access=False).create(value("mine"))
    tenant.sandbox.faults.add(FaultScript("respond", query="adminAccess=true", status=403, times=None))

    usual = PermissionsApi(tenant.client("platform-token"))
    demanding = PermissionsApi(tenant.client("platform-token"), admin_access=True)

    await usual.set(created.object_id, {ALL_USERS: "read"})
    with pytest.raises(Forbidden) as refused:
        await demanding.list(created.object_id)
    assert f"admin_access = true only has an effect with the scope {ADMIN_SCOPE}" in refused.value.detail
