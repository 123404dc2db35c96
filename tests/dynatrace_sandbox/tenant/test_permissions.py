"""Permissions and owners.

Source: docs/design/0008-sources.md#settings-permissions-api and #settings-transfer-ownership.
"""

from typing import Any

import pytest

from dynatrace_sandbox.api.app import CLASSIC, PLATFORM
from dynatrace_sandbox.tenant.credentials import AUDITORS, COLLEAGUE, STRANGER, TEAM
from dynatrace_sandbox.tenant.credentials import OWNER as OWNING_USER
from tests.dynatrace_sandbox.in_process import SCHEMA, Tenant, web_identity

OWNER = "platform-token"
OTHER = "colleague-platform-token"
READ, WRITE = ["r"], ["r", "w"]


def user(identifier: str = COLLEAGUE.id, letters: list[str] = READ) -> dict[str, Any]:
    return {"accessor": {"type": "user", "id": identifier}, "permissions": letters}


def group(letters: list[str] = READ) -> dict[str, Any]:
    return {"accessor": {"type": "group", "id": TEAM}, "permissions": letters}


def everybody(letters: list[str] = READ) -> dict[str, Any]:
    return {"accessor": {"type": "all-users"}, "permissions": letters}


def path(object_id: str, *more: str) -> str:
    return "/".join([f"{PLATFORM}/settings/objects/{object_id}/permissions", *more])


@pytest.fixture
def object_id(tenant: Tenant) -> str:
    return tenant.create("connection", OWNER)


def test_a_private_object_has_no_accessors_at_first(tenant: Tenant, object_id: str) -> None:
    """The owner is not among them."""
    assert tenant.call("GET", path(object_id), OWNER).json() == {"accessors": []}


@pytest.mark.parametrize("accessor", [user(), group(), everybody()], ids=["user", "group", "all users"])
def test_an_accessor_may_read_from_then_on(tenant: Tenant, object_id: str, accessor: dict[str, Any]) -> None:
    """201 with what was stored; reading does not include writing."""
    response = tenant.call("POST", path(object_id), OWNER, json=accessor)

    assert (response.status_code, response.json()) == (201, accessor)
    assert tenant.names(OTHER) == ["connection"]
    assert tenant.get(object_id, OTHER).json()["resourceContext"]["operations"] == ["read"]
    assert tenant.put(object_id, web_identity("mine"), OTHER).status_code == 403
    assert tenant.call("GET", path(object_id), OWNER).json() == {"accessors": [accessor]}


def test_permissions_of_an_object_without_owner_have_no_effect(tenant: Tenant) -> None:
    """Source: docs/design/0008-sources.md#connection-page. It stays public, and nothing is listed."""
    object_id = tenant.create("public")

    assert tenant.call("POST", path(object_id), OWNER, json=user()).status_code == 201
    assert tenant.call("GET", path(object_id), OWNER).json() == {"accessors": []}
    assert tenant.call("PUT", path(object_id, "user", COLLEAGUE.id), OWNER, json=user()).status_code == 404
    assert tenant.put(object_id, web_identity("theirs"), "stranger-platform-token").status_code == 200


def test_permissions_are_changed_and_taken_away_one_by_one(tenant: Tenant, object_id: str) -> None:
    """B3: PUT 200 without a body, DELETE 204; afterwards the accessor has none: 404."""
    one = path(object_id, "user", COLLEAGUE.id)
    tenant.call("POST", path(object_id), OWNER, json=user())

    changed = tenant.call("PUT", one, OWNER, json={"permissions": WRITE})
    assert (changed.status_code, changed.content) == (200, b"")
    assert tenant.call("GET", one, OWNER).json() == user(letters=WRITE)
    assert tenant.put(object_id, web_identity("theirs"), OTHER).status_code == 200
    assert tenant.call("DELETE", one, OWNER).status_code == 204
    assert [tenant.call(method, one, OWNER, json={"permissions": READ}).status_code for method in ("GET", "PUT")] == [
        404,
        404,
    ]
    assert tenant.call("DELETE", one, OWNER).status_code == 404
    assert tenant.get(object_id, OTHER).status_code == 403


