"""Which credential is used for what. Decided from the settings alone; no request is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from terraform_plugin.diagnostics import Error, Path
from terraform_provider_dynatrace.client.apis import (
    EXTENSION_DEFINITIONS,
    MONITORING_CONFIGURATIONS,
    SETTINGS,
    SETTINGS_AS_ADMIN,
    Api,
)
from terraform_provider_dynatrace.client.auth import ApiToken, Credential, OAuthClient, PlatformToken
from terraform_provider_dynatrace.config.arguments import (
    ACCOUNT_ID,
    ADMIN_ACCESS,
    AUTOMATION_CLIENT_ID,
    AUTOMATION_CLIENT_SECRET,
    CLIENT_ID,
    CLIENT_SECRET,
    DT_API_TOKEN,
    IAM_ACCOUNT_ID,
    IAM_CLIENT_ID,
    IAM_CLIENT_SECRET,
    OAUTH_PREFERENCE,
    PLATFORM_TOKEN,
    Argument,
    Setting,
    Settings,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from terraform_provider_dynatrace.environment import EnvironmentUrls

# The first that is set wins, separately for IDs, secrets and accounts, as in the official provider. Source:
# docs/design/0008-sources.md#official-provider. In one case ours differs on purpose: an argument in the provider block
# wins over the variables of the same argument there, too, but there DT_CLIENT_ID also stands in for
# automation_client_id, and so wins over a client_id in the provider block.
_CLIENT_IDS = (AUTOMATION_CLIENT_ID, CLIENT_ID, IAM_CLIENT_ID)
_CLIENT_SECRETS = (AUTOMATION_CLIENT_SECRET, CLIENT_SECRET, IAM_CLIENT_SECRET)
_ACCOUNT_IDS = (IAM_ACCOUNT_ID, ACCOUNT_ID)


class Credentials(Struct, frozen=True):
    """The credentials to use."""

    settings: Credential
    """Manages settings objects."""
    platform: Credential | None
    """Manages permissions. None if only an API token is set."""
    reason: str
    """Why `settings` was selected: one sentence for the log."""
    platform_missing: str = ""
    """What to do to get platform credentials, if there are none: one sentence for the user."""

    @property
    def platform_credentials_unused(self) -> bool:
        """Whether objects are created with the API token, so public, although platform credentials are configured."""
        return self.platform is not None and not self.settings.gives_owner

    def for_permissions(self, what: str = "Permissions") -> Credential:
        """Return the platform credential. Raises `Error` without one: API tokens cannot manage permissions or owners.

        `what` the user wants to manage: "Permissions" or "Owners".
        """
        if self.platform is None:
            raise Error(
                f"{what} require platform credentials",
                f"{what} of settings objects cannot be managed with an API token. {self.platform_missing}",
            )
        return self.platform

    def for_extensions(self, api: Api) -> Credential:
        """Return the platform credential for an API of extensions. Raises `Error` without one."""
        if self.platform is None:
            raise Error(
                "Monitoring configurations require platform credentials",
                "The Extensions API of the Dynatrace platform does not accept API tokens. Set a platform token "
                "(platform_token, DYNATRACE_PLATFORM_TOKEN) or an OAuth client (client_id and client_secret, "
                f"DT_CLIENT_ID and DT_CLIENT_SECRET) with the scopes {_EXTENSION_SCOPES}. An API token can stay: "
                "connections then continue to use it.",
            )
        return self.platform.for_api(api)


_EXTENSION_SCOPES = (
    f"{MONITORING_CONFIGURATIONS.scopes['read']}, {MONITORING_CONFIGURATIONS.scopes['write']} and "
    f"{EXTENSION_DEFINITIONS.scopes['read']}"
)


def select_credentials(
    settings: Settings, environment: EnvironmentUrls, environ: Mapping[str, str] = {}
) -> Credentials:
    """Return the credentials to use. Raises `Error` if there is none, or if one is of the wrong kind.

    `environ` is the process environment: where a credential is missing, variables with similar names are reported.

    The API token wins over platform credentials unless `oauth_preference` is on. Source:
    docs/design/0008-sources.md#official-provider. A platform token wins over an OAuth client: it needs no login.
    """
    settings = _without_repetition(settings)
    platform, missing = _platform(settings, environment)
    prefers_platform = OAUTH_PREFERENCE.read(settings)
    if DT_API_TOKEN.name in settings and not (prefers_platform and platform):
        reason = "platform credentials are not preferred" if platform else "there are no platform credentials"
        token = _api_token(settings[DT_API_TOKEN.name], environment)
        return Credentials(token, platform, _sentence(token, reason), missing)
    if platform is None:
        from terraform_provider_dynatrace.config.misspelled import misspelled  # noqa: PLC0415  # difflib is rarely needed

        tokens = [DT_API_TOKEN, PLATFORM_TOKEN, *_CLIENT_IDS, *_CLIENT_SECRETS]
        detail = _NO_CREDENTIALS if missing == _NO_PLATFORM else missing
        raise Error("Missing credentials for Dynatrace", detail + misspelled(environ, tokens))
    preferred = DT_API_TOKEN.name in settings
    reason = "platform credentials are preferred" if preferred else "there is no API token"
    return Credentials(platform, platform, _sentence(platform, reason))


def _without_repetition(settings: Settings) -> Settings:
    """Return the settings without an API token that is the platform token again: then it is only that."""
    api_token, platform_token = settings.get(DT_API_TOKEN.name), settings.get(PLATFORM_TOKEN.name)
    if api_token is None or platform_token is None or api_token.value != platform_token.value:
        return settings
    return {name: setting for name, setting in settings.items() if name != DT_API_TOKEN.name}


def _sentence(credential: Credential, reason: str) -> str:
    return f"Using the {credential.kind} from {credential.source}, because {reason}."


def _platform(settings: Settings, environment: EnvironmentUrls) -> tuple[Credential | None, str]:
    """Return the platform credential, or None and what to do to get one."""
    if PLATFORM_TOKEN.name in settings:
        token = settings[PLATFORM_TOKEN.name]
        _check(token, PLATFORM_TOKEN, "platform token", _PLATFORM_TOKENS)
        return PlatformToken(token.value, source=token.source), ""
    id_argument = _first_set(_CLIENT_IDS, settings)
    secret_argument = _first_set(_CLIENT_SECRETS, settings)
    if id_argument is None and secret_argument is None:
        return None, _NO_PLATFORM
    if id_argument is None or secret_argument is None:
        half = id_argument or secret_argument or CLIENT_ID
        other = half.name.replace("_id", "_secret") if half is id_argument else half.name.replace("_secret", "_id")
        return None, f"{settings[half.name].source} is set, but {other} is not: an OAuth client needs both."
    client_id, secret = settings[id_argument.name], settings[secret_argument.name]
    _check(client_id, id_argument, "client ID", _OAUTH)
    _check(secret, secret_argument, "client secret", _OAUTH)
    _check_pair(client_id, secret, id_argument, secret_argument)
    account = _first_set(_ACCOUNT_IDS, settings)
    client = OAuthClient(
        client_id.value,
        secret.value,
        token_url=environment.token_url,
        account_id=settings[account.name].value.removeprefix("urn:dtaccount:") if account else None,
        source=client_id.source,
        api=SETTINGS_AS_ADMIN if ADMIN_ACCESS.read(settings) else SETTINGS,
    )
    return client, ""


def _first_set(arguments: tuple[Argument, ...], settings: Settings) -> Argument | None:
    return next((argument for argument in arguments if argument.name in settings), None)


def _api_token(token: Setting, environment: EnvironmentUrls) -> ApiToken:
    _check(token, DT_API_TOKEN, "API token", _API_TOKENS)
    return ApiToken(token.value, source=token.source, environment=environment)


class _Form(NamedTuple):
    """A form of credential. Source: docs/design/0008-sources.md#access-tokens: prefix, public part, secret part."""

    prefix: str
    what: str
    argument: str
    """Which argument takes it, or which arguments."""
    where: str
    """Where it is created: one sentence."""


