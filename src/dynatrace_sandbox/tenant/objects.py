"""The settings objects of the simulated environment, with the indexes that keep thousands of them quick to find."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from dynatrace_sandbox.tenant.releases import Schema
from dynatrace_sandbox.tenant.validation import Value, unique_rules

Identity = tuple[str, str]
"""Type (`user`, `group` or `all-users`) and id ("" for all users): an owner, or an accessor."""


@dataclass(frozen=True)
class SettingsObject:
    """One settings object; a change makes a new one. Source: docs/design/0008-sources.md#settings-get-objects."""

    id: str
    schema_id: str
    schema_version: str
    """The version of the schema at the last write."""
    scope: str
    value: Value
    author: str
    """Who wrote last: a user's id, or the public part of an API token."""
    created: int
    """Milliseconds since 1970."""
    modified: int
    """Milliseconds since 1970."""
    sequence: int
    """The place in the order of creation."""
    created_by: str
    modified_by: str
    external_id: str | None = None
    """The id that a caller chose, unique at the scope."""
    owner: Identity | None = None
    """None for an object that an API token created."""
    revision: int = 1
    """Grows with every write."""
    accessors: dict[Identity, tuple[str, ...]] = field(default_factory=dict)
    """The permissions of everybody but the owner: `("r",)` or `("r", "w")`."""

    @cached_property
    def update_token(self) -> str:
        """The token that changes with every write. Source: docs/design/0008-sources.md#settings-concepts."""
        return hashlib.sha256(f"{self.id}:{self.revision}".encode()).hexdigest()[:40]

    def as_json(self) -> dict[str, Any]:
        """Return the fields of the API's `SettingsObject` that are the same for every caller."""
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
            "value": self.value,
        }
        # How an empty owner is written is not documented. Here it is absent.
        return fields | ({"owner": identity_json(self.owner)} if self.owner else {})


def identity_json(identity: Identity) -> dict[str, str]:
    """Return the API's `Identity`: all users have no id. Source: docs/design/0008-sources.md#settings-get-objects."""
    kind, name = identity
    return {"type": kind, "id": name} if name else {"type": kind}


class ObjectStore:
    """Holds the objects in the order of their creation."""

    def __init__(self, schemas: Mapping[str, Schema]) -> None:
        self._schemas = schemas
        self._objects: dict[str, SettingsObject] = {}
        self._external: dict[tuple[str, str], str] = {}
        self._unique: dict[tuple[Any, ...], str] = {}
        self._counts: dict[tuple[str, str], int] = {}
        self._sequence = 0

    def __iter__(self) -> Iterator[SettingsObject]:
        """Iterate over the objects, oldest first."""
        return iter(self._objects.values())

    def get(self, object_id: str) -> SettingsObject | None:
        """Return an object, or None."""
        return self._objects.get(object_id)

    def by_external_id(self, scope: str, external_id: str) -> SettingsObject | None:
        """Return the object with this external id at a scope, whatever its schema, or None."""
        object_id = self._external.get((scope, external_id))
        return self._objects[object_id] if object_id else None

    def count(self, schema_id: str, scope: str) -> int:
        """Return how many objects of a schema there are at a scope."""
        return self._counts.get((schema_id, scope), 0)

    def conflict(self, candidate: SettingsObject) -> tuple[tuple[str, ...], str] | None:
        """Return (properties, message) of a uniqueness constraint that another object makes the candidate break."""
        for key, rule in self._unique_keys(candidate):
            if self._unique.get(key, candidate.id) != candidate.id:
                return rule
        return None

    def next_sequence(self) -> int:
        """Return a number greater than all before."""
        self._sequence += 1
        return self._sequence

    def put(self, settings_object: SettingsObject) -> None:
        """Store a new object, or the new state of one."""
        before = self._objects.get(settings_object.id)
        if before:
            self._unindex(before)
        self._objects[settings_object.id] = settings_object
        self._index(settings_object)

    def remove(self, object_id: str) -> None:
        """Remove an object."""
        self._unindex(self._objects.pop(object_id))

    def _unique_keys(self, one: SettingsObject) -> Iterator[tuple[tuple[Any, ...], tuple[tuple[str, ...], str]]]:
        """Yield, for each uniqueness constraint, the key that the object takes in the index and the constraint."""
        for properties, message in unique_rules(self._schemas[one.schema_id]):
            values = tuple(one.value[name] for name in properties)
            yield (one.schema_id, one.scope, properties, *values), (properties, message)

    def _index(self, one: SettingsObject) -> None:
        place = one.schema_id, one.scope
        self._counts[place] = self._counts.get(place, 0) + 1
        self._unique.update({key: one.id for key, _ in self._unique_keys(one)})
        if one.external_id is not None:
            self._external[one.scope, one.external_id] = one.id

    def _unindex(self, one: SettingsObject) -> None:
        self._counts[one.schema_id, one.scope] -= 1
        for key, _ in self._unique_keys(one):
            self._unique.pop(key, None)
        if one.external_id is not None:
            self._external.pop((one.scope, one.external_id), None)
