"""The simulated environment: settings objects as the Settings API 2.0 creates, changes and deletes them. No HTTP in it.

Source: docs/design/0008-sources.md#settings-post-object, #settings-put-object and #settings-delete-object.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

from dynatrace_sandbox.tenant.access import Caller, modification_info, permissions, resource_context
from dynatrace_sandbox.tenant.object_ids import new_object_id
from dynatrace_sandbox.tenant.objects import ObjectStore, SettingsObject
from dynatrace_sandbox.tenant.problems import Problem, Violation, violated
from dynatrace_sandbox.tenant.releases import NEWEST, Schema, load_schemas, load_versions
from dynatrace_sandbox.tenant.validation import Value, complete, repair, violations

LONGEST_EXTERNAL_ID = 500
"""Characters. Source: docs/design/0008-sources.md#settings-concepts, "External IDs"."""


class ConnectionCheck(Protocol):
    """What a schema's `CUSTOM_VALIDATOR_REF` does: checks beyond the schema, also outside Dynatrace."""

    async def __call__(self, object_id: str, value: Value, before: Value | None, /) -> Sequence[Violation]:
        """Return what is wrong with the complete value of an object; `before` is its value so far, if any."""


@dataclass(frozen=True)
class Creation:
    """One element of a POST: the API's `SettingsObjectCreate`."""

    schema_id: str
    scope: str
    value: Any
    schema_version: str | None = None
    external_id: str | None = None
    """The caller's id for the object."""
    object_id: str | None = None
    """The object to replace; only counts together with `external_id`."""


@dataclass(frozen=True)
class Write:
    """How a POST or a PUT is carried out."""

    validate_only: bool = False
    """Whether nothing is saved."""
    repair_input: bool = False
    """Whether the value is mended first: see `validation.repair`."""


_USUAL = Write()


def parse_creation(item: Any) -> Creation:
    """Return the `SettingsObjectCreate` that an element of a POST is. Raises `Problem` 400."""
    if not isinstance(item, Mapping):
        raise violated("", "Must be of type object")
    texts = ("schemaId", "scope", "schemaVersion", "externalId", "objectId", "insertAfter")
    missing = [Violation(name, "Must not be null") for name in ("schemaId", "scope", "value") if item.get(name) is None]
    wrong = [Violation(name, "Must be of type text") for name in texts if not isinstance(item.get(name), str | None)]
    if len(str(item.get("externalId") or "")) > LONGEST_EXTERNAL_ID:
        wrong.append(Violation("externalId", f"Must have at most {LONGEST_EXTERNAL_ID} characters"))
    if missing or wrong:
        raise Problem(400, "Constraints violated.", *missing, *wrong)
    return Creation(
        item["schemaId"],
        item["scope"],
        item["value"],
        item.get("schemaVersion"),
        item.get("externalId") or None,
        item.get("objectId") or None,
    )


