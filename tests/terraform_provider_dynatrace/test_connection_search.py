"""A connection by its object id or its name, against the sandbox."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from terraform_plugin import Error, Path
from terraform_provider_dynatrace.connection_search import find, find_named, not_found
from terraform_provider_dynatrace.settings import SettingsObjects

from .in_process import Tenant

SCHEMA = "builtin:hyperscaler-authentication.connections.aws"
URL = "https://abc12345.live.dynatrace.com"
AS_LONG_AS_AN_ID = "vu9U3hXa3q0" + "A" * 30


def told(story: Callable[[SettingsObjects], Awaitable[None]]) -> Tenant:
    """Tell the story with two connections; one has a name that looks like an id."""
    tenant = Tenant()

    async def tell() -> None:
        async with tenant.client() as client:
            connections = SettingsObjects(client, SCHEMA)
            for name in ("production", AS_LONG_AS_AN_ID):
                await connections.create({"name": name, "type": "awsWebIdentity", "awsWebIdentity": {"consumers": []}})
            await story(SettingsObjects(client, SCHEMA))

    asyncio.run(tell())
    return tenant


@pytest.mark.parametrize("name", ["production", AS_LONG_AS_AN_ID])
def test_a_connection_is_found_by_its_name_and_by_its_id(name: str) -> None:
    """Also where the name looks like an id. What the search read is not read again."""

    async def story(connections: SettingsObjects) -> None:
        found = await find(connections, name, URL)
        assert found.value["name"] == name
        assert await find(connections, found.object_id, URL) == found

    tenant = told(story)

    assert len(tenant.requests("GET", "*/settings/objects")) == 1


def test_what_is_not_there_comes_with_the_nearest_names() -> None:
    """Case does not matter for that."""

    async def story(connections: SettingsObjects) -> None:
        with pytest.raises(Error, match="No such connection") as caught:
            await find_named(connections, "Prodution", URL, Path("name"))
        assert caught.value.detail.endswith('The nearest names are:\n\n  "production"')
        assert caught.value.path == Path("name")

    told(story)


def test_without_near_names_nothing_is_guessed() -> None:
    """The message ends with what may be the reason."""
    assert not_found("zzz", ["production"], URL).detail.endswith("private to its owner.")
