"""What a credential may do, as Dynatrace says it without trying. Against the sandbox and against strange answers."""

from __future__ import annotations

import asyncio

import httpx2
import pytest

from terraform_provider_dynatrace.aws.connection import SCHEMA_ID
from terraform_provider_dynatrace.client.apis import ADMIN_SCOPE
from terraform_provider_dynatrace.client.auth import PlatformToken
from terraform_provider_dynatrace.settings.effective_permissions import EffectivePermissions, Rights
from tests.terraform_provider_dynatrace.far_end import FarEnd, client_of, json, refusal
from tests.terraform_provider_dynatrace.in_process import Tenant

WRITE = "settings:objects:write"
TOKEN = PlatformToken("dt0s16.PUBLIC.SECRETPART", source="platform_token")


@pytest.mark.parametrize(
    ("credential", "rights"),
    [
        ("platform-token", Rights(write=True, admin=True)),
        ("oauth", Rights(write=True, admin=True)),
        ("connections-admin-platform-token", Rights(write=True, admin=True)),
        ("other-admin-platform-token", Rights(write=True, admin=False)),
        ("read-only-platform-token", Rights(write=False, admin=False)),
        ("powerless-platform-token", Rights()),
        ("api-token", Rights()),
    ],
)
async def test_rights_follow_the_credential(credential: str, rights: Rights) -> None:
    """A credential that cannot ask, and an API token, which has no user, leave everything open."""
    client = Tenant().client(credential)

    assert await EffectivePermissions(client, SCHEMA_ID, "environment").rights() == rights


async def test_what_the_login_refused_is_known_to_be_missing() -> None:
    """This client has no scope to ask with: its login gives reading only."""
    client = Tenant().client("read-only-oauth")

    assert await EffectivePermissions(client, SCHEMA_ID, "environment").rights() == Rights(write=False, admin=False)


async def test_rights_are_asked_for_once() -> None:
    """However many resources want to know."""
    tenant = Tenant()
    asked = EffectivePermissions(tenant.client("platform-token"), SCHEMA_ID, "environment")

    await asyncio.gather(*(asked.rights() for _ in range(20)))

    assert len(tenant.requests()) == 1


@pytest.mark.parametrize(
    ("answer", "rights"),
    [
        (json([]), Rights()),
        (json([{"permission": WRITE, "granted": "condition"}]), Rights()),
        (
            json([{"permission": WRITE, "granted": True}, {"permission": ADMIN_SCOPE, "granted": False}]),
            Rights(write=True, admin=False),
        ),
        (json([{"permission": WRITE, "granted": None}, {"permission": "other", "granted": "false"}]), Rights()),
        (json({"permissions": []}), Rights()),
        (json([{}]), Rights()),
        (httpx2.Response(200, content=b"<html>"), Rights()),
        (httpx2.Response(204), Rights()),
        (refusal(403, "Insufficient permissions. Missing scopes: settings:schemas:read"), Rights()),
        (refusal(404, "Not found"), Rights()),
        (refusal(405, "Method not allowed"), Rights()),
        (refusal(500, "Internal error"), Rights()),
    ],
)
async def test_every_other_answer_leaves_open_what_it_does_not_say(answer: httpx2.Response, rights: Rights) -> None:
    """The endpoint may not exist, and nothing depends on it."""
    client = client_of(FarEnd(answer), credential=TOKEN)

    assert await EffectivePermissions(client, SCHEMA_ID, "environment").rights() == rights
