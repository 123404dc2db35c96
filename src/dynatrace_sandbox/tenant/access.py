"""What a caller may do with a settings object: as owner, as accessor, with admin access. Pure functions.

An object that an API token created has no owner and is open to everybody with the scopes. One that platform credentials
created is its owner's alone, until permissions say otherwise. Source: docs/design/0008-sources.md#settings-concepts.
That permissions for all users also open an object to API tokens is inferred, and so is that every member of a group
that owns an object is its owner.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from dynatrace_sandbox.tenant.credentials import OBJECTS_ADMIN, Credential
from dynatrace_sandbox.tenant.objects import Identity, SettingsObject
from dynatrace_sandbox.tenant.releases import Schema

ALL_USERS: Identity = ("all-users", "")


@dataclass(frozen=True)
class Caller:
    """A credential, and how it is used."""

    credential: Credential
    admin_access: bool = False
    """Whether the request has `adminAccess=true`."""

    @property
    def name(self) -> str:
        """Who appears as author: the user, or the public part of an API token."""
        return self.credential.user.id if self.credential.user else self.credential.public

    @property
    def identities(self) -> set[Identity]:
        """The identities with which an owner or an accessor means this caller: its user, its groups, and all users."""
        user = self.credential.user
        groups = {("group", group) for group in user.groups} if user else set()
        return {ALL_USERS} | groups | ({("user", user.id)} if user else set())

    def acts_as_owner(self, settings_object: SettingsObject) -> bool:
        """Return whether the caller is the owner or has admin access, or the object has no owner."""
        return settings_object.owner in (None, *self.identities) or self._is_admin_of(settings_object.schema_id)

    def may_transfer(self, settings_object: SettingsObject) -> bool:
        """Return whether the caller may give an object that has an owner to another one.

        Source: docs/design/0008-sources.md#settings-transfer-ownership: the owner, or an administrator. Write
        permission is not enough.
        """
        return settings_object.owner in self.identities or self._is_admin_of(settings_object.schema_id)

    def _is_admin_of(self, schema_id: str) -> bool:
        # "If set to true and user has settings:objects:admin permission": without the permission the parameter has no
        # effect. Source: docs/design/0008-sources.md#settings-concepts.
        return self.admin_access and is_admin(self.credential, schema_id)


def is_admin(credential: Credential, schema_id: str | None = None) -> bool:
    """Return whether a credential has the permission `settings:objects:admin` for a schema, or without one for all.

    The permission can be limited to schemas. Source: docs/design/0008-sources.md#settings-concepts.
    """
    user = credential.user
    if user is None or OBJECTS_ADMIN not in credential.scopes:
        return False
    return user.admin_schemas is None or schema_id in user.admin_schemas


def permissions(settings_object: SettingsObject, caller: Caller) -> set[str]:
    """Return the object permissions of a caller: none, `{"r"}` or `{"r", "w"}`."""
    if caller.acts_as_owner(settings_object):
        return {"r", "w"}
    accessors = settings_object.accessors
    return {letter for identity in caller.identities for letter in accessors.get(identity, ())}


def resource_context(schema: Schema, settings_object: SettingsObject, caller: Caller) -> dict[str, Any]:
    """Return the API's `ResourceContext`. Source: docs/design/0008-sources.md#settings-get-objects."""
    allowed = permissions(settings_object, caller)
    operations = (["read"] if "r" in allowed else []) + (["write", "delete"] if "w" in allowed else [])
    return {"operations": operations, "modifications": _modifications(schema)}


def modification_info(schema: Schema, settings_object: SettingsObject, caller: Caller) -> dict[str, Any]:
    """Return the deprecated `ModificationInfo`, which a list has if asked for."""
    writable = "w" in permissions(settings_object, caller)
    return {"deletable": writable, "modifiable": writable} | _modifications(schema)


def _modifications(schema: Schema) -> dict[str, Any]:
    """Return the API's `Modification`. That its paths come from the modification policies is inferred."""
    policies = {name: rule.get("modificationPolicy") for name, rule in schema["properties"].items()}
    return {
        "first": False,
        "movable": False,
        "modifiablePaths": [name for name, policy in policies.items() if policy == "ALWAYS"],
        "nonModifiablePaths": [name for name, policy in policies.items() if policy == "NEVER"],
    }
