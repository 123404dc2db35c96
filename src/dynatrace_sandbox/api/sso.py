"""Single sign-on and the token issuer over HTTP: access tokens, discovery document, key set, login page."""

from __future__ import annotations

from base64 import b64decode
from urllib.parse import parse_qsl, unquote_plus

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import Route

from dynatrace_sandbox.api.requests import limited_body
from dynatrace_sandbox.aws.oidc import Issuer
from dynatrace_sandbox.tenant.tokens import OAuthError, Tokens

_LOGIN_PAGE = "<!DOCTYPE html><html><head><title>Sign in</title></head><body><form>Sign in</form></body></html>"


class SsoApi:
    """The endpoints of `sso.dynatrace.com` and `token.dynatrace.com` that machines use."""

    def __init__(self, tokens: Tokens, issuer: Issuer) -> None:
        self._tokens = tokens
        self._issuer = issuer

    def routes(self) -> list[Route]:
        """Return the routes, from the root."""
        return [
            Route("/sso/oauth2/token", self.token, methods=["POST"]),
            Route("/.well-known/openid-configuration", self.discovery, methods=["GET"]),
            Route("/.well-known/jwks.json", self.key_set, methods=["GET"]),
            Route("/login", self.login, methods=["GET"]),
        ]

    async def token(self, request: Request) -> Response:
        """POST /sso/oauth2/token: client credentials grant. Source: docs/design/0008-sources.md#oauth-clients.

        The client sends its ID and secret in the form or with HTTP Basic. RFC 6749, 2.3.1, requires Basic of every
        server, but no page of Dynatrace mentions it.
        """
        form = dict(parse_qsl((await limited_body(request)).decode("latin-1")))
        authorization = request.headers.get("authorization")
        try:
            if authorization is not None:
                form = _with_basic_client(form, authorization)
            return JSONResponse(self._tokens.grant(form), headers={"Cache-Control": "no-store"})
        except OAuthError as error:
            if authorization is not None and error.error == "invalid_client":
                body = error.body() | {"errorCode": 401, "message": "Unauthorized"}
                return JSONResponse(body, 401, {"WWW-Authenticate": "Basic"})  # RFC 6749, 5.2
            return JSONResponse(error.body(), 400)

    async def discovery(self, _: Request) -> Response:
        """GET the discovery document of the token issuer."""
        return JSONResponse(self._issuer.discovery())

    async def key_set(self, _: Request) -> Response:
        """GET the public keys of the token issuer."""
        return JSONResponse(self._issuer.key_set())

    async def login(self, _: Request) -> Response:
        """GET an HTML page, for tests of redirects to one."""
        return HTMLResponse(_LOGIN_PAGE)


def _with_basic_client(form: dict[str, str], authorization: str) -> dict[str, str]:
    """Return the form with ID and secret from an Authorization header. Raises `OAuthError`."""
    if "client_secret" in form:
        raise OAuthError("invalid_request", "The client must not authenticate in two ways.")
    scheme, _, encoded = authorization.partition(" ")
    try:
        client_id, _, secret = b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        client_id = secret = ""
    if scheme.lower() != "basic" or not client_id:
        raise OAuthError("invalid_client", "The Authorization header must be HTTP Basic with client id and secret.")
    # Both are encoded as in a form before they are joined: RFC 6749, 2.3.1.
    return form | {"client_id": unquote_plus(client_id), "client_secret": unquote_plus(secret)}
