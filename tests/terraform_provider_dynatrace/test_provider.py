"""The provider block: what it offers, and what a configuration gives to the resources."""

from __future__ import annotations

import pytest

from terraform_plugin import UNKNOWN, Error, State
from terraform_provider_dynatrace.config.arguments import ARGUMENTS
from terraform_provider_dynatrace.config.tenant import Tenant, UnconfiguredTenant
from terraform_provider_dynatrace.deadline import remaining
from terraform_provider_dynatrace.provider import DynatraceProvider

CONFIGURED = {"dt_env_url": "https://abc12345.live.dynatrace.com", "dt_api_token": "dt0c01.PUBLIC.SECRET"}


def configuration(**arguments: object) -> State:
    return State({**dict.fromkeys(ARGUMENTS), **arguments})


def test_every_argument_of_the_table_is_in_the_schema() -> None:
    """And no other arguments."""
    assert DynatraceProvider.schema.attributes.keys() == ARGUMENTS.keys()
    assert not DynatraceProvider.schema.blocks


def test_everything_is_offered_under_its_name() -> None:
    """The table from which a class is imported names what the class names itself."""
    assert {name: one.type_name for name, one in DynatraceProvider.resources.by_name.items()} == {
        name: name for name in DynatraceProvider.resources.by_name
    }
    assert all(name == one.type_name for name, one in DynatraceProvider.data_sources.by_name.items())
    assert all(name == one.resource.type_name for name, one in DynatraceProvider.list_resources.by_name.items())
    assert all(name == one.name for name, one in DynatraceProvider.functions.by_name.items())
    assert {kind.resource for kind in DynatraceProvider.list_resources} <= {*DynatraceProvider.resources}


async def test_arguments_and_variables_make_a_tenant() -> None:
    """An argument wins over its variable; nothing is sent."""
    provider = DynatraceProvider({"DYNATRACE_ENV_URL": "https://other.live.dynatrace.com"})
    tenant = await provider.configure(configuration(**CONFIGURED))
    assert isinstance(tenant, Tenant)
    assert tenant.environment.url == CONFIGURED["dt_env_url"]
    await provider.close(tenant)


async def test_the_processs_environment_is_not_read_where_another_is_given() -> None:
    """So a test or a second provider gets only the given variables."""
    with pytest.raises(Error, match="Missing environment URL"):
        await DynatraceProvider({}).configure(configuration())


async def test_an_argument_that_is_not_known_yet_leaves_the_provider_unconfigured() -> None:
    """During a plan; resources then say what could not be checked."""
    provider = DynatraceProvider({})
    tenant = await provider.configure(configuration(**CONFIGURED | {"dt_env_url": UNKNOWN}))
    assert isinstance(tenant, UnconfiguredTenant)
    await provider.close(tenant)


async def test_each_call_has_the_time_of_an_operation() -> None:
    """`operation_timeout` counts from the beginning of the call."""
    provider = DynatraceProvider({})
    tenant = await provider.configure(configuration(**CONFIGURED, operation_timeout=90))
    provider.before_call(tenant)
    assert 80 < (remaining() or 0) <= 90
    await provider.close(tenant)
