"""The pretend tenant: settings objects as the Settings API 2.0 creates, changes and deletes them. No HTTP in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Protocol

from dynatrace_sandbox.tenant.access import Caller, operations, permissions
from dynatrace_sandbox.tenant.object_ids import new_object_id
from dynatrace_sandbox.tenant.objects import ObjectStore, SettingsObject
from dynatrace_sandbox.tenant.problems import Problem, Violation
from dynatrace_sandbox.tenant.validation import Schema, Value, complete, unique_rules, violations

SCOPE = "environment"
EXTERNAL_ID_LENGTH = 500


class RoleCheck(Protocol):
    """Tries to assume the role a value names, as the object of this id; returns the violation when it cannot."""

    async def __call__(self, object_id: str, value: Value, /) -> Violation | None: ...


@dataclass(frozen=True)
class Creation:
    """One element of a POST."""

    schema_id: str
    scope: str
    value: Any
    external_id: str | None = None
    object_id: str | None = None


def creation(item: Any) -> Creation:
    """Return the `SettingsObjectCreate` that an element of a POST's array is. Raises `Problem` 400."""
    if not isinstance(item, Mapping):
        raise Problem(400, "Constraints violated.", Violation("", "Must be of type object"))
    missing = [name for name in ("schemaId", "scope", "value") if item.get(name) is None]
    if missing:
        raise Problem(400, "Constraints violated.", *(Violation(name, "Must not be null") for name in missing))
    texts = {name: item.get(name) for name in ("schemaId", "scope", "externalId", "objectId")}
    wrong = [name for name, text in texts.items() if not isinstance(text, str | None)]
    if wrong:
        raise Problem(400, "Constraints violated.", *(Violation(name, "Must be of type text") for name in wrong))
    if len(item.get("externalId") or "") > EXTERNAL_ID_LENGTH:
        raise Problem(400, "Constraints violated.", Violation("externalId", "Must have at most 500 characters"))
    return Creation(item["schemaId"], item["scope"], item["value"], item.get("externalId"), item.get("objectId"))


