"""The data source `dynatrace_aws_connections`, against the sandbox."""

from __future__ import annotations

from typing import Any

from dynatrace_sandbox.tenant.credentials import OWNER, STRANGER
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


async def test_connections_are_filtered_by_their_owner() -> None:
    """By the UUID of a user or a group in any spelling, or `none` for those without an owner."""
    far = Tenant()
    async with far.configured("platform-token") as tenant:
        await tenant.settings(SCHEMA_ID).create(VALUES[0])
    async with far.configured("api-token") as tenant:
        await tenant.settings(SCHEMA_ID).create(VALUES[1])
    async with far.configured("platform-token") as tenant:
        source = AwsConnectionsDataSource(tenant)
        owned, public, others, every = [
            (await source.read(config(owner=owner)))["connections"]
            for owner in (OWNER.id.upper(), "none", STRANGER.id, None)
        ]

    assert [(one["name"], one["owner"]) for one in owned] == [("second", {"type": "user", "id": OWNER.id})]
    assert [(one["name"], one["owner"], one["public"]) for one in public] == [("first", None, True)]
    assert others == []
    assert len(every) == 2


def test_a_name_cannot_stand_for_an_owner() -> None:
    """The message names what was given."""
    [error] = validate(AwsConnectionsDataSource.schema, config(owner="Platform team"))

    assert 'UUID of a user or group, such as 01234567-89ab-cdef-0123-456789abcdef, got the name "Platform team"' in (
        error.detail
    )
