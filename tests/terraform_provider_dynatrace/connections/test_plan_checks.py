"""Whether Dynatrace would accept a planned connection, against the sandbox."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from terraform_plugin import Error, Path
from terraform_plugin.diagnostics import collect_warnings
from terraform_provider_dynatrace.aws.connection import AWS_CONNECTION, SCHEMA_ID
from terraform_provider_dynatrace.client.errors import Forbidden
from terraform_provider_dynatrace.config.credentials import Credentials
from terraform_provider_dynatrace.config.tenant import Tenant as ProvidersTenant
from terraform_provider_dynatrace.connections.plan_checks import PlanChecks, check_writable, name_taken
from terraform_provider_dynatrace.connections.planned import PlannedConnections, ReplacedConnection
from tests.terraform_provider_dynatrace.far_end import ENVIRONMENT, FarEnd, client_of, json, refusal
from tests.terraform_provider_dynatrace.in_process import Tenant


def value(name: str, *consumers: str) -> dict[str, Any]:
    details = {"roleArn": "", "consumers": [*(consumers or ("APP:dynatrace.aws.connector",))]}
    return {"name": name, "type": "awsWebIdentity", "awsWebIdentity": details}


@pytest.fixture
def far() -> Tenant:
    return Tenant()


@pytest.fixture
async def tenant(far: Tenant) -> AsyncIterator[ProvidersTenant]:
    async with far.configured() as found:
        yield found


def checks_of(tenant: ProvidersTenant, *managed: str) -> PlanChecks:
    planned = PlannedConnections()
    for object_id in managed:
        planned.note_managed(object_id)
    return PlanChecks(tenant, AWS_CONNECTION, planned)


async def test_a_create_that_dynatrace_accepts_passes_and_writes_nothing(far: Tenant, tenant: ProvidersTenant) -> None:
    """The request only validates."""
    await checks_of(tenant).check_create(value("production"), None)

    assert [*far.sandbox.environment.store] == []


async def test_a_refused_value_is_an_error_at_its_attribute(tenant: ProvidersTenant) -> None:
    """Only Dynatrace can refuse a consumer. The error lists what the schema of this environment allows."""
    with pytest.raises(Error) as caught:
        await checks_of(tenant).check_create(value("production", "APP:dynatrace.aws.conector"), None)

    assert str(caught.value.path) == "web_identity[0].consumers"
    assert "This environment allows: APP:dynatrace.aws.connector." in caught.value.detail
    assert 'Did you mean "APP:dynatrace.aws.connector"?' in caught.value.detail


async def test_a_name_in_use_elsewhere_comes_with_an_import_block(tenant: ProvidersTenant) -> None:
    """The existing connection can be managed instead."""
    existing = await tenant.settings(SCHEMA_ID).create(value("production"))

    with pytest.raises(Error, match="The name is already in use") as caught:
        await checks_of(tenant).check_create(value("production"), None)

    assert caught.value.path == Path("name")
    assert f'id = "{existing.object_id}"' in caught.value.detail


async def test_a_name_in_use_in_the_same_state_is_a_warning(tenant: ProvidersTenant) -> None:
    """The same run may rename or delete that connection in time."""
    existing = await tenant.settings(SCHEMA_ID).create(value("production"))

    with collect_warnings() as warnings:
        await checks_of(tenant, existing.object_id).check_create(value("production"), None)

    assert [(warning.summary, warning.path) for warning in warnings] == [("The name is still in use", Path("name"))]


async def test_a_replacement_may_keep_the_name(tenant: ProvidersTenant) -> None:
    """The replaced connection is deleted first."""
    existing = await tenant.settings(SCHEMA_ID).create(value("production"))
    replaced = ReplacedConnection(existing.object_id, "production")

    await checks_of(tenant).check_create(value("production"), replaced)


async def test_two_mistakes_are_two_errors() -> None:
    """A name in use does not hide the other mistake."""
    violations = [{"path": path, "message": "No."} for path in ("name", "awsWebIdentity/consumers/0")]
    refused = json([{"code": 400, "error": {"code": 400, "message": "No.", "constraintViolations": violations}}], 400)
    holder = json({"items": [{"objectId": "an-id", "value": value("production")}], "totalCount": 1})

    async with client_of(FarEnd(refused, refusal(403, "No scope."), holder)) as client:
        tenant = ProvidersTenant(ENVIRONMENT, client, Credentials(client.credential, None, ""))
        with pytest.raises(ExceptionGroup) as caught:
            await checks_of(tenant).check_create(value("production"), None)

    paths = {str(error.path) for error in caught.value.exceptions if isinstance(error, Error)}
    assert paths == {"name", "web_identity[0].consumers"}


async def test_a_rename_to_a_name_in_use_is_refused(tenant: ProvidersTenant) -> None:
    """Nothing is renamed by the check."""
    connections = tenant.settings(SCHEMA_ID)
    await connections.create(value("production"))
    renamed = await connections.create(value("staging"))

    with pytest.raises(Error, match="The name is already in use"):
        await checks_of(tenant).check_rename(renamed.object_id, "production")
    await checks_of(tenant).check_rename(renamed.object_id, "another")
    await checks_of(tenant).check_rename("gone", "another")

    read = await connections.get(renamed.object_id)
    assert read is not None
    assert read.value["name"] == "staging"


async def test_a_delete_without_the_write_scope_is_refused(far: Tenant, tenant: ProvidersTenant) -> None:
    """The message names the connection, because Terraform has no address for what left the configuration."""
    existing = await tenant.settings(SCHEMA_ID).create(value("production"))

    async with far.configured("read-only-api-token") as reader:
        with pytest.raises(Forbidden) as caught:
            await checks_of(reader).check_delete(existing.object_id, "production")

    assert f'"production" ({existing.object_id}) is planned to be destroyed' in caught.value.detail


async def test_other_failures_do_not_prevent_a_destroy(far: Tenant, tenant: ProvidersTenant) -> None:
    """What Dynatrace says about the value of an old connection does not matter, nor that it is gone."""
    existing = await tenant.settings(SCHEMA_ID).create(value("production"))
    far.sandbox.environment.store.get(existing.object_id).value["name"] = "x"  # type: ignore[union-attr]

    await checks_of(tenant).check_delete(existing.object_id, "production")
    await checks_of(tenant).check_delete("gone", None)


async def test_a_writable_object_passes(tenant: ProvidersTenant) -> None:
    """Its own value is validated, so that only the credential can be the reason for a refusal."""
    existing = await tenant.settings(SCHEMA_ID).create(value("production"))

    await check_writable(tenant.settings(SCHEMA_ID), existing)


def test_the_message_about_a_name_in_use_is_about_the_resource() -> None:
    """Its type comes from the type of connection."""
    detail = name_taken(AWS_CONNECTION, "production", "an-id", "https://abc12345.live.dynatrace.com").detail

    assert detail.startswith('https://abc12345.live.dynatrace.com already has a connection with the name "production"')
    assert (
        '  import {\n    to = dynatrace_aws_connection.NAME # the address of this resource\n    id = "an-id"\n  }'
        in detail
    )
