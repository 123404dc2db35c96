"""Settings objects as resources use them, against the sandbox."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import Any

import httpx2
import msgspec
import pytest

from terraform_plugin.diagnostics import Error
from terraform_provider_dynatrace.client.errors import (
    Conflict,
    Forbidden,
    NotFound,
    Rejected,
    UnexpectedResponse,
    Unreachable,
    Violation,
)
from terraform_provider_dynatrace.settings.model import Owner
from terraform_provider_dynatrace.settings.objects import MAX_CONFLICTS, SettingsObjects
from tests.terraform_provider_dynatrace.far_end import FarEnd, client_of, json, refusal
from tests.terraform_provider_dynatrace.in_process import Tenant, losing
from tests.terraform_provider_dynatrace.settings.graph_walk import ten_at_a_time

SCHEMA = "builtin:hyperscaler-authentication.connections.aws"


def connection(name: str, role_arn: str = "") -> dict[str, Any]:
    return {
        "name": name,
        "type": "awsWebIdentity",
        "awsWebIdentity": {"roleArn": role_arn, "consumers": ["APP:dynatrace.aws.connector"]},
    }


def rename(name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    return lambda value: value | {"name": name}


@asynccontextmanager
async def connected(tenant: Tenant, credential: str = "api-token") -> AsyncIterator[SettingsObjects]:
    """Connect to a tenant: its connections as one of its credentials sees them."""
    async with tenant.client(credential) as client:
        yield SettingsObjects(client, SCHEMA)


def names(tenant: Tenant) -> list[str]:
    return [found.value["name"] for found in tenant.sandbox.environment.store]


async def test_an_object_lives_from_create_to_delete() -> None:
    """Create, get, edit, delete; every step is seen by the next."""
    async with connected(Tenant()) as connections:
        created = await connections.create(connection("first"))
        read = await connections.get(created.object_id)
        assert read is not None
        assert read.value == created.value
        edited = await connections.edit(created.object_id, rename("second"))
        assert edited.value == connection("second")
        assert (await connections.list())[0].value == connection("second")
        await connections.delete(created.object_id)
        assert await connections.get(created.object_id) is None


@pytest.mark.parametrize("credential", ["oauth", "platform-token"])
async def test_platform_credentials_give_an_owner(credential: str) -> None:
    """An object that is created with platform credentials has an owner."""
    tenant = Tenant()

    async with connected(tenant, credential) as connections:
        created = await connections.create(connection("mine"))
        read = await connections.get(created.object_id)
        assert read is not None
        user = tenant.sandbox.credentials[credential].user
        assert user is not None
        assert read.owner == Owner("user", user.id)


async def test_a_create_whose_response_is_lost_creates_one_object() -> None:
    """The repeated request has the same external id."""
    tenant = Tenant(losing("POST"))

    async with connected(tenant) as connections:
        created = await connections.create(connection("once"))
        assert await connections.get(created.object_id) is not None

    assert names(tenant) == ["once"]
    assert len(tenant.requests("POST")) == 2


async def test_a_create_that_stays_unanswered_says_that_the_object_may_exist() -> None:
    """The error of a create without a response has the external ID that finds the object."""
    far_end = FarEnd(httpx2.ReadError("reset"))

    with pytest.raises(Unreachable, match="external ID EXTERNAL"):
        await SettingsObjects(client_of(far_end), SCHEMA, new_external_id=lambda: "EXTERNAL").create({})


async def test_two_creates_are_two_objects() -> None:
    """Each has an external id of its own."""
    tenant = Tenant()

    async with connected(tenant) as connections:
        await connections.create(connection("one"))
        await connections.create(connection("two"))

    assert names(tenant) == ["one", "two"]


@pytest.mark.parametrize(("depth", "read"), [(50, True), (98, True), (100, False), (600, False), (900, False)])
async def test_a_value_of_any_depth_is_changed_or_refused(depth: int, read: bool) -> None:  # noqa: FBT001 -- a table
    """A value that is nested 600 levels deep could be read, but copying it would exceed Python's limit."""
    body = b'{"objectId":"A","updateToken":"T","value":{"name":"a","deep":%s%s}}' % (b"[" * depth, b"]" * depth)
    far_end = FarEnd(httpx2.Response(200, content=body), json({"code": 200, "objectId": "A"}))
    objects = SettingsObjects(client_of(far_end), SCHEMA)

    if read:
        assert (await objects.edit("A", rename("b"))).value["name"] == "b"
    else:
        with pytest.raises(UnexpectedResponse, match="nested more than 100 levels deep"):
            await objects.edit("A", rename("b"))


