"""Whose a connection is and what the credential may do with it, in data sources and list resources."""

from __future__ import annotations

from typing import TYPE_CHECKING

from terraform_plugin import Attribute, Bool, Error, Nested, Path, Set, String
from terraform_provider_dynatrace.connections.identities import same_spelling, uuid_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from terraform_plugin import Value
    from terraform_provider_dynatrace.settings.model import SettingsObject

ALL_USERS = "all-users"
NO_OWNER = "none"
PUBLIC = "everyone with settings permissions can read and change the connection"
"""What it means that a connection has no owner."""

ACCESS = {
    "owner": Attribute(
        Nested(
            "single",
            {
                "type": Attribute(String, "`user`, `group` or `all-users`.", computed=True),
                "id": Attribute(String, "The UUID of the user or the group; `null` for all users.", computed=True),
            },
        ),
        "Whose the connection is; `null` if it has no owner, as one that was created with an API token.",
        computed=True,
    ),
    "public": Attribute(
        Bool,
        "Whether everyone with settings permissions can read and change the connection, because it has no owner or "
        "all users own it.",
        computed=True,
    ),
    "allowed_operations": Attribute(
        Set(String),
        "What the owner and the permissions of the connection allow the credential to do with it: `read`, `write`, "
        "`delete`. The credential needs the scope for it, too. `null` if Dynatrace does not say.",
        computed=True,
    ),
}
"""What data sources show of the access to a connection."""


def describe_access(found: SettingsObject) -> dict[str, Value]:
    """Return the attributes `ACCESS` of a connection. Of an owner in an unknown form, type and ID are null."""
    owner = found.owner
    return {
        "owner": owner and {"type": owner.type or None, "id": owner.id or None},
        "public": owner is None or owner.type == ALL_USERS,
        "allowed_operations": None if found.operations is None else sorted(found.operations),
    }


def access_in_words(found: SettingsObject) -> str:
    """Return whose a connection is and whether the credential may change it, as part of a sentence."""
    if found.owner is None:
        return f"none; {PUBLIC}"
    if found.operations is None:
        return f"{found.owner}; whether this credential may change the connection is not known"
    may = "may" if {"write", "delete"} <= found.operations else "may not"
    return f"{found.owner}; this credential {may} change the connection"


def _is_owner(value: str, path: Path) -> Iterator[Error]:
    if value != NO_OWNER:
        yield from uuid_of("user or group")(value, path)


OWNER_FILTER = {
    "owner": Attribute(
        String,
        f"Only connections that belong to the user or group with this UUID; `{NO_OWNER}`: only those without an owner.",
        optional=True,
        validators=[_is_owner],
    )
}
"""The filter that data sources and list resources have for owners."""


def has_owner(found: SettingsObject, filters: Mapping[str, Value]) -> bool:
    """Return whether a connection matches `OWNER_FILTER`."""
    wanted = filters["owner"]
    if wanted is None:
        return True
    if wanted == NO_OWNER:
        return found.owner is None
    return found.owner is not None and same_spelling(found.owner.id) == same_spelling(wanted)