_API_TOKENS = _Form(
    "dt0c01", "an API token", "dt_api_token", "Create API tokens in the environment under Access tokens."
)
_PLATFORM_TOKENS = _Form(
    "dt0s16",
    "a platform token",
    "platform_token",
    "Create platform tokens at https://myaccount.dynatrace.com/platformTokens.",
)
_OAUTH = _Form(
    "dt0s02",
    "part of an OAuth client",
    "client_id and client_secret",
    "Create OAuth clients in Account Management under Identity & access management > OAuth clients.",
)
_FORMS = {form.prefix: form for form in (_API_TOKENS, _PLATFORM_TOKENS, _OAUTH)}


def _check(setting: Setting, argument: Argument, name: str, form: _Form) -> None:
    """Raise `Error` for a value that is clearly another kind of credential. Dynatrace refuses what is not documented.

    Old API tokens have no prefix, and future ones may have another, so an unknown form is not refused here.
    """
    prefix = setting.value.partition(".")[0]
    if prefix != form.prefix and prefix in _FORMS:
        problem = (
            f"{setting.source} must be {_with_article(name)} ({form.prefix}.…), got {_FORMS[prefix].what} "
            f"({prefix}.…). To use that, set {_FORMS[prefix].argument} instead."
        )
    elif setting.value.lower().startswith(("bearer ", "api-token ")):
        problem = f"{setting.source} begins with the name of an authentication scheme. Set only the {name}."
    elif not (setting.value.isascii() and setting.value.isprintable()) or " " in setting.value:
        problem = f"{setting.source} contains white space or other characters that are not part of a {name}."
    else:
        return
    raise Error(f"Not {_with_article(name)}", f"{problem} {form.where}", Path(argument.name))


def _with_article(name: str) -> str:
    return f"an {name}" if name.startswith("A") else f"a {name}"


def _check_pair(client_id: Setting, secret: Setting, id_argument: Argument, secret_argument: Argument) -> None:
    """Raise `Error` for a secret in place of the ID, the reverse, or an ID and a secret of different clients."""
    if client_id.value.count(".") > 1:
        raise Error(
            "Not a client ID",
            f"{client_id.source} must be a client ID, got a client secret, which has three parts. The client ID is its "
            "first two parts.",
            Path(id_argument.name),
        )
    if not secret.value.startswith("dt0s02."):
        return
    if secret.value.count(".") < 2 or not secret.value.startswith(f"{client_id.value}."):
        raise Error(
            "Client ID and client secret do not match",
            f"{secret.source} must begin with the client ID from {client_id.source}, followed by a dot and the secret "
            f"part. {_OAUTH.where}",
            Path(secret_argument.name),
        )


_NO_PLATFORM = (
    "Set a platform token (platform_token, DYNATRACE_PLATFORM_TOKEN) or an OAuth client (client_id and client_secret, "
    "DT_CLIENT_ID and DT_CLIENT_SECRET) with the scopes settings:objects:read and settings:objects:write."
)
_NO_CREDENTIALS = (
    "Set an API token (dt_api_token, DYNATRACE_API_TOKEN) with the scopes settings.read and settings.write, or "
    "platform credentials, which make connections private: a platform token (platform_token, DYNATRACE_PLATFORM_TOKEN) "
    "or an OAuth client (client_id and client_secret, DT_CLIENT_ID and DT_CLIENT_SECRET) with the scopes "
    "settings:objects:read and settings:objects:write."
)
