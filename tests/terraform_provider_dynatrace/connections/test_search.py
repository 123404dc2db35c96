"""Searching a connection by its ID or its name, against the sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from terraform_plugin import Error, Path
from terraform_provider_dynatrace.aws.connection import AWS_CONNECTION, SCHEMA_ID
from terraform_provider_dynatrace.config.tenant import Tenant as ProvidersTenant
from terraform_provider_dynatrace.connections.search import find, find_by_id, find_by_name, nearest_names
from tests.terraform_provider_dynatrace.in_process import Tenant

LIKE_AN_ID = "vu9U3hXa3q0" + "A" * 30


def value(name: str) -> dict[str, object]:
    return {"name": name, "type": "awsWebIdentity", "awsWebIdentity": {"consumers": []}}


@asynccontextmanager
async def with_connections(far: Tenant, *names: str) -> AsyncIterator[ProvidersTenant]:
    """Create connections with these names; give a tenant that has not read them."""
    async with far.configured() as tenant:
        for name in names:
            await tenant.settings(SCHEMA_ID).create(value(name))
        yield ProvidersTenant(tenant.environment, tenant.client, tenant.credentials)


@pytest.mark.parametrize("name", ["production", LIKE_AN_ID])
async def test_a_connection_is_found_by_its_name_and_by_its_id(name: str) -> None:
    """A name may look like an ID. What the search has read is not requested again."""
    far = Tenant()

    async with with_connections(far, "production", LIKE_AN_ID) as tenant:
        found = await find(tenant, AWS_CONNECTION, name)
        assert found.value["name"] == name
        assert await find(tenant, AWS_CONNECTION, found.object_id) == found

    assert len(far.requests("GET", "*/settings/objects")) == 1


async def test_an_error_lists_the_most_similar_names() -> None:
    """Upper case does not matter for the similarity."""
    async with with_connections(Tenant(), "production", "other") as tenant:
        with pytest.raises(Error, match="AWS connection not found") as caught:
            await find_by_name(tenant, AWS_CONNECTION, "Prodution", Path("name"))

    assert caught.value.detail.endswith('The most similar names are:\n\n  "production"')
    assert caught.value.path == Path("name")


async def test_without_a_similar_name_none_is_suggested() -> None:
    """The message ends with a possible reason."""
    async with with_connections(Tenant(), "production") as tenant:
        with pytest.raises(Error) as caught:
            await find_by_name(tenant, AWS_CONNECTION, "zzz")

    assert caught.value.detail.endswith("private to its owner.")


@pytest.mark.parametrize("text", ["", " ", "\n"])
async def test_an_empty_import_id_is_refused(text: str) -> None:
    """It may come from a variable. No request is sent."""
    far = Tenant()

    async with with_connections(far) as tenant:
        with pytest.raises(Error, match="The import ID is empty"):
            await find(tenant, AWS_CONNECTION, text)

    assert far.requests("GET") == []


async def test_an_error_lists_the_ids_of_connections_with_the_same_name() -> None:
    """An environment whose schema has no unique names: users choose by the ID."""
    far = Tenant()
    far.has_schema(SCHEMA_ID, like=SCHEMA_ID, constraints=[], schemaConstraints=[])

    async with far.configured() as tenant:
        created = [await tenant.settings(SCHEMA_ID).create(value("production")) for _ in range(2)]
        with pytest.raises(Error, match="Several connections have this name") as caught:
            await find(tenant, AWS_CONNECTION, "production")

    assert [one.object_id in caught.value.detail for one in created] == [True, True]


async def test_an_id_of_another_schema_is_refused() -> None:
    """The object exists, but it is not an AWS connection."""
    far = Tenant()
    other = "builtin:hyperscaler-authentication.connections.azure"
    far.has_schema(other, like=SCHEMA_ID)

    async with far.configured() as tenant:
        created = await tenant.settings(other).create(value("elsewhere"))
        with pytest.raises(Error) as caught:
            await find(tenant, AWS_CONNECTION, created.object_id)

    assert other in caught.value.detail
    assert SCHEMA_ID in caught.value.detail


async def test_a_missing_id_comes_with_the_hint() -> None:
    """Callers say what to do."""
    async with Tenant().configured() as tenant:
        with pytest.raises(Error, match="AWS connection not found") as caught:
            await find_by_id(tenant, AWS_CONNECTION, "gone", Path("id"), "Refer to a resource.")

    assert caught.value.path == Path("id")
    assert 'with the ID "gone"' in caught.value.detail
    assert caught.value.detail.endswith(" Refer to a resource.")


def test_the_similar_names_of_many_are_found_among_a_few() -> None:
    """Comparing text with each of 50,000 names in full would block other operations for many seconds."""
    names = [f"connection {number:05} of team {number % 97}" for number in range(50_000)]

    assert nearest_names("Connection 00042 of team 42", names)[0] == "connection 00042 of team 42"
    assert nearest_names("x" * 1_000_000, names) == []
