"""One settings object as we know it, and how the Settings API writes it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec import Struct

from terraform_provider_dynatrace.client.errors import UnexpectedResponse

if TYPE_CHECKING:
    from collections.abc import Mapping

# What a list has to be asked for so that its items say as much as an object read by its id.
FIELDS = "objectId,value,updateToken,owner,externalId,schemaId,schemaVersion,resourceContext"


class SettingsObject(Struct, frozen=True):
    """A settings object.

    `value` is the JSON value under its schema and is never changed in place. `update_token` is None where the object
    was written and not read since. `owner` is None for an object without owner (public) and where it is not known;
    `operations` are what the credential may do: of `read`, `write`, `delete`, empty where it is not known. Source:
    `GET /settings/objects/{objectId}`.
    """

    object_id: str
    value: Mapping[str, Any]
    update_token: str | None = None
    owner: str | None = None
    external_id: str | None = None
    schema_id: str | None = None
    schema_version: str | None = None
    operations: frozenset[str] = frozenset()


def settings_object(item: Any, object_id: str | None = None) -> SettingsObject:
    """Return the object that the API wrote as `item`; `object_id` is the id it was asked for.

    Raises `UnexpectedResponse` for what holds no id or no value.
    """
    found = item if isinstance(item, dict) else {}
    name, value = found.get("objectId", object_id), found.get("value")
    if not isinstance(name, str) or not name or not isinstance(value, dict):
        raise UnexpectedResponse(
            "Dynatrace's answer has an unknown form",
            "An object in the answer of the Settings API has no objectId or no value. Is this a Dynatrace environment?",
        )
    return SettingsObject(
        object_id=name,
        value=value,
        update_token=_text(found.get("updateToken")),
        owner=_owner(found.get("owner")),
        external_id=_text(found.get("externalId")),
        schema_id=_text(found.get("schemaId")),
        schema_version=_text(found.get("schemaVersion")),
        operations=_operations(found.get("resourceContext")),
    )


def _text(found: Any) -> str | None:
    return found if isinstance(found, str) and found else None


def _owner(found: Any) -> str | None:
    """Return the owner's id; the API writes it as an identity `{type, id}`, older versions as text."""
    return _text(found.get("id")) if isinstance(found, dict) else _text(found)


def _operations(context: Any) -> frozenset[str]:
    operations = context.get("operations") if isinstance(context, dict) else None
    return (
        frozenset(name for name in operations if isinstance(name, str)) if isinstance(operations, list) else frozenset()
    )
