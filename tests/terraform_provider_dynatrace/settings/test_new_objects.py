"""What this process has just created may not be shown yet."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dynatrace_sandbox.faults import FaultScript
from dynatrace_sandbox.tenant.credentials import COLLEAGUE, OWNER
from terraform_provider_dynatrace.client.errors import Forbidden, NotFound
from terraform_provider_dynatrace.deadline import deadline, remaining
from terraform_provider_dynatrace.settings.model import Owner
from terraform_provider_dynatrace.settings.new_objects import LONGEST, NewObjects
from terraform_provider_dynatrace.settings.objects import SettingsObjects
from terraform_provider_dynatrace.settings.owners import OwnersApi
from terraform_provider_dynatrace.settings.permissions import ALL_USERS, Accessor, PermissionsApi
from tests.terraform_provider_dynatrace.in_process import Tenant
from tests.virtual_time import LoopTime

pytestmark = pytest.mark.virtual_time

SCHEMA = "builtin:hyperscaler-authentication.connections.aws"
NOBODY = Accessor("user", "01234567-89ab-cdef-0123-456789abcdef")
HIDDEN = '{"error": {"code": 404, "message": "There is no such object."}}'


class Shown:
    """A request about an object that is shown `after` so many requests."""

    def __init__(self, after: int, failure: type[Exception] = NotFound) -> None:
        self.requests = 0
        self._after = after
        self._failure = failure

    async def __call__(self) -> str:
        self.requests += 1
        if self.requests <= self._after:
            raise self._failure("No")
        return "shown"


NEW = NewObjects(lambda _: True, LoopTime.pause)


async def test_a_request_is_repeated_until_the_object_is_shown() -> None:
    """With pauses that grow."""
    request, started = Shown(5), LoopTime.clock()

    assert await NEW.request("ID", request) == "shown"
    assert LoopTime.clock() - started == pytest.approx(0.25 + 0.5 + 1 + 2 + 4)


async def test_an_object_that_never_appears_is_missing_in_the_end() -> None:
    """After two minutes, or earlier if the operation has no time left."""
    started = LoopTime.clock()
    with pytest.raises(NotFound):
        await NEW.request("ID", Shown(10_000))
    assert LONGEST - 5 <= LoopTime.clock() - started <= LONGEST

    started = LoopTime.clock()
    with deadline(10), pytest.raises(NotFound):
        await NEW.request("ID", Shown(10_000))
    assert LoopTime.clock() - started <= 10


async def test_another_failure_counts_at_once() -> None:
    """Only a 404 can mean that an object is new."""
    request = Shown(1, Forbidden)

    with pytest.raises(Forbidden):
        await NEW.request("ID", request)

    assert request.requests == 1


async def test_an_outage_is_not_limited_by_the_time_for_a_new_object() -> None:
    """The client retries it for as long as the operation has time."""

    async def slow() -> str:
        await LoopTime.pause(LONGEST * 3)
        assert remaining() == pytest.approx(LONGEST * 7)
        return "shown"

    with deadline(LONGEST * 10):
        assert await NEW.request("ID", slow, longest=1) == "shown"


def hide(tenant: Tenant, times: int, method: str = "GET") -> None:
    """Let the next requests about single objects be answered as if the object did not exist."""
    script = FaultScript("respond", method=method, path="*/objects/*", times=times, status=404, body=HIDDEN)
    tenant.sandbox.faults.add(script)


async def created(tenant: Tenant) -> tuple[SettingsObjects, str]:
    connections = SettingsObjects(tenant.client("platform-token", LoopTime()), SCHEMA)
    details = {"roleArn": "", "consumers": ["APP:dynatrace.aws.connector"]}
    value = {"name": "production", "type": "awsWebIdentity", "awsWebIdentity": details}
    return connections, (await connections.create(value)).object_id


async def test_a_new_object_is_read_when_it_is_shown() -> None:
    """By a read, and by the read before a change."""
    tenant = Tenant()
    connections, object_id = await created(tenant)

    hide(tenant, times=3)
    assert await connections.get(object_id) is not None
    hide(tenant, times=3)
    edited = await connections.edit(object_id, lambda value: {**value, "name": "renamed"})
    assert edited.value["name"] == "renamed"


async def test_an_object_that_is_not_new_is_not_waited_for() -> None:
    """It was created elsewhere, or this process has deleted it."""
    tenant = Tenant()
    connections, object_id = await created(tenant)
    started = LoopTime.clock()

    elsewhere = SettingsObjects(tenant.client("platform-token", LoopTime()), SCHEMA)
    hide(tenant, times=1)
    assert await elsewhere.get(object_id) is None
    await connections.delete(object_id)
    assert await connections.get(object_id) is None

    assert LoopTime.clock() - started < 1


EMPTY_LIST = '{"items": [], "totalCount": 0, "pageSize": 500}'


def hide_from_lists(tenant: Tenant, times: int) -> None:
    """Let the next lists be empty."""
    script = FaultScript("respond", method="GET", path="*/objects", times=times, status=200, body=EMPTY_LIST)
    tenant.sandbox.faults.add(script)


async def test_a_new_object_that_no_list_contains_is_found_by_its_name() -> None:
    """It is read by its ID, which may take a moment, too. Other names are not waited for."""
    tenant = Tenant()
    connections, object_id = await created(tenant)

    hide_from_lists(tenant, times=3)
    hide(tenant, times=3)
    assert [found.object_id for found in await connections.named("production")] == [object_id]
    started = LoopTime.clock()
    assert await connections.named("another") == []
    elsewhere = SettingsObjects(tenant.client("platform-token", LoopTime()), SCHEMA)
    assert await elsewhere.named("production") == []
    assert LoopTime.clock() - started < 1


async def test_a_new_object_is_found_once() -> None:
    """Also if the list contains it already. After it was deleted or renamed, its name finds nothing."""
    tenant = Tenant()
    connections, object_id = await created(tenant)

    assert [found.object_id for found in await connections.named("production")] == [object_id]
    assert [found.object_id for found in await connections.list()] == [object_id]
    await connections.edit(object_id, lambda value: {**value, "name": "renamed"})
    assert await connections.named("production") == []
    await connections.delete(object_id)
    assert await connections.list() == []


async def test_a_list_contains_what_this_process_created() -> None:
    """Objects that the response does not contain yet are read by their IDs, unless they belong to somebody else now."""
    tenant = Tenant()
    connections, object_id = await created(tenant)

    hide_from_lists(tenant, times=1)
    hide(tenant, times=2)
    assert [found.object_id for found in await connections.list()] == [object_id]

    [held] = tenant.sandbox.environment.store
    tenant.sandbox.environment.store.put(replace(held, owner=("user", COLLEAGUE.id)))
    with connections.writing(object_id):
        assert await connections.list() == []


async def test_permissions_of_a_new_object_are_set_when_it_is_shown() -> None:
    """Its owner, its permissions, and a change can all be answered with 404."""
    tenant = Tenant()
    connections, object_id = await created(tenant)
    permissions = PermissionsApi(connections.client, is_new=connections.is_new)

    hide(tenant, times=2)
    assert (await permissions.get(object_id)).owner is not None
    hide(tenant, times=2)
    hide(tenant, times=2, method="POST")
    await permissions.set(object_id, {ALL_USERS: "read"})

    assert await permissions.list(object_id) == {ALL_USERS: "read"}


async def test_a_new_object_gets_another_owner_when_it_is_shown() -> None:
    """Its read and the transfer can be answered with 404."""
    tenant = Tenant()
    connections, object_id = await created(tenant)
    owners = OwnersApi(connections.client, is_new=connections.is_new)

    hide(tenant, times=2)
    assert (await owners.get(object_id)).owner == Owner("user", OWNER.id)
    hide(tenant, times=2, method="POST")
    await owners.transfer(object_id, Owner("user", COLLEAGUE.id))

    [held] = tenant.sandbox.environment.store
    assert held.owner == ("user", COLLEAGUE.id)


async def test_a_user_who_does_not_exist_is_reported_soon() -> None:
    """The response is the same, and waiting does not help."""
    tenant = Tenant()
    connections, object_id = await created(tenant)
    hide(tenant, times=1000, method="POST")
    started = LoopTime.clock()

    with pytest.raises(NotFound):
        await PermissionsApi(connections.client, is_new=connections.is_new).set(object_id, {NOBODY: "read"})

    assert LoopTime.clock() - started <= 10


async def test_a_tenant_knows_its_new_objects() -> None:
    """Those that one of its resources created."""
    tenant = Tenant()
    async with tenant.configured("platform-token") as configured:
        details = {"roleArn": "", "consumers": ["APP:dynatrace.aws.connector"]}
        value = {"name": "production", "type": "awsWebIdentity", "awsWebIdentity": details}
        new = await configured.settings(SCHEMA).create(value)
        hide(tenant, times=1)

        assert (await configured.permissions.get(new.object_id)).owner is not None
