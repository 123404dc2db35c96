"""The provider: its arguments, and what it offers."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from terraform_plugin import Provider, Schema, State, Unknown
from terraform_provider_dynatrace.config.arguments import ARGUMENTS, read_settings
from terraform_provider_dynatrace.config.tenant import UnconfiguredTenant
from terraform_provider_dynatrace.data_sources.aws_connection import AwsConnectionDataSource
from terraform_provider_dynatrace.data_sources.aws_connections import AwsConnectionsDataSource
from terraform_provider_dynatrace.data_sources.aws_monitoring_options import AwsMonitoringOptionsDataSource
from terraform_provider_dynatrace.data_sources.aws_trust import AwsTrustDataSource
from terraform_provider_dynatrace.functions.aws_audience import AwsAudience
from terraform_provider_dynatrace.functions.aws_issuer import AwsIssuer
from terraform_provider_dynatrace.functions.aws_subject import AwsSubject
from terraform_provider_dynatrace.functions.aws_trust_policy import AwsTrustPolicy
from terraform_provider_dynatrace.list_resources.aws_connection import AwsConnectionListResource
from terraform_provider_dynatrace.list_resources.aws_monitoring_configuration import (
    AwsMonitoringConfigurationListResource,
)
from terraform_provider_dynatrace.resources.aws_connection import AwsConnection
from terraform_provider_dynatrace.resources.aws_connection_role_arn import AwsConnectionRoleArn
from terraform_provider_dynatrace.resources.aws_monitoring_configuration import AwsMonitoringConfiguration
from terraform_provider_dynatrace.resources.settings_owner import SettingsOwner
from terraform_provider_dynatrace.resources.settings_permissions import SettingsPermissions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from terraform_provider_dynatrace.config.tenant import Tenant


class DynatraceProvider(Provider):
    """The provider `dynatrace`. Each of its arguments can be set by an environment variable instead."""

    name = "dynatrace"
    schema = Schema(
        "Manages AWS connections in Dynatrace.",
        attributes={name: argument.attribute() for name, argument in ARGUMENTS.items()},
    )
    resources = (AwsConnection, AwsConnectionRoleArn, AwsMonitoringConfiguration, SettingsOwner, SettingsPermissions)
    data_sources = (
        AwsConnectionDataSource,
        AwsConnectionsDataSource,
        AwsMonitoringOptionsDataSource,
        AwsTrustDataSource,
    )
    list_resources = (AwsConnectionListResource, AwsMonitoringConfigurationListResource)
    functions = (AwsAudience, AwsIssuer, AwsSubject, AwsTrustPolicy)

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        """`environ`: the environment variables of the process."""
        self.environ = environ

    async def configure(self, config: State) -> Tenant | UnconfiguredTenant:
        """Return the tenant that the provider block and the environment variables describe; nothing is sent yet.

        Raises `Error` for a setting that is missing, contradictory or invalid.
        """
        from terraform_provider_dynatrace.config.connect import connect  # noqa: PLC0415  # HTTP: not for schema and validate

        unknown = [name for name, value in config.items() if isinstance(value, Unknown)]
        return UnconfiguredTenant(unknown) if unknown else connect(read_settings(config, self.environ), self.environ)

    def before_call(self, client: Tenant | UnconfiguredTenant) -> None:
        """Limit the time of the call of Terraform's that begins now."""
        if not isinstance(client, UnconfiguredTenant):
            from terraform_provider_dynatrace.deadline import begin  # noqa: PLC0415  # not for schema and validate

            begin(client.operation_timeout)

    async def close(self, client: Tenant | UnconfiguredTenant) -> None:
        """Close the connections to Dynatrace."""
        if not isinstance(client, UnconfiguredTenant):
            await client.client.aclose()
