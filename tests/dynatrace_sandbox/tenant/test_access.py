"""What a caller may do with an object: a table."""

import pytest

from dynatrace_sandbox.tenant.access import ALL_USERS, Caller, operations, permissions
from dynatrace_sandbox.tenant.credentials import AUDITORS, COLLEAGUE, OWNER, STRANGER, TEAM, new_credentials
from dynatrace_sandbox.tenant.objects import Accessor, SettingsObject

CREDENTIALS = new_credentials()


def settings_object(owner: str | None, accessors: dict[Accessor, tuple[str, ...]]) -> SettingsObject:
    return SettingsObject(
        *("id", "schema", "1", "environment", {}, "x"),
        *(0, 0, 1, "x", "x"),
        owner=owner,
        accessors=accessors,
    )


READ, WRITE = ("r",), ("r", "w")


@pytest.mark.parametrize(
    ("credentials", "owner", "accessors", "expected"),
    [
        ("api-token", None, {}, "rw"),
        ("stranger-platform-token", None, {}, "rw"),
        ("platform-token", OWNER.id, {}, "rw"),
        ("oauth", OWNER.id, {}, "rw"),
        ("colleague-platform-token", OWNER.id, {}, ""),
        ("api-token", OWNER.id, {}, ""),
        ("colleague-platform-token", OWNER.id, {("user", COLLEAGUE.id): READ}, "r"),
        ("colleague-platform-token", OWNER.id, {("user", COLLEAGUE.id): WRITE}, "rw"),
        ("colleague-platform-token", OWNER.id, {("group", TEAM): READ, ("group", AUDITORS): WRITE}, "rw"),
        ("stranger-platform-token", OWNER.id, {("group", TEAM): WRITE, ("user", COLLEAGUE.id): WRITE}, ""),
        ("stranger-platform-token", OWNER.id, {ALL_USERS: READ}, "r"),
        ("api-token", OWNER.id, {ALL_USERS: READ}, "r"),
        ("platform-token", STRANGER.id, {("user", OWNER.id): READ}, "r"),
        ("colleague-platform-token", OWNER.id, {("group", COLLEAGUE.id): WRITE}, ""),
    ],
)
def test_what_a_caller_may_do(
    credentials: str, owner: str | None, accessors: dict[Accessor, tuple[str, ...]], expected: str
) -> None:
    """Nobody's object is everybody's; else the owner, and the union of user, groups and all users."""
    caller = Caller(CREDENTIALS[credentials])

    assert permissions(settings_object(owner, accessors), caller) == set(expected)


def test_admin_access_may_everything() -> None:
    """As if the caller were the owner."""
    admin = Caller(CREDENTIALS["admin-platform-token"], admin=True)

    assert operations(settings_object(OWNER.id, {}), admin) == ["read", "write", "delete"]


def test_operations_follow_permissions() -> None:
    """Who may only read may neither write nor delete."""
    shared = settings_object(OWNER.id, {ALL_USERS: READ})

    assert operations(shared, Caller(CREDENTIALS["stranger-platform-token"])) == ["read"]
    assert operations(settings_object(OWNER.id, {}), Caller(CREDENTIALS["stranger-platform-token"])) == []