def test_all_users_have_an_endpoint_of_their_own(tenant: Tenant, object_id: str) -> None:
    """B3: GET, PUT and DELETE on `/all-users`; PUT has no body."""
    everyone = path(object_id, "all-users")
    assert tenant.call("GET", everyone, OWNER).status_code == 404
    tenant.call("POST", path(object_id), OWNER, json=everybody())

    assert tenant.call("GET", everyone, OWNER).json() == everybody()
    changed = tenant.call("PUT", everyone, OWNER, json={"permissions": WRITE})
    assert (changed.status_code, changed.content) == (200, b"")
    assert tenant.call("GET", everyone, OWNER).json() == everybody(WRITE)
    assert tenant.call("DELETE", everyone, OWNER).status_code == 204


def test_an_accessor_that_has_permissions_cannot_be_added(tenant: Tenant, object_id: str) -> None:
    """400, whatever the permissions."""
    tenant.call("POST", path(object_id), OWNER, json=user())

    assert tenant.call("POST", path(object_id), OWNER, json=user(letters=WRITE)).status_code == 400


@pytest.mark.parametrize(
    "body",
    [
        user(letters=["w"]),
        user(letters=[]),
        user(letters=["r", "x"]),
        user(letters=["rw"]),
        user("someone"),
        {"accessor": {"type": "team", "id": TEAM}, "permissions": READ},
        {"accessor": {"type": "user"}, "permissions": READ},
        {"accessor": "x", "permissions": READ},
        {"permissions": READ},
        {"accessor": {"type": "all-users"}},
        [],
    ],
)
def test_an_invalid_accessor_or_permission_is_refused(tenant: Tenant, object_id: str, body: Any) -> None:
    """B20: 400 for everything but read, or read and write, of a user, a group or all users."""
    assert tenant.call("POST", path(object_id), OWNER, json=body).status_code == 400


@pytest.mark.parametrize("more", [("team", TEAM), ("user", "someone")])
def test_a_path_names_a_user_or_a_group(tenant: Tenant, object_id: str, more: tuple[str, str]) -> None:
    """B20: 400 for another type, which is inferred, and for an id that is not a UUID."""
    assert tenant.call("GET", path(object_id, *more), OWNER).status_code == 400


def test_changes_at_the_same_time_conflict(tenant: Tenant, object_id: str) -> None:
    """409 for the later one, which is observed and not documented."""
    bodies = [user(), group()]

    responses = tenant.together(*(("POST", path(object_id), OWNER, {"json": body}) for body in bodies))

    assert sorted(response.status_code for response in responses) == [201, 409]
    assert len(tenant.call("GET", path(object_id), OWNER).json()["accessors"]) == 1


def test_changes_of_different_objects_do_not_conflict(tenant: Tenant, object_id: str) -> None:
    """The conflict is about one object."""
    both = [object_id, tenant.create("other", OWNER)]

    responses = tenant.together(*(("POST", path(one), OWNER, {"json": user()}) for one in both))

    assert [response.status_code for response in responses] == [201, 201]


def test_write_permission_allows_sharing(tenant: Tenant, object_id: str) -> None:
    """B19: without it, POST, PUT and DELETE are 403."""
    stranger = user(STRANGER.id)
    assert tenant.call("POST", path(object_id), OTHER, json=stranger).status_code == 403
    tenant.call("POST", path(object_id), OWNER, json=user())
    one = path(object_id, "user", COLLEAGUE.id)
    assert tenant.call("POST", path(object_id), OTHER, json=stranger).status_code == 403
    assert tenant.call("PUT", one, OTHER, json={"permissions": WRITE}).status_code == 403
    assert tenant.call("DELETE", one, OTHER).status_code == 403
    tenant.call("PUT", path(object_id, "user", COLLEAGUE.id), OWNER, json={"permissions": WRITE})

    assert tenant.call("POST", path(object_id), OTHER, json=stranger).status_code == 201


