"""A connection by its object id or its name, against the sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from terraform_plugin import Error, Path
from terraform_provider_dynatrace.connections.search import find, find_named, not_found
from terraform_provider_dynatrace.settings.objects import SettingsObjects
from tests.terraform_provider_dynatrace.in_process import Tenant

SCHEMA = "builtin:hyperscaler-authentication.connections.aws"
URL = "https://abc12345.live.dynatrace.com"
AS_LONG_AS_AN_ID = "vu9U3hXa3q0" + "A" * 30


@asynccontextmanager
async def connected(tenant: Tenant) -> AsyncIterator[SettingsObjects]:
    """Make two connections; one has a name that looks like an id."""
    async with tenant.client() as client:
        connections = SettingsObjects(client, SCHEMA)
        for name in ("production", AS_LONG_AS_AN_ID):
            await connections.create({"name": name, "type": "awsWebIdentity", "awsWebIdentity": {"consumers": []}})
        yield SettingsObjects(client, SCHEMA)


@pytest.mark.parametrize("name", ["production", AS_LONG_AS_AN_ID])
async def test_a_connection_is_found_by_its_name_and_by_its_id(name: str) -> None:
    """A name is found even if it looks like an ID, and what the search read is not read again."""
    tenant = Tenant()

    async with connected(tenant) as connections:
        found = await find(connections, name, URL)
        assert found.value["name"] == name
        assert await find(connections, found.object_id, URL) == found

    assert len(tenant.requests("GET", "*/settings/objects")) == 1


async def test_what_is_not_there_comes_with_the_nearest_names() -> None:
    """Case does not matter for that."""
    async with connected(Tenant()) as connections:
        with pytest.raises(Error, match="No such connection") as caught:
            await find_named(connections, "Prodution", URL, Path("name"))
        assert caught.value.detail.endswith('The nearest names are:\n\n  "production"')
        assert caught.value.path == Path("name")


@pytest.mark.parametrize("text", ["", " ", "\n"])
async def test_nothing_is_not_searched_for(text: str) -> None:
    """An id that is empty, from a variable for example, is not a name."""
    tenant = Tenant()

    async with connected(tenant) as connections:
        with pytest.raises(Error, match="The import id is empty"):
            await find(connections, text, URL)

    assert tenant.requests("GET") == []


async def test_a_name_that_several_have_is_not_guessed() -> None:
    """A tenant whose schema does not keep names apart: the message has all ids to choose from."""
    tenant = Tenant()
    tenant.has_schema(SCHEMA, like=SCHEMA, constraints=[])

    async with tenant.client() as client:
        connections = SettingsObjects(client, SCHEMA)
        value = {"name": "production", "type": "awsWebIdentity", "awsWebIdentity": {"consumers": []}}
        made = [await connections.create(value) for _ in range(2)]
        with pytest.raises(Error, match="Several connections have this name") as caught:
            await find(SettingsObjects(client, SCHEMA), "production", URL)
        assert [one.object_id in caught.value.detail for one in made] == [True, True]


async def test_an_id_of_another_schema_is_refused() -> None:
    """The object exists but is not a connection: the error has both schemas."""
    tenant = Tenant()
    other = "builtin:hyperscaler-authentication.connections.azure"
    tenant.has_schema(other, like=SCHEMA)

    async with tenant.client() as client:
        value = {"name": "elsewhere", "type": "awsWebIdentity", "awsWebIdentity": {"consumers": []}}
        made = await SettingsObjects(client, other).create(value)
        with pytest.raises(Error, match="another kind of settings object") as caught:
            await find(SettingsObjects(client, SCHEMA), made.object_id, URL)
        assert f"the schema {other}, not to {SCHEMA}" in caught.value.detail


def test_without_near_names_nothing_is_guessed() -> None:
    """The message ends with what may be the reason."""
    assert not_found("zzz", ["production"], URL).detail.endswith("private to its owner.")