class Environment:
    """Settings objects and who may do what with them.

    `clock` gives seconds since 1970. Every method raises `Problem` where Dynatrace refuses.
    """

    def __init__(self, schemas: dict[str, Schema], check_role: RoleCheck, clock: Callable[[], float]) -> None:
        self.schemas = schemas
        self._check_role = check_role
        self._clock = clock
        self.reset()

    def reset(self) -> None:
        """Forget every object."""
        self._store = ObjectStore(self.schemas)
        self._going: dict[str, float] = {}

    @property
    def store(self) -> ObjectStore:
        """The objects, without those that were deleted in the background until now."""
        for object_id in [one for one, moment in self._going.items() if moment <= self._clock()]:
            del self._going[object_id]
            if self._store.get(object_id):
                self._store.remove(object_id)
        return self._store

    def delete_later(self, object_id: str, seconds: float) -> None:
        """Delete an object in the background: it is gone after this time. Nothing happens if there is none."""
        if self.store.get(object_id):
            self._going[object_id] = self._clock() + seconds

    def schema(self, schema_id: str) -> Schema:
        """Return a schema. Raises `Problem` 404."""
        if schema_id not in self.schemas:
            raise Problem(404, f"Configuration schema {schema_id} does not exist.")
        return self.schemas[schema_id]

    def readable(self, caller: Caller, object_id: str) -> SettingsObject:
        """Return an object that the caller may read. Raises `Problem` 404 or 403."""
        return self._permitted(caller, object_id, "r")

    def writable(self, caller: Caller, object_id: str) -> SettingsObject:
        """Return an object that the caller may write. Raises `Problem` 404 or 403."""
        return self._permitted(caller, object_id, "w")

    def _permitted(self, caller: Caller, object_id: str, letter: str) -> SettingsObject:
        found = self.store.get(object_id)
        if found is None:
            raise Problem(404, f"Settings object with id '{object_id}' does not exist.")
        if letter not in permissions(found, caller):
            action = "read" if letter == "r" else "write"
            raise Problem(403, f"No permission to {action} the settings object with id '{object_id}'.")
        return found

    def visible(self, caller: Caller) -> list[SettingsObject]:
        """Return the objects the caller may read, oldest first."""
        return [one for one in self.store if "r" in permissions(one, caller)]

    def shown(self, caller: Caller, settings_object: SettingsObject) -> dict[str, Any]:
        """Return an object's fields as this caller sees them."""
        return settings_object.as_json(operations(settings_object, caller))

    async def create(self, caller: Caller, item: Any, index: int, *, validate_only: bool) -> dict[str, Any]:
        """Create one element of a POST, or replace the object with its external id; return its response."""
        wanted = creation(item)
        schema = self.schema(wanted.schema_id)
        if wanted.scope not in schema["allowedScopes"]:
            raise Problem(404, f"Scope '{wanted.scope}' does not exist or is not allowed for {wanted.schema_id}.")
        before = self._to_replace(caller, wanted)
        candidate = replace(before, value=wanted.value) if before else self._new(caller, wanted, schema)
        candidate = await self._checked(candidate, before, index)
        if validate_only:
            return {"code": 200}
        self._save(caller, candidate, before)
        return {"code": 200, "objectId": candidate.id}

    def _to_replace(self, caller: Caller, wanted: Creation) -> SettingsObject | None:
        """Return the object that a POST replaces. Source: Settings API 2.0, "External IDs" and `objectId`."""
        if wanted.object_id:
            return self.writable(caller, wanted.object_id)
        if wanted.external_id is None:
            return None
        found = self.store.by_external_id(wanted.schema_id, wanted.scope, wanted.external_id)
        return self.writable(caller, found.id) if found else None

    def _new(self, caller: Caller, wanted: Creation, schema: Schema) -> SettingsObject:
        now = int(self._clock() * 1000)
        user = caller.credential.user
        return SettingsObject(
            id=new_object_id(wanted.schema_id),
            schema_id=wanted.schema_id,
            schema_version=schema["version"],
            scope=wanted.scope,
            value=wanted.value,
            author=caller.name,
            created=now,
            modified=now,
            sequence=0,
            created_by=caller.name,
            modified_by=caller.name,
            external_id=wanted.external_id,
            owner=user.id if user and schema["ownerBasedAccessControl"] else None,
        )

    async def update(
        self, caller: Caller, object_id: str, value: Any, update_token: str | None, *, validate_only: bool
    ) -> dict[str, Any]:
        """Replace the value of an object; return the response of a PUT."""
        before = self.writable(caller, object_id)
        _check_token(before, update_token)
        candidate = await self._checked(replace(before, value=value), before, 0)
        if not validate_only:
            self._save(caller, candidate, before)
        return {"code": 200, "objectId": object_id}

    def delete(self, caller: Caller, object_id: str, update_token: str | None) -> None:
        """Delete an object."""
        _check_token(self.writable(caller, object_id), update_token)
        if object_id in self._going:  # what Dynatrace says then is not known; this is the stricter response
            raise Problem(409, f"Settings object with id '{object_id}' is being deleted.")
        self.store.remove(object_id)

    async def _checked(self, candidate: SettingsObject, before: SettingsObject | None, index: int) -> SettingsObject:
        """Return the candidate with defaults filled in, after everything that may refuse it has been asked."""
        schema = self.schemas[candidate.schema_id]
        broken = violations(schema, candidate.value, before.value if before else None)
        if broken:
            below = [violation.below(f"{candidate.schema_id}/{index}") for violation in broken]
            raise Problem(400, f"Validation failed for {len(below)} Validators.", *below)
        candidate = replace(candidate, value=complete(schema, candidate.value))
        self._check_room(schema, candidate, before)
        self._check_unique(schema, candidate)
        if _sets_role(candidate, before):
            await self._check_assumption(candidate, before)
            self._check_unique(schema, candidate)
        return candidate

    async def _check_assumption(self, candidate: SettingsObject, before: SettingsObject | None) -> None:
        """Try the role; AWS takes its time, so that the object may have changed meanwhile."""
        if refused := await self._check_role(candidate.id, candidate.value):
            raise Problem(400, "Constraints violated.", refused)
        if self.store.get(candidate.id) is not before:
            raise Problem(409, "The settings object was changed by someone else while it was validated.")

    def _check_room(self, schema: Schema, candidate: SettingsObject, before: SettingsObject | None) -> None:
        most = schema["maxObjects"]
        if before is None and self.store.count(candidate.schema_id, candidate.scope) >= most:
            raise Problem(400, f"The maximum of {most} objects of {candidate.schema_id} has been reached.")

    def _check_unique(self, schema: Schema, candidate: SettingsObject) -> None:
        for name, message in unique_rules(schema):
            holder = self.store.holder(candidate.schema_id, candidate.scope, name, candidate.value[name])
            if holder not in (None, candidate.id):
                raise Problem(400, "Constraints violated.", Violation(name, message))

    def _save(self, caller: Caller, candidate: SettingsObject, before: SettingsObject | None) -> None:
        revision = before.revision + 1 if before else 1
        sequence = before.sequence if before else self.store.next_sequence()
        candidate = replace(candidate, author=caller.name, modified_by=caller.name, modified=int(self._clock() * 1000))
        self.store.put(replace(candidate, revision=revision, sequence=sequence))


def _check_token(settings_object: SettingsObject, update_token: str | None) -> None:
    if update_token is not None and update_token != settings_object.update_token:
        raise Problem(409, "The settings object was changed by someone else in the meantime: the update token is old.")


def role_arn(value: Value) -> str:
    """Return the role ARN of a connection's value, or the empty text."""
    arm = value.get(value.get("type", ""), {})
    return str(arm.get("roleArn", ""))


def _sets_role(candidate: SettingsObject, before: SettingsObject | None) -> bool:
    return bool(role_arn(candidate.value)) and (before is None or not role_arn(before.value))
