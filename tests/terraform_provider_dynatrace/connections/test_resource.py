"""What resources share that are a connection or a part of one, with a resource that adds nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from terraform_plugin import Attribute, Error, Schema, State, String
from terraform_provider_dynatrace.aws.connection import AWS_CONNECTION
from terraform_provider_dynatrace.config.tenant import Tenant as ProvidersTenant
from terraform_provider_dynatrace.config.tenant import UnconfiguredTenant
from terraform_provider_dynatrace.connections.planned import PlannedConnections
from terraform_provider_dynatrace.connections.resource import ConnectionResource
from terraform_provider_dynatrace.settings.model import SettingsObject
from tests.terraform_provider_dynatrace.in_process import Tenant

VALUE = {
    "name": "production",
    "type": "awsWebIdentity",
    "awsWebIdentity": {"roleArn": "", "consumers": ["APP:dynatrace.aws.connector"]},
}


class Part(ConnectionResource):
    """A part of AWS connections."""

    type_name = "dynatrace_part"
    connection_type = AWS_CONNECTION
    schema = Schema("A part of a connection.", attributes={"id": Attribute(String, "The ID.", computed=True)})


@pytest.fixture
async def tenant() -> AsyncIterator[ProvidersTenant]:
    """A configured provider and a sandbox."""
    async with Tenant().configured() as tenant:
        yield tenant


async def test_its_objects_have_the_schema_of_its_connection_type(tenant: ProvidersTenant) -> None:
    """The provider has one object for each schema, which all resources use."""
    assert Part(tenant).connections is tenant.settings(AWS_CONNECTION.schema_id)


async def test_it_is_found_and_imported_by_the_id_or_the_name_of_the_connection(tenant: ProvidersTenant) -> None:
    """The state of an import has the ID, and is read afterwards."""
    object_id = (await tenant.settings(AWS_CONNECTION.schema_id).create(VALUE)).object_id

    for id_ in (object_id, "production"):
        assert (await Part(tenant).find(id_)).value["name"] == "production"
        assert await Part(tenant).import_state(id_) == State({"id": object_id})


async def test_a_connection_that_does_not_exist_cannot_be_imported(tenant: ProvidersTenant) -> None:
    """The error names what was searched for."""
    with pytest.raises(Error, match="AWS connection not found") as caught:
        await Part(tenant).import_state("prodution")

    assert "prodution" in caught.value.detail


async def test_all_resources_of_a_run_know_what_the_others_have_planned(tenant: ProvidersTenant) -> None:
    """They share one record."""
    Part(tenant).planned.note_deleted("an-id")

    assert Part(tenant).planned.is_deleted("an-id")
    assert tenant.shared(PlannedConnections).is_deleted("an-id")


async def test_it_can_be_planned_while_the_provider_is_not_configured() -> None:
    """What needs Dynatrace fails with the reason."""
    part = Part(UnconfiguredTenant(["dt_env_url"]))
    part.planned.note_managed("an-id")

    assert part.planned.is_managed("an-id")
    with pytest.raises(Error, match="dt_env_url in the provider block depends on a resource"):
        await part.find("an-id")


def test_a_resource_says_itself_which_attributes_a_connection_has() -> None:
    """An export asks every resource, so there is no default for the attributes."""
    connection = SettingsObject("an-id", VALUE)

    with pytest.raises(NotImplementedError):
        Part.from_connection(connection)
    assert Part.unmanaged_properties(VALUE) == []
