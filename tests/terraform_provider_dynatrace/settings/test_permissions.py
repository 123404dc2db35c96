"""Who else may read or write a settings object, against the sandbox."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import UUID

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynatrace_sandbox.faults import FaultScript
from terraform_provider_dynatrace.client.errors import Forbidden, NotFound, Rejected, UnexpectedResponse
from terraform_provider_dynatrace.settings.objects import SettingsObjects
from terraform_provider_dynatrace.settings.permissions import (
    ALL_USERS,
    AccessChange,
    Accessor,
    Level,
    PermissionsApi,
    differences,
)
from tests.terraform_provider_dynatrace.far_end import FarEnd, Time, client_of, json
from tests.terraform_provider_dynatrace.in_process import Tenant, losing

SCHEMA = "builtin:hyperscaler-authentication.connections.aws"
USER, OTHER = (Accessor("user", str(UUID(int=number))) for number in (1, 2))
GROUP = Accessor("group", str(UUID(int=3)))
EVERYTHING: dict[Accessor, Level] = {USER: "read", OTHER: "write", GROUP: "write", ALL_USERS: "read"}


async def shared(tenant: Tenant, credential: str = "platform-token") -> tuple[PermissionsApi, str]:
    """Create a connection as the owner of `platform-token`; return permissions as `credential` and its object id."""
    created = await SettingsObjects(tenant.client("platform-token"), SCHEMA).create(
        {
            "name": "shared",
            "type": "awsWebIdentity",
            "awsWebIdentity": {"consumers": ["APP:dynatrace.aws.connector"]},
        }
    )
    tenant.sandbox.journal.reset()
    return PermissionsApi(tenant.client(credential)), created.object_id


class Until(Time):
    """A pause that lasts until something has happened."""

    def __init__(self, happened: asyncio.Event) -> None:
        super().__init__()
        self.happened = happened

    async def pause(self, seconds: float) -> None:
        await super().pause(seconds)
        await self.happened.wait()


def writes(tenant: Tenant) -> list[str]:
    return [entry["method"] for entry in tenant.requests() if entry["method"] != "GET"]


@pytest.mark.parametrize(
    ("present", "wanted", "changes"),
    [
        ({}, {}, []),
        ({USER: "read"}, {USER: "read"}, []),
        ({}, {USER: "read"}, [AccessChange("grant", USER, "read")]),
        ({USER: "read"}, {USER: "write"}, [AccessChange("change", USER, "write")]),
        ({USER: "read"}, {}, [AccessChange("revoke", USER)]),
        ({USER: "read"}, {GROUP: "write"}, [AccessChange("grant", GROUP, "write"), AccessChange("revoke", USER)]),
        (
            {USER: "write", GROUP: "read"},
            {USER: "read", GROUP: "write"},
            [AccessChange("change", GROUP, "write"), AccessChange("change", USER, "read")],
        ),
    ],
)
def test_only_differences_are_changed(
    present: dict[Accessor, Level], wanted: dict[Accessor, Level], changes: list[AccessChange]
) -> None:
    """What is given comes before what is taken."""
    assert differences(present, wanted) == changes


LEVELS = st.dictionaries(st.sampled_from([USER, OTHER, GROUP, ALL_USERS]), st.sampled_from(["read", "write"]))


@given(LEVELS, LEVELS)
def test_the_differences_lead_where_they_should(present: dict[Accessor, Level], wanted: dict[Accessor, Level]) -> None:
    """Made one after the other, from anywhere to anywhere."""
    found = dict(present)
    for change in differences(present, wanted):
        if change.level is None:
            del found[change.accessor]
        else:
            assert (change.accessor in found) == (change.verb == "change")
            found[change.accessor] = change.level

    assert found == wanted


def test_a_hostile_accessor_stays_one_step_of_the_path() -> None:
    """Its type and its id come from the server."""
    assert Accessor("../../objects", "a/b\r\n").path() == "..%2F..%2Fobjects/a%2Fb%0D%0A"
    assert ALL_USERS.path() == "all-users"


async def test_permissions_are_set_changed_and_removed() -> None:
    """Users, groups and all users, read and write."""
    tenant = Tenant()

    permissions, object_id = await shared(tenant)
    assert await permissions.list(object_id) == {}
    assert await permissions.set(object_id, EVERYTHING) == set()
    assert await permissions.list(object_id) == EVERYTHING
    left: dict[Accessor, Level] = {USER: "write", ALL_USERS: "read"}
    assert await permissions.set(object_id, left) == EVERYTHING.keys() - left.keys()
    assert await permissions.list(object_id) == {USER: "write", ALL_USERS: "read"}
    await permissions.remove(object_id)
    assert await permissions.list(object_id) == {}

    assert sorted(writes(tenant)) == sorted(["POST"] * 4 + ["PUT"] + ["DELETE"] * 2 + ["DELETE"] * 2)


async def test_what_is_right_is_not_touched() -> None:
    """Setting the same again sends no write."""
    tenant = Tenant()

    permissions, object_id = await shared(tenant)
    await permissions.set(object_id, EVERYTHING)
    tenant.sandbox.journal.reset()
    await permissions.set(object_id, EVERYTHING)

    assert [entry["method"] for entry in tenant.requests()] == ["GET"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
async def test_a_change_whose_response_is_lost_is_made_once(method: str) -> None:
    """The repeated one is refused, and what is there is right."""
    tenant = Tenant()
    wanted: dict[Accessor, Level] = {USER: "write", GROUP: "read"}

    permissions, object_id = await shared(tenant)
    await permissions.set(object_id, {USER: "read", OTHER: "read"})
    tenant.after = losing(method)
    await permissions.set(object_id, wanted)
    assert await permissions.list(object_id) == wanted


async def test_changes_that_conflict_are_made_one_after_the_other() -> None:
    """Two who change the same object at the same time both succeed."""
    tenant = Tenant()

    permissions, object_id = await shared(tenant)
    done = (asyncio.Event(), asyncio.Event())

    async def set_both(mine: asyncio.Event, other: asyncio.Event) -> None:
        """Whoever is refused waits until the other one, who was not, is done."""
        await PermissionsApi(tenant.client("platform-token", Until(other))).set(
            object_id, {USER: "read", GROUP: "read"}
        )
        mine.set()

    await asyncio.gather(set_both(*done), set_both(*reversed(done)))
    assert await permissions.list(object_id) == {USER: "read", GROUP: "read"}

    assert 409 in [entry["status"] for entry in tenant.requests("POST")]


@pytest.mark.parametrize("refused", [False, True])
async def test_admin_access_without_the_permission(refused: bool) -> None:  # noqa: FBT001
    """Dynatrace documents that it has no effect; the official provider expects 403, after which it is not sent."""
    tenant = Tenant()

    permissions, object_id = await shared(tenant)
    colleague = tenant.sandbox.credentials["colleague-platform-token"]
    assert colleague.user is not None
    await permissions.set(object_id, {Accessor("user", colleague.user.id): "write"})
    tenant.sandbox.journal.reset()
    if refused:
        tenant.sandbox.faults.add(FaultScript("respond", query="adminAccess=true", status=403, times=None))
    await PermissionsApi(tenant.client("colleague-platform-token")).set(
        object_id, {Accessor("user", colleague.user.id): "write", GROUP: "read"}
    )

    assert [(entry["method"], entry["query"], entry["status"]) for entry in tenant.requests()] == (
        [
            ("GET", "adminAccess=true", 403),
            ("GET", "adminAccess=false", 200),
            ("POST", "adminAccess=false", 201),
        ]
        if refused
        else [("GET", "adminAccess=true", 200), ("POST", "adminAccess=true", 201)]
    )


async def test_an_admin_manages_what_others_own() -> None:
    """With the admin scope, the first request with admin access succeeds."""
    tenant = Tenant()

    permissions, object_id = await shared(tenant, "admin-platform-token")
    await permissions.set(object_id, {USER: "read"})

    assert {entry["query"] for entry in tenant.requests()} == {"adminAccess=true"}


async def test_a_stranger_may_not() -> None:
    """The error is that of the request without admin access: it names the scope for that."""
    permissions, object_id = await shared(Tenant(), "stranger-platform-token")
    with pytest.raises(Forbidden, match="settings:objects:read"):
        await permissions.list(object_id)


async def test_a_missing_object_has_no_permissions() -> None:
    """Removing them is fine, asking for them is not."""
    tenant = Tenant()

    permissions, object_id = await shared(tenant)
    tenant.sandbox.environment.reset()
    await permissions.remove(object_id)
    with pytest.raises(NotFound):
        await permissions.list(object_id)


async def test_what_dynatrace_refuses_ends_in_its_words() -> None:
    """An id that is no UUID is not tried for ever."""
    tenant = Tenant()

    permissions, object_id = await shared(tenant)
    with pytest.raises(Rejected, match="Must be the UUID"):
        await permissions.set(object_id, {Accessor("user", "somebody"): "read"})

    assert writes(tenant) == ["POST"]


async def test_an_accessor_that_was_removed_elsewhere_is_added_again() -> None:
    """If permissions change between our read and our write, the difference is computed again."""
    tenant = Tenant()

    permissions, object_id = await shared(tenant)
    await permissions.set(object_id, {USER: "read", OTHER: "read"})

    def remove(request: httpx2.Request) -> None:
        if request.method == "POST":
            tenant.after = lambda _: None
            [found] = tenant.sandbox.environment.store
            accessors = {name: letters for name, letters in found.accessors.items() if name[1] != USER.id}
            tenant.sandbox.environment.store.put(replace(found, accessors=accessors))

    tenant.after = remove
    await permissions.set(object_id, {USER: "write", OTHER: "read", GROUP: "read"})
    assert await permissions.list(object_id) == {USER: "write", OTHER: "read", GROUP: "read"}


@pytest.mark.parametrize(
    "item",
    [
        None,
        {},
        {"accessor": "user"},
        {"accessor": {"type": "user", "id": "U"}, "permissions": ["w"]},
        {"accessor": {"type": "user", "id": "U"}, "permissions": []},
        {"accessor": {"type": "user", "id": "U"}, "permissions": ["r", "x"]},
        {"accessor": {"type": "user", "id": "U"}, "permissions": [{}]},
        {"accessor": {"type": "user", "id": "U"}, "permissions": "r"},
        {"accessor": {"type": "user", "id": 7}, "permissions": ["r"]},
    ],
)
async def test_a_permission_that_does_not_exist_is_unexpected(item: object) -> None:
    """Write without read above all."""
    far_end = FarEnd(json({"accessors": [item]}))

    with pytest.raises(UnexpectedResponse):
        await PermissionsApi(client_of(far_end)).list("A")


@pytest.mark.parametrize("body", [None, [], {}, {"accessors": {}}])
async def test_a_response_without_accessors_is_unexpected(body: object) -> None:
    """Nothing is taken for nobody."""
    with pytest.raises(UnexpectedResponse):
        await PermissionsApi(client_of(FarEnd(json(body)))).list("A")
