"""Who else may read or write a settings object: its accessors, and how they change. No HTTP in it.

Source: Settings API 2.0, "Manage permissions": anyone with read and write permission on the object may change them;
only `["r"]` and `["r", "w"]` exist; changes of one object at the same time conflict.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any
from uuid import UUID

from dynatrace_sandbox.tenant.access import ALL_USERS, Caller
from dynatrace_sandbox.tenant.environment import Environment
from dynatrace_sandbox.tenant.objects import Accessor, SettingsObject
from dynatrace_sandbox.tenant.problems import Problem, Violation

_LEVELS = {frozenset({"r"}): ("r",), frozenset({"r", "w"}): ("r", "w")}
_NAMED = ("user", "group")


class Permissions:
    """The accessors of the environment's objects. A change takes `seconds`, in which another one conflicts."""

    def __init__(self, environment: Environment, seconds: float = 0.02) -> None:
        self._environment = environment
        self._seconds = seconds
        self._changing: set[str] = set()

    def all(self, caller: Caller, object_id: str) -> dict[str, Any]:
        """Return the `AccessorPermissionsList` of an object. Raises `Problem`."""
        accessors = self._environment.readable(caller, object_id).accessors
        return {"accessors": [shown(accessor, letters) for accessor, letters in accessors.items()]}

    def one(self, caller: Caller, object_id: str, accessor: Accessor) -> dict[str, Any]:
        """Return the `AccessorPermissions` of one accessor. Raises `Problem` 404 when it has none."""
        return shown(accessor, _existing(self._environment.readable(caller, object_id), accessor))

    async def add(self, caller: Caller, object_id: str, body: Any) -> dict[str, Any]:
        """Give a new accessor permissions. Raises `Problem` 400 for one that has some already."""
        accessor, letters = _identity(body), _letters(body)
        async with self._change(caller, object_id) as accessors:
            if accessor in accessors:
                raise _invalid("accessor", "The accessor already has permissions on the object")
            accessors[accessor] = letters
        return shown(accessor, letters)

    async def update(self, caller: Caller, object_id: str, accessor: Accessor, body: Any) -> dict[str, Any]:
        """Change the permissions of an accessor that has some. Raises `Problem`."""
        letters = _letters(body)
        async with self._change(caller, object_id) as accessors:
            _existing(self._environment.writable(caller, object_id), accessor)
            accessors[accessor] = letters
        return shown(accessor, letters)

    async def remove(self, caller: Caller, object_id: str, accessor: Accessor) -> None:
        """Take an accessor's permissions away. Raises `Problem`."""
        async with self._change(caller, object_id) as accessors:
            _existing(self._environment.writable(caller, object_id), accessor)
            del accessors[accessor]

    @asynccontextmanager
    async def _change(self, caller: Caller, object_id: str) -> AsyncIterator[dict[Accessor, tuple[str, ...]]]:
        """Give the accessors to change, and store them afterwards. Raises `Problem` 409 while another change runs."""
        self._environment.writable(caller, object_id)
        if object_id in self._changing:
            raise Problem(409, "The permissions of the settings object are being changed by another request.")
        self._changing.add(object_id)
        try:
            await asyncio.sleep(self._seconds)
            changed = dict(self._environment.writable(caller, object_id).accessors)
            yield changed
            self._environment.store.put(replace(self._environment.writable(caller, object_id), accessors=changed))
        finally:
            self._changing.discard(object_id)


def accessor_of(kind: str, name: str) -> Accessor:
    """Return the accessor that a path names. Raises `Problem` 400."""
    if kind not in _NAMED:
        raise _invalid("accessorType", f"Must be one of {', '.join(_NAMED)}")
    try:
        return kind, str(UUID(name))
    except ValueError as error:
        raise _invalid("accessorId", "Must be the UUID of a user or a group") from error


def shown(accessor: Accessor, letters: tuple[str, ...]) -> dict[str, Any]:
    """Return the `AccessorPermissions` object."""
    kind, name = accessor
    return {"accessor": {"type": kind} | ({"id": name} if name else {}), "permissions": list(letters)}


def _existing(settings_object: SettingsObject, accessor: Accessor) -> tuple[str, ...]:
    found = settings_object.accessors.get(accessor)
    if found is None:
        raise Problem(404, "The accessor has no permissions on the settings object.")
    return found


def _identity(body: Any) -> Accessor:
    known = body.get("accessor") if isinstance(body, Mapping) else None
    if not isinstance(known, Mapping):
        raise _invalid("accessor", "Must not be null")
    if known.get("type") == "all-users":
        return ALL_USERS
    return accessor_of(str(known.get("type")), str(known.get("id")))


def _letters(body: Any) -> tuple[str, ...]:
    known = body.get("permissions") if isinstance(body, Mapping) else None
    letters = frozenset(str(letter) for letter in known) if isinstance(known, list) else frozenset[str]()
    if letters not in _LEVELS:
        raise _invalid("permissions", "Must be read, or read and write")
    return _LEVELS[letters]


def _invalid(path: str, message: str) -> Problem:
    return Problem(400, "Constraints violated.", Violation(path, message))
