"""The query of `GET /settings/objects`: its parameters, its pages, the fields of its items. Pure.

Source: Settings API 2.0, "GET objects": page size 100, at most 500; the cursor must come alone; filter and sort only
see the fields that are returned.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from dynatrace_sandbox.tenant.filters import parse_filter, value_at
from dynatrace_sandbox.tenant.objects import SettingsObject
from dynatrace_sandbox.tenant.problems import bad_query

FIELDS = frozenset(
    {"objectId", "summary", "searchSummary", "created", "modified", "createdBy", "modifiedBy", "author", "updateToken"}
    | {"scope", "resourceContext", "owner", "schemaId", "schemaVersion", "value", "externalId"}
)
_DEFAULT_FIELDS = ("objectId", "value")
_PAGE_SIZE, _LARGEST_PAGE = 100, 500
_CURSOR = "nextPageKey"

Item = dict[str, Any]
Show = Callable[[SettingsObject], Item]
"""Gives all fields of an object."""


@dataclass(frozen=True)
class ListQuery:
    """What a caller wants listed; `offset` is how many items earlier pages had, `parameters` the first request's."""

    parameters: Mapping[str, str]
    schema_ids: tuple[str, ...]
    scopes: tuple[str, ...]
    external_ids: tuple[str, ...]
    fields: tuple[str, ...]
    page_size: int
    admin_access: bool
    offset: int = 0

    def page(self, objects: list[SettingsObject], show: Show) -> dict[str, Any]:
        """Return the `ObjectsList` of this page out of the objects the caller may read. Raises `Problem` 400."""
        found = self._ordered(self._filtered([one for one in objects if self._selects(one)], show), show)
        end = self.offset + self.page_size
        items = [self._item(show(one)) for one in found[self.offset : end]]
        answer = {"items": items, "totalCount": len(found), "pageSize": self.page_size}
        return answer | ({_CURSOR: self._cursor(end)} if end < len(found) else {})

    def _selects(self, one: SettingsObject) -> bool:
        return (
            (not self.schema_ids or one.schema_id in self.schema_ids)
            and (not self.scopes or one.scope in self.scopes)
            and (not self.external_ids or one.external_id in self.external_ids)
        )

    def _filtered(self, objects: list[SettingsObject], show: Show) -> list[SettingsObject]:
        text = self.parameters.get("filter", "")
        if not text.strip():
            return objects
        fits = parse_filter(text, frozenset(self.fields))
        return [one for one in objects if fits(show(one))]

    def _ordered(self, objects: list[SettingsObject], show: Show) -> list[SettingsObject]:
        """Order by `sort` (`value.name`, `-modified`); without it, the oldest object comes first."""
        for key in reversed(listed(self.parameters.get("sort", ""))):
            path = key.lstrip("+-")
            if path.partition(".")[0] not in self.fields:
                raise bad_query("sort", f"'{path}' is not among the returned fields")
            keys = {one.id: str(value_at(show(one), path)) for one in objects}
            objects = sorted(objects, key=lambda one, keys=keys: keys[one.id], reverse=key.startswith("-"))  # type: ignore[misc]
        return objects

    def _item(self, item: Item) -> Item:
        return {name: item[name] for name in self.fields if item.get(name) is not None}

    def _cursor(self, offset: int) -> str:
        return urlsafe_b64encode(json.dumps([dict(self.parameters), offset]).encode()).decode()


def parse_list_query(parameters: Mapping[str, str]) -> ListQuery:
    """Return the query in a request's parameters. Raises `Problem` 400."""
    if _CURSOR in parameters:
        if len(parameters) > 1:
            raise bad_query(_CURSOR, "Must be the only parameter")
        return _following(parameters[_CURSOR])
    query = ListQuery(
        parameters=dict(parameters),
        schema_ids=listed(parameters.get("schemaIds", "")),
        scopes=listed(parameters.get("scopes", "")),
        external_ids=listed(parameters.get("externalIds", "")),
        fields=parse_fields(parameters),
        page_size=_page_size(parameters.get("pageSize", str(_PAGE_SIZE))),
        admin_access=parse_flag(parameters, "adminAccess"),
    )
    if not query.schema_ids and not query.scopes:
        raise bad_query("schemaIds", "Either schemaIds or scopes must be given")
    return query


def parse_flag(parameters: Mapping[str, str], name: str) -> bool:
    """Return a boolean parameter, False when missing. Raises `Problem` 400."""
    text = parameters.get(name, "false").lower()
    if text not in ("true", "false"):
        raise bad_query(name, "Must be true or false")
    return text == "true"


def parse_fields(parameters: Mapping[str, str]) -> tuple[str, ...]:
    """Return the wanted fields. Raises `Problem` 400 for one that does not exist."""
    fields = listed(parameters.get("fields", "")) or _DEFAULT_FIELDS
    if unknown := set(fields) - FIELDS:
        raise bad_query("fields", f"Unknown fields: {', '.join(sorted(unknown))}")
    return fields


def listed(text: str) -> tuple[str, ...]:
    """Return the parts of a comma-separated parameter."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _page_size(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text[:9]) <= _LARGEST_PAGE:
        raise bad_query("pageSize", f"Must be between 1 and {_LARGEST_PAGE}")
    return int(text)


def _following(cursor: str) -> ListQuery:
    try:
        parameters, offset = json.loads(urlsafe_b64decode(cursor))
        query = parse_list_query({str(name): str(text) for name, text in parameters.items() if name != _CURSOR})
    except (ValueError, TypeError, AttributeError) as error:
        raise bad_query(_CURSOR, "Is not a known cursor") from error
    if not isinstance(offset, int) or offset < 1:
        raise bad_query(_CURSOR, "Is not a known cursor")
    return replace(query, offset=offset)
