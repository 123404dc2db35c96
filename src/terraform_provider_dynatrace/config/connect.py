"""Arguments -> a tenant to work with. Imported late, when the provider is configured, with all that knows HTTP."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from terraform_plugin import Error, Path
from terraform_plugin.log import mask
from terraform_provider_dynatrace import __version__
from terraform_provider_dynatrace.client.client import Client, Options
from terraform_provider_dynatrace.config.arguments import SENSITIVE, Given, is_on
from terraform_provider_dynatrace.config.credentials import select_credentials
from terraform_provider_dynatrace.config.number_limits import limit
from terraform_provider_dynatrace.config.tenant import OPERATION_TIMEOUT, Tenant
from terraform_provider_dynatrace.environment import EnvironmentUrls

logger = logging.getLogger(__name__)


def connect(given: Mapping[str, Given]) -> Tenant:
    """Return the tenant that the arguments and environment variables describe; nothing is sent yet.

    Raises `Error` where they are missing, contradictory or visibly wrong.
    """
    for name in SENSITIVE & given.keys():
        mask(given[name].value)
    environment = _environment(given)
    credentials = select_credentials(given, environment)
    logger.info(credentials.reason, extra={"environment": environment.url})
    client = Client(environment, credentials.settings, options(given))
    if client.options.insecure:
        logger.warning(
            "TLS certificates are not verified, by %s: use this in a laboratory", given["http_insecure"].origin
        )
    validate_at_plan = is_on(given, "validate_at_plan", otherwise=True)
    return Tenant(
        environment,
        client,
        credentials,
        validate_at_plan=validate_at_plan,
        operation_timeout=limit(given, "operation_timeout", OPERATION_TIMEOUT),
    )


def options(given: Mapping[str, Given]) -> Options:
    """Return how to talk to the tenant. Raises `Error` for a number that is none, or outside its limits."""
    usual = Options()
    return Options(
        max_retries=int(limit(given, "max_retries", usual.max_retries)),
        request_timeout=limit(given, "request_timeout", usual.request_timeout),
        max_concurrency=int(limit(given, "max_concurrency", usual.max_concurrency)),
        insecure=is_on(given, "http_insecure"),
        user_agent=f"{usual.user_agent}/{__version__}",
    )


def _environment(given: Mapping[str, Given]) -> EnvironmentUrls:
    url = given.get("dt_env_url") or given.get("automation_env_url")
    if url is None:
        raise Error(
            "No Dynatrace environment",
            "Nothing says which environment to use. Set dt_env_url in the provider block, or the variable "
            "DYNATRACE_ENV_URL, to its URL, such as https://abc12345.live.dynatrace.com or "
            "https://abc12345.apps.dynatrace.com.",
            Path("dt_env_url"),
        )
    return EnvironmentUrls.parse(
        url.value,
        platform_url=_value(given, "automation_env_url"),
        token_url=_value(given, "automation_token_url"),
        tenant_url=_value(given, "tenant_url"),
        issuer=_value(given, "token_issuer"),
    )


def _value(given: Mapping[str, Given], name: str) -> str | None:
    return given[name].value if name in given else None
