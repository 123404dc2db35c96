"""The provider: its arguments, and what it offers."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from terraform_plugin import DataSource, Function, Late, ListResource, Provider, Resource, Schema, State, Unknown
from terraform_provider_dynatrace.config.arguments import ARGUMENTS, read_settings
from terraform_provider_dynatrace.config.tenant import UnconfiguredTenant

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
    resources = Late[Resource](
        "terraform_provider_dynatrace.resources",
        {
            "dynatrace_aws_connection": "aws_connection:AwsConnection",
            "dynatrace_aws_connection_role_arn": "aws_connection_role_arn:AwsConnectionRoleArn",
            "dynatrace_aws_monitoring_configuration": "aws_monitoring_configuration:AwsMonitoringConfiguration",
            "dynatrace_settings_owner": "settings_owner:SettingsOwner",
            "dynatrace_settings_permissions": "settings_permissions:SettingsPermissions",
        },
    )
    data_sources = Late[DataSource](
        "terraform_provider_dynatrace.data_sources",
        {
            "dynatrace_aws_connection": "aws_connection:AwsConnectionDataSource",
            "dynatrace_aws_connections": "aws_connections:AwsConnectionsDataSource",
            "dynatrace_aws_monitoring_options": "aws_monitoring_options:AwsMonitoringOptionsDataSource",
            "dynatrace_aws_trust": "aws_trust:AwsTrustDataSource",
        },
    )
    list_resources = Late[ListResource](
        "terraform_provider_dynatrace.list_resources",
        {
            "dynatrace_aws_connection": "aws_connection:AwsConnectionListResource",
            "dynatrace_aws_monitoring_configuration": (
                "aws_monitoring_configuration:AwsMonitoringConfigurationListResource"
            ),
        },
    )
    functions = Late[Function](
        "terraform_provider_dynatrace.functions",
        {
            "aws_audience": "aws_audience:AwsAudience",
            "aws_issuer": "aws_issuer:AwsIssuer",
            "aws_subject": "aws_subject:AwsSubject",
            "aws_trust_policy": "aws_trust_policy:AwsTrustPolicy",
        },
    )

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
