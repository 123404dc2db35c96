"""The metadata of API tokens over HTTP. Source: docs/design/0008-sources.md#token-lookup."""

import re
from typing import Any

import pytest

from tests.dynatrace_sandbox.in_process import Tenant

LOOKUP = "/api/v2/apiTokens/lookup"


def looked_up(tenant: Tenant, name: str) -> dict[str, Any]:
    """Return the metadata of an API token by the name of its credential, after a look-up with another token."""
    token = tenant.sandbox.credentials[name].secret
    response = tenant.call("POST", LOOKUP, "powerless-api-token", json={"token": token})
    assert response.status_code == 200, response.text
    return dict(response.json())


def test_a_token_is_described_without_its_secret(tenant: Tenant) -> None:
    """ID, name, scopes, state and date of creation."""
    token = tenant.sandbox.credentials["api-token"]

    metadata = looked_up(tenant, "api-token")

    assert metadata["id"] == token.public
    assert (metadata["enabled"], metadata["personalAccessToken"]) == (True, False)
    assert metadata["scopes"] == ["settings.read", "settings.write"]
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", metadata["creationDate"])
    assert token.secret not in str(metadata)


def test_a_token_that_is_disabled_or_expired_says_so(tenant: Tenant) -> None:
    """`enabled` is false, or there is a date of expiry."""
    assert looked_up(tenant, "disabled-api-token")["enabled"] is False
    assert "expirationDate" in looked_up(tenant, "expired-api-token")
    assert "expirationDate" not in looked_up(tenant, "api-token")


@pytest.mark.parametrize("name", ["other-environment-api-token", "platform-token", "oauth"])
def test_what_is_not_an_api_token_of_the_environment_is_not_found(tenant: Tenant, name: str) -> None:
    """404 without a body, as the page has it."""
    response = tenant.call("POST", LOOKUP, json={"token": tenant.sandbox.credentials[name].secret})

    assert (response.status_code, response.text) == (404, "")


@pytest.mark.parametrize("body", [{}, {"token": None}, {"token": 7}, [], "x"])
def test_a_body_without_a_token_is_refused(tenant: Tenant, body: Any) -> None:
    """400 with an error envelope."""
    response = tenant.call("POST", LOOKUP, json=body)

    assert (response.status_code, response.json()["error"]["code"]) == (400, 400)


@pytest.mark.parametrize("credentials", ["", "platform-token", "expired-api-token"])
def test_a_lookup_needs_a_valid_api_token(tenant: Tenant, credentials: str) -> None:
    """Like every path below /api/v2."""
    assert tenant.call("POST", LOOKUP, credentials, json={"token": "x"}).status_code == 401
