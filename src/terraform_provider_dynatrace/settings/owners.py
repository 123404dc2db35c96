"""The owner of a settings object, and giving it to another one. Always with platform credentials.

Source: docs/design/0008-sources.md#settings-transfer-ownership.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from terraform_plugin.diagnostics import warn
from terraform_provider_dynatrace.client.errors import DynatraceError, Forbidden
from terraform_provider_dynatrace.client.json import Json
from terraform_provider_dynatrace.client.retry import Idempotency
from terraform_provider_dynatrace.settings.admin_access import AS_OWNER, advice, with_advice
from terraform_provider_dynatrace.settings.api import path_of, schema_path
from terraform_provider_dynatrace.settings.model import Owner, SettingsObject, settings_object
from terraform_provider_dynatrace.settings.new_objects import LONGEST_CHANGE, NewObjects

if TYPE_CHECKING:
    from collections.abc import Callable

    from terraform_provider_dynatrace.client.client import Client


class _Schema(Struct, rename="camel", frozen=True):
    owner_based_access_control: bool | None = None


class OwnersApi:
    """The owners of settings objects of any schema. Every method raises `DynatraceError` and `Stopped`.

    `client` has platform credentials. With `admin_access`, requests act as the owner of all objects.
    """

    def __init__(
        self, client: Client, *, admin_access: bool = False, is_new: Callable[[str], bool] = lambda _: False
    ) -> None:
        """`is_new`: whether this process created an object, so that a 404 about it may only mean that it is new."""
        self.client = client
        self.admin_access = admin_access
        self._new_objects = NewObjects(is_new, client.pause)

    async def get(self, object_id: str) -> SettingsObject:
        """Return an object with its owner. Raises `NotFound`."""

        async def read() -> Json:
            request = self.client.request("GET", path_of(object_id), access="read", query=self._query())
            return await with_advice(request, self._advice())

        return settings_object(await self._new_objects.request(object_id, read), object_id)

    async def transfer(self, object_id: str, owner: Owner) -> None:
        """Give an object to another owner. The accessors stay, and the previous owner loses access unless it is one.

        It is no error if a response is lost and the object has the owner afterwards.
        """
        try:
            await self._new_objects.request(object_id, lambda: self._send(object_id, owner), LONGEST_CHANGE)
        except DynatraceError as failure:
            if not await self._was_transferred(object_id, owner, failure):
                raise

    async def _send(self, object_id: str, owner: Owner) -> None:
        new_owner = {"type": owner.type} | ({"id": owner.id} if owner.id else {})
        request = self.client.request(
            "POST",
            f"{path_of(object_id)}:transfer-ownership",
            access="write",
            query=self._query(),
            body={"newOwner": new_owner},
            idempotency=Idempotency.RETRIED_AFTER_CONFLICT,
        )
        await with_advice(request, f"{_WHO_MAY} {self._advice()}")

    async def _was_transferred(self, object_id: str, owner: Owner, failure: DynatraceError) -> bool:
        """Return whether a transfer that failed was carried out before: in an attempt whose response was lost."""
        if not failure.outcome_unknown:
            return False
        try:
            return (await self.get(object_id)).owner == owner
        except Forbidden:
            # This credential could transfer the object, and now it cannot even read it. That is what the transfer does.
            if not isinstance(failure, Forbidden):
                return False
            warn("The response to a transfer was lost", _NOT_READABLE.format(object_id=object_id, owner=owner))
            return True
        except DynatraceError:
            return False

    async def schema_has_owners(self, schema_id: str | None) -> bool | None:
        """Return whether objects of a schema have owners, None if that cannot be found out."""
        if schema_id is None:
            return None
        try:
            found = await self.client.request("GET", schema_path(schema_id), access="read", into=_Schema)
        except DynatraceError:  # for example without the scope settings:schemas:read
            return None
        return found.owner_based_access_control

    def _query(self) -> dict[str, str] | None:
        return dict(AS_OWNER) if self.admin_access else None

    def _advice(self) -> str:
        return advice(self.client.credential, admin_access=self.admin_access)


_WHO_MAY = "Only the owner of an object, or an administrator, can transfer it; write permission is not enough."
_NOT_READABLE = (
    "Dynatrace did not respond to the transfer of the settings object {object_id} to {owner}, and now refuses this "
    "credential access to the object. So the transfer was carried out, unless somebody else transferred the object at "
    "the same time."
)
