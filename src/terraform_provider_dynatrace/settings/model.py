"""One settings object, and how the Settings API writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec
from msgspec import Struct

from terraform_provider_dynatrace.client.errors import UnexpectedResponse
from terraform_provider_dynatrace.client.json import Json, check_depth

if TYPE_CHECKING:
    from collections.abc import Mapping

FIELDS = "objectId,value,updateToken,owner,schemaId,resourceContext"
"""What a list must ask for so that its items say as much as an object that is read by its ID."""


class Owner(Struct, frozen=True):
    """Who owns a settings object. Both are empty if the response has an owner in a form that is not documented."""

    type: str = ""
    """`user`, `group` or `all-users`."""
    id: str = ""
    """UUID of the user or the group; empty for all users."""

    def __str__(self) -> str:
        if not self.type and not self.id:
            return "an owner in an unknown form"
        return "all users" if self.type == "all-users" else f"{self.type or 'owner'} {self.id}".rstrip()


class SettingsObject(Struct, frozen=True):
    """A settings object. Source: docs/design/0008-sources.md#settings-api, `GET objects/{id}`."""

    object_id: str
    value: Mapping[str, Json]
    """Its JSON value under its schema; never changed in place."""
    update_token: str | None = None
    """What a change of this version of the object must send; None if the object was written and not read since."""
    owner: Owner | None = None
    """None if the response names no owner. Such an object is public, unless the API left the owner out."""
    schema_id: str | None = None
    """None if the response does not say."""
    operations: frozenset[str] | None = None
    """What its owner and its permissions allow the credential to do: `read`, `write`, `delete`.

    None if the response does not say. Whether scopes count is not documented, so a scope may be missing, too. Source:
    docs/design/0008-sources.md#settings-get-objects, `resourceContext`.
    """


class _Item(Struct, rename="camel", frozen=True):
    value: dict[str, Json]
    object_id: str | None = None
    update_token: str | None = None
    owner: Json = None
    schema_id: str | None = None
    resource_context: Json = None

    def __post_init__(self) -> None:
        """Raise `ValueError` for a value that is nested too deeply."""
        check_depth(self.value)


class _Identity(Struct, frozen=True):
    type: str | None = None
    id: str | None = None


class _ResourceContext(Struct, frozen=True):
    operations: frozenset[str]


def settings_object(item: Json | msgspec.Raw, object_id: str | None = None) -> SettingsObject:
    """Return the object that the API wrote as `item`, decoded or not; `object_id` is the ID that was asked for.

    Raises `UnexpectedResponse` for an item without ID or value, or in another form.
    """
    try:
        found = msgspec.json.decode(item, type=_Item) if isinstance(item, msgspec.Raw) else msgspec.convert(item, _Item)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _unexpected(str(error)) from None
    name = found.object_id or object_id
    if not name:
        raise _unexpected("it has no objectId")
    return SettingsObject(
        name,
        found.value,
        found.update_token or None,
        _owner(found.owner),
        found.schema_id or None,
        _operations(found.resource_context),
    )


def _owner(found: Json) -> Owner | None:
    """Return the owner: an identity `{type, id}`, or its ID as text, as older versions of the API write it.

    How the API writes that there is no owner is not documented: anything empty counts as that.
    """
    if isinstance(found, str):
        return Owner("user", found) if found else None
    if not found:
        return None
    try:
        identity = msgspec.convert(found, _Identity)
    except msgspec.ValidationError:
        return Owner()
    if not identity.type and not identity.id:
        # Neither null nor an owner that can be read. To call the object public would be a guess.
        return Owner() if set(found) - {"type", "id"} else None
    return Owner(identity.type or "", identity.id or "")


def _operations(context: Json) -> frozenset[str] | None:
    """Return the operations of a resource context, None for none or for one in a form that is not documented."""
    try:
        return msgspec.convert(context, _ResourceContext).operations
    except msgspec.ValidationError:
        return None


def _unexpected(reason: str) -> UnexpectedResponse:
    return UnexpectedResponse(
        "Unexpected response from Dynatrace",
        f"A settings object in the response of the Settings API cannot be read: {reason}. Check that the "
        "environment URL is that of a Dynatrace environment. If it is, use a newer release of this provider, or report "
        "this.",
    )
