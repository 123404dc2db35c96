"""Who else may read or write a settings object. Always with platform credentials.

Source: Settings API 2.0, `/settings/objects/{objectId}/permissions`; changes of one object at the same time conflict.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal
from urllib.parse import quote

from msgspec import Struct

from terraform_provider_dynatrace.client.errors import (
    DynatraceError,
    Forbidden,
    NotFound,
    Rejected,
    UnexpectedResponse,
)
from terraform_provider_dynatrace.client.retry import Repeat
from terraform_provider_dynatrace.settings.api import path_of
from terraform_provider_dynatrace.settings.model import settings_object

if TYPE_CHECKING:
    from collections.abc import Mapping

    from terraform_provider_dynatrace.client.client import Client
    from terraform_provider_dynatrace.client.responses import Access

Level = Literal["read", "write"]
_LETTERS: dict[Level, list[str]] = {"read": ["r"], "write": ["r", "w"]}


class Accessor(Struct, frozen=True, order=True):
    """A `user` or `group` with its UUID, or `all-users` without one."""

    type: str
    id: str = ""

    def path(self) -> str:
        """Return the steps of the path that name this accessor, whatever a server called it."""
        return "/".join(quote(step, safe="") for step in (self.type, self.id) if step)

    def __str__(self) -> str:
        return f"{self.type} {self.id}" if self.id else self.type


ALL_USERS = Accessor("all-users")


class Change(Struct, frozen=True):
    """One request: `add` and `change` give `level`, `remove` takes everything away."""

    verb: Literal["add", "change", "remove"]
    accessor: Accessor
    level: Level | None = None

    def __str__(self) -> str:
        if self.level is None:
            return f"take all access from {self.accessor}"
        return f"give {self.accessor} the access {self.level}"


def differences(present: Mapping[Accessor, Level], wanted: Mapping[Accessor, Level]) -> list[Change]:
    """Return the changes that lead from `present` to `wanted`, what is right already left alone.

    What is given comes before what is taken, so that whoever changes permissions through one of them is not locked
    out half way.
    """
    more = [Change("add", one, wanted[one]) for one in sorted(wanted.keys() - present.keys())]
    other = [one for one in sorted(wanted.keys() & present.keys()) if wanted[one] != present[one]]
    changed = [Change("change", one, wanted[one]) for one in sorted(other, key=lambda one: wanted[one], reverse=True)]
    return more + changed + [Change("remove", one) for one in sorted(present.keys() - wanted.keys())]


class PermissionsApi:
    """The permissions of settings objects. Every method raises `DynatraceError` and `Stopped`.

    `client` has platform credentials. Admin access is tried first, so that objects of other owners can be managed too,
    and dropped where the credential may not have it.
    """

    def __init__(self, client: Client) -> None:
        self.client = client
        self._admin = True

    async def owner(self, object_id: str) -> str | None:
        """Return whose object it is, None for nobody's. Raises `NotFound`."""
        return settings_object(await self._request("GET", path_of(object_id), "read"), object_id).owner

    async def list(self, object_id: str) -> dict[Accessor, Level]:
        """Return who has which access; the owner is not among them. Raises `NotFound` for an object that is gone."""
        answer = await self._request("GET", _path(object_id), "read")
        found = answer.get("accessors") if isinstance(answer, dict) else None
        if not isinstance(found, list):
            raise UnexpectedResponse("Dynatrace's answer has an unknown form", f"{_path(object_id)} has no accessors.")
        return dict(_accessor(item) for item in found)

    async def set(self, object_id: str, wanted: Mapping[Accessor, Level]) -> frozenset[Accessor]:
        """Make `wanted` all there is, one change after the other, and return who had access and has none now.

        A change that finds the permissions changed by somebody else, or by its own request whose answer was lost,
        starts again from what is there. Raises `Rejected` for what Dynatrace refuses, an unknown user for example.
        """
        present = await self.list(object_id)
        changes = differences(present, wanted)
        while changes:
            try:
                for change in changes:
                    await self._make(object_id, change)
            except (NotFound, Rejected):
                before, changes = changes, differences(await self.list(object_id), wanted)
                if len(changes) >= len(before):
                    raise
            else:
                break
        return frozenset(present.keys() - wanted.keys())

    async def remove(self, object_id: str) -> None:
        """Take everybody's access away but the owner's. An object that is gone has none."""
        try:
            await self.set(object_id, {})
        except NotFound:
            return

    async def _make(self, object_id: str, change: Change) -> None:
        try:
            await self._ask(object_id, change)
        except DynatraceError as failure:
            failure.detail += (
                f"\n\nThis was to {change}. What came before it was done: the next plan shows what is there."
            )
            raise

    async def _ask(self, object_id: str, change: Change) -> None:
        one = f"{_path(object_id)}/{change.accessor.path()}"
        if change.level is None:
            await self._request("DELETE", one, "write")
            return
        body: dict[str, Any] = {"permissions": _LETTERS[change.level]}
        if change.verb == "change":
            await self._request("PUT", one, "write", body)
            return
        identity = {"type": change.accessor.type} | ({"id": change.accessor.id} if change.accessor.id else {})
        await self._request("POST", _path(object_id), "write", {"accessor": identity} | body)

    async def _request(self, method: str, path: str, access: Access, body: Any = None) -> Any:
        if self._admin:
            try:
                return await self._send(method, path, access, body, admin=True)
            except Forbidden:
                answer = await self._send(method, path, access, body, admin=False)
                self._admin = False
                return answer
        return await self._send(method, path, access, body, admin=False)

    async def _send(self, method: str, path: str, access: Access, body: Any, *, admin: bool) -> Any:
        query = {"adminAccess": "true" if admin else "false"}
        repeat = Repeat.ALSO_AFTER_CONFLICT
        return await self.client.request(method, path, access=access, query=query, body=body, repeat=repeat)


def _path(object_id: str) -> str:
    return f"{path_of(object_id)}/permissions"


def _accessor(item: Any) -> tuple[Accessor, Level]:
    """Return accessor and level of an `AccessorPermissions` object. Raises `UnexpectedResponse` for what is neither."""
    accessor = item.get("accessor") if isinstance(item, dict) else None
    kind, name = (accessor.get("type"), accessor.get("id", "")) if isinstance(accessor, dict) else (None, "")
    if not isinstance(kind, str) or not isinstance(name, str | None):
        raise UnexpectedResponse("Dynatrace's answer has an unknown form", "A permission names no accessor.")
    who = Accessor(kind, name or "")
    letters = item.get("permissions")
    level = next(
        (level for level, known in _LETTERS.items() if isinstance(letters, list) and _same(letters, known)), None
    )
    if level is None:
        raise UnexpectedResponse(
            "A permission is neither read nor write",
            f"Dynatrace says that {who} has the permissions {letters!r}; only read (r), and read and write (r, w), "
            "exist. Remove that permission in Dynatrace.",
        )
    return who, level


def _same(letters: list[Any], known: list[str]) -> bool:
    return all(isinstance(letter, str) for letter in letters) and sorted(letters) == known
