"""What a caller may do with an object. Source: docs/design/0008-sources.md#settings-concepts."""

import pytest

from dynatrace_sandbox.tenant.access import ALL_USERS, Caller, modification_info, permissions, resource_context
from dynatrace_sandbox.tenant.credentials import AUDITORS, COLLEAGUE, OWNER, STRANGER, TEAM, new_credentials
from dynatrace_sandbox.tenant.objects import Identity, SettingsObject
from dynatrace_sandbox.tenant.releases import load_schemas
from tests.dynatrace_sandbox.in_process import SCHEMA

CREDENTIALS = new_credentials()
CONNECTIONS = load_schemas()[SCHEMA]
READ, WRITE = ("r",), ("r", "w")
MINE: Identity = ("user", OWNER.id)


def settings_object(owner: Identity | None, accessors: dict[Identity, tuple[str, ...]]) -> SettingsObject:
    return SettingsObject(
        *("id", SCHEMA, "1", "environment", {}, "x"),
        *(0, 0, 1, "x", "x"),
        owner=owner,
        accessors=accessors,
    )


@pytest.mark.parametrize(
    ("credentials", "owner", "accessors", "expected"),
    [
        ("api-token", None, {}, "rw"),
        ("stranger-platform-token", None, {}, "rw"),
        ("platform-token", MINE, {}, "rw"),
        ("oauth", MINE, {}, "rw"),
        ("colleague-platform-token", MINE, {}, ""),
        ("api-token", MINE, {}, ""),
        ("colleague-platform-token", MINE, {("user", COLLEAGUE.id): READ}, "r"),
        ("colleague-platform-token", MINE, {("user", COLLEAGUE.id): WRITE}, "rw"),
        ("colleague-platform-token", MINE, {("group", TEAM): READ, ("group", AUDITORS): WRITE}, "rw"),
        ("stranger-platform-token", MINE, {("group", TEAM): WRITE, ("user", COLLEAGUE.id): WRITE}, ""),
        ("stranger-platform-token", MINE, {ALL_USERS: READ}, "r"),
        ("api-token", MINE, {ALL_USERS: READ}, "r"),
        ("platform-token", ("user", STRANGER.id), {MINE: READ}, "r"),
        ("colleague-platform-token", MINE, {("group", COLLEAGUE.id): WRITE}, ""),
    ],
)
def test_permissions_follow_owner_and_accessors(
    credentials: str, owner: Identity | None, accessors: dict[Identity, tuple[str, ...]], expected: str
) -> None:
    """An object without an owner is public; else the owner has access, and user, groups and all users add up."""
    assert permissions(settings_object(owner, accessors), Caller(CREDENTIALS[credentials])) == set(expected)


@pytest.mark.parametrize(
    ("owner", "credentials", "expected"),
    [
        (("group", AUDITORS), "colleague-platform-token", "rw"),
        (("group", AUDITORS), "platform-token", ""),
        (("group", AUDITORS), "api-token", ""),
        (ALL_USERS, "stranger-platform-token", "rw"),
        (ALL_USERS, "api-token", "rw"),
    ],
)
def test_an_owner_can_be_a_group_or_all_users(owner: Identity, credentials: str, expected: str) -> None:
    """B14: `owner` is an Identity. Source: docs/design/0008-sources.md#settings-get-objects."""
    assert permissions(settings_object(owner, {}), Caller(CREDENTIALS[credentials])) == set(expected)


@pytest.mark.parametrize(
    ("credentials", "expected"),
    [
        ("admin-platform-token", "rw"),
        ("other-admin-platform-token", ""),
        ("stranger-platform-token", ""),
        ("api-token", ""),
    ],
)
def test_admin_access_needs_the_permission_for_the_schema(credentials: str, expected: str) -> None:
    """B11: `settings:objects:admin` holds for all schemas or for some; without it, `adminAccess` has no effect."""
    private = settings_object(MINE, {})

    assert permissions(private, Caller(CREDENTIALS[credentials], admin_access=True)) == set(expected)
    assert permissions(private, Caller(CREDENTIALS[credentials])) == set()


@pytest.mark.parametrize(
    ("accessors", "operations"),
    [({ALL_USERS: WRITE}, ["read", "write", "delete"]), ({ALL_USERS: READ}, ["read"]), ({}, [])],
)
def test_the_context_has_operations_and_modifications(
    accessors: dict[Identity, tuple[str, ...]], operations: list[str]
) -> None:
    """B8: all parts of `Modification`. Source: docs/design/0008-sources.md#settings-get-objects."""
    caller = Caller(CREDENTIALS["stranger-platform-token"])

    assert resource_context(CONNECTIONS, settings_object(MINE, accessors), caller) == {
        "operations": operations,
        "modifications": {
            "first": False,
            "movable": False,
            "modifiablePaths": ["name"],
            "nonModifiablePaths": ["type"],
        },
    }


def test_the_modification_info_says_the_same() -> None:
    """A6: deprecated, and still supported. Source: docs/design/0008-sources.md#settings-get-objects."""
    caller = Caller(CREDENTIALS["stranger-platform-token"])

    shown = [modification_info(CONNECTIONS, settings_object(MINE, {ALL_USERS: may}), caller) for may in (READ, WRITE)]

    assert [(one["modifiable"], one["deletable"], one["movable"], one["first"]) for one in shown] == [
        (False, False, False, False),
        (True, True, False, False),
    ]
    assert (shown[0]["modifiablePaths"], shown[0]["nonModifiablePaths"]) == (["name"], ["type"])
