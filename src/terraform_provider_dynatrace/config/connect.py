"""From settings to a tenant. Imported when the provider is configured, and with it everything that knows HTTP."""

from __future__ import annotations

import logging
from collections.abc import Mapping

import msgspec

from terraform_plugin import Error, Path, warn
from terraform_plugin.masking import mask
from terraform_provider_dynatrace import __version__
from terraform_provider_dynatrace.client.apis import ADMIN_SCOPE
from terraform_provider_dynatrace.client.client import Client, Connection, Options
from terraform_provider_dynatrace.config.arguments import (
    ADMIN_ACCESS,
    ARGUMENTS,
    AUTOMATION_ENV_URL,
    AUTOMATION_TOKEN_URL,
    DT_ENV_URL,
    HTTP_INSECURE,
    IAM_TOKEN_URL,
    MAX_CONCURRENCY,
    MAX_RETRIES,
    OAUTH_PREFERENCE,
    OPERATION_TIMEOUT,
    REQUEST_TIMEOUT,
    TENANT_URL,
    TOKEN_ISSUER,
    VALIDATE_AT_PLAN,
    Settings,
    Url,
    readable_url,
)
from terraform_provider_dynatrace.config.credentials import Credentials, select_credentials
from terraform_provider_dynatrace.config.tenant import Tenant
from terraform_provider_dynatrace.environment import EnvironmentUrls, is_readable_by_others

logger = logging.getLogger(__name__)


def connect(settings: Settings, environ: Mapping[str, str] = {}) -> Tenant:
    """Return the tenant that the settings describe; nothing is sent yet.

    `environ` is the process environment: where a setting is missing, variables with similar names are reported.
    Raises `Error` for a setting that is missing, contradictory or invalid.
    """
    for name, setting in settings.items():
        if ARGUMENTS[name].sensitive:
            mask(setting.value)
    environment = environment_urls(settings, environ)
    credentials = select_credentials(settings, environment, environ)
    admin_access = ADMIN_ACCESS.read(settings)
    if admin_access and not credentials.settings.gives_owner:
        raise _admin_access_refused(settings, credentials)
    logger.info(credentials.reason, extra={"environment": environment.url})
    connection = Connection(environment, options(settings))
    if connection.options.insecure:
        logger.warning("TLS certificates are not verified (%s): for testing only", settings[HTTP_INSECURE.name].source)
        warn(
            "TLS certificates are not verified",
            f"{settings[HTTP_INSECURE.name].source} accepts any certificate, so anyone between this machine and "
            "Dynatrace can read the credentials. Use it for testing only.",
            Path(HTTP_INSECURE.name),
        )
    for url in credentials.settings.urls(environment):
        if is_readable_by_others(url):
            warn(
                "Credentials are sent unencrypted",
                f"{readable_url(url)} begins with http://: anyone on the way can read the credentials. Use https://.",
            )
    return Tenant(
        environment,
        Client(connection, credentials.settings),
        credentials,
        validate_at_plan=VALIDATE_AT_PLAN.read(settings),
        admin_access=admin_access,
        operation_timeout=OPERATION_TIMEOUT.read(settings),
    )


def _admin_access_refused(settings: Settings, credentials: Credentials) -> Error:
    """Return the error for admin access with an API token."""
    if credentials.platform is None:
        advice = credentials.platform_missing
    else:
        advice = (
            f"Platform credentials are configured, too: to use them, set {OAUTH_PREFERENCE.name} = true, or the "
            f"environment variable {OAUTH_PREFERENCE.variables[0]}=true."
        )
    return Error(
        f"{ADMIN_ACCESS.name} requires platform credentials",
        f"{settings[ADMIN_ACCESS.name].source} is true, and the {credentials.settings.kind} from "
        f"{credentials.settings.source} is used, which cannot have the scope {ADMIN_SCOPE}. {advice} Otherwise, remove "
        f"{ADMIN_ACCESS.name}.",
        Path(ADMIN_ACCESS.name),
    )


def options(settings: Settings) -> Options:
    """Return how requests are sent. Raises `Error` for an invalid number or switch."""
    max_retries = MAX_RETRIES.read(settings)
    return Options(
        max_retries=None if max_retries is None else int(max_retries),
        request_timeout=REQUEST_TIMEOUT.read(settings),
        max_concurrency=int(MAX_CONCURRENCY.read(settings)),
        insecure=HTTP_INSECURE.read(settings),
        user_agent=f"terraform-provider-dynatrace/{__version__}",
    )


def environment_urls(settings: Settings, environ: Mapping[str, str] = {}) -> EnvironmentUrls:
    """Return where the environment is. Raises `Error` for an invalid URL, or if none is set."""
    url = DT_ENV_URL.read(settings) or AUTOMATION_ENV_URL.read(settings)
    if url is None:
        from terraform_provider_dynatrace.config.misspelled import misspelled  # noqa: PLC0415  # difflib is rarely needed

        raise Error(
            "Missing environment URL",
            f"Set {DT_ENV_URL.name} in the provider block, or the environment variable {DT_ENV_URL.variables[0]}, to "
            f"the URL of the Dynatrace environment: {DT_ENV_URL.example}."
            + misspelled(environ, [DT_ENV_URL, AUTOMATION_ENV_URL]),
            Path(DT_ENV_URL.name),
        )
    urls = EnvironmentUrls.parse(
        url,
        platform_url=AUTOMATION_ENV_URL.read(settings),
        token_url=AUTOMATION_TOKEN_URL.read(settings) or IAM_TOKEN_URL.read(settings),
        tenant_url=TENANT_URL.read(settings),
        issuer=TOKEN_ISSUER.read(settings),
    )
    sources = [
        _source(argument, settings) for argument in (DT_ENV_URL, AUTOMATION_ENV_URL) if argument.name in settings
    ]
    return msgspec.structs.replace(urls, classic_source=sources[0], platform_source=sources[-1])


def _source(argument: Url, settings: Settings) -> str:
    """Return where a URL is from and what it is, for messages."""
    setting = settings[argument.name]
    return f'{setting.source}, which is "{readable_url(setting.value)}"'
