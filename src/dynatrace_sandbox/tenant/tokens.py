"""The Authorization header and the token endpoint: from what a request carries to the credential behind it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from dynatrace_sandbox.tenant.credentials import Credential
from dynatrace_sandbox.tenant.problems import Problem

_NAMES = {"settings.read": "Read settings", "settings.write": "Write settings"}


@dataclass(frozen=True)
class _Access:
    """An access token that was given out: for whom, until when (seconds since 1970)."""

    credential: Credential
    expires: float


class OAuthError(Exception):
    """The token endpoint says no: an OAuth error code and its description (RFC 6749, 5.2)."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(description)
        self.error = error
        self.description = description

    def body(self) -> dict[str, Any]:
        """Return the answer of Dynatrace's single sign-on, which adds fields of its own to RFC 6749."""
        return {
            "errorCode": 400,
            "message": "Bad Request",
            "issueId": secrets.token_hex(8).upper(),
            "error": self.error,
            "error_description": self.description,
        }


class Tokens:
    """Knows the credentials and the access tokens in circulation.

    One environment does not know the API tokens of another. Single sign-on is one for all: platform credentials of
    another environment are who they say they are, and have no access here. Source: Dynatrace documentation, "Access
    tokens" (made in an environment), "OAuth clients" (made in an account); that the platform says 403 is inferred.

    `clock` gives seconds since 1970; `lifetime` is how many seconds an access token lives.
    """

    def __init__(self, credentials: Iterable[Credential], clock: Callable[[], float], lifetime: float = 300) -> None:
        valid = [one for one in credentials if one.standing == "good" or _is_known_elsewhere(one)]
        self._clients = {one.public: one for one in valid if one.kind == "oauth"}
        self._tokens = {one.secret: one for one in valid if one.kind != "oauth"}
        self._given: dict[str, _Access] = {}
        self._clock = clock
        self.lifetime = lifetime

    def grant(self, form: Mapping[str, str]) -> dict[str, Any]:
        """Return the token answer to a client credentials request. Raises `OAuthError`."""
        if form.get("grant_type") != "client_credentials":
            raise OAuthError("unsupported_grant_type", "The grant type is not supported.")
        client = self._clients.get(form.get("client_id", ""))
        if client is None or not secrets.compare_digest(client.secret.encode(), form.get("client_secret", "").encode()):
            raise OAuthError("invalid_client", "The client id or the client secret is wrong.")
        if form.get("resource", f"urn:dtaccount:{client.account}") != f"urn:dtaccount:{client.account}":
            raise OAuthError("invalid_target", "The resource does not belong to this client.")
        return self._give(client, form.get("scope", "").split())

    def _give(self, client: Credential, asked: list[str]) -> dict[str, Any]:
        if missing := set(asked) - client.scopes:
            raise OAuthError("invalid_scope", f"The client does not have the scopes {' '.join(sorted(missing))}.")
        scopes = frozenset(asked) or client.scopes
        token = f"eyJ{secrets.token_urlsafe(48)}"
        self._given[token] = _Access(replace(client, scopes=scopes), self._clock() + self.lifetime)
        return {
            "scope": " ".join(sorted(scopes)),
            "token_type": "Bearer",
            "expires_in": int(self.lifetime),
            "access_token": token,
            "resource": f"urn:dtaccount:{client.account}",
        }

    def revoke(self) -> None:
        """Make every access token invalid, as a signing key change does; clients may ask for new ones."""
        self._given.clear()

    def find(self, authorization: str) -> Credential | None:
        """Return the credential that an Authorization header names, whether or not it fits the path."""
        _, _, token = authorization.partition(" ")
        access = self._given.get(token)
        if access is not None:
            return access.credential if self._clock() < access.expires else None
        return self._tokens.get(token)

    def classic(self, authorization: str) -> Credential:
        """Return the API token behind a header on a classic path (`/api/v2`). Raises `Problem` 401."""
        if not authorization:
            raise Problem(401, "Missing authorization parameter.")
        scheme, _, _ = authorization.partition(" ")
        found = self.find(authorization) if scheme.lower() == "api-token" else None
        if found is None or found.kind != "api-token":
            raise Problem(401, "Token Authentication failed")
        return found

    def platform(self, authorization: str) -> Credential:
        """Return the platform credential behind a header on a `/platform` path. Raises `Problem` 401."""
        scheme, _, _ = authorization.partition(" ")
        if scheme.lower() != "bearer":
            given = scheme or "undefined"
            message = f"Unsupported authorization scheme '{given}'."
            raise Problem(401, f"{message} Dynatrace platform APIs require the authorization scheme 'Bearer'")
        found = self.find(authorization)
        if found is None or found.kind == "api-token":
            raise Problem(401, "The access token is invalid or has expired.")
        if found.standing == "elsewhere":
            raise Problem(403, "Access to the environment is denied.")
        return found


def _is_known_elsewhere(credential: Credential) -> bool:
    return credential.standing == "elsewhere" and credential.kind != "api-token"


def require(credential: Credential, classic: str, platform: str) -> None:
    """Raise `Problem` 403 naming the missing scope unless the credential has the one for its kind."""
    if credential.kind == "api-token":
        if classic not in credential.scopes:
            wanted = f"{classic} ({_NAMES[classic]})"
            raise Problem(403, f"Token is missing required scope. Use one of: {wanted}")
    elif platform not in credential.scopes:
        raise Problem(403, f"Insufficient permissions. Missing scopes: {platform}")
