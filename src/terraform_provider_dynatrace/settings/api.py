"""The requests of the Settings API, one method each, for the objects of one schema at one scope."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from terraform_provider_dynatrace.client.errors import DynatraceError, NotFound, UnexpectedResponse
from terraform_provider_dynatrace.client.retry import Repeat
from terraform_provider_dynatrace.settings.model import FIELDS, SettingsObject, settings_object

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping, Sequence

    from terraform_provider_dynatrace.client.client import Client

OBJECTS = "/settings/objects"
PAGE_SIZE = 500  # the API's most
MOST_PAGES = 200  # a hundred thousand objects; a tenant holds some thousands of one schema


class Page(NamedTuple):
    """Part of a list; `total` is how many objects the whole list has."""

    objects: list[SettingsObject]
    total: int


class SettingsApi:
    """Sends requests about objects of `schema_id` at `scope`. Every method raises `DynatraceError` and `Stopped`."""

    def __init__(self, client: Client, schema_id: str, scope: str = "environment") -> None:
        self.client = client
        self.schema_id = schema_id
        self.scope = scope

    async def get(self, object_id: str) -> SettingsObject | None:
        """Return the object as it is now, None if there is none."""
        try:
            return settings_object(await self.client.request("GET", path_of(object_id), access="read"), object_id)
        except NotFound:
            return None

    async def pages(self, condition: str | None = None) -> AsyncIterator[Page]:
        """Yield all objects that the credential may read, a page at a time; `condition` is the API's `filter`."""
        query = self._query({"filter": condition} if condition else {})
        seen: set[str] = set()
        while query:
            answer = await self.client.request("GET", OBJECTS, access="read", query=query)
            yield _page(answer)
            key = answer.get("nextPageKey")
            if key in seen or len(seen) == MOST_PAGES:
                what = (
                    "The same nextPageKey came twice" if key in seen else f"After {MOST_PAGES} pages more were to come"
                )
                raise UnexpectedResponse("Dynatrace's list does not end", f"{what}. Try again.")
            seen.add(key)
            query = {"nextPageKey": str(key)} if key else {}

    async def create(self, value: Mapping[str, Any], external_id: str) -> str:
        """Create an object and return its id. Repeated safely: the external id makes it one object."""
        item = self._item(value) | {"externalId": external_id}
        [found] = await self.client.send_items(OBJECTS, [item], repeat=Repeat.ANYTIME)
        if isinstance(found, DynatraceError):
            raise found
        if not found:
            raise UnexpectedResponse(
                "Dynatrace's answer has an unknown form", "A create was answered without an objectId."
            )
        return found

    async def validate(self, values: Sequence[tuple[Mapping[str, Any], str | None]]) -> list[DynatraceError | None]:
        """Return, for each (value, id of its object or None), why it would be refused, None if it would not."""
        items = [self._item(value) | ({"objectId": object_id} if object_id else {}) for value, object_id in values]
        found = await self.client.send_items(OBJECTS, items, query={"validateOnly": "true"}, repeat=Repeat.ANYTIME)
        return [result if isinstance(result, DynatraceError) else None for result in found]

    async def put(self, object_id: str, value: Mapping[str, Any], update_token: str | None) -> None:
        """Replace the value. Raises `Conflict` if the object changed since `update_token` was read, `NotFound`."""
        body = {"value": value} | ({"updateToken": update_token} if update_token else {})
        await self.client.request("PUT", path_of(object_id), access="write", body=body)

    async def delete(self, object_id: str) -> None:
        """Delete the object. One that is not there is deleted."""
        try:
            await self.client.request("DELETE", path_of(object_id), access="write")
        except NotFound:
            return

    async def by_external_ids(self, external_ids: Sequence[str]) -> list[SettingsObject]:
        """Return the objects with these external ids, at most one page of them."""
        query = self._query({"externalIds": ",".join(external_ids)})
        return _page(await self.client.request("GET", OBJECTS, access="read", query=query)).objects

    def _query(self, further: Mapping[str, str]) -> dict[str, str]:
        fixed = {"schemaIds": self.schema_id, "scopes": self.scope, "fields": FIELDS, "pageSize": str(PAGE_SIZE)}
        return fixed | dict(further)

    def _item(self, value: Mapping[str, Any]) -> dict[str, Any]:
        return {"schemaId": self.schema_id, "scope": self.scope, "value": value}


def path_of(object_id: str) -> str:
    """Return the path of an object; whatever the id contains stays one step of the path."""
    return f"{OBJECTS}/{quote(object_id, safe='')}"


def _page(answer: Any) -> Page:
    items = answer.get("items") if isinstance(answer, dict) else None
    if not isinstance(items, list):
        raise UnexpectedResponse(
            "Dynatrace's answer has an unknown form",
            "The list of settings objects came without items. Is this a Dynatrace environment (argument dt_env_url)?",
        )
    total = answer.get("totalCount")
    return Page([settings_object(item) for item in items], total if isinstance(total, int) else len(items))
