"""Single sign-on and the issuer over HTTP."""

from base64 import b64encode
from urllib.parse import quote_plus

import pytest

from dynatrace_sandbox.aws.oidc import verify
from tests.dynatrace_sandbox.in_process import NOW, SCHEMA, Tenant, objects


def test_a_client_signs_on_and_reads(tenant: Tenant) -> None:
    """Client credentials in a form return an access token that is valid for the platform paths."""
    client = tenant.sandbox.credentials["oauth"]
    form = {"grant_type": "client_credentials", "client_id": client.public, "client_secret": client.secret}

    token = tenant.call("POST", "/sso/oauth2/token", "", data=form).json()["access_token"]

    headers = {"Authorization": f"Bearer {token}"}
    assert tenant.call("GET", objects("oauth"), "", headers=headers, params={"schemaIds": SCHEMA}).status_code == 200


def test_a_wrong_secret_is_a_bad_request(tenant: Tenant) -> None:
    """400 with `invalid_client`, as Dynatrace's single sign-on returns it; the secret is not repeated."""
    client = tenant.sandbox.credentials["oauth"]
    form = {"grant_type": "client_credentials", "client_id": client.public, "client_secret": "wrong-secret"}

    answer = tenant.call("POST", "/sso/oauth2/token", "", data=form)

    assert (answer.status_code, answer.json()["error"], answer.json()["message"]) == (
        400,
        "invalid_client",
        "Bad Request",
    )
    assert "wrong-secret" not in answer.text


def test_an_empty_request_is_refused(tenant: Tenant) -> None:
    """400 without a grant type."""
    assert tenant.call("POST", "/sso/oauth2/token", "").json()["error"] == "unsupported_grant_type"


def test_the_documents_of_the_issuer_verify_its_tokens(tenant: Tenant) -> None:
    """The discovery document and the key set suffice to verify a token."""
    discovery = tenant.call("GET", "/.well-known/openid-configuration", "").json()
    key_set = tenant.call("GET", "/.well-known/jwks.json", "").json()
    token = tenant.sandbox.issuer.sign("subject", "audience", int(NOW))

    assert discovery["issuer"] == "https://token.dynatrace.com"
    assert discovery["jwks_uri"].endswith("/.well-known/jwks.json")
    assert verify(token, discovery, key_set, int(NOW))["sub"] == "subject"
    assert "d" not in key_set["keys"][0]


def test_there_is_a_login_page(tenant: Tenant) -> None:
    """HTML, to which a proxy redirects a browser."""
    answer = tenant.call("GET", "/login", "")

    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, "text/html")


def basic(client_id: str, secret: str) -> dict[str, str]:
    """Return the Authorization header of a client, encoded as RFC 6749, 2.3.1, says."""
    text = f"{quote_plus(client_id)}:{quote_plus(secret)}"
    return {"Authorization": f"Basic {b64encode(text.encode()).decode()}"}


def test_a_client_can_use_http_basic(tenant: Tenant) -> None:
    """As RFC 6749, 2.3.1, requires of a server. The access token is valid."""
    client = tenant.sandbox.credentials["oauth"]

    response = tenant.call(
        "POST",
        "/sso/oauth2/token",
        "",
        data={"grant_type": "client_credentials"},
        headers=basic(client.public, client.secret),
    )

    headers = {"Authorization": f"Bearer {response.json()['access_token']}"}
    assert tenant.call("GET", objects("oauth"), "", headers=headers, params={"schemaIds": SCHEMA}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        basic("dt0s02.NOBODY", "wrong-secret"),
        basic("", "wrong-secret"),
        {"Authorization": "Basic wrong-secret"},
        {"Authorization": "Basic"},
        {"Authorization": "Bearer wrong-secret"},
    ],
)
def test_a_wrong_authorization_header_is_unauthorized(tenant: Tenant, headers: dict[str, str]) -> None:
    """401 with the scheme to use: RFC 6749, 5.2. The secret is not repeated."""
    response = tenant.call("POST", "/sso/oauth2/token", "", data={"grant_type": "client_credentials"}, headers=headers)

    assert (response.status_code, response.json()["error"]) == (401, "invalid_client")
    assert response.headers["WWW-Authenticate"] == "Basic"
    assert "wrong-secret" not in response.text


def test_a_client_cannot_authenticate_in_two_ways(tenant: Tenant) -> None:
    """RFC 6749, 2.3: one method for each request."""
    client = tenant.sandbox.credentials["oauth"]
    form = {"grant_type": "client_credentials", "client_id": client.public, "client_secret": client.secret}

    response = tenant.call("POST", "/sso/oauth2/token", "", data=form, headers=basic(client.public, client.secret))

    assert (response.status_code, response.json()["error"]) == (400, "invalid_request")
