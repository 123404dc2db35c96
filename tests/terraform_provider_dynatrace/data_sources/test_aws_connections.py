"""The data source `dynatrace_aws_connections`, against the sandbox."""

from __future__ import annotations

from typing import Any

from terraform_plugin import State
from terraform_plugin.state.objects import complete
from terraform_plugin.validation import validate
from terraform_provider_dynatrace.aws.connection import SCHEMA_ID
from terraform_provider_dynatrace.data_sources.aws_connections import AwsConnectionsDataSource
from tests.terraform_provider_dynatrace.in_process import Tenant

VALUES = [
    {"name": "second", "type": "awsRoleBasedAuthentication", "awsRoleBasedAuthentication": {"consumers": []}},
    {"name": "first", "type": "awsWebIdentity", "awsWebIdentity": {"consumers": ["APP:dynatrace.aws.connector"]}},
]


def config(**values: Any) -> State:
    return State(complete(AwsConnectionsDataSource.schema, values))


async def names(**filters: Any) -> list[str]:
    async with Tenant().configured() as tenant:
        for value in VALUES:
            await tenant.settings(SCHEMA_ID).create(value)
        read = await AwsConnectionsDataSource(tenant).read(config(**filters))
        return [connection["name"] for connection in read["connections"]]


async def test_all_connections_are_read_sorted_by_name() -> None:
    """The order in Dynatrace does not matter."""
    assert await names() == ["first", "second"]


async def test_a_filter_restricts_the_connections() -> None:
    """As for the list resource."""
    assert await names(kind="role_based_auth") == ["second"]
    assert await names(name_prefix="third") == []


def test_an_unknown_kind_is_refused_by_validate() -> None:
    """No connection could match it."""
    [error] = validate(AwsConnectionsDataSource.schema, config(kind="web"))

    assert "web_identity" in error.detail