async def test_an_edit_whose_response_is_lost_is_done_once() -> None:
    """The repeated write finds its own change and leaves it at that."""
    tenant = Tenant(losing("PUT"))

    async with connected(tenant) as connections:
        created = await connections.create(connection("before"))
        edited = await connections.edit(created.object_id, rename("after"))
        assert edited.value == connection("after")

    assert [entry["status"] for entry in tenant.requests("PUT")] == [200, 409]


async def test_a_delete_whose_response_is_lost_succeeds() -> None:
    """The repeated one finds nothing."""
    tenant = Tenant(losing("DELETE"))

    async with connected(tenant) as connections:
        await connections.delete((await connections.create(connection("gone"))).object_id)

    assert names(tenant) == []


async def test_an_edit_that_changes_nothing_writes_nothing() -> None:
    """No needless new version of the object."""
    tenant = Tenant()

    async with connected(tenant) as connections:
        created = await connections.create(connection("same"))
        await connections.edit(created.object_id, rename("same"))

    assert tenant.requests("PUT") == []


def meddling(tenant: Tenant, method: str, **changed: Any) -> Callable[[httpx2.Request], None]:
    """Return an `after` with which somebody else changes the one object right after each request of a method."""

    def meddle(request: httpx2.Request) -> None:
        if request.method == method:
            [found] = tenant.sandbox.environment.store
            value = found.value | changed
            tenant.sandbox.environment.store.put(replace(found, value=value, revision=found.revision + 1))

    return meddle


async def test_an_edit_keeps_concurrent_changes_of_others() -> None:
    """If an object changes between our read and our write, the change is made again on the newer value."""
    tenant = Tenant()
    theirs: dict[str, Any] = {"roleArn": "", "consumers": []}

    async with connected(tenant) as connections:
        created = await connections.create(connection("before"))
        once = meddling(tenant, "GET", awsWebIdentity=theirs)
        tenant.after = lambda request: once(request) if len(tenant.requests("GET")) == 1 else None
        edited = await connections.edit(created.object_id, rename("after"))
        assert edited.value == connection("after") | {"awsWebIdentity": theirs}

    assert [entry["status"] for entry in tenant.requests("PUT")] == [409, 200]
    assert [found.value for found in tenant.sandbox.environment.store] == [
        connection("after") | {"awsWebIdentity": theirs}
    ]


async def test_a_change_that_mutates_its_argument_is_still_written() -> None:
    """The value it gets is its own copy."""
    tenant = Tenant()

    def change(value: dict[str, Any]) -> dict[str, Any]:
        value["name"] = "mutated"
        return value

    async with connected(tenant) as connections:
        await connections.edit((await connections.create(connection("before"))).object_id, change)

    assert names(tenant) == ["mutated"]


async def test_editing_a_missing_object_is_an_error() -> None:
    """Somebody deleted it: NotFound, with a next step."""
    async with connected(Tenant()) as connections:
        created = await connections.create(connection("gone"))
        await connections.delete(created.object_id)
        with pytest.raises(NotFound, match="terraform plan"):
            await connections.edit(created.object_id, rename("x"))


async def test_a_refusal_names_the_value_that_is_wrong() -> None:
    """Server side validation, of creates and edits alike."""
    async with connected(Tenant()) as connections:
        with pytest.raises(Rejected) as refused:
            await connections.create(connection("ab"))
        assert [violation.path for violation in refused.value.violations] == ["name"]
        created = await connections.create(connection("fine"))
        with pytest.raises(Rejected) as refused:
            await connections.edit(created.object_id, rename("a:b"))
        assert [violation.path for violation in refused.value.violations] == ["name"]


