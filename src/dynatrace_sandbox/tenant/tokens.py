"""The Authorization header and the token endpoint: from a request to the credential behind it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from dynatrace_sandbox.tenant.credentials import Credential
from dynatrace_sandbox.tenant.problems import Problem

_NAMES = {"settings.read": "Read settings", "settings.write": "Write settings"}


@dataclass(frozen=True)
class _AccessToken:
    """An access token that was issued."""

    credential: Credential
    """The client, with the scopes of the token."""
    expires: float
    """Seconds since 1970."""


class OAuthError(Exception):
    """The token endpoint refuses: an OAuth error code and its description. Source: RFC 6749, section 5.2."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description

    def body(self) -> dict[str, Any]:
        """Return the body of the response: Dynatrace's single sign-on adds fields of its own to those of the RFC."""
        return {
            "errorCode": 400,
            "message": "Bad Request",
            "issueId": secrets.token_hex(8).upper(),
            "error": self.error,
            "error_description": self.description,
        }


class Tokens:
    """The credentials and the access tokens that are valid.

    An environment does not know the API tokens of another one. Single sign-on is the same for all: it authenticates the
    platform credentials of another environment, which then have no access here. Source: access tokens are created in an
    environment, OAuth clients in an account (docs/design/0008-sources.md#access-tokens, #oauth-clients); that the
    platform responds with 403 is inferred.

    `clock` gives seconds since 1970; `lifetime` is the lifetime of an access token in seconds.
    """

    def __init__(self, credentials: Iterable[Credential], clock: Callable[[], float], lifetime: float = 300) -> None:
        known = [one for one in credentials if one.status == "valid" or _is_authenticated(one)]
        self._clients = {one.public: one for one in known if one.kind == "oauth"}
        self._tokens = {one.secret: one for one in known if one.kind != "oauth"}
        self._issued: dict[str, _AccessToken] = {}
        self._clock = clock
        self.lifetime = lifetime

    def grant(self, form: Mapping[str, str]) -> dict[str, Any]:
        """Return the response to a client credentials request. Raises `OAuthError`."""
        if form.get("grant_type") != "client_credentials":
            raise OAuthError("unsupported_grant_type", "The grant type is not supported.")
        client = self._clients.get(form.get("client_id", ""))
        if client is None or not secrets.compare_digest(client.secret.encode(), form.get("client_secret", "").encode()):
            raise OAuthError("invalid_client", "The client id or the client secret is wrong.")
        if form.get("resource", f"urn:dtaccount:{client.account}") != f"urn:dtaccount:{client.account}":
            raise OAuthError("invalid_target", "The resource does not belong to this client.")
        return self._issue(client, form.get("scope", "").split())

    def _issue(self, client: Credential, requested: list[str]) -> dict[str, Any]:
        if missing := set(requested) - client.scopes:
            raise OAuthError("invalid_scope", f"The client does not have the scopes {' '.join(sorted(missing))}.")
        scopes = frozenset(requested) or client.scopes
        token = f"eyJ{secrets.token_urlsafe(48)}"
        now = self._clock()
        self._issued = {text: issued for text, issued in self._issued.items() if now < issued.expires}
        self._issued[token] = _AccessToken(replace(client, scopes=scopes), now + self.lifetime)
        return {
            "scope": " ".join(sorted(scopes)),
            "token_type": "Bearer",
            "expires_in": int(self.lifetime),
            "access_token": token,
            "resource": f"urn:dtaccount:{client.account}",
        }

    def revoke(self) -> None:
        """Make every access token invalid; clients can request new ones."""
        self._issued.clear()

    def find(self, authorization: str) -> Credential | None:
        """Return the credential in an Authorization header, on whatever path it is valid."""
        _, _, token = authorization.partition(" ")
        issued = self._issued.get(token)
        if issued is not None:
            return issued.credential if self._clock() < issued.expires else None
        return self._tokens.get(token)

    def classic(self, authorization: str) -> Credential:
        """Return the API token behind a header on a classic path (`/api/v2`). Raises `Problem` 401."""
        if not authorization:
            raise Problem(401, "Missing authorization parameter.")
        scheme, _, _ = authorization.partition(" ")
        credential = self.find(authorization) if scheme.lower() == "api-token" else None
        if credential is None or credential.kind != "api-token":
            raise Problem(401, "Token Authentication failed")
        return credential

    def platform(self, authorization: str) -> Credential:
        """Return the platform credential behind a header on a `/platform` path. Raises `Problem` 401."""
        scheme, _, _ = authorization.partition(" ")
        if scheme.lower() != "bearer":
            got = scheme or "undefined"
            message = f"Unsupported authorization scheme '{got}'."
            raise Problem(401, f"{message} Dynatrace platform APIs require the authorization scheme 'Bearer'")
        credential = self.find(authorization)
        if credential is None or credential.kind == "api-token":
            raise Problem(401, "The access token is invalid or has expired.")
        if credential.status == "other-environment":
            raise Problem(403, "Access to the environment is denied.")
        return credential


def _is_authenticated(credential: Credential) -> bool:
    """Return whether single sign-on knows the credential, though it has no access here."""
    return credential.status == "other-environment" and credential.kind != "api-token"


def require(credential: Credential, classic: str, platform: str) -> None:
    """Raise `Problem` 403 with the missing scope, unless the credential has the one for its kind.

    The pages of the Settings API list 403. The general page of response codes has 401 for a missing scope, "unless
    otherwise specified". Source: docs/design/0008-sources.md#response-codes.
    """
    if credential.kind == "api-token":
        if classic not in credential.scopes:
            needed = f"{classic} ({_NAMES[classic]})"
            raise Problem(403, f"Token is missing required scope. Use one of: {needed}")
    elif platform not in credential.scopes:
        raise Problem(403, f"Insufficient permissions. Missing scopes: {platform}")
