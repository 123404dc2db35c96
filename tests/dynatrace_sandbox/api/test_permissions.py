"""Who may do what with an object over HTTP: credential x owner x permissions x operation, as one table.

Source: docs/design/0008-sources.md#settings-concepts, #settings-permissions-api and #settings-transfer-ownership. The
table in the guide "Credentials and owners" is tested row by row, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest

from dynatrace_sandbox.api.app import PLATFORM
from dynatrace_sandbox.tenant.access import ALL_USERS
from dynatrace_sandbox.tenant.credentials import AUDITORS, COLLEAGUE, OWNER, TEAM
from dynatrace_sandbox.tenant.objects import Identity
from tests.dynatrace_sandbox.in_process import SCHEMA, Tenant, objects, web_identity

Accessors = dict[Identity, tuple[str, ...]]
MINE: Identity = ("user", OWNER.id)
THEIRS: Identity = ("group", AUDITORS)
R, W = ("r",), ("r", "w")
ADMIN = {"adminAccess": "true"}
NOTHING: Accessors = {}

READ, WRITE, SHARE, TRANSFER = "read", "write", "share", "transfer"
EVERYTHING = {READ, WRITE, SHARE, TRANSFER}

TABLE: list[tuple[Identity | None, Accessors, str, dict[str, str], set[str]]] = [
    # A public object: everybody with the scopes, and nobody can transfer it.
    (None, NOTHING, "api-token", {}, {READ, WRITE}),
    (None, NOTHING, "stranger-platform-token", {}, {READ, WRITE, SHARE}),
    (None, NOTHING, "admin-platform-token", ADMIN, {READ, WRITE, SHARE}),
    (None, NOTHING, "read-only-api-token", {}, {READ}),
    (None, NOTHING, "read-only-platform-token", {}, {READ}),
    (None, NOTHING, "powerless-api-token", {}, set()),
    # A private object: its owner alone, as far as the scopes go.
    (MINE, NOTHING, "platform-token", {}, EVERYTHING),
    (MINE, NOTHING, "oauth", {}, EVERYTHING),
    (MINE, NOTHING, "read-only-platform-token", {}, {READ}),
    (MINE, NOTHING, "read-only-oauth", {}, {READ}),
    (MINE, NOTHING, "powerless-platform-token", {}, set()),
    (MINE, NOTHING, "colleague-platform-token", {}, set()),
    (MINE, NOTHING, "api-token", {}, set()),
    # Administrators act as the owner if they ask for it, and if their permission covers the schema.
    (MINE, NOTHING, "admin-platform-token", {}, set()),
    (MINE, NOTHING, "admin-platform-token", ADMIN, EVERYTHING),
    (MINE, NOTHING, "connections-admin-platform-token", ADMIN, EVERYTHING),
    (MINE, NOTHING, "other-admin-platform-token", ADMIN, set()),
    (MINE, NOTHING, "colleague-platform-token", ADMIN, set()),
    (MINE, NOTHING, "api-token", ADMIN, set()),
    # Permissions of a user, of a group, of all users. Writing includes sharing, and not transferring.
    (MINE, {("user", COLLEAGUE.id): R}, "colleague-platform-token", {}, {READ}),
    (MINE, {("user", COLLEAGUE.id): W}, "colleague-oauth", {}, {READ, WRITE, SHARE}),
    (MINE, {("group", TEAM): R}, "colleague-platform-token", {}, {READ}),
    (MINE, {("group", TEAM): W}, "colleague-platform-token", {}, {READ, WRITE, SHARE}),
    (MINE, {("group", TEAM): W}, "stranger-platform-token", {}, set()),
    (MINE, {ALL_USERS: R}, "stranger-platform-token", {}, {READ}),
    (MINE, {ALL_USERS: W}, "stranger-platform-token", {}, {READ, WRITE, SHARE}),
    (MINE, {ALL_USERS: R}, "api-token", {}, {READ}),
    (MINE, {ALL_USERS: W}, "api-token", {}, {READ, WRITE}),
    (MINE, {ALL_USERS: R}, "admin-platform-token", ADMIN, EVERYTHING),
    # A group as the owner: each of its members, and who is listed.
    (THEIRS, NOTHING, "colleague-platform-token", {}, EVERYTHING),
    (THEIRS, NOTHING, "platform-token", {}, set()),
    (THEIRS, NOTHING, "platform-token", ADMIN, EVERYTHING),
    (THEIRS, NOTHING, "api-token", {}, set()),
    (THEIRS, {MINE: R}, "platform-token", {}, {READ}),
    (THEIRS, {MINE: W}, "platform-token", {}, {READ, WRITE, SHARE}),
    (THEIRS, {ALL_USERS: R}, "stranger-platform-token", {}, {READ}),
    # All users as the owner.
    (ALL_USERS, NOTHING, "stranger-platform-token", {}, EVERYTHING),
    (ALL_USERS, NOTHING, "api-token", {}, {READ, WRITE}),
]

REFUSED = {400, 401, 403}


@pytest.mark.parametrize(("owner", "accessors", "credentials", "query", "allowed"), TABLE)
def test_the_table_of_owners_and_permissions(
    owner: Identity | None, accessors: Accessors, credentials: str, query: dict[str, str], allowed: set[str]
) -> None:
    """What is allowed works, and everything else is refused."""
    check(owner, accessors, credentials, query, allowed)


GUIDE = Path(__file__).parent.parent.parent.parent / "docs" / "guides" / "credentials-and-owners.md"
ROWS = re.findall(
    r"^\| (none|anybody|a user|a group) \| (.*?) \| (.*?) \| (.*?) \|$", GUIDE.read_text(encoding="utf-8"), re.MULTILINE
)
OWNERS: dict[str, list[Identity | None]] = {
    "none": [None],
    "a user": [MINE],
    "a group": [THEIRS],
    "anybody": [MINE, THEIRS],
}
ANOTHER = {MINE: ("colleague-platform-token", COLLEAGUE), THEIRS: ("platform-token", OWNER)}
LEVELS = {"read": R, "write": W}


def test_the_guide_has_the_table() -> None:
    """A row with other words would not be tested."""
    text = GUIDE.read_text(encoding="utf-8").partition("| Owner of the object |")[2].partition("\n\n")[0]

    assert len(ROWS) == text.count("\n") - 1 > 10


@pytest.mark.parametrize(("owner", "accessor", "credential", "can"), ROWS)
def test_the_guide_tells_who_can_do_what(owner: str, accessor: str, credential: str, can: str) -> None:
    """A row of the guide holds for a user or a group of the sandbox that the row is about."""
    for whose in OWNERS[owner]:
        another, user = ANOTHER.get(whose or MINE, ANOTHER[MINE])
        name, _, level = accessor.replace("`", "").partition(", ")
        granted: Accessors = {
            "nobody": {},
            "anybody": {},
            "this user": {("user", user.id): LEVELS.get(level, ())},
            "a group of this user": {("group", TEAM): LEVELS.get(level, ())},
            "all users": {ALL_USERS: LEVELS.get(level, ())},
        }[name]
        credentials, query = {
            "API token": ("api-token", {}),
            "platform credentials of any user": ("stranger-platform-token", {}),
            "platform credentials of this user": ("platform-token", {}),
            "platform credentials of another user": (another, {}),
            "platform credentials of a member": ("colleague-platform-token", {}),
            "platform credentials with `admin_access`": ("admin-platform-token", ADMIN),
        }[credential]
        check(whose, granted, credentials, query, set() if can == "nothing" else {*can.split(", ")})


def check(
    owner: Identity | None, accessors: Accessors, credentials: str, query: dict[str, str], allowed: set[str]
) -> None:
    """Try every operation on an object of its own, so that none changes the outcome of another."""
    tenant = Tenant()
    own = objects(credentials)
    platform = f"{PLATFORM}/settings/objects"
    names: list[str] = []

    def send(method: str, path: Callable[[str], str], **more: Any) -> httpx2.Response:
        names.append(f"connection {len(names)}")
        object_id = tenant.create(names[-1], "platform-token")
        store = tenant.sandbox.environment.store
        store.put(replace(tenant.sandbox.environment.known(object_id), owner=owner, accessors=accessors))
        params = query | more.pop("params", {})
        return tenant.call(method, path(object_id), credentials, params=params, **more)

    share = {"accessor": {"type": "user", "id": COLLEAGUE.id.replace("a", "b")}, "permissions": ["r"]}
    new = {"value": web_identity("another name")}
    responses = {
        READ: [
            send("GET", lambda one: f"{own}/{one}"),
            *([] if "api-token" in credentials else [send("GET", lambda one: f"{platform}/{one}/permissions")]),
        ],
        WRITE: [
            send("PUT", lambda one: f"{own}/{one}", json=new, params={"validateOnly": "true"}),
            send("PUT", lambda one: f"{own}/{one}", json=new),
            send("DELETE", lambda one: f"{own}/{one}"),
        ],
        SHARE: [send("POST", lambda one: f"{platform}/{one}/permissions", json=share)],
        TRANSFER: [
            send(
                "POST",
                lambda one: f"{platform}/{one}:transfer-ownership",
                json={"newOwner": {"type": "group", "id": TEAM}},
            )
        ],
    }

    for operation, found in responses.items():
        statuses = {response.status_code for response in found}
        assert statuses <= ({200, 201, 204} if operation in allowed else REFUSED), (operation, statuses)
    listed = tenant.call("GET", own, credentials, params={"schemaIds": SCHEMA, "fields": "resourceContext"} | query)
    items = listed.json().get("items", [])
    assert bool(items) == (READ in allowed)
    if READ in allowed and "read-only" not in credentials:  # the operations follow the object, and not the scopes
        assert {"write" in item["resourceContext"]["operations"] for item in items} == {WRITE in allowed}
