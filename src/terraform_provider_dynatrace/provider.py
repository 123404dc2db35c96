"""The provider: its arguments, and what it offers."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from terraform_plugin import Attribute, Bool, Number, Provider, Schema, State, String, Unknown
from terraform_provider_dynatrace.config.arguments import SENSITIVE, VARIABLES, gather
from terraform_provider_dynatrace.config.number_limits import LIMITS, within
from terraform_provider_dynatrace.config.tenant import UnconfiguredTenant
from terraform_provider_dynatrace.data_sources.aws_connection import AwsConnectionData
from terraform_provider_dynatrace.data_sources.aws_connections import AwsConnections
from terraform_provider_dynatrace.data_sources.aws_trust import AwsTrust
from terraform_provider_dynatrace.functions.aws_audience import AwsAudience
from terraform_provider_dynatrace.functions.aws_issuer import AwsIssuer
from terraform_provider_dynatrace.functions.aws_subject import AwsSubject
from terraform_provider_dynatrace.functions.aws_trust_policy import AwsTrustPolicy
from terraform_provider_dynatrace.list_resources.aws_connection import ListedAwsConnections
from terraform_provider_dynatrace.resources.aws_connection import AwsConnection
from terraform_provider_dynatrace.resources.aws_connection_role_arn import AwsConnectionRoleArn
from terraform_provider_dynatrace.resources.settings_permissions import SettingsPermissions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from terraform_provider_dynatrace.config.tenant import Tenant

_NOT_USED = "Accepted so that a configuration for the official provider works; nothing here needs it."
_MEANINGS = {
    "dt_env_url": "URL of the Dynatrace environment, such as `https://abc12345.live.dynatrace.com`; the `.apps.` form "
    "is as good.",
    "dt_api_token": "API token with the scopes `settings.read` and `settings.write`. What it creates has no owner and "
    "is public.",
    "client_id": "Id of an OAuth client with the scopes `settings:objects:read` and `settings:objects:write`. What it "
    "creates is private to its owner.",
    "client_secret": "Secret of the OAuth client.",
    "account_id": "Dynatrace account of the OAuth client.",
    "platform_token": "Platform token, in place of an OAuth client.",
    "automation_client_id": "Id of the OAuth client, if `client_id` is not set.",
    "automation_client_secret": "Secret of that client.",
    "automation_token_url": "Where OAuth tokens are given, if not where the environment's stage has its login.",
    "automation_env_url": "URL of the platform API, if not the `.apps.` form of `dt_env_url`.",
    "iam_client_id": "Id of the OAuth client, if neither `client_id` nor `automation_client_id` is set.",
    "iam_client_secret": "Secret of that client.",
    "iam_account_id": "Dynatrace account of the OAuth client, if `account_id` is not set.",
    "iam_token_url": "Where OAuth tokens are given, if `automation_token_url` is not set.",
    "tenant_url": "The tenant's own URL, such as `https://abc12345.apps.dynatrace.com`, where `dt_env_url` is a proxy "
    "or a stand-in: AWS sees this name in audiences.",
    "token_issuer": "Issuer of the web identity tokens that AWS sees, if not that of the tenant's stage.",
    "oauth_preference": "Whether platform credentials win although an API token is set.",
    "validate_at_plan": "Whether a plan asks Dynatrace to check what it is about to create or change, so that what "
    "would fail fails before anything is written. `false`: creates are planned without any request. Default: `true`.",
    "http_insecure": "Whether to accept any TLS certificate. For a laboratory only.",
    "max_retries": "How often a request that failed for a passing reason is sent again, 0 to 100. The default is 5; "
    "the pauses grow from about half a second to half a minute, unless Dynatrace asks for others.",
    "request_timeout": "How many seconds one request and its answer may take, 1 to 3600. The default is 60.",
    "operation_timeout": "How many seconds a whole operation may take, 1 to 86400: planning, reading, creating, "
    "changing or deleting one resource, with everything that is waited for and tried again. A `timeouts` block of a "
    "resource counts instead. The default is 1200.",
    "max_concurrency": "How many requests are sent at the same time, 1 to 100. The default is 10.",
}
_SWITCHES = ("oauth_preference", "http_insecure", "validate_at_plan")


def _argument(name: str) -> Attribute:
    variables = ", ".join(f"`{variable}`" for variable in VARIABLES[name])
    description = f"{_MEANINGS.get(name, _NOT_USED)} Environment variables: {variables}."
    if name in LIMITS:
        return Attribute(Number, description, optional=True, validators=[within(name)])
    type_ = Bool if name in _SWITCHES else String
    return Attribute(type_, description, optional=True, sensitive=name in SENSITIVE)


class DynatraceProvider(Provider):
    """Every argument can be an environment variable instead; the first one set wins.

    `variables` is the environment that they are in.
    """

    name = "dynatrace"
    schema = Schema(
        "Manages AWS connections in Dynatrace.",
        attributes={name: _argument(name) for name in VARIABLES},
    )
    resources = (AwsConnection, AwsConnectionRoleArn, SettingsPermissions)
    data_sources = (AwsConnectionData, AwsConnections, AwsTrust)
    list_resources = (ListedAwsConnections,)
    functions = (AwsAudience, AwsIssuer, AwsSubject, AwsTrustPolicy)

    def __init__(self, variables: Mapping[str, str] = os.environ) -> None:
        self.variables = variables

    async def configure(self, config: State) -> Tenant | UnconfiguredTenant:
        from terraform_provider_dynatrace.config.connect import connect  # noqa: PLC0415  # HTTP: not for schema and validate

        unknown = [name for name, value in config.items() if isinstance(value, Unknown)]
        return UnconfiguredTenant(unknown) if unknown else connect(gather(config, self.variables))

    def before_call(self, client: Tenant | UnconfiguredTenant) -> None:
        """Give one call of Terraform's its time."""
        if not isinstance(client, UnconfiguredTenant):
            from terraform_provider_dynatrace.deadline import begin  # noqa: PLC0415  # not for schema and validate

            begin(client.operation_timeout)

    async def close(self, client: Tenant | UnconfiguredTenant) -> None:
        if not isinstance(client, UnconfiguredTenant):
            await client.client.aclose()
