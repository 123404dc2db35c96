"""What `terraform query` finds in a tenant, against the sandbox."""

from __future__ import annotations

import re
from typing import Any

import pytest

from terraform_plugin import ListedObject, State
from terraform_plugin.state.objects import complete
from terraform_provider_dynatrace.config.credentials import Credentials
from terraform_provider_dynatrace.config.tenant import Tenant
from terraform_provider_dynatrace.list_resources.aws_connection import AwsConnectionListResource
from tests.examples.applied import LISTS, text_of
from tests.terraform_provider_dynatrace.in_process import ENVIRONMENT
from tests.terraform_provider_dynatrace.in_process import Tenant as FarTenant

SCHEMA = "builtin:hyperscaler-authentication.connections.aws"
VALUES = [
    {"name": "second", "type": "awsRoleBasedAuthentication", "awsRoleBasedAuthentication": {"consumers": []}},
    {"name": "first", "type": "awsWebIdentity", "awsWebIdentity": {"consumers": ["APP:dynatrace.aws.connector"]}},
]


async def listed(**filters: Any) -> list[ListedObject]:
    config = State(complete(AwsConnectionListResource.schema, filters))

    async with FarTenant().client() as client:
        tenant = Tenant(ENVIRONMENT, client, Credentials(client.credential, None, ""))
        for value in VALUES:
            await tenant.settings(SCHEMA).create(value)
        return [found async for found in AwsConnectionListResource(tenant).list(config)]


async def test_connections_are_listed_as_the_resource_would_read_them() -> None:
    """Connections are sorted by name, and the name is what a person sees."""
    first, second = await listed()

    assert (first.display_name, second.display_name) == ("first", "second")
    assert first.state["web_identity"] == [{"consumers": ["APP:dynatrace.aws.connector"]}]
    assert second.state["role_based_auth"] == [{"consumers": None}]
    assert first.state["id"] != second.state["id"]


@pytest.mark.parametrize("filters", [{"kind": "role_based_auth"}, {"name_prefix": "sec"}])
async def test_only_what_fits_is_listed(filters: dict[str, str]) -> None:
    """The filters are those of the data source `dynatrace_aws_connections`."""
    assert [found.display_name for found in await listed(**filters)] == ["second"]


async def test_the_example_lists_what_it_says() -> None:
    """Its filters, as `terraform query` would send them; Terraform knows list resources from 1.14 on."""
    filters = dict(re.findall(r'^    (\w+) = "(.*)"$', text_of(LISTS), re.MULTILINE))

    assert filters == {"kind": "web_identity"}
    assert [found.display_name for found in await listed(**filters)] == ["first"]
