"""No path of the Dynatrace side serves a web page."""

import pytest

from tests.dynatrace_sandbox.in_process import Tenant, creation, objects

EVIL = {"Origin": "https://evil.example", "Content-Type": "text/plain"}
"""What a browser adds to a POST of another site's page, which it sends without a preflight."""


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8085", "localhost:1", "LOCALHOST"])
def test_the_names_of_this_machine_are_served(tenant: Tenant, host: str) -> None:
    """With any port, in any case."""
    assert tenant.call("GET", "/login", "", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("host", ["", "example.com", "127.0.0.1.example.com", "127.0.0.1:evil", "[::1]"])
@pytest.mark.parametrize("path", ["/login", "/sandbox/credentials", objects(), "/nothing"])
def test_another_host_name_is_misdirected(tenant: Tenant, host: str, path: str) -> None:
    """421 on every path: a page cannot come in by rebinding a name of its own."""
    assert tenant.call("GET", path, headers={"Host": host}).status_code == 421


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "/sandbox/reset"),
        ("POST", "/sandbox/faults/1/release"),
        ("POST", "/sandbox/faults"),
        ("DELETE", "/sandbox/faults"),
        ("DELETE", "/sandbox/tokens"),
        ("PATCH", "/sandbox/options"),
        ("OPTIONS", "/sandbox/options"),
        ("GET", "/sandbox/requests?count=999999999"),
        ("GET", "/sandbox/credentials"),
        ("GET", "/sandbox/faults/1?holding=9"),
        ("POST", objects()),
        ("POST", "/sso/oauth2/token"),
        ("GET", "/.well-known/jwks.json"),
        ("GET", "/nothing"),
    ],
)
@pytest.mark.parametrize("headers", [EVIL, {"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"}])
def test_a_web_page_is_forbidden(tenant: Tenant, method: str, path: str, headers: dict[str, str]) -> None:
    """403 on every path, with or without a preflight; nothing changes, and nothing tells the page what is there."""
    object_id = tenant.create("connection")

    response = tenant.call(method, path, json=[creation("other")], headers=headers)

    assert response.status_code == 403
    assert "access-control-allow-origin" not in response.headers
    assert [one.id for one in tenant.sandbox.environment.store] == [object_id]
