"""A plan that does not know the provider's arguments yet: what it can do, and what it says of the rest."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from terraform_plugin import UNKNOWN
from terraform_plugin.testing import in_process
from terraform_plugin.testing.protocol import ProtocolClient, Response
from terraform_provider_dynatrace.provider import DynatraceProvider

ROLE = "arn:aws:iam::123456789012:role/dynatrace"
CONNECTION = {"name": "production", "web_identity": [{"consumers": ["APP:dynatrace.aws.connector"]}]}
PERMISSIONS = {"settings_object_id": "an-id", "all_users": "read"}
RESOURCES: list[tuple[str, dict[str, Any]]] = [
    ("dynatrace_aws_connection", CONNECTION),
    ("dynatrace_aws_connection_role_arn", {"aws_connection_id": "an-id", "role_arn": ROLE}),
    ("dynatrace_settings_permissions", PERMISSIONS),
]


def tell(story: Callable[[ProtocolClient], Awaitable[Response]]) -> Response:
    """Tell the story with a provider whose URL and token are not known yet."""

    async def run() -> Response:
        async with in_process(DynatraceProvider({})) as provider:
            answer = await provider.configure({"dt_env_url": UNKNOWN, "dt_api_token": UNKNOWN})
            assert answer.errors == []
            return await story(provider)

    return asyncio.run(run())


@pytest.mark.parametrize(("type_name", "config"), RESOURCES)
def test_a_create_is_planned_with_a_note(type_name: str, config: dict[str, Any]) -> None:
    """It names the arguments; nothing else is known to be wrong."""
    answer = tell(lambda provider: provider.plan(type_name, config))

    [warning] = answer.diagnostics
    assert warning.summary == "Not validated with Dynatrace"
    assert "dt_env_url and dt_api_token in the provider block depend" in warning.detail
    assert {name: answer.value[name] for name in config} == config


@pytest.mark.parametrize(("type_name", "config"), RESOURCES)
def test_a_read_fails_with_the_reason(type_name: str, config: dict[str, Any]) -> None:
    """Nothing else could say what is there."""
    answer = tell(lambda provider: provider.read(type_name, config | {"id": "an-id"}))

    [error] = answer.errors
    assert error.summary == "The provider is not configured yet"
    assert "terraform apply -target=ADDRESS" in error.detail


def test_a_data_source_fails_with_the_reason() -> None:
    """It has no answer of its own."""
    answer = tell(lambda provider: provider.read_data_source("dynatrace_aws_connection", {"name": "production"}))

    assert [error.summary for error in answer.errors] == ["The provider is not configured yet"]


def test_what_the_configuration_alone_shows_is_refused() -> None:
    """Two connections of one name need no tenant to be wrong."""

    async def story(provider: ProtocolClient) -> Response:
        await provider.plan("dynatrace_aws_connection", CONNECTION)
        return await provider.plan("dynatrace_aws_connection", CONNECTION)

    assert [error.summary for error in tell(story).errors] == ["Two connections with one name"]


@pytest.mark.parametrize(("type_name", "config"), RESOURCES)
def test_a_destroy_is_planned_without_asking(type_name: str, config: dict[str, Any]) -> None:
    """Nothing that only matters for what is to be there stands in its way."""
    state = config | {"id": "an-id"}

    assert tell(lambda provider: provider.plan(type_name, None, prior=state)).diagnostics == []


def test_what_stays_as_it_is_needs_no_note() -> None:
    """A plan without a change has nothing to be checked."""
    state = CONNECTION | {"id": "an-id"}

    assert tell(lambda provider: provider.plan("dynatrace_aws_connection", CONNECTION, prior=state)).diagnostics == []