@pytest.mark.parametrize(
    "name", ["plain", "it's", "back\\slash", "back\\'both", "ünïcode \u202e", 'say "x"', "a = 'b' or c"]
)
async def test_an_object_is_found_by_its_name(name: str) -> None:
    """A name is found whatever quotes it contains."""
    async with connected(Tenant()) as connections:
        created = await connections.create(connection(name))
        await connections.create(connection("another"))
        found = await connections.find_by_name(name)
        assert found is not None
        assert found.object_id == created.object_id
        assert await connections.find_by_name("nobody") is None


async def test_a_list_has_every_object() -> None:
    """A list has more objects than fit on the first page."""
    tenant = Tenant()

    async with connected(tenant) as connections:
        for index in range(501):
            await connections.create(connection(f"conn-{index}"))
        assert len(await connections.list()) == 501

    assert len(tenant.requests("GET")) == 2


async def test_validation_finds_what_a_create_would_be_refused_for() -> None:
    """A duplicate name, without writing anything; the object itself does not count."""
    tenant = Tenant()

    async with connected(tenant) as connections:
        created = await connections.create(connection("taken"))
        with pytest.raises(Rejected) as refused:
            await connections.validate(connection("taken"))
        assert refused.value.violations == (Violation("name", "There is another connection defined under this name."),)
        await connections.validate(connection("taken"), created.object_id)
        await connections.validate(connection("free"))

    assert names(tenant) == ["taken"]


async def test_a_missing_scope_is_named() -> None:
    """Reading works, writing says which scope it lacks."""
    async with connected(Tenant(), "read-only-api-token") as connections:
        assert await connections.list() == []
        with pytest.raises(Forbidden, match=r"settings\.write"):
            await connections.create(connection("mine"))


async def test_a_private_object_of_another_owner_is_forbidden_by_id_and_missing_in_lists() -> None:
    """Reading somebody else's private object is forbidden, which is not the same as gone."""
    tenant = Tenant()

    async with connected(tenant, "platform-token") as connections:
        created = await connections.create(connection("private"))
        stranger = SettingsObjects(tenant.client("stranger-platform-token"), SCHEMA)
        assert await stranger.list() == []
        with pytest.raises(Forbidden, match="private to another owner"):
            await stranger.get(created.object_id)


async def test_an_edit_fails_after_too_many_conflicts() -> None:
    """An edit that conflicts every time ends in an error."""
    tenant = Tenant()

    async with connected(tenant) as connections:
        created = await connections.create(connection("ours"))
        tenant.after = meddling(tenant, "GET")
        with pytest.raises(Conflict):
            await connections.edit(created.object_id, rename("never"))

    assert len(tenant.requests("PUT")) == MAX_CONFLICTS + 1


async def test_a_plan_of_300_creates_validates_in_30_requests() -> None:
    """Terraform plans ten at the same time, which are validated in one array."""
    tenant = Tenant()

    async with connected(tenant) as connections:
        await ten_at_a_time([partial(connections.validate, connection(f"conn-{index}")) for index in range(300)])

    assert len(tenant.requests()) <= 40


async def test_validations_of_the_same_moment_have_their_own_results() -> None:
    """Only what is wrong is refused."""
    tenant = Tenant()

    async with connected(tenant) as connections:
        results = await asyncio.gather(
            *(connections.validate(connection(name)) for name in ("fine", "a:b", "also fine")), return_exceptions=True
        )
        assert [type(result) for result in results] == [type(None), Rejected, type(None)]

    assert [entry["query"] for entry in tenant.requests()] == ["validateOnly=true"]
    assert names(tenant) == []


async def test_one_value_that_spoils_the_request_does_not_spoil_the_others() -> None:
    """A whole array that is refused is asked about one by one."""

    async def answer(request: httpx2.Request) -> httpx2.Response:
        items = msgspec.json.decode(request.content)
        if any(item["value"]["name"] == "spoiler" for item in items):
            return refusal(413, "too large")
        return json([{"code": 200} for _ in items])

    connections = SettingsObjects(client_of(FarEnd(answer)), SCHEMA)
    results = await asyncio.gather(
        *(connections.validate({"name": name}) for name in ("a", "spoiler", "b")), return_exceptions=True
    )

    assert [type(result) for result in results] == [type(None), Rejected, type(None)]


