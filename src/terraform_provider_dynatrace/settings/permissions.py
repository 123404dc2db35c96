"""Who else may read or write a settings object. Always with platform credentials.

Source: docs/design/0008-sources.md#settings-permissions-api. Changes of one object at the same time conflict.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeVar
from urllib.parse import quote

from msgspec import Struct

from terraform_provider_dynatrace.client.errors import (
    DynatraceError,
    Forbidden,
    NotAuthenticated,
    NotFound,
    Rejected,
    UnexpectedResponse,
)
from terraform_provider_dynatrace.client.json import Json
from terraform_provider_dynatrace.client.retry import Idempotency
from terraform_provider_dynatrace.settings.api import path_of
from terraform_provider_dynatrace.settings.model import SettingsObject, settings_object
from terraform_provider_dynatrace.settings.new_objects import LONGEST_CHANGE, NewObjects

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from terraform_provider_dynatrace.client.client import Client
    from terraform_provider_dynatrace.client.responses import Access
    from terraform_provider_dynatrace.settings.effective_permissions import EffectivePermissions

T = TypeVar("T")
Level = Literal["read", "write"]
_LETTERS: dict[Level, list[str]] = {"read": ["r"], "write": ["r", "w"]}
"""How the API writes each level: no other combination is valid."""


class Accessor(Struct, frozen=True, order=True):
    """Who has access."""

    type: str
    """`user`, `group` or `all-users`."""
    id: str = ""
    """UUID of the user or the group; empty for all users."""

    def path(self) -> str:
        """Return the steps of the path that name this accessor, whatever a server called it."""
        return "/".join(quote(step, safe="") for step in (self.type, self.id) if step)

    def __str__(self) -> str:
        return f"{self.type} {self.id}" if self.id else self.type


ALL_USERS = Accessor("all-users")


class AccessChange(Struct, frozen=True):
    """One request: grant an accessor a level, change it, or revoke all access."""

    verb: Literal["grant", "change", "revoke"]
    accessor: Accessor
    level: Level | None = None
    """None for `revoke`."""

    def __str__(self) -> str:
        if self.level is None:
            return f"revoke all access of {self.accessor}"
        return f"grant {self.accessor} {self.level} access"


def differences(present: Mapping[Accessor, Level], wanted: Mapping[Accessor, Level]) -> list[AccessChange]:
    """Return the changes that lead from `present` to `wanted`; what is right already is left alone.

    Grants come before revocations, so that whoever changes permissions through one of them is not locked out half way.
    """
    added = [AccessChange("grant", each, wanted[each]) for each in sorted(wanted.keys() - present.keys())]
    other = [each for each in sorted(wanted.keys() & present.keys()) if wanted[each] != present[each]]
    more_first = sorted(other, key=lambda each: wanted[each], reverse=True)
    changed = [AccessChange("change", each, wanted[each]) for each in more_first]
    return added + changed + [AccessChange("revoke", each) for each in sorted(present.keys() - wanted.keys())]


class _Identity(Struct, frozen=True):
    type: str
    id: str | None = None


class _AccessorPermissions(Struct, frozen=True):
    accessor: _Identity
    permissions: list[str]


class _Permissions(Struct, frozen=True):
    accessors: list[_AccessorPermissions]


class PermissionsApi:
    """The permissions of settings objects. Every method raises `DynatraceError` and `Stopped`.

    `client` has platform credentials. Admin access is tried first, so that objects of other owners can be managed too.
    It is given up if the credential is not allowed to have it, unless the user asks for it (`admin_access`).
    """

    def __init__(
        self, client: Client, *, admin_access: bool = False, is_new: Callable[[str], bool] = lambda _: False
    ) -> None:
        """`is_new`: whether this process created an object, so that a 404 about it may only mean that it is new."""
        self.client = client
        self._new_objects = NewObjects(is_new, client.pause)
        self._admin = True
        self._demanded = admin_access
        self._effective: dict[str, EffectivePermissions] = {}

    async def get(self, object_id: str) -> SettingsObject:
        """Return an object with its owner. Raises `NotFound`."""
        found: Json = await self._new_objects.request(
            object_id, lambda: self._request("GET", path_of(object_id), "read")
        )
        return settings_object(found, object_id)

    async def check_writable(self, found: SettingsObject) -> None:
        """Raise `Forbidden` if Dynatrace says that the credential may not change permissions of an object.

        Anyone with read and write access may, and so may an administrator.
        """
        from terraform_provider_dynatrace.settings.admin_access import lacks_write, not_writable  # noqa: PLC0415  # rare
        from terraform_provider_dynatrace.settings.effective_permissions import (  # noqa: PLC0415  # the same
            EffectivePermissions,
        )

        if not lacks_write(found) or found.schema_id is None:
            return
        if found.schema_id not in self._effective:
            self._effective[found.schema_id] = EffectivePermissions(self.client, found.schema_id, "environment")
        if (await self._effective[found.schema_id].rights()).admin is False:
            raise not_writable(self.client.credential, found, self._advice())

    async def list(self, object_id: str) -> dict[Accessor, Level]:
        """Return who has which access; the owner is not among them. Raises `NotFound` for an object that is gone."""
        found: _Permissions = await self._new_objects.request(
            object_id, lambda: self._request("GET", _path(object_id), "read", into=_Permissions)
        )
        return dict(_accessor(item) for item in found.accessors)

    async def set(self, object_id: str, wanted: Mapping[Accessor, Level]) -> frozenset[Accessor]:
        """Make `wanted` the only permissions, one change after the other, and return whose access was revoked.

        A change that finds the permissions changed by someone else, or by its own request whose response was lost,
        starts again from what is there. Raises `Rejected` for what Dynatrace refuses, an unknown user for example.
        """
        present = await self.list(object_id)
        changes = differences(present, wanted)
        while changes:
            try:
                for change in changes:
                    await self._apply(object_id, change)
            except (NotFound, Rejected):
                tried, changes = changes, differences(await self.list(object_id), wanted)
                if len(changes) >= len(tried):  # nothing was achieved: trying again would not end
                    raise
            else:
                break
        return frozenset(present.keys() - wanted.keys())

    async def remove(self, object_id: str) -> None:
        """Revoke everyone's access but the owner's. An object that is gone has no permissions."""
        try:
            await self.set(object_id, {})
        except NotFound:
            return

    async def _apply(self, object_id: str, change: AccessChange) -> None:
        try:
            await self._new_objects.request(object_id, lambda: self._send_change(object_id, change), LONGEST_CHANGE)
        except DynatraceError as failure:
            note = f"This request was to {change}. Changes before it are done; the next plan shows what is left."
            raise failure.with_note(note) from failure.__cause__

    async def _send_change(self, object_id: str, change: AccessChange) -> None:
        accessor = change.accessor
        path = f"{_path(object_id)}/{accessor.path()}"
        if change.level is None:
            await self._request("DELETE", path, "write")
            return
        permissions = {"permissions": _LETTERS[change.level]}
        if change.verb == "change":
            await self._request("PUT", path, "write", permissions)
            return
        identity = {"type": accessor.type} | ({"id": accessor.id} if accessor.id else {})
        await self._request("POST", _path(object_id), "write", {"accessor": identity} | permissions)

    async def _request(self, method: str, path: str, access: Access, body: Json = None, into: type[T] = Json) -> T:
        if self._admin:
            try:
                return await self._send(method, path, access, body, into, admin=True)
            except (Forbidden, NotAuthenticated):  # a missing scope is documented as either
                if self._demanded:
                    raise
                found = await self._send(method, path, access, body, into, admin=False)
                self._admin = False
                return found
        return await self._send(method, path, access, body, into, admin=False)

    async def _send(  # noqa: PLR0913 -- the parts of a request
        self, method: str, path: str, access: Access, body: Json, into: type[T], *, admin: bool
    ) -> T:
        try:
            return await self.client.request(
                method,
                path,
                access=access,
                query={"adminAccess": "true" if admin else "false"},
                body=body,
                idempotency=Idempotency.RETRIED_AFTER_CONFLICT,
                into=into,
            )
        except Forbidden as refusal:
            raise refusal.with_note(self._advice()) from refusal.__cause__

    def _advice(self) -> str:
        from terraform_provider_dynatrace.settings.admin_access import advice_on_permissions  # noqa: PLC0415  # rare

        return advice_on_permissions(self.client.credential, demanded=self._demanded)


def _path(object_id: str) -> str:
    return f"{path_of(object_id)}/permissions"


def _accessor(item: _AccessorPermissions) -> tuple[Accessor, Level]:
    """Return accessor and level. Raises `UnexpectedResponse` for permissions that are neither."""
    accessor = Accessor(item.accessor.type, item.accessor.id or "")
    for level, letters in _LETTERS.items():
        if sorted(item.permissions) == letters:
            return accessor, level
    raise UnexpectedResponse(
        "A permission is neither read nor write",
        f"In Dynatrace, {accessor} has the permissions {item.permissions!r}. Only read (r), and read and write (r, w), "
        "are documented. Remove that permission in Dynatrace.",
    )