class Environment:
    """Settings objects, and who may do what with them.

    `checks` has, by a schema's id, what is checked beyond the schema; `clock` gives seconds since 1970; `release` names
    the schemas. Every method raises `Problem` where Dynatrace refuses.
    """

    def __init__(
        self, checks: Mapping[str, ConnectionCheck], clock: Callable[[], float], release: str = NEWEST
    ) -> None:
        self.schemas: dict[str, Schema] = {}
        """The newest version of every schema, by id."""
        self.versions: dict[tuple[str, str], Schema] = {}
        """Every version of every schema, by id and version."""
        self.change_release(release)
        self._checks = checks
        self._clock = clock
        self.reset()

    def change_release(self, release: str) -> None:
        """Replace the schemas by those of another release. Objects stay as they are."""
        self.schemas.clear()
        self.schemas |= load_schemas(release)
        self.versions = load_versions(release)

    def reset(self) -> None:
        """Delete every object."""
        self._store = ObjectStore(self.schemas)
        self._deletions: dict[str, float] = {}

    @property
    def store(self) -> ObjectStore:
        """The objects, without those whose deletion in the background is done."""
        for object_id in [one for one, moment in self._deletions.items() if moment <= self._clock()]:
            del self._deletions[object_id]
            if self._store.get(object_id):
                self._store.remove(object_id)
        return self._store

    def delete_later(self, object_id: str, seconds: float) -> None:
        """Delete an object in the background: it is gone after this time. Nothing happens if there is none."""
        if self.store.get(object_id):
            self._deletions[object_id] = self._clock() + seconds

    @property
    def scopes(self) -> set[str]:
        """Every scope that a schema allows."""
        return {scope for schema in self.schemas.values() for scope in schema["allowedScopes"]}

    def schema(self, schema_id: str) -> Schema:
        """Return a schema. Raises `Problem` 404."""
        if schema_id not in self.schemas:
            raise Problem(404, f"There is no schema {schema_id}.")
        return self.schemas[schema_id]

    def readable(self, caller: Caller, object_id: str) -> SettingsObject:
        """Return an object that the caller may read. Raises `Problem` 404 or 403."""
        return self._permitted(caller, object_id, "r")

    def writable(self, caller: Caller, object_id: str) -> SettingsObject:
        """Return an object that the caller may write. Raises `Problem` 404 or 403."""
        return self._permitted(caller, object_id, "w")

    def known(self, object_id: str) -> SettingsObject:
        """Return an object, whoever may read it. Raises `Problem` 404."""
        settings_object = self.store.get(object_id)
        if settings_object is None:
            raise Problem(404, f"The settings object {object_id} does not exist.")
        return settings_object

    def _permitted(self, caller: Caller, object_id: str, letter: str) -> SettingsObject:
        settings_object = self.known(object_id)
        if letter not in permissions(settings_object, caller):
            action = "read" if letter == "r" else "write"
            raise Problem(403, f"No permission to {action} the settings object with the ID {object_id}.")
        return settings_object

    def visible(self, caller: Caller) -> list[SettingsObject]:
        """Return the objects that the caller may read, oldest first."""
        return [one for one in self.store if "r" in permissions(one, caller)]

    def as_json(self, caller: Caller, settings_object: SettingsObject) -> dict[str, Any]:
        """Return all fields of an object that a list can have, as this caller sees them."""
        schema = self.schemas[settings_object.schema_id]
        return settings_object.as_json() | {
            "resourceContext": resource_context(schema, settings_object, caller),
            "modificationInfo": modification_info(schema, settings_object, caller),
        }

    def check_permissions(self, caller: Caller, items: Sequence[Any]) -> None:
        """Raise `Problem` 403 if the caller may not write an object that an element of a POST would replace."""
        for item in items:
            try:
                self._replaced(caller, parse_creation(item))
            except Problem as problem:
                if problem.code == 403:
                    raise

    async def create(self, caller: Caller, item: Any, index: int = 0, write: Write = _USUAL) -> dict[str, Any]:
        """Create the object that an element of a POST describes, or replace the one that it means.

        Return the `SettingsObjectResponse`. `index` is the place of the element in the array.
        """
        creation = parse_creation(item)
        schema = self.schema(creation.schema_id)
        if creation.scope not in schema["allowedScopes"]:
            raise Problem(404, f"The schema {creation.schema_id} has no scope {creation.scope}.")
        check_version(schema, creation.schema_version)
        before = self._replaced(caller, creation)
        new = replace(before, value=creation.value) if before else self._new(caller, creation, schema)
        candidate = await self._validated(replace(new, external_id=creation.external_id), before, index, write)
        if write.validate_only:
            return {"code": 200}
        self._save(caller, candidate)
        return {"code": 200, "objectId": candidate.id}

    def _replaced(self, caller: Caller, creation: Creation) -> SettingsObject | None:
        """Return the object that an element of a POST replaces, if any."""
        # "Only applicable if an external identifier is provided": without one, an objectId has no effect, and the
        # element is a new object. Source: docs/design/0008-sources.md#settings-post-object.
        if creation.external_id is None:
            return None
        named = self.writable(caller, creation.object_id) if creation.object_id else None
        holder = self.store.by_external_id(creation.scope, creation.external_id)
        if named and holder and named.id != holder.id:
            # Not documented. Dynatrace's own tool avoids such a request, because two objects could be meant.
            raise violated("objectId", "Another settings object has the external ID")
        replaced = named or (self.writable(caller, holder.id) if holder else None)
        if replaced and (replaced.schema_id, replaced.scope) != (creation.schema_id, creation.scope):
            name = "objectId" if named else "externalId"
            raise violated(name, f"The settings object belongs to {replaced.schema_id} at {replaced.scope}")
        return replaced

    def _new(self, caller: Caller, creation: Creation, schema: Schema) -> SettingsObject:
        now = int(self._clock() * 1000)
        user = caller.credential.user
        return SettingsObject(
            id=new_object_id(creation.schema_id),
            schema_id=creation.schema_id,
            schema_version=schema["version"],
            scope=creation.scope,
            value=creation.value,
            author=caller.name,
            created=now,
            modified=now,
            sequence=0,
            created_by=caller.name,
            modified_by=caller.name,
            owner=("user", user.id) if user and schema["ownerBasedAccessControl"] else None,
        )

    async def update(
        self, caller: Caller, object_id: str, value: Any, update_token: str | None = None, write: Write = _USUAL
    ) -> dict[str, Any]:
        """Replace the value of an object; return the response of a PUT."""
        before = self.writable(caller, object_id)
        _check_token(before, update_token)
        candidate = await self._validated(replace(before, value=value), before, 0, write)
        if not write.validate_only:
            self._save(caller, candidate)
        return {"code": 200, "objectId": object_id}

    def delete(self, caller: Caller, object_id: str, update_token: str | None) -> None:
        """Delete an object."""
        _check_token(self.writable(caller, object_id), update_token)
        if object_id in self._deletions:  # no source has the status; this is the stricter one
            raise Problem(409, f"The settings object with the ID {object_id} is being deleted.")
        self.store.remove(object_id)

    async def _validated(
        self, candidate: SettingsObject, before: SettingsObject | None, index: int, write: Write
    ) -> SettingsObject:
        """Return the candidate with defaults filled in, after every check that could refuse it."""
        schema = self.schemas[candidate.schema_id]
        value = complete(schema, repair(schema, candidate.value) if write.repair_input else candidate.value)
        broken = violations(schema, value, before.value if before else None)
        if broken:
            below = [violation.below(f"{candidate.schema_id}/{index}") for violation in broken]
            raise Problem(400, f"Validation failed for {len(below)} Validators.", *below)
        candidate = replace(candidate, value=value, schema_version=schema["version"])
        self._check_room(schema, candidate, before)
        self._check_unique(candidate)
        if check := self._checks.get(candidate.schema_id):
            if refused := await check(candidate.id, candidate.value, before.value if before else None):
                raise Problem(400, "Constraints violated.", *refused)
            # The check may take seconds, in which other requests are served. What was true before may not be any more.
            current = self.store.get(candidate.id)
            if not _same_value(before, current) or self._external_id_is_taken(candidate):
                raise Problem(409, "The settings object was changed by another request while this one was validated.")
            if current:  # its permissions may have changed, which is no conflict
                candidate = replace(current, value=candidate.value, external_id=candidate.external_id)
                candidate = replace(candidate, schema_version=schema["version"])
            self._check_room(schema, candidate, before)
            self._check_unique(candidate)
        return candidate

    def _external_id_is_taken(self, candidate: SettingsObject) -> bool:
        if candidate.external_id is None:
            return False
        holder = self.store.by_external_id(candidate.scope, candidate.external_id)
        return holder is not None and holder.id != candidate.id

    def _check_room(self, schema: Schema, candidate: SettingsObject, before: SettingsObject | None) -> None:
        most = schema["maxObjects"]
        if before is None and self.store.count(candidate.schema_id, candidate.scope) >= most:
            raise Problem(400, f"The maximum of {most} objects of {candidate.schema_id} has been reached.")

    def _check_unique(self, candidate: SettingsObject) -> None:
        if conflict := self.store.conflict(candidate):
            (name, *_), message = conflict
            raise violated(name, message)

    def _save(self, caller: Caller, candidate: SettingsObject) -> None:
        before = self.store.get(candidate.id)
        revision = before.revision + 1 if before else 1
        sequence = before.sequence if before else self.store.next_sequence()
        candidate = replace(candidate, author=caller.name, modified_by=caller.name, modified=int(self._clock() * 1000))
        self.store.put(replace(candidate, revision=revision, sequence=sequence))


def _same_value(before: SettingsObject | None, current: SettingsObject | None) -> bool:
    """Return whether an object is what it was, as far as a write without an update token goes."""
    return before is current if before is None or current is None else before.value == current.value


def check_version(schema: Schema, version: Any) -> None:
    """Raise `Problem` 400 for a `schemaVersion` that is newer than the schema, or not a version; None is fine.

    What Dynatrace does with an unknown version is not documented. An older one is accepted: configurations written for
    it must go on working.
    """
    if version is None:
        return
    if not isinstance(version, str) or not _is_version(version):
        raise violated("schemaVersion", "Must be a version such as 1.2.3")
    if _numbers(version) > _numbers(schema["version"]):
        raise violated("schemaVersion", f"Must not be newer than {schema['version']}")


def _is_version(text: str) -> bool:
    parts = text.split(".")
    return all(part.isascii() and part.isdigit() and len(part) < 10 for part in parts)


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def _check_token(settings_object: SettingsObject, update_token: str | None) -> None:
    if update_token is not None and update_token != settings_object.update_token:
        raise Problem(409, "The update token is out of date: the settings object was changed by another request.")
