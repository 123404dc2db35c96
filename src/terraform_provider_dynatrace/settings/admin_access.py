"""Admin access: requests that act as the owner of all objects, and what to say where Dynatrace refuses one.

Source: docs/design/0008-sources.md#settings-api, `adminAccess`: without the permission, the parameter has no effect.
Users of the official provider also saw 403 then.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from terraform_provider_dynatrace.client.apis import ADMIN_SCOPE
from terraform_provider_dynatrace.client.errors import Forbidden

if TYPE_CHECKING:
    from collections.abc import Awaitable

    from terraform_provider_dynatrace.client.auth import Credential
    from terraform_provider_dynatrace.settings.model import SettingsObject

T = TypeVar("T")

WRITING = frozenset({"write", "delete"})
"""The operations in `resourceContext` of an object that the credential may change."""
AS_OWNER = {"adminAccess": "true"}
"""The parameter of a request with admin access."""


async def with_advice(request: Awaitable[T], advice: str) -> T:
    """Return the response to a request about one object. Raises its errors; a 403 ends with `advice`, if any."""
    try:
        return await request
    except Forbidden as refusal:
        if not advice:
            raise
        raise refusal.with_note(advice) from refusal.__cause__


def advice(credential: Credential, *, admin_access: bool) -> str:
    """Return what to do about an object that a credential may not use. Empty for an API token, which has no owner."""
    if not credential.gives_owner:
        return ""
    if admin_access:
        return f"{without_effect(credential)} If it has that scope, {_LIMITED}"
    return (
        "To work with objects of other owners, set admin_access = true in the provider block, or the environment "
        f"variable DYNATRACE_ADMIN_ACCESS=true. This requires the scope {ADMIN_SCOPE}."
    )


def lacks_write(found: SettingsObject) -> bool:
    """Return whether Dynatrace says that owner and permissions let the credential read an object, and not change it."""
    return found.operations is not None and "read" in found.operations and not found.operations >= WRITING


def not_writable(credential: Credential, found: SettingsObject, advice: str) -> Forbidden:
    """Return the error for an object that the credential can only read. Nothing was tried."""
    owner = "has no owner" if found.owner is None else f"belongs to {found.owner}"
    return Forbidden(
        f"The {credential.kind} is not allowed to change this object",
        f"The settings object {found.object_id} {owner}. Dynatrace allows the {credential.kind} from "
        f"{credential.source} to {', '.join(sorted(found.operations or []))} it, and nothing else. Its owner can grant "
        f"write access with dynatrace_settings_permissions. {advice}",
    )


def advice_on_permissions(credential: Credential, *, demanded: bool) -> str:
    """Return what to do where permissions or an owner may not be managed. `demanded`: `admin_access` is on.

    Such requests try admin access by themselves.
    """
    if demanded:
        return advice(credential, admin_access=True)
    return f"To manage the permissions of other owners' objects, the {credential.kind} needs the scope {ADMIN_SCOPE}."


def without_effect(credential: Credential) -> str:
    """Return, as sentences, what `admin_access` needs to have an effect."""
    known = credential.lacks_scope(ADMIN_SCOPE)
    lacks = "does not have" if known else "needs"
    return (
        f"admin_access = true only has an effect with the scope {ADMIN_SCOPE}, which the {credential.kind} from "
        f"{credential.source} {lacks}. It can be added at {credential.page}."
    )


_LIMITED = "the permission of its user may be limited to other schemas."
