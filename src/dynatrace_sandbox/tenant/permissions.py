"""The owner and the accessors of a settings object, and how they change. No HTTP in it.

Source: docs/design/0008-sources.md#settings-permissions-api: anyone with read and write permission on the object may
change the accessors, and only `["r"]` and `["r", "w"]` exist. That changes of one object at the same time conflict was
observed. #settings-transfer-ownership: the owner or an administrator gives the object to another owner.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

from dynatrace_sandbox.tenant.access import ALL_USERS, Caller
from dynatrace_sandbox.tenant.credentials import GROUPS, USERS
from dynatrace_sandbox.tenant.environment import Environment
from dynatrace_sandbox.tenant.objects import Identity, SettingsObject, identity_json
from dynatrace_sandbox.tenant.problems import Problem, violated

_LEVELS = {frozenset({"r"}): ("r",), frozenset({"r", "w"}): ("r", "w")}
_ACCESSOR_TYPES = ("user", "group")


class Permissions:
    """Owners and accessors of the environment's objects.

    A change of an object takes `seconds`, during which another one conflicts.
    """

    def __init__(self, environment: Environment, seconds: float = 0.02) -> None:
        self._environment = environment
        self._seconds = seconds
        self._changing: set[str] = set()

    def all(self, caller: Caller, object_id: str) -> dict[str, Any]:
        """Return the `AccessorPermissionsList` of an object. Raises `Problem`."""
        accessors = self._environment.readable(caller, object_id).accessors
        return {"accessors": [_as_json(accessor, letters) for accessor, letters in accessors.items()]}

    def get(self, caller: Caller, object_id: str, accessor: Identity) -> dict[str, Any]:
        """Return the `AccessorPermissions` of one accessor. Raises `Problem` 404 when it has none."""
        return _as_json(accessor, _existing(self._environment.readable(caller, object_id), accessor))

    async def add(self, caller: Caller, object_id: str, body: Any) -> dict[str, Any]:
        """Give permissions to a new accessor. Raises `Problem` 400 for one that has some already."""
        accessor, letters = _accessor(body), _letters(body)
        async with self._change(caller, object_id) as accessors:
            if accessor in accessors:
                raise violated("accessor", "The accessor already has permissions on the object")
            accessors[accessor] = letters
        return _as_json(accessor, letters)

    async def update(self, caller: Caller, object_id: str, accessor: Identity, body: Any) -> None:
        """Change the permissions of an accessor that has some. Raises `Problem`."""
        letters = _letters(body)
        async with self._change(caller, object_id) as accessors:
            _existing(self._environment.writable(caller, object_id), accessor)
            accessors[accessor] = letters

    async def remove(self, caller: Caller, object_id: str, accessor: Identity) -> None:
        """Remove the permissions of an accessor. Raises `Problem`."""
        async with self._change(caller, object_id) as accessors:
            _existing(self._environment.writable(caller, object_id), accessor)
            del accessors[accessor]

    async def transfer(self, caller: Caller, object_id: str, body: Any) -> None:
        """Give an object to the new owner in a `TransferOwnershipRequest`. The accessors stay. Raises `Problem`.

        Not documented, and refused here with 400: a body without owner, an owner that the account does not have, and an
        object without owner. Nor is the status of a transfer while the accessors change: here 409.
        """
        owner = _new_owner(body)
        async with self._alone(object_id):
            given = self._transferable(caller, object_id)
            await asyncio.sleep(self._seconds)
            given = self._transferable(caller, object_id)
            self._environment.store.put(replace(given, owner=owner))

    def _transferable(self, caller: Caller, object_id: str) -> SettingsObject:
        settings_object = self._environment.known(object_id)
        if not self._environment.schema(settings_object.schema_id)["ownerBasedAccessControl"]:
            raise Problem(400, f"Objects of the schema {settings_object.schema_id} have no owner.")
        if settings_object.owner is None:
            raise Problem(400, f"The settings object with the ID {object_id} has no owner.")
        if not caller.may_transfer(settings_object):
            raise Problem(403, f"No permission to transfer the settings object with the ID {object_id}.")
        return settings_object

    @asynccontextmanager
    async def _change(self, caller: Caller, object_id: str) -> AsyncIterator[dict[Identity, tuple[str, ...]]]:
        """Provide the accessors to change, and store them. Raises `Problem` 409 while another change runs.

        For an object without owner, a change has no effect: docs/design/0008-sources.md#connection-page. That it is not
        even listed afterwards is the stricter reading.
        """
        self._environment.writable(caller, object_id)
        async with self._alone(object_id):
            await asyncio.sleep(self._seconds)
            changed = dict(self._environment.writable(caller, object_id).accessors)
            yield changed
            settings_object = self._environment.writable(caller, object_id)
            if settings_object.owner:
                self._environment.store.put(replace(settings_object, accessors=changed))

    @asynccontextmanager
    async def _alone(self, object_id: str) -> AsyncIterator[None]:
        """Let no other change of an object begin. Raises `Problem` 409 while one runs."""
        if object_id in self._changing:
            raise Problem(409, "The permissions of the settings object are being changed by another request.")
        self._changing.add(object_id)
        try:
            yield
        finally:
            self._changing.discard(object_id)


def parse_accessor(kind: str, name: str) -> Identity:
    """Return the user or group that a path names. Raises `Problem` 400."""
    if kind not in _ACCESSOR_TYPES:
        raise violated("accessorType", f"Must be one of {', '.join(_ACCESSOR_TYPES)}")
    try:
        return kind, str(UUID(name))
    except ValueError as error:
        raise violated("accessorId", "Must be the UUID of a user or a group") from error


def _as_json(accessor: Identity, letters: tuple[str, ...]) -> dict[str, Any]:
    """Return the `AccessorPermissions` object."""
    return {"accessor": identity_json(accessor), "permissions": list(letters)}


def _existing(settings_object: SettingsObject, accessor: Identity) -> tuple[str, ...]:
    letters = settings_object.accessors.get(accessor)
    if letters is None:
        raise Problem(404, "The accessor has no permissions on the settings object.")
    return letters


def _accessor(body: Any) -> Identity:
    identity = body.get("accessor") if isinstance(body, Mapping) else None
    if not isinstance(identity, Mapping):
        raise violated("accessor", "Must not be null")
    if identity.get("type") == "all-users":
        return ALL_USERS
    return parse_accessor(str(identity.get("type")), str(identity.get("id")))


def _new_owner(body: Any) -> Identity:
    """Return the owner that a `TransferOwnershipRequest` names. Raises `Problem` 400."""
    identity = body.get("newOwner") if isinstance(body, Mapping) else None
    if not isinstance(identity, Mapping):
        raise violated("newOwner", "Must not be null")
    if identity.get("type") == "all-users":
        if identity.get("id"):
            raise violated("newOwner.id", "Must be missing for all users")
        return ALL_USERS
    kind, name = parse_accessor(str(identity.get("type")), str(identity.get("id")))
    if name not in (USERS if kind == "user" else GROUPS):
        raise violated("newOwner.id", f"There is no {kind} with the id {name}")
    return kind, name


def _letters(body: Any) -> tuple[str, ...]:
    listed = body.get("permissions") if isinstance(body, Mapping) else None
    letters = frozenset(str(letter) for letter in listed) if isinstance(listed, list) else frozenset[str]()
    if letters not in _LEVELS:
        raise violated("permissions", 'Must be ["r"] or ["r", "w"]')
    return _LEVELS[letters]
