"""What `terraform query` finds: monitoring configurations, as the resource would read them."""

from __future__ import annotations

import re
from typing import Any

import pytest

from terraform_plugin import State
from terraform_plugin.state.objects import complete
from terraform_provider_dynatrace.config.credentials import Credentials
from terraform_provider_dynatrace.config.tenant import Tenant
from terraform_provider_dynatrace.list_resources.aws_monitoring_configuration import (
    AwsMonitoringConfigurationListResource,
)
from tests.examples.applied import MONITORING_LIST, text_of
from tests.terraform_provider_dynatrace.in_process import ENVIRONMENT
from tests.terraform_provider_dynatrace.in_process import Tenant as FarTenant
from tests.terraform_provider_dynatrace.monitored import Environment, configured


async def listed(**filters: Any) -> list[str]:
    environment = Environment(FarTenant())
    for number, name in enumerate(["second", "first"]):
        account = str(number) * 12
        config = configured(await environment.connection(name, account), name=name, account_id=account)
        await environment.apply(config | {"enabled": name == "first"})
    async with environment.far.client("platform-token") as client:
        tenant = Tenant(ENVIRONMENT, client, Credentials(client.credential, client.credential, ""))
        resource = AwsMonitoringConfigurationListResource(tenant)
        config = State(complete(resource.schema, filters))
        found = [one async for one in resource.list(config)]
    assert all(one.state["name"] == one.display_name and one.state["id"] for one in found)
    return [one.display_name for one in found]


@pytest.mark.parametrize(
    ("filters", "names"),
    [
        ({}, ["first", "second"]),
        ({"account_id": "0" * 12}, ["second"]),
        ({"enabled": True}, ["first"]),
        ({"enabled": False, "account_id": "1" * 12}, []),
    ],
)
async def test_configurations_are_listed_by_name(filters: dict[str, Any], names: list[str]) -> None:
    """Filters that are set must all match."""
    assert await listed(**filters) == names


async def test_the_example_lists_what_it_says() -> None:
    """Its filters, as `terraform query` would send them."""
    assert re.findall(r"^    (\w+) = (\w+)$", text_of(MONITORING_LIST), re.MULTILINE) == [("enabled", "false")]
    assert await listed(enabled=False) == ["second"]
