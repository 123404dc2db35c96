"""What a caller may do with a settings object: owner, accessors, admin access. Pure.

An object made with an API token has no owner and is open to everyone with the scopes; one made with platform
credentials is its owner's alone, until permissions say otherwise. Source: Settings API 2.0, "Owner-based access
control"; that all-users permissions also open an object to API tokens is inferred.
"""

from __future__ import annotations

from dataclasses import dataclass

from dynatrace_sandbox.tenant.credentials import Credential
from dynatrace_sandbox.tenant.objects import Accessor, SettingsObject

ALL_USERS: Accessor = ("all-users", "")


@dataclass(frozen=True)
class Caller:
    """A credential at work; `admin` is set where `adminAccess=true` was asked for and granted."""

    credential: Credential
    admin: bool = False

    @property
    def name(self) -> str:
        """Who appears as author: the user, or the public part of an API token."""
        return self.credential.user.id if self.credential.user else self.credential.public


def permissions(settings_object: SettingsObject, caller: Caller) -> set[str]:
    """Return the object permissions of a caller: none, `{"r"}` or `{"r", "w"}`."""
    user = caller.credential.user
    if caller.admin or settings_object.owner is None or (user and user.id == settings_object.owner):
        return {"r", "w"}
    mine: set[Accessor] = {ALL_USERS}
    if user:
        mine |= {("user", user.id)} | {("group", group) for group in user.groups}
    return {letter for accessor in mine for letter in settings_object.accessors.get(accessor, ())}


def operations(settings_object: SettingsObject, caller: Caller) -> list[str]:
    """Return `resourceContext.operations`: read, and with write permission also write and delete."""
    allowed = permissions(settings_object, caller)
    return ["read"] * ("r" in allowed) + ["write", "delete"] * ("w" in allowed)
