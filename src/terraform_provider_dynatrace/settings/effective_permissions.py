"""What a credential may do with the objects of a schema, as far as Dynatrace says so without trying.

Source: docs/design/0008-sources.md#settings-effective-permissions. Not every environment has to know the endpoint, and
it needs a scope of its own, so everything that is found out here can also be unknown.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from msgspec import Struct

from terraform_provider_dynatrace.client.apis import ADMIN_SCOPE
from terraform_provider_dynatrace.client.errors import DynatraceError
from terraform_provider_dynatrace.client.json import Json
from terraform_provider_dynatrace.client.retry import Idempotency

if TYPE_CHECKING:
    from terraform_provider_dynatrace.client.client import Client

RESOLVE = "/settings/effective-permissions:resolve"
_GRANTED = {"true": True, "false": False}


class Rights(Struct, frozen=True):
    """Which permissions are granted for a schema. None: not known."""

    write: bool | None = None
    admin: bool | None = None
    """Whether `adminAccess` has an effect."""


class _Resolved(Struct, frozen=True):
    permission: str
    granted: Json = None


class EffectivePermissions:
    """The permissions of one credential for the objects of one schema. They are asked for once."""

    def __init__(self, client: Client, schema_id: str, scope: str) -> None:
        self._client = client
        self._context = {"schemaId": schema_id, "scope": scope}
        self._rights: Rights | None = None
        self._asking = asyncio.Lock()

    async def rights(self) -> Rights:
        """Return what is known. No failure is raised: whoever asks has another way. Raises `Stopped`."""
        if not self._client.credential.gives_owner:  # the endpoint is about users, and an API token has none
            return Rights()
        async with self._asking:
            if self._rights is None:
                self._rights = await self._resolve()
        return self._rights

    async def _resolve(self) -> Rights:
        credential = self._client.credential
        names = {"write": credential.scopes["write"], "admin": ADMIN_SCOPE}
        body: Json = {"permissions": [{"permission": name, "context": self._context} for name in names.values()]}
        try:
            found = await self._client.request(
                "POST", RESOLVE, access="read", body=body, idempotency=Idempotency.IDEMPOTENT, into=list[_Resolved]
            )
        except DynatraceError:
            found = []
        granted = {each.permission: _granted(each.granted) for each in found}
        known = {right: False if credential.lacks_scope(name) else granted.get(name) for right, name in names.items()}
        return Rights(**known)


def _granted(written: Json) -> bool | None:
    """Return whether a permission is granted; `condition`, and what is not documented, is not known."""
    return written if isinstance(written, bool) else _GRANTED.get(str(written))