def test_admin_access_reaches_the_permissions_of_others(tenant: Tenant, object_id: str) -> None:
    """B11: with the permission for it; without, the parameter has no effect."""
    admin = {"adminAccess": "true"}

    assert tenant.call("GET", path(object_id), "admin-platform-token").status_code == 403
    assert tenant.call("GET", path(object_id), "admin-platform-token", params=admin).status_code == 200
    assert tenant.call("GET", path(object_id), OTHER, params=admin).status_code == 403
    assert tenant.call("GET", path(object_id), "other-admin-platform-token", params=admin).status_code == 403
    assert tenant.call("GET", path(object_id), OWNER, params=admin).status_code == 200
    response = tenant.call("POST", path(object_id), "admin-platform-token", json=group(), params=admin)
    assert response.status_code == 201


def test_an_object_without_owner_stays_public(tenant: Tenant) -> None:
    """Permissions are stored, and have no effect."""
    public = tenant.create("connection")

    assert tenant.call("POST", path(public), OWNER, json=user(STRANGER.id)).status_code == 201
    assert tenant.names(OTHER) == ["connection"]


def test_permissions_are_for_platform_credentials_only(tenant: Tenant, object_id: str) -> None:
    """B18: the classic path has no such endpoint; the platform path takes no API token and checks scopes."""
    classic = f"{CLASSIC}/settings/objects/{object_id}/permissions"

    assert tenant.call("GET", classic, "api-token").status_code == 404
    assert tenant.call("GET", path(object_id), "api-token").status_code == 401
    assert tenant.call("POST", path(object_id), "read-only-oauth", json=user()).status_code == 403


def test_an_object_that_does_not_exist_has_no_permissions(tenant: Tenant) -> None:
    """404."""
    assert tenant.call("GET", path("none"), OWNER).status_code == 404
    assert tenant.call("POST", path("none"), OWNER, json=user()).status_code == 404


def test_sharing_does_not_change_the_object(tenant: Tenant, object_id: str) -> None:
    """The update token and the time of the last change stay."""
    before = tenant.get(object_id, OWNER).json()
    tenant.now += 5

    tenant.call("POST", path(object_id), OWNER, json=user())

    assert tenant.get(object_id, OWNER).json() == before


def transfer(tenant: Tenant, object_id: str, to: Any, credentials: str = OWNER, **more: Any) -> int:
    """Transfer an object and return the status."""
    path = f"{PLATFORM}/settings/objects/{object_id}:transfer-ownership"
    return tenant.call("POST", path, credentials, json={"newOwner": to}, **more).status_code


@pytest.mark.parametrize(
    "owner", [{"type": "user", "id": COLLEAGUE.id}, {"type": "group", "id": AUDITORS}, {"type": "all-users"}]
)
def test_a_transfer_names_the_new_owner(tenant: Tenant, object_id: str, owner: dict[str, str]) -> None:
    """204 without a body; the object itself stays as it is. Source: #settings-transfer-ownership."""
    before = tenant.get(object_id, OWNER).json()
    path = f"{PLATFORM}/settings/objects/{object_id}:transfer-ownership"

    response = tenant.call("POST", path, OWNER, json={"newOwner": owner})

    assert (response.status_code, response.content) == (204, b"")
    assert tenant.get(object_id, "colleague-platform-token").json() == before | {"owner": owner}


