"""Who may do what with an object over HTTP: credential x owner x permissions x operation, as one table.

Source: docs/design/0008-sources.md#settings-concepts, #settings-permissions-api and #settings-transfer-ownership. The
guide "Credentials and owners" tells the same.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
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
    """Every operation on an object of its own, so that none changes the outcome of another."""
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
