"""Which credential is used for what: decided once, from what was given, without asking anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from terraform_plugin.diagnostics import Error, Path
from terraform_provider_dynatrace.client.auth import ApiToken, Credential, OAuthClient, PlatformToken
from terraform_provider_dynatrace.config.arguments import Given, is_on
from terraform_provider_dynatrace.environment import checked_url

if TYPE_CHECKING:
    from collections.abc import Mapping

    from terraform_provider_dynatrace.environment import EnvironmentUrls


class Credentials(Struct, frozen=True):
    """`settings` manages objects; `platform` manages permissions, None where only an API token was given.

    `reason` is one sentence for the log. `platform_missing` is what a user of permissions reads.
    """

    settings: Credential
    platform: Credential | None
    reason: str
    platform_missing: str = ""

    @property
    def platform_credentials_unused(self) -> bool:
        """Whether objects are created with the API token, so public, although platform credentials are configured."""
        return self.platform is not None and not self.settings.gives_owner

    def for_permissions(self) -> Credential:
        """Return the platform credential. Raises `Error` without one: API tokens cannot manage permissions."""
        if self.platform is None:
            raise Error(
                "Permissions need platform credentials",
                f"Permissions of settings objects cannot be managed with an API token. {self.platform_missing}",
            )
        return self.platform


def select_credentials(given: Mapping[str, Given], environment: EnvironmentUrls) -> Credentials:
    """Return the credentials to use. Raises `Error` if there is none, or one is of the wrong kind.

    The API token wins over platform credentials unless `oauth_preference` is on; a platform token wins over an OAuth
    client, which needs a login first. Source: the page's "Limitations", the fact sheet on the official provider.
    """
    platform, missing = _platform(given, environment)
    prefers_platform = is_on(given, "oauth_preference")
    if "dt_api_token" in given and not (prefers_platform and platform):
        reason = "platform credentials are not preferred" if platform else "there are no platform credentials"
        token = _api_token(given["dt_api_token"], environment)
        return Credentials(token, platform, _why(token, reason), missing)
    if platform is None:
        raise Error("No credentials for Dynatrace", _NONE if missing == _NO_PLATFORM else missing)
    reason = "they are preferred to the API token" if "dt_api_token" in given else "there is no API token"
    return Credentials(platform, platform, _why(platform, reason))


def _why(credential: Credential, reason: str) -> str:
    return f"Using the {credential.kind} from {credential.origin}, because {reason}."


def _platform(given: Mapping[str, Given], environment: EnvironmentUrls) -> tuple[Credential | None, str]:
    if "platform_token" in given:
        return _platform_token(given["platform_token"]), ""
    halves = ""
    for name in ("client", "automation_client", "iam_client"):
        client_id, secret = given.get(f"{name}_id"), given.get(f"{name}_secret")
        if client_id and secret:
            return _oauth_client(name, client_id, secret, given, environment), ""
        if (half := client_id or secret) and not halves:
            other = f"{name}_secret" if client_id else f"{name}_id"
            halves = f"{half.origin} is set, but {other} is not: an OAuth client needs both."
    return None, halves or _NO_PLATFORM


def _api_token(token: Given, environment: EnvironmentUrls) -> ApiToken:
    _check(token, "dt_api_token", "API token", "dt0c01")
    return ApiToken(token.value, origin=token.origin, environment=environment)


def _platform_token(token: Given) -> PlatformToken:
    _check(token, "platform_token", "platform token", "dt0s16")
    return PlatformToken(token.value, origin=token.origin)


def _oauth_client(
    name: str, client_id: Given, secret: Given, given: Mapping[str, Given], environment: EnvironmentUrls
) -> OAuthClient:
    _check(client_id, f"{name}_id", "client id", "dt0s02")
    _check(secret, f"{name}_secret", "client secret", "dt0s02")
    _check_pair(client_id, secret, name)
    account = given.get("account_id") or given.get("iam_account_id")
    return OAuthClient(
        client_id.value,
        secret.value,
        token_url=_token_url(given, environment),
        account_id=account.value.removeprefix("urn:dtaccount:") if account else None,
        origin=client_id.origin,
    )


def _token_url(given: Mapping[str, Given], environment: EnvironmentUrls) -> str:
    named = next((name for name in ("automation_token_url", "iam_token_url") if name in given), None)
    return checked_url(given[named].value, named) if named else environment.token_url


# Source: docs.dynatrace.com, "Dynatrace token formats": prefix, public part, secret part.
_KINDS = {"dt0c01": "an API token", "dt0s16": "a platform token", "dt0s02": "part of an OAuth client"}


def _check(given: Given, argument: str, kind: str, prefix: str) -> None:
    """Raise `Error` for what is visibly another kind. Forms that nobody documents are the server's to refuse."""
    found = given.value.partition(".")[0]
    if found != prefix and found in _KINDS:
        problem = f"{given.origin} holds {_KINDS[found]} ({found}.…), not a {kind} ({prefix}.…). {_WHERE[found]}"
    elif given.value.lower().startswith(("bearer ", "api-token ")):
        problem = f"{given.origin} begins with the name of a header's scheme. Give the {kind} alone."
    elif not (given.value.isascii() and given.value.isprintable()) or " " in given.value:
        problem = f"{given.origin} contains white space or other characters that no {kind} contains."
    else:
        return
    raise Error(f"This is no {kind}", f"{problem} {_WHERE[prefix]}", Path(argument))


def _check_pair(client_id: Given, secret: Given, name: str) -> None:
    """Raise `Error` for a secret in place of the id, the reverse, or the two of different clients."""
    if client_id.value.count(".") > 1:
        raise Error(
            "This is no client id",
            f"{client_id.origin} holds a client secret (three parts). The client id is its first two parts.",
            Path(f"{name}_id"),
        )
    if not secret.value.startswith("dt0s02."):
        return
    if secret.value.count(".") < 2 or not secret.value.startswith(f"{client_id.value}."):
        raise Error(
            "This is not the secret of this client",
            f"{secret.origin} should begin with the client id from {client_id.origin}, then a dot and the secret part. "
            f"{_WHERE['dt0s02']}",
            Path(f"{name}_secret"),
        )


_WHERE = {
    "dt0c01": "API tokens are made in the environment under Access tokens and go into dt_api_token.",
    "dt0s16": "Platform tokens are made at https://myaccount.dynatrace.com/platformTokens and go into platform_token.",
    "dt0s02": "OAuth clients are made in Account Management under Identity & access management > OAuth clients and go "
    "into client_id and client_secret.",
}
_NO_PLATFORM = (
    "Give a platform token (platform_token, DYNATRACE_PLATFORM_TOKEN) or an OAuth client (client_id and client_secret, "
    "DT_CLIENT_ID and DT_CLIENT_SECRET) with the scopes settings:objects:read and settings:objects:write."
)
_NONE = (
    "Set an API token (dt_api_token, DYNATRACE_API_TOKEN) with the scopes settings.read and settings.write, or "
    "platform credentials, which make connections private: a platform token (platform_token, DYNATRACE_PLATFORM_TOKEN) "
    "or an OAuth client (client_id and client_secret, DT_CLIENT_ID and DT_CLIENT_SECRET) with the scopes "
    "settings:objects:read and settings:objects:write."
)
