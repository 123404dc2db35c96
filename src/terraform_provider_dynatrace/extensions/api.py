"""The requests of the platform's Extensions API, one method for each, for one extension.

Source: docs/design/0008-sources.md#extensions-api.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from terraform_provider_dynatrace.client.errors import NotFound, UnexpectedResponse
from terraform_provider_dynatrace.extensions.model import Configuration, Created, Page, Schema, Version, Versions

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from terraform_provider_dynatrace.client.client import Client

PAGE_SIZE = 500
"""Configurations on a page: the most that the API allows."""
MAX_PAGES = 200
"""A hundred thousand configurations; an environment has some thousands at most."""
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

    async def list(self) -> Sequence[Configuration]:
        """Return all configurations, none if the extension is not installed."""
        found: dict[str, Configuration] = {}
        page = await self._page({"page-size": str(PAGE_SIZE)})
        parameter = 0
        for _ in range(MAX_PAGES):
            new = {one.object_id: one for one in page.items if one.object_id not in found}
            if page.items and not new and parameter + 1 < len(_KEYS):
                parameter += 1  # this server ignores a parameter of that name, and returned the first page again
            elif page.items and not new:
                break
            found |= new
            if page.key is None:
                return list(found.values())
            page = await self._page({_KEYS[parameter]: page.key})
        raise UnexpectedResponse(
            "Unexpected list from Dynatrace", "The list of monitoring configurations does not end. Try again."
        )

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
        """Create a configuration and return its ID. Nothing makes the request safe to be retried."""
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
