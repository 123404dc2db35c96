"""The settings objects of the pretend tenant, with the indexes that keep thousands of them quick to find."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from dynatrace_sandbox.tenant.validation import Schema, Value, unique_rules

Accessor = tuple[str, str]
"""Kind (`user`, `group` or `all-users`) and id (empty for all users)."""


@dataclass(frozen=True)
class SettingsObject:
    """One settings object; a change makes a new one. Times are milliseconds since 1970; `owner` is a user's id."""

    id: str
    schema_id: str
    schema_version: str
    scope: str
    value: Value
    author: str
    created: int
    modified: int
    sequence: int
    created_by: str
    modified_by: str
    external_id: str | None = None
    owner: str | None = None
    revision: int = 1
    accessors: dict[Accessor, tuple[str, ...]] = field(default_factory=dict)

    @cached_property
    def update_token(self) -> str:
        """The token that changes with every write. Source: Settings API 2.0, "Optimistic locking"."""
        return hashlib.sha256(f"{self.id}:{self.revision}".encode()).hexdigest()[:40]

    def as_json(self, operations: list[str]) -> dict[str, Any]:
        """Return every field of the `SettingsObject` of the API; `operations` is what the caller may do."""
        fields: dict[str, Any] = {
            "objectId": self.id,
            "schemaId": self.schema_id,
            "schemaVersion": self.schema_version,
            "scope": self.scope,
            "summary": self.value.get("name", ""),
            "searchSummary": self.value.get("name", ""),
            "created": self.created,
            "modified": self.modified,
            "createdBy": self.created_by,
            "modifiedBy": self.modified_by,
            "author": self.author,
            "updateToken": self.update_token,
            "externalId": self.external_id,
            "resourceContext": {"operations": operations, "modifications": {"movable": False}},
            "value": self.value,
        }
        return fields | ({"owner": {"type": "user", "id": self.owner}} if self.owner else {})


class ObjectStore:
    """Holds the objects in the order of their creation."""

    def __init__(self, schemas: dict[str, Schema]) -> None:
        self._schemas = schemas
        self._objects: dict[str, SettingsObject] = {}
        self._external: dict[tuple[str, str, str], str] = {}
        self._unique: dict[tuple[str, str, str, Any], str] = {}
        self._counts: dict[tuple[str, str], int] = {}
        self._sequence = 0

    def __iter__(self) -> Iterator[SettingsObject]:
        """Iterate over the objects, oldest first."""
        return iter(self._objects.values())

    def get(self, object_id: str) -> SettingsObject | None:
        """Return an object, or None."""
        return self._objects.get(object_id)

    def by_external_id(self, schema_id: str, scope: str, external_id: str) -> SettingsObject | None:
        """Return the object that a caller gave this external id, or None."""
        found = self._external.get((schema_id, scope, external_id))
        return self._objects[found] if found else None

    def count(self, schema_id: str, scope: str) -> int:
        """Return how many objects of a schema there are at a scope."""
        return self._counts.get((schema_id, scope), 0)

    def holder(self, schema_id: str, scope: str, name: str, value: Any) -> str | None:
        """Return the id of the object that already has this value of a unique property."""
        return self._unique.get((schema_id, scope, name, value))

    def next_sequence(self) -> int:
        """Return a number above all given out before."""
        self._sequence += 1
        return self._sequence

    def put(self, settings_object: SettingsObject) -> None:
        """Store a new object or the new state of one."""
        before = self._objects.get(settings_object.id)
        if before:
            self._unindex(before)
        self._objects[settings_object.id] = settings_object
        self._index(settings_object)

    def remove(self, object_id: str) -> None:
        """Forget an object."""
        self._unindex(self._objects.pop(object_id))

    def _unique_keys(self, settings_object: SettingsObject) -> Iterator[tuple[str, str, str, Any]]:
        schema_id, scope = settings_object.schema_id, settings_object.scope
        for name, _ in unique_rules(self._schemas[schema_id]):
            yield schema_id, scope, name, settings_object.value[name]

    def _index(self, settings_object: SettingsObject) -> None:
        place = settings_object.schema_id, settings_object.scope
        self._counts[place] = self._counts.get(place, 0) + 1
        self._unique.update(dict.fromkeys(self._unique_keys(settings_object), settings_object.id))
        if settings_object.external_id is not None:
            self._external[(*place, settings_object.external_id)] = settings_object.id

    def _unindex(self, settings_object: SettingsObject) -> None:
        place = settings_object.schema_id, settings_object.scope
        self._counts[place] -= 1
        for key in self._unique_keys(settings_object):
            self._unique.pop(key, None)
        if settings_object.external_id is not None:
            self._external.pop((*place, settings_object.external_id), None)
