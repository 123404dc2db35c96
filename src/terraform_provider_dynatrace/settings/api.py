"""The requests of the Settings API, one method for each, for the objects of one schema at one scope.

Source: docs/design/0008-sources.md#settings-api.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from msgspec import Raw, Struct

from terraform_provider_dynatrace.client.errors import DynatraceError, NotFound, UnexpectedResponse
from terraform_provider_dynatrace.client.json import Json
from terraform_provider_dynatrace.client.retry import Idempotency
from terraform_provider_dynatrace.settings.admin_access import AS_OWNER, advice, with_advice
from terraform_provider_dynatrace.settings.model import FIELDS, SettingsObject, settings_object

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from terraform_provider_dynatrace.client.client import Client
    from terraform_provider_dynatrace.client.responses import Access

OBJECTS = "/settings/objects"
NO_QUERY: Mapping[str, str] = MappingProxyType({})
PAGE_SIZE = 500
"""Objects on a page: the most that the API allows."""
MAX_PAGES = 200
"""A hundred thousand objects; a schema for connections allows some thousands."""
MAX_LIST_BYTES = 64 << 20
"""All objects of a list together, as JSON; a connection takes about 500 bytes."""


class Page(NamedTuple):
    """Part of a list."""

    objects: list[SettingsObject]
    total: int
    """How many objects the whole list has."""
    unreadable: list[str]
    """Why each of the objects that cannot be read could not, in words."""


class _Page(Struct, rename="camel", frozen=True):
    items: list[Raw]
    total_count: Json = None
    next_page_key: str | None = None


class SettingsApi:
    """Sends requests about objects of `schema_id` at `scope`. Every method raises `DynatraceError` and `Stopped`.

    With `admin_access`, they act as the owner of all objects.
    """

    def __init__(
        self, client: Client, schema_id: str, scope: str = "environment", *, admin_access: bool = False
    ) -> None:
        self.client = client
        self.schema_id = schema_id
        self.scope = scope
        self.admin_access = admin_access
        self._usual = AS_OWNER if admin_access else {}

    async def get(self, object_id: str) -> SettingsObject | None:
        """Return the object as it is now, None if it does not exist."""
        try:
            return settings_object(await self._about("GET", object_id, "read"), object_id)
        except NotFound:
            return None

    async def _about(
        self, method: str, object_id: str, access: Access, query: Mapping[str, str] = NO_QUERY, body: Json = None
    ) -> Json:
        """Send a request about one object."""
        path, parameters = path_of(object_id), {**query, **self._usual}
        request = self.client.request(method, path, access=access, query=parameters or None, body=body)
        found: Json = await with_advice(request, advice(self.client.credential, admin_access=self.admin_access))
        return found

    async def pages(self, condition: str | None = None) -> AsyncIterator[Page]:
        """Yield all objects that the credential may read, a page at a time; `condition` is the API's `filter`.

        An object is yielded once, however often it is listed: pages shift while others create objects. Raises
        `UnexpectedResponse` for a list that does not end, or that is larger than any real one.
        """
        query = self._query({"filter": condition} if condition else {})
        keys: set[str] = set()
        ids: set[str] = set()
        size = 0
        while True:
            page = await self.client.request("GET", OBJECTS, access="read", query=query, into=_Page)
            size += sum(map(len, page.items))
            key = page.next_page_key
            if problem := _list_problem(len(page.items), size, repeated=key in keys, pages=len(keys) + 1):
                raise UnexpectedResponse("Unexpected list from Dynatrace", f"{problem} Try again.")
            yield self._read(page, ids)
            if not key:
                return
            keys.add(key)
            query = {"nextPageKey": key}  # which must be sent without any other parameter

    def _read(self, page: _Page, ids: set[str]) -> Page:
        """Return what is on a page, without the objects in `ids`, to which those of the page are added."""
        objects, unreadable = [], []
        for item in page.items:
            try:
                found = settings_object(item)
            except UnexpectedResponse as problem:  # it costs this object, and not the list
                unreadable.append(problem.detail)
                continue
            if found.object_id not in ids and found.schema_id in (None, self.schema_id):
                ids.add(found.object_id)
                objects.append(found)
        total = page.total_count if type(page.total_count) is int else len(page.items)
        return Page(objects, total, unreadable)

    async def create(self, value: Mapping[str, Json], external_id: str) -> str:
        """Create an object and return its ID. Retried safely: the same external ID gives the same object."""
        item = self._item(value) | {"externalId": external_id}
        query = self._usual or None
        [result] = await self.client.send_items(OBJECTS, [item], query=query, idempotency=Idempotency.IDEMPOTENT)
        if isinstance(result, DynatraceError):
            raise result
        if not result:
            raise UnexpectedResponse(
                "Unexpected response from Dynatrace",
                f"POST {OBJECTS} created an object and returned no objectId.",
                outcome_unknown=True,
            )
        return result

    async def validate(self, values: Sequence[Mapping[str, Json]]) -> list[DynatraceError | None]:
        """Return, for each value, why a new object with it would be refused, None if it would not be."""
        items = [self._item(value) for value in values]
        query = {"validateOnly": "true", **self._usual}
        results = await self.client.send_items(OBJECTS, items, query=query, idempotency=Idempotency.IDEMPOTENT)
        return [result if isinstance(result, DynatraceError) else None for result in results]

    async def put(
        self, object_id: str, value: Mapping[str, Json], update_token: str | None, *, validate_only: bool = False
    ) -> None:
        """Replace the value, or with `validate_only` find out whether that would be refused.

        Raises `Conflict` if the object changed since `update_token` was read, `NotFound`.
        """
        body = {"value": value} | ({"updateToken": update_token} if update_token else {})
        query = {"validateOnly": "true"} if validate_only else NO_QUERY
        await self._about("PUT", object_id, "write", query, body)

    async def delete(self, object_id: str) -> None:
        """Delete the object. One that does not exist counts as deleted."""
        try:
            await self._about("DELETE", object_id, "write")
        except NotFound:
            return

    async def schema(self) -> Json:
        """Return the schema as this environment has it. Platform credentials need the scope `settings:schemas:read`."""
        found: Json = await self.client.request("GET", schema_path(self.schema_id), access="read")
        return found

    async def by_external_ids(self, external_ids: Sequence[str]) -> list[SettingsObject]:
        """Return the objects with these external IDs, at most one page of them."""
        query = self._query({"externalIds": ",".join(external_ids)})
        page = await self.client.request("GET", OBJECTS, access="read", query=query, into=_Page)
        return self._read(page, set()).objects

    def _query(self, further: Mapping[str, str]) -> dict[str, str]:
        fixed = {"schemaIds": self.schema_id, "scopes": self.scope, "fields": FIELDS, "pageSize": str(PAGE_SIZE)}
        return fixed | dict(further) | dict(self._usual)

    def _item(self, value: Mapping[str, Json]) -> dict[str, Json]:
        return {"schemaId": self.schema_id, "scope": self.scope, "value": value}


def schema_path(schema_id: str) -> str:
    """Return the path of a schema; whatever the ID contains stays one step of the path."""
    return f"/settings/schemas/{quote(schema_id, safe='')}"


def path_of(object_id: str) -> str:
    """Return the path of an object; whatever the ID contains stays one step of the path."""
    return f"{OBJECTS}/{quote(object_id, safe='')}"


def _list_problem(items: int, size: int, *, repeated: bool, pages: int) -> str:
    """Return what no real list has, as a sentence, or an empty text. It would only fill the memory."""
    if items > PAGE_SIZE:
        return f"A page has {items} objects, {PAGE_SIZE} were asked for."
    if size > MAX_LIST_BYTES:
        return f"The list has more than {MAX_LIST_BYTES >> 20} MB."
    if repeated:
        return "The list does not end: the same nextPageKey came twice."
    return f"The list has more than {MAX_PAGES} pages." if pages > MAX_PAGES else ""
