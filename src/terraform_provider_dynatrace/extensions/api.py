"""The requests of the platform's Extensions API, one method for each, for one extension.

Source: docs/design/0008-sources.md#extensions-api.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from terraform_provider_dynatrace.client.errors import NotFound, UnexpectedResponse
from terraform_provider_dynatrace.extensions.model import (
    Configuration,
    Created,
    Listing,
    Page,
    Schema,
    Version,
    Versions,
    configuration_or_problem,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from terraform_provider_dynatrace.client.client import Client

PAGE_SIZE = 500
"""Configurations on a page: the most that the API allows."""
MAX_PAGES = 200
"""A hundred thousand configurations; an environment has some thousands at most."""
MAX_LIST_BYTES = 64 << 20
"""As for the lists of the Settings API."""
_KEYS = ("page-key", "next-page-key")
"""The parameter with the key of the next page: as documented, and as Dynatrace's own tool sends it."""


class ExtensionsApi:
    """Sends requests about the extension `name`. Every method raises `DynatraceError` and `Stopped`.

    `configurations` and `definitions` have platform credentials for these two groups of requests, which need different
    scopes.
    """

    def __init__(self, configurations: Client, definitions: Client, name: str) -> None:
        self.configurations = configurations
        self.definitions = definitions
        self.name = name
        self._path = f"/extensions/{quote(name, safe='')}"

    async def versions(self) -> list[str]:
        """Return the installed versions, none if the extension is not installed."""
        try:
            found = await self.definitions.request("GET", self._path, access="read", into=Versions)
        except NotFound:
            return []
        return [item.version for item in found.items if item.version]

    async def active_version(self) -> str | None:
        """Return the active version, None if there is none."""
        try:
            path = f"{self._path}/environment-configuration"
            found = await self.definitions.request("GET", path, access="read", into=Version)
        except NotFound:
            return None
        return found.version or None

    async def enums(self, version: str) -> dict[str, list[str]]:
        """Return the values of the enumerations in the schema of a version, by name. Raises `NotFound`."""
        path = f"{self._path}/{quote(version, safe='')}/schema"
        found = await self.definitions.request("GET", path, access="read", into=Schema)
        return {name: [str(item.value) for item in enum.items if item.value] for name, enum in found.enums.items()}

    async def list(self) -> Listing:
        """Return all configurations, none if the extension is not installed."""
        found: dict[str | bytes, Configuration | str] = {}
        page = await self._page({"page-size": str(PAGE_SIZE)})
        parameter = size = 0
        for _ in range(MAX_PAGES):
            if len(page.items) > PAGE_SIZE:
                raise _unexpected_list(f"A page has {len(page.items)} configurations, {PAGE_SIZE} were asked for.")
            size += sum(map(len, page.items))
            if size > MAX_LIST_BYTES:
                raise _unexpected_list(f"The list of configurations has more than {MAX_LIST_BYTES >> 20} MB.")
            new = {name: one for name, one in _read(page) if name not in found}
            if page.items and not new and parameter + 1 < len(_KEYS):
                parameter += 1  # this server ignores a parameter of that name, and returned the first page again
            elif page.items and not new:
                break
            found |= new
            if page.key is None:
                return Listing(
                    [one for one in found.values() if isinstance(one, Configuration)],
                    [one for one in found.values() if isinstance(one, str)],
                )
            page = await self._page({_KEYS[parameter]: page.key})
        raise _unexpected_list("The list of configurations does not end.")

    async def _page(self, query: Mapping[str, str]) -> Page:
        path = f"{self._path}/monitoring-configurations"
        try:
            return await self.configurations.request("GET", path, access="read", query=query, into=Page)
        except NotFound:
            return Page([])

    async def get(self, object_id: str) -> Configuration | None:
        """Return a configuration as it is now, None if it does not exist."""
        try:
            path = self._path_of(object_id)
            return await self.configurations.request("GET", path, access="read", into=Configuration)
        except NotFound:
            return None

    async def create(self, scope: str, value: Mapping[str, Any]) -> str:
        """Create a configuration and return its ID. Whoever repeats the request creates another one."""
        body = {"scope": scope, "value": value}
        path = f"{self._path}/monitoring-configurations"
        created = await self.configurations.request("POST", path, access="write", body=body, into=Created)
        if not created.object_id:
            raise UnexpectedResponse(
                "Unexpected response from Dynatrace",
                f"POST {path} created a monitoring configuration and returned no objectId.",
                outcome_unknown=True,
            )
        return created.object_id

    async def put(self, object_id: str, value: Mapping[str, Any]) -> None:
        """Replace the whole value. Raises `NotFound`."""
        await self.configurations.request("PUT", self._path_of(object_id), access="write", body={"value": value})

    async def delete(self, object_id: str) -> None:
        """Delete a configuration. One that does not exist counts as deleted."""
        try:
            await self.configurations.request("DELETE", self._path_of(object_id), access="write")
        except NotFound:
            return

    def _path_of(self, object_id: str) -> str:
        """Return the path of a configuration; whatever the ID contains stays one step of the path."""
        return f"{self._path}/monitoring-configurations/{quote(object_id, safe='')}"


def _read(page: Page) -> Iterator[tuple[str | bytes, Configuration | str]]:
    """Yield what is on a page, each under what identifies it: its ID, or the whole item if it cannot be read."""
    for item in page.items:
        one = configuration_or_problem(item)
        yield (bytes(item) if isinstance(one, str) else one.object_id), one


def _unexpected_list(problem: str) -> UnexpectedResponse:
    return UnexpectedResponse("Unexpected list from Dynatrace", f"{problem} Try again.")
