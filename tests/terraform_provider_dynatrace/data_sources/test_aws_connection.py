"""The data source `dynatrace_aws_connection`, against the sandbox."""

from __future__ import annotations

from typing import Any

import pytest

from dynatrace_sandbox.tenant.credentials import COLLEAGUE, OWNER
from terraform_plugin import Error, State
from terraform_plugin.state.objects import complete
from terraform_plugin.validation import validate
from terraform_provider_dynatrace.aws.connection import SCHEMA_ID
from terraform_provider_dynatrace.data_sources.aws_connection import AwsConnectionDataSource
from terraform_provider_dynatrace.settings.permissions import Accessor
from tests.terraform_provider_dynatrace.in_process import Tenant

VALUE = {
    "name": "production",
    "type": "awsWebIdentity",
    "awsWebIdentity": {"roleArn": "", "consumers": ["APP:dynatrace.aws.connector"]},
}


def config(**values: Any) -> State:
    return State(complete(AwsConnectionDataSource.schema, values))


@pytest.mark.parametrize("by", ["id", "name"])
async def test_a_connection_is_read_by_its_id_or_its_name(by: str) -> None:
    """Both give the same attributes."""
    async with Tenant().configured() as tenant:
        created = await tenant.settings(SCHEMA_ID).create(VALUE)
        wanted = {"id": created.object_id, "name": "production"}[by]

        assert await AwsConnectionDataSource(tenant).read(config(**{by: wanted})) == {
            "id": created.object_id,
            "name": "production",
            "kind": "web_identity",
            "consumers": ["APP:dynatrace.aws.connector"],
            "role_arn": None,
            "owner": None,
            "public": True,
            "allowed_operations": ["delete", "read", "write"],
        }


async def test_the_owner_of_a_private_connection_is_shown() -> None:
    """With what this credential may do: another one that may only read it sees the same owner."""
    far = Tenant()
    async with far.configured("platform-token") as tenant:
        created = await tenant.settings(SCHEMA_ID).create(VALUE)
        own = await AwsConnectionDataSource(tenant).read(config(name="production"))
        await tenant.permissions.set(created.object_id, {Accessor("user", COLLEAGUE.id): "read"})
    async with far.configured("colleague-platform-token") as tenant:
        other = await AwsConnectionDataSource(tenant).read(config(name="production"))

    assert own["owner"] == other["owner"] == {"type": "user", "id": OWNER.id}
    assert (own["public"], own["allowed_operations"]) == (False, ["delete", "read", "write"])
    assert (other["public"], other["allowed_operations"]) == (False, ["read"])


@pytest.mark.parametrize("by", ["id", "name"])
async def test_a_missing_connection_is_an_error_at_its_attribute(by: str) -> None:
    """It may also be private to another user, and the message says so."""
    async with Tenant().configured() as tenant:
        with pytest.raises(Error, match="AWS connection not found") as caught:
            await AwsConnectionDataSource(tenant).read(config(**{by: "gone"}))

    assert str(caught.value.path) == by
    assert "private to its owner" in caught.value.detail


@pytest.mark.parametrize("values", [{}, {"id": "x", "name": "y"}])
def test_either_the_id_or_the_name_is_set(values: dict[str, str]) -> None:
    """Validate reports both and neither."""
    [error] = validate(AwsConnectionDataSource.schema, config(**values))

    assert "`id` and `name`" in error.detail
