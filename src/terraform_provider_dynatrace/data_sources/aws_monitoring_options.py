"""The data source `dynatrace_aws_monitoring_options`: what can be monitored in AWS accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from terraform_plugin import Attribute, DataSource, List, Path, Schema, State, String
from terraform_provider_dynatrace.aws.monitoring import EXTENSION, FEATURE_SETS, REGIONS
from terraform_provider_dynatrace.extensions.plan_checks import not_installed, version_problems

if TYPE_CHECKING:
    from terraform_provider_dynatrace.config.tenant import Tenant, UnconfiguredTenant


class AwsMonitoringOptionsDataSource(DataSource):
    """The versions of the extension for AWS, and the regions and feature sets of one of them."""

    type_name = "dynatrace_aws_monitoring_options"
    schema = Schema(
        f"What a `dynatrace_aws_monitoring_configuration` can contain: the versions of the extension `{EXTENSION}` in "
        "the environment, and the regions and feature sets of one version.",
        attributes={
            "extension_version": Attribute(
                String,
                "The version whose regions and feature sets are returned. Default: the active version, or the newest "
                "installed one if none is active.",
                optional=True,
                computed=True,
            ),
            "installed_versions": Attribute(List(String), "The installed versions, newest first.", computed=True),
            "active_version": Attribute(String, "The active version; `null` if none is active.", computed=True),
            "regions": Attribute(List(String), "The AWS regions, sorted.", computed=True),
            "feature_sets": Attribute(List(String), "The feature sets, sorted.", computed=True),
        },
    )

    def __init__(self, tenant: Tenant | UnconfiguredTenant) -> None:
        self.tenant = tenant

    async def read(self, config: State) -> State:
        extension = self.tenant.extension(EXTENSION)
        installed = list(await extension.versions())
        if not installed:
            raise not_installed(EXTENSION, self.tenant.environment.url)
        active = await extension.api.active_version()
        version = config["extension_version"] or active or installed[0]
        for problem in version_problems(version, installed, Path("extension_version")):
            raise problem
        enums = await extension.enums(version)
        return config | {
            "extension_version": version,
            "installed_versions": installed,
            "active_version": active,
            "regions": sorted(enums.get(REGIONS, [])),
            "feature_sets": sorted(enums.get(FEATURE_SETS, [])),
        }
