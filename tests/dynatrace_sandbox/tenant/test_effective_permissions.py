"""Effective permissions. Source: docs/design/0008-sources.md#settings-effective-permissions."""

from typing import Any

import pytest

from dynatrace_sandbox.api.app import CLASSIC, PLATFORM
from dynatrace_sandbox.tenant.credentials import OBJECTS_ADMIN, OBJECTS_READ, OBJECTS_WRITE
from dynatrace_sandbox.tenant.effective_permissions import MOST_PERMISSIONS
from tests.dynatrace_sandbox.in_process import SCHEMA, Tenant

PATH = f"{PLATFORM}/settings/effective-permissions:resolve"
CONTEXT = {"schemaId": SCHEMA, "scope": "environment"}


def granted(tenant: Tenant, credentials: str, **context: Any) -> dict[str, str]:
    wanted = [{"permission": one} | context for one in (OBJECTS_READ, OBJECTS_WRITE, OBJECTS_ADMIN)]
    response = tenant.call("POST", PATH, credentials, json={"permissions": wanted})
    assert response.status_code == 200, response.text
    assert [{"permission": item["permission"]} | context for item in response.json()] == wanted
    return {item["permission"].rpartition(":")[2]: item["granted"] for item in response.json()}


@pytest.mark.parametrize(
    ("credentials", "expected"),
    [
        ("platform-token", ("true", "true", "true")),
        ("oauth", ("true", "true", "true")),
        ("read-only-platform-token", ("true", "false", "false")),
        ("colleague-oauth", ("true", "true", "false")),
        ("connections-admin-platform-token", ("true", "true", "true")),
        ("other-admin-platform-token", ("true", "true", "false")),
    ],
)
def test_permissions_follow_the_scopes_and_the_schemas_of_the_user(
    tenant: Tenant, credentials: str, expected: tuple[str, str, str]
) -> None:
    """For one schema, each is granted or not; the response repeats the context."""
    assert granted(tenant, credentials, context=CONTEXT) == dict(zip(("read", "write", "admin"), expected, strict=True))


@pytest.mark.parametrize(
    ("credentials", "admin"), [("connections-admin-platform-token", "condition"), ("admin-platform-token", "true")]
)
def test_a_permission_for_some_schemas_is_conditional_without_a_context(
    tenant: Tenant, credentials: str, admin: str
) -> None:
    """`condition`: the request does not say for which schema."""
    assert granted(tenant, credentials)["admin"] == admin


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ([], 400),
        ({}, 400),
        ({"permissions": [{}]}, 400),
        ({"permissions": [OBJECTS_READ]}, 400),
        ({"permissions": [{"permission": "settings:objects:delete"}]}, 400),
        ({"permissions": [{"permission": OBJECTS_READ, "context": {}}]}, 400),
        ({"permissions": [{"permission": OBJECTS_READ, "context": {"schemaId": "none"}}]}, 404),
        ({"permissions": [{"permission": OBJECTS_READ}] * (MOST_PERMISSIONS + 1)}, 400),
        ({"permissions": []}, 200),
    ],
)
def test_what_cannot_be_resolved_is_refused(tenant: Tenant, body: Any, status: int) -> None:
    """400; 404 for a schema that does not exist, which is inferred."""
    assert tenant.call("POST", PATH, "platform-token", json=body).status_code == status


def test_resolving_takes_platform_credentials_with_the_scope_for_schemas(tenant: Tenant) -> None:
    """403 without `settings:schemas:read`; the classic path has no such endpoint."""
    body: dict[str, Any] = {"permissions": []}

    assert tenant.call("POST", PATH, "powerless-platform-token", json=body).status_code == 403
    assert tenant.call("POST", PATH, "api-token", json=body).status_code == 401
    assert tenant.call("POST", PATH.replace(PLATFORM, CLASSIC), "api-token", json=body).status_code == 404
