"""Objects read for many, against the sandbox: what is asked for, and how often."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from itertools import count

import httpx2
import pytest

from dynatrace_sandbox.tenant.objects import SettingsObject as Held
from terraform_provider_dynatrace.client.errors import Forbidden, ServerFault
from terraform_provider_dynatrace.settings.api import SettingsApi
from terraform_provider_dynatrace.settings.cache import FEW, ReadCache, Snapshot
from terraform_provider_dynatrace.settings.model import SettingsObject
from terraform_provider_dynatrace.settings.objects import SettingsObjects
from tests.terraform_provider_dynatrace.far_end import FarEnd, client_of, refusal
from tests.terraform_provider_dynatrace.in_process import Tenant
from tests.terraform_provider_dynatrace.settings.graph_walk import ten_at_a_time

SCHEMA = "builtin:hyperscaler-authentication.connections.aws"
VALUE = {"type": "awsWebIdentity", "awsWebIdentity": {"roleArn": "", "consumers": ["APP:dynatrace.aws.connector"]}}


async def soon() -> None:
    """A moment without time."""
    await asyncio.sleep(0)


def fill(tenant: Tenant, count: int) -> list[str]:
    """Put so many connections into a tenant and return their ids."""
    store = tenant.sandbox.environment.store
    for index in range(count):
        store.put(
            Held(
                id=f"object-{index}",
                schema_id=SCHEMA,
                schema_version="0.0.26",
                scope="environment",
                value=VALUE | {"name": f"conn-{index}"},
                author="somebody",
                created=0,
                modified=0,
                sequence=store.next_sequence(),
                created_by="somebody",
                modified_by="somebody",
            )
        )
    return [one.id for one in store]


@asynccontextmanager
async def reads_of(tenant: Tenant, credential: str = "api-token") -> AsyncIterator[ReadCache]:
    async with tenant.client(credential) as client:
        yield ReadCache(SettingsApi(client, SCHEMA), window=soon)


@pytest.mark.parametrize("pairs", [1, 2, 3])
async def test_a_few_are_read_one_by_one(pairs: int) -> None:
    """One request for each object, also where a connection and its role ARN ask for the same one."""
    tenant = Tenant()
    object_ids = fill(tenant, 20)[:pairs]

    async with reads_of(tenant) as reads:
        assert len(await ten_at_a_time([partial(reads.get, one) for one in object_ids])) == pairs
        assert len(await ten_at_a_time([partial(reads.get, one) for one in object_ids])) == pairs

    assert len(tenant.requests()) == pairs


async def test_a_thousand_with_their_role_arns_are_read_in_pages() -> None:
    """2,000 reads take at most five requests, and each gets the right object."""
    tenant = Tenant()
    object_ids = fill(tenant, 1000)

    async with reads_of(tenant) as reads:
        for _ in range(2):
            found = await ten_at_a_time([partial(reads.get, one) for one in object_ids])
            assert sorted(one.object_id for one in found if one) == sorted(object_ids)

    assert len(tenant.requests()) <= 5


async def test_many_are_read_in_pages_even_one_after_the_other() -> None:
    """terraform -parallelism=1 costs a few single reads more."""
    tenant = Tenant()
    object_ids = fill(tenant, 300)

    async with reads_of(tenant) as reads:
        for one in object_ids:
            assert await reads.get(one) is not None

    assert len(tenant.requests()) == FEW + 1


async def test_a_large_tenant_is_not_read_for_five_of_its_objects() -> None:
    """When there are more pages than objects wanted, they are read by id."""
    tenant = Tenant()
    object_ids = fill(tenant, 2600)[-5:]

    async with reads_of(tenant) as reads:
        assert None not in await ten_at_a_time([partial(reads.get, one) for one in object_ids])

    assert [entry["path"].endswith("/objects") for entry in tenant.requests()] == [True] + [False] * 5


async def test_an_object_on_no_page_is_read_by_id_before_it_counts_as_missing() -> None:
    """An object that no page has may be private to somebody else, which is another error."""
    tenant = Tenant()
    object_ids = fill(tenant, 20)

    async with reads_of(tenant) as reads:
        private = await SettingsObjects(tenant.client("platform-token"), SCHEMA).create(VALUE | {"name": "private"})
        results = await asyncio.gather(
            *map(reads.get, [*object_ids, "nobody", private.object_id]), return_exceptions=True
        )
        assert results[-2] is None
        assert isinstance(results[-1], Forbidden)
        assert len([one for one in results if isinstance(one, SettingsObject)]) == 20

    assert len(tenant.requests("GET", "*/objects")) == 1
    assert len(tenant.requests("GET", "*/objects/*")) == 2


async def test_what_this_process_wrote_is_read_afresh() -> None:
    """After a write, an object is read again, whether it was read by its ID or on a page before."""
    tenant = Tenant()
    object_ids = fill(tenant, 10)

    async with reads_of(tenant) as reads:
        await ten_at_a_time([partial(reads.get, one) for one in object_ids])
        held = tenant.sandbox.environment.store.get("object-0")
        assert held is not None
        reads.written("object-0")
        tenant.sandbox.environment.store.put(replace(held, value=held.value | {"name": "newer"}))
        reads.written("object-0")
        found = await reads.get("object-0")
        assert found is not None
        assert found.value["name"] == "newer"


def test_a_page_that_was_read_during_a_write_is_not_believed() -> None:
    """It may have been made before or after the write; only a read that began later counts."""
    known = Snapshot()
    before = SettingsObject("A", {"name": "before"})

    began = known.now()
    known.written("A")
    known.written("A")
    known.keep([before, SettingsObject("B", {})], began)

    assert known.get("A") is None
    assert known.get("B") is not None
    known.keep([before], known.now())
    assert known.get("A") == before


async def test_a_read_before_a_write_is_not_cached() -> None:
    """A read before a write does not return what was read earlier."""
    tenant = Tenant()
    [object_id] = fill(tenant, 1)

    async with reads_of(tenant) as reads:
        await reads.get(object_id)
        held = tenant.sandbox.environment.store.get(object_id)
        assert held is not None
        tenant.sandbox.environment.store.put(replace(held, revision=held.revision + 1))
        found = await reads.get_now(object_id)
        assert found is not None
        assert found.update_token == tenant.sandbox.environment.store.get(object_id).update_token  # type: ignore[union-attr]


async def test_created_objects_are_read_together() -> None:
    """One request for all that wait to be written a second time: their external ids are known."""
    tenant = Tenant()

    async with reads_of(tenant) as reads:
        names = (f"external-{number}" for number in count())
        connections = SettingsObjects(tenant.client(), SCHEMA, new_external_id=lambda: next(names))
        created = [await connections.create(VALUE | {"name": f"conn-{index}"}) for index in range(10)]
        for number, one in enumerate(created):
            reads.created(one.object_id, f"external-{number}")
        found = await asyncio.gather(*(reads.get_now(one.object_id) for one in created))
        assert [one.object_id for one in found if one] == [one.object_id for one in created]
        assert all(one.update_token for one in found if one)

    assert len(tenant.requests("GET")) == 1


async def test_a_page_that_cannot_be_read_is_everybodys_error() -> None:
    """Every caller gets the error."""
    reads = ReadCache(SettingsApi(client_of(FarEnd(refusal(500, "down"))), SCHEMA), window=soon)

    assert [
        type(found)
        for found in list(await asyncio.gather(*map(reads.get, map(str, range(10))), return_exceptions=True))
    ] == [ServerFault] * 10


async def test_without_external_ids_in_lists_objects_are_read_by_id() -> None:
    """A query that is not supported costs a request, and does not fail the operation."""

    async def answer(request: httpx2.Request) -> httpx2.Response:
        if "externalIds" in request.url.params:
            return refusal(400, "unknown parameter")
        return httpx2.Response(200, json={"objectId": request.url.path.rpartition("/")[2], "value": {}})

    reads = ReadCache(SettingsApi(client_of(FarEnd(answer)), SCHEMA), window=soon)

    for name in "AB":
        reads.created(name, f"external-{name}")
    assert [found.object_id for found in list(await asyncio.gather(*map(reads.get_now, "AB"))) if found] == ["A", "B"]
