"""A plan that does not know the provider's arguments yet: what it can do, and what it says of the rest."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from terraform_plugin import UNKNOWN
from terraform_plugin.testing import in_process
from terraform_plugin.testing.protocol import ProtocolClient
from terraform_provider_dynatrace.provider import DynatraceProvider

ROLE = "arn:aws:iam::123456789012:role/dynatrace"
CONNECTION = {"name": "production", "web_identity": [{"consumers": ["APP:dynatrace.aws.connector"]}]}
PERMISSIONS = {"settings_object_id": "an-id", "all_users": "read"}
RESOURCES: list[tuple[str, dict[str, Any]]] = [
    ("dynatrace_aws_connection", CONNECTION),
    ("dynatrace_aws_connection_role_arn", {"aws_connection_id": "an-id", "role_arn": ROLE}),
    ("dynatrace_settings_permissions", PERMISSIONS),
]


@pytest.fixture
async def provider() -> AsyncIterator[ProtocolClient]:
    """A provider whose URL and token are not known yet."""
    async with in_process(DynatraceProvider({})) as client:
        assert (await client.configure({"dt_env_url": UNKNOWN, "dt_api_token": UNKNOWN})).errors == []
        yield client


@pytest.mark.parametrize(("type_name", "config"), RESOURCES)
async def test_a_create_is_planned_with_a_note(
    provider: ProtocolClient, type_name: str, config: dict[str, Any]
) -> None:
    """The warning names the arguments that are not known; everything that is known is planned."""
    answer = await provider.plan(type_name, config)

    [warning] = answer.diagnostics
    assert warning.summary == "Not validated with Dynatrace"
    assert "dt_env_url and dt_api_token in the provider block depend" in warning.detail
    assert {name: answer.value[name] for name in config} == config


@pytest.mark.parametrize(("type_name", "config"), RESOURCES)
async def test_a_read_fails_with_the_reason(provider: ProtocolClient, type_name: str, config: dict[str, Any]) -> None:
    """There is no other way to read the object."""
    answer = await provider.read(type_name, config | {"id": "an-id"})

    [error] = answer.errors
    assert error.summary == "The provider is not configured yet"
    assert "terraform apply -target=ADDRESS" in error.detail


async def test_a_data_source_fails_with_the_reason(provider: ProtocolClient) -> None:
    """A data source cannot be read before the provider is configured."""
    answer = await provider.read_data_source("dynatrace_aws_connection", {"name": "production"})

    assert [error.summary for error in answer.errors] == ["The provider is not configured yet"]


async def test_what_the_configuration_alone_shows_is_refused(provider: ProtocolClient) -> None:
    """Two connections with the same name are reported without a request."""
    await provider.plan("dynatrace_aws_connection", CONNECTION)
    answer = await provider.plan("dynatrace_aws_connection", CONNECTION)

    assert [error.summary for error in answer.errors] == ["Two connections with the same name"]


@pytest.mark.parametrize(("type_name", "config"), RESOURCES)
async def test_a_destroy_is_planned_without_asking(
    provider: ProtocolClient, type_name: str, config: dict[str, Any]
) -> None:
    """Checks of the configuration do not prevent a destroy."""
    state = config | {"id": "an-id"}

    assert (await provider.plan(type_name, None, prior=state)).errors == []


async def test_what_stays_as_it_is_needs_no_note(provider: ProtocolClient) -> None:
    """A plan without a change has nothing to be checked."""
    state = CONNECTION | {"id": "an-id"}

    assert (await provider.plan("dynatrace_aws_connection", CONNECTION, prior=state)).diagnostics == []
