"""The query of `GET /settings/objects`: its parameters, its pages, the fields of its items. Pure functions.

Source: docs/design/0008-sources.md#settings-get-objects.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any

import msgspec

from dynatrace_sandbox.tenant.environment import LONGEST_EXTERNAL_ID
from dynatrace_sandbox.tenant.filters import is_comparable, parse_filter, value_at
from dynatrace_sandbox.tenant.objects import SettingsObject
from dynatrace_sandbox.tenant.problems import bad_query

FIELDS = frozenset(
    {"objectId", "summary", "searchSummary", "created", "modified", "createdBy", "modifiedBy", "author", "updateToken"}
    | {"scope", "modificationInfo", "resourceContext", "owner", "schemaId", "schemaVersion", "value", "externalId"}
)
"""What `fields` can name."""

# The page names no default; these two are what clients of Dynatrace's own SDK get.
_DEFAULT_FIELDS = ("objectId", "value")
_DEFAULT_PAGE_SIZE, _LARGEST_PAGE = 100, 500
_CURSOR = "nextPageKey"

_Page = tuple[dict[str, str], Annotated[int, msgspec.Meta(ge=1)]]
"""What a cursor has: the parameters of the first page's request, and how many items the pages before had."""

Item = dict[str, Any]
AsJson = Callable[[SettingsObject], Item]
"""Returns all fields of an object."""


@dataclass(frozen=True)
class ListQuery:
    """What a caller wants to be listed."""

    parameters: Mapping[str, str]
    """The parameters of the first page's request."""
    schema_ids: tuple[str, ...]
    scopes: tuple[str, ...]
    external_ids: tuple[str, ...]
    fields: tuple[str, ...]
    """What each item has."""
    page_size: int
    admin_access: bool
    offset: int = 0
    """How many items the pages before had."""

    def page(self, objects: list[SettingsObject], as_json: AsJson) -> dict[str, Any]:
        """Return the API's `ObjectsList` of this page, out of the objects that the caller may read."""
        selected = [one for one in objects if self._selects(one)]
        found = self._sorted(self._filtered(selected, as_json), as_json)
        end = self.offset + self.page_size
        return {
            "items": [self._item(as_json(one)) for one in found[self.offset : end]],
            "totalCount": len(found),
            "pageSize": self.page_size,
            _CURSOR: self._cursor(end) if end < len(found) else None,
        }

    def _selects(self, one: SettingsObject) -> bool:
        return (
            (not self.schema_ids or one.schema_id in self.schema_ids)
            and (not self.scopes or one.scope in self.scopes)
            and (not self.external_ids or one.external_id in self.external_ids)
        )

    def _filtered(self, objects: list[SettingsObject], as_json: AsJson) -> list[SettingsObject]:
        text = self.parameters.get("filter", "")
        if not text.strip():
            return objects
        test = parse_filter(text, self.fields)
        return [one for one in objects if test(as_json(one))]

    def _sorted(self, objects: list[SettingsObject], as_json: AsJson) -> list[SettingsObject]:
        """Sort by `sort` (`value.name`, `-modified`). Without it, the oldest object comes first."""
        for key in reversed(split(self.parameters.get("sort", ""))):
            path = key.lstrip("+-")
            if not is_comparable(path, self.fields):
                raise bad_query("sort", f"'{path}' is not supported, or not among the returned fields")
            keys = {one.id: _sort_key(value_at(as_json(one), path)) for one in objects}
            objects = sorted(objects, key=lambda one, keys=keys: keys[one.id], reverse=key.startswith("-"))  # type: ignore[misc]
        return objects

    def _item(self, item: Item) -> Item:
        return {name: item[name] for name in self.fields if item.get(name) is not None}

    def _cursor(self, offset: int) -> str:
        return urlsafe_b64encode(msgspec.json.encode((self.parameters, offset))).decode()


def parse_list_query(parameters: Mapping[str, str]) -> ListQuery:
    """Return the query in a request's parameters. Raises `Problem` 400."""
    if _CURSOR in parameters:
        if len(parameters) > 1:
            raise bad_query(_CURSOR, "Must be the only parameter")
        return _next_page(parameters[_CURSOR])
    query = ListQuery(
        parameters=dict(parameters),
        schema_ids=split(parameters.get("schemaIds", "")),
        scopes=split(parameters.get("scopes", "")),
        external_ids=split(parameters.get("externalIds", "")),
        fields=parse_fields(parameters, FIELDS, _DEFAULT_FIELDS),
        page_size=_page_size(parameters.get("pageSize", str(_DEFAULT_PAGE_SIZE))),
        admin_access=parse_flag(parameters, "adminAccess"),
    )
    if not query.schema_ids and not query.scopes:
        raise bad_query("schemaIds", "Either schemaIds or scopes must be set")
    if any(len(external_id) > LONGEST_EXTERNAL_ID for external_id in query.external_ids):
        raise bad_query("externalIds", f"An external ID must have at most {LONGEST_EXTERNAL_ID} characters")
    return query


def parse_flag(parameters: Mapping[str, str], name: str) -> bool:
    """Return a boolean parameter, False when missing. Raises `Problem` 400."""
    text = parameters.get(name, "false").lower()
    if text not in ("true", "false"):
        raise bad_query(name, "Must be true or false")
    return text == "true"


def parse_fields(parameters: Mapping[str, str], known: frozenset[str], default: tuple[str, ...]) -> tuple[str, ...]:
    """Return the fields that `fields` names, or the default. Raises `Problem` 400 for one that is not known."""
    fields = split(parameters.get("fields", "")) or default
    if unknown := set(fields) - known:
        raise bad_query("fields", f"Unknown fields: {', '.join(sorted(unknown))}")
    return fields


def split(text: str) -> tuple[str, ...]:
    """Return the parts of a comma-separated parameter."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _sort_key(part: Any) -> tuple[int, Any]:
    """Return what orders numbers by size and everything else as text; what is missing comes first."""
    if part is None:
        return 0, 0
    return (1, part) if isinstance(part, int | float) else (2, str(part))


def _page_size(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9 or not 1 <= int(text) <= _LARGEST_PAGE:
        raise bad_query("pageSize", f"Must be a number from 1 to {_LARGEST_PAGE}")
    return int(text)


def _next_page(cursor: str) -> ListQuery:
    try:
        parameters, offset = msgspec.json.decode(urlsafe_b64decode(cursor), type=_Page)
    except (ValueError, RecursionError, msgspec.DecodeError) as error:
        raise bad_query(_CURSOR, "Is not a known cursor") from error
    if _CURSOR in parameters:
        raise bad_query(_CURSOR, "Is not a known cursor")
    return replace(parse_list_query(parameters), offset=offset)
