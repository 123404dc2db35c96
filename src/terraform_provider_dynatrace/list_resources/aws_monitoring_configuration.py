"""The list resource `dynatrace_aws_monitoring_configuration`: what `terraform query` finds in the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

from terraform_plugin import Attribute, Bool, Error, ListedObject, ListResource, Schema, State, String, warn
from terraform_provider_dynatrace.aws.monitoring import EXTENSION, Monitoring, from_value
from terraform_provider_dynatrace.resources.aws_monitoring_configuration import AwsMonitoringConfiguration

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from terraform_provider_dynatrace.config.tenant import Tenant, UnconfiguredTenant


class AwsMonitoringConfigurationListResource(ListResource):
    """The monitoring configurations that the credential may read."""

    resource = AwsMonitoringConfiguration
    schema = Schema(
        "The monitoring configurations that the credential may read, sorted by name. Filters that are set must all "
        "match.",
        attributes={
            "account_id": Attribute(String, "Only the configuration of this AWS account.", optional=True),
            "enabled": Attribute(
                Bool, "Only configurations that are enabled, or only those that are not.", optional=True
            ),
        },
    )

    def __init__(self, tenant: Tenant | UnconfiguredTenant) -> None:
        self.tenant = tenant

    async def list(self, config: State) -> AsyncIterator[ListedObject]:
        """Yield what `terraform query` may import; a value in an unknown form is only warned of."""
        found = await self.tenant.extension(EXTENSION).list()
        for one in sorted(found, key=lambda one: (str(one.value.get("description")), one.object_id)):
            try:
                known = Monitoring.of(one.value)
                state = from_value(one.scope, one.value, {})
            except Error as error:
                warn(error.summary, f"{one.object_id}: {error.detail}")
                continue
            account, enabled = config["account_id"], config["enabled"]
            if account in (None, known.credential.account_id) and enabled in (None, known.is_enabled):
                yield ListedObject(State({"id": one.object_id, **state}), known.description)