async def test_a_hundred_pairs_cost_little_more_than_two_requests_each() -> None:
    """A create, an edit, and the reads between them gathered."""
    tenant = Tenant()

    async with connected(tenant) as connections:

        async def pair(index: int) -> None:
            created = await connections.create(connection(f"conn-{index}"))
            await connections.edit(created.object_id, rename(f"renamed-{index}"))

        await ten_at_a_time([partial(pair, index) for index in range(100)])

    assert len(tenant.requests()) <= 220
    assert sorted(names(tenant)) == sorted(f"renamed-{index}" for index in range(100))


async def test_an_object_of_another_schema_is_refused() -> None:
    """An import with the wrong id says so."""
    item = {"objectId": "A", "value": {}, "schemaId": "builtin:other"}

    with pytest.raises(Error, match="builtin:other"):
        await SettingsObjects(client_of(FarEnd(json(item))), SCHEMA).get("A")


async def test_an_existing_object_is_validated_by_a_put_with_its_update_token() -> None:
    """Also with a role ARN: the server validates the change of this object, not a new one. Nothing is written."""
    tenant = Tenant()

    async with connected(tenant) as connections:
        created = await connections.create(connection("before"))
        await connections.validate(connection("after"), created.object_id)
        with pytest.raises(Rejected) as caught:
            await connections.validate(connection("no: colon"), created.object_id)

    assert [violation.path for violation in caught.value.violations] == ["name"]
    assert names(tenant) == ["before"]
    assert [request["query"] for request in tenant.requests("PUT")] == ["validateOnly=true"] * 2
    assert len(tenant.requests("POST")) == 1


async def test_an_object_that_changed_since_it_was_read_is_still_validated() -> None:
    """A conflict says nothing about the value."""
    read = json({"objectId": "A", "value": {"name": "a"}, "updateToken": "OLD"})
    far_end = FarEnd(read, refusal(409, "changed"), httpx2.Response(204))

    await SettingsObjects(client_of(far_end), SCHEMA).validate({"name": "b"}, "A")

    assert far_end.bodies()[1:] == [{"value": {"name": "b"}, "updateToken": "OLD"}, {"value": {"name": "b"}}]


async def test_validating_a_change_needs_the_permission_to_write() -> None:
    """That is how a plan knows whether a destroy will be allowed."""
    tenant = Tenant()
    created = await SettingsObjects(tenant.client(), SCHEMA).create(connection("first"))

    with pytest.raises(Forbidden):
        await SettingsObjects(tenant.client("read-only-api-token"), SCHEMA).validate(
            connection("first"), created.object_id
        )


@pytest.mark.parametrize(
    ("operations", "validations"), [(None, 3), (["read"], 3), (["read", "write"], 3), (["read", "write", "delete"], 1)]
)
async def test_the_scope_to_write_is_asked_once_for_what_may_be_written(
    operations: list[str] | None, validations: int
) -> None:
    """An object whose operations are not known, or do not contain writing and deleting, is validated itself."""
    context = {"resourceContext": {"operations": operations}} if operations else {}
    held = {"objectId": "an-id", "value": connection("production"), **context}
    far_end = FarEnd(json(held))
    connections = SettingsObjects(client_of(far_end), SCHEMA)

    for _ in range(3):
        found = await connections.get("an-id")
        assert found is not None
        await connections.check_writable(found)

    assert sum(request.method == "PUT" for request in far_end.requests) == validations


async def test_a_missing_scope_to_write_is_an_error_of_each_object() -> None:
    """The operations of an object say nothing about the scope."""
    held = {"objectId": "an-id", "value": {}, "resourceContext": {"operations": ["read", "write", "delete"]}}
    connections = SettingsObjects(client_of(FarEnd(json(held), refusal(403, "no scope"))), SCHEMA)
    found = await connections.get("an-id")
    assert found is not None

    for _ in range(2):
        with pytest.raises(Forbidden):
            await connections.check_writable(found)