def test_the_previous_owner_loses_access_unless_it_is_listed(tenant: Tenant, object_id: str) -> None:
    """Source: #settings-transfer-ownership."""
    listed = tenant.create("listed", OWNER)
    tenant.call("POST", path(listed), OWNER, json=user(OWNING_USER.id))

    assert [transfer(tenant, one, {"type": "group", "id": AUDITORS}) for one in (object_id, listed)] == [204, 204]

    assert tenant.get(object_id, OWNER).status_code == 403
    assert tenant.get(listed, OWNER).json()["resourceContext"]["operations"] == ["read"]
    assert transfer(tenant, object_id, {"type": "user", "id": OWNING_USER.id}) == 403
    assert tenant.put(object_id, web_identity("theirs"), OTHER).status_code == 200


def test_write_permission_is_not_enough_for_a_transfer(tenant: Tenant, object_id: str) -> None:
    """Only the owner or an administrator may. Source: #settings-transfer-ownership."""
    tenant.call("POST", path(object_id), OWNER, json=everybody(WRITE))
    to = {"type": "user", "id": STRANGER.id}

    assert transfer(tenant, object_id, to, OTHER) == 403
    assert transfer(tenant, object_id, to, "admin-platform-token") == 403
    assert transfer(tenant, object_id, to, "other-admin-platform-token", params={"adminAccess": "true"}) == 403
    assert transfer(tenant, object_id, to, "connections-admin-platform-token", params={"adminAccess": "true"}) == 204
    assert tenant.get(object_id, OTHER).json()["owner"] == to


@pytest.mark.parametrize(
    "owner",
    [
        None,
        "someone",
        {"type": "user"},
        {"type": "user", "id": "someone@example.com"},
        {"type": "team", "id": TEAM},
        {"type": "all-users", "id": TEAM},
        {"type": "group", "id": COLLEAGUE.id},
        {"type": "user", "id": TEAM},
    ],
)
def test_an_invalid_new_owner_is_refused(tenant: Tenant, object_id: str, owner: Any) -> None:
    """400, also for a user or group that the account does not have, which is the stricter side."""
    assert transfer(tenant, object_id, owner) == 400
    assert tenant.get(object_id, OWNER).json()["owner"] == {"type": "user", "id": OWNING_USER.id}


def test_only_objects_that_have_an_owner_can_be_transferred(tenant: Tenant) -> None:
    """400 for a public object, also with admin access, and for a schema without owners; 404 for no object."""
    to, admin = {"type": "user", "id": STRANGER.id}, {"adminAccess": "true"}
    public = tenant.create("public")

    assert transfer(tenant, public, to) == transfer(tenant, public, to, "admin-platform-token", params=admin) == 400
    assert transfer(tenant, "none", to) == 404
    private = tenant.create("private", OWNER)
    schemas = tenant.sandbox.environment.schemas
    schemas[SCHEMA] = {**schemas[SCHEMA], "ownerBasedAccessControl": False}
    assert transfer(tenant, private, to) == 400


def test_a_transfer_conflicts_with_a_change_of_permissions(tenant: Tenant, object_id: str) -> None:
    """409 for the later one, as for two changes of permissions: the stricter side."""
    to = {"newOwner": {"type": "group", "id": AUDITORS}}
    calls = [
        ("POST", f"{PLATFORM}/settings/objects/{object_id}:transfer-ownership", OWNER, {"json": to}),
        ("POST", path(object_id), OWNER, {"json": user()}),
    ]

    responses = tenant.together(*calls)

    assert [response.status_code for response in responses] == [204, 409]


def test_a_transfer_needs_platform_credentials_and_the_scope_for_writing(tenant: Tenant, object_id: str) -> None:
    """The classic path has no such endpoint: 405, as for any other POST there. The scope is inferred."""
    to = {"newOwner": {"type": "group", "id": AUDITORS}}
    classic = f"{CLASSIC}/settings/objects/{object_id}:transfer-ownership"

    assert tenant.call("POST", classic, "api-token", json=to).status_code == 405
    assert transfer(tenant, object_id, to["newOwner"], "api-token") == 401
    assert transfer(tenant, object_id, to["newOwner"], "read-only-platform-token") == 403
