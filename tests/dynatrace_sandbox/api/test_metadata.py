"""The platform's metadata over HTTP. Source: docs/design/0008-sources.md#classic-environment-domain."""

import pytest

from tests.dynatrace_sandbox.in_process import Tenant

DOMAIN = "/platform/metadata/v1/classic-environment-domain"


@pytest.mark.parametrize("credentials", ["platform-token", "oauth"])
def test_the_classic_domain_is_the_sandbox_itself(tenant: Tenant, credentials: str) -> None:
    """Requests with API tokens go to the URL that the caller has used."""
    response = tenant.call("GET", DOMAIN, credentials, headers={"Host": "localhost:8085"})

    assert (response.status_code, response.json()) == (200, {"domain": "http://localhost:8085"})


def test_the_classic_domain_needs_a_scope(tenant: Tenant) -> None:
    """The one that Monaco names in its error."""
    response = tenant.call("GET", DOMAIN, "settings-only-platform-token")

    assert response.status_code == 403
    assert "app-engine:apps:run" in response.json()["error"]["message"]


@pytest.mark.parametrize(
    ("credentials", "status"),
    [("", 401), ("api-token", 401), ("expired-platform-token", 401), ("other-environment-oauth", 403)],
)
def test_the_classic_domain_needs_platform_credentials(tenant: Tenant, credentials: str, status: int) -> None:
    """Like every path below /platform."""
    assert tenant.call("GET", DOMAIN, credentials).status_code == status
