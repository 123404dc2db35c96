"""Whether the account of a connection is monitored."""

from __future__ import annotations

import pytest

from terraform_provider_dynatrace.cli.doctor.monitoring import configurations_of, monitoring_of
from terraform_provider_dynatrace.config.credentials import Credentials
from terraform_provider_dynatrace.config.tenant import Tenant
from tests.terraform_provider_dynatrace.in_process import ENVIRONMENT
from tests.terraform_provider_dynatrace.in_process import Tenant as FarTenant
from tests.terraform_provider_dynatrace.monitored import ACCOUNT, Environment, configured


async def said(environment: Environment, connection: str, credential: str = "platform-token") -> str:
    async with environment.far.client(credential) as client:
        platform = client.credential if client.credential.gives_owner else None
        tenant = Tenant(ENVIRONMENT, client, Credentials(client.credential, platform, ""))
        return monitoring_of(await configurations_of(tenant), connection, ACCOUNT).text


@pytest.mark.parametrize("enabled", [True, False])
async def test_a_configuration_says_whether_it_is_enabled_and_what_it_uses(*, enabled: bool) -> None:
    """This connection, or another one."""
    environment = Environment(FarTenant())
    connection, other = await environment.connection(), await environment.connection("other")
    await environment.apply(configured(connection, enabled=enabled))
    object_id, word = environment.only()["objectId"], "enabled" if enabled else "disabled"

    assert await said(environment, connection) == f'"production" ({object_id}), {word}, uses this connection'
    assert await said(environment, other) == (
        f'"production" ({object_id}), {word}, uses another connection: {connection}'
    )


async def test_an_account_without_one_collects_nothing() -> None:
    """Data is collected only with a monitoring configuration."""
    environment = Environment(FarTenant())

    assert "has no monitoring configuration" in await said(environment, await environment.connection())


@pytest.mark.parametrize("credential", ["api-token", "settings-only-platform-token", "settings-only-oauth"])
async def test_what_cannot_be_read_is_said(credential: str) -> None:
    """The rest of the report is complete."""
    environment = Environment(FarTenant())

    assert (await said(environment, await environment.connection(), credential)).startswith("not checked: ")
