"""The token issuer (discovery document, key set, signed web identity tokens) and how AWS verifies a token.

Source: docs/design/0008-sources.md#oidc-discovery, #rfcs and #iam-oidc. AWS accepts RS256 to ES512; the sandbox signs
with ES256.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import uuid4

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, KeySet

PRODUCTION = "https://token.dynatrace.com"
_LABS = {
    "dev": "https://dev.token.dynatracelabs.com",
    "sprint": "https://sprint.token.dynatracelabs.com",
    "hard": "https://hard.token.dynatracelabs.com",
}
_LIFETIME = 300


def issuer_of(tenant: str) -> str:
    """Return the issuer for an environment, given as a host name: `abc12345.apps.dynatrace.com`."""
    stages = [stage for stage in _LABS if f".{stage}." in tenant and tenant.endswith(".dynatracelabs.com")]
    return _LABS[stages[0]] if stages else PRODUCTION


class Issuer:
    """Signs web identity tokens with its own key; `url` is the `iss` claim."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._key = ECKey.generate_key("P-256", {"kid": uuid4().hex, "use": "sig", "alg": "ES256"}, auto_kid=False)

    def discovery(self) -> dict[str, Any]:
        """Return the discovery document, as `<issuer>/.well-known/openid-configuration` has it."""
        return {
            "issuer": self.url,
            "jwks_uri": f"{self.url}/.well-known/jwks.json",
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
        }

    def key_set(self) -> dict[str, Any]:
        """Return the public keys as a JSON Web Key Set."""
        return {"keys": [self._key.as_dict(private=False)]}

    def sign(self, subject: str, audience: str, now: int) -> str:
        """Return a token for `sub` and `aud`, valid for five minutes from `now` (seconds since 1970)."""
        claims = {"iss": self.url, "sub": subject, "aud": audience, "iat": now, "exp": now + _LIFETIME}
        return jwt.encode({"alg": "ES256", "kid": self._key.kid}, claims, self._key)


class InvalidToken(Exception):
    """Why AWS does not accept a token from this issuer."""


def verify(token: str, discovery: Mapping[str, Any], key_set: Mapping[str, Any], now: int) -> dict[str, str]:
    """Return the claims of a token, verified with its issuer's documents as STS does. Raises `InvalidToken`."""
    try:
        algorithms = discovery["id_token_signing_alg_values_supported"]
        decoded = jwt.decode(token, KeySet.import_key_set(dict(key_set)), algorithms=algorithms)  # type: ignore[arg-type]
        _registry(now).validate(decoded.claims)
    except (JoseError, ValueError, KeyError) as error:
        raise InvalidToken(f"the token is not valid: {error}") from error
    if decoded.claims["iss"] != discovery["issuer"]:
        raise InvalidToken(f"the token is from {decoded.claims['iss']}, the key set of {discovery['issuer']}")
    return decoded.claims


def _registry(now: int) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        now=now, iss={"essential": True}, sub={"essential": True}, aud={"essential": True}, exp={"essential": True}
    )
