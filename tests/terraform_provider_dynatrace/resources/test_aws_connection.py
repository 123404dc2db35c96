"""What a configuration of `dynatrace_aws_connection` may contain, what a plan checks, and imports."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from terraform_plugin import UNKNOWN, Change, Error, State
from terraform_plugin.diagnostics import Diagnostic, collect_warnings
from terraform_plugin.planning.plan import plan
from terraform_plugin.state.objects import complete
from terraform_plugin.validation import validate
from terraform_provider_dynatrace.client.errors import Forbidden
from terraform_provider_dynatrace.config.credentials import Credentials
from terraform_provider_dynatrace.config.tenant import Tenant as ProvidersTenant
from terraform_provider_dynatrace.resources.aws_connection import AwsConnection
from terraform_provider_dynatrace.settings.model import SettingsObject
from tests.terraform_provider_dynatrace.in_process import Tenant

WEB_IDENTITY = {"web_identity": [{"consumers": ["APP:dynatrace.aws.connector"]}]}
ROLE_BASED = {"role_based_auth": [{"consumers": ["SVC:com.dynatrace.da"]}]}


def config(**values: Any) -> State:
    return State(complete(AwsConnection.schema, {"name": "production", **values}))


@pytest.mark.parametrize(
    ("values", "path", "says"),
    [
        ({}, "", "Set exactly one of `role_based_auth` and `web_identity`"),
        (WEB_IDENTITY | ROLE_BASED, "web_identity", "Set exactly one of `role_based_auth` and `web_identity`"),
        ({"web_identity": [{"consumers": []}]}, "web_identity[0].consumers", '["APP:dynatrace.aws.connector"]'),
        ({"role_based_auth": [{"consumers": []}]}, "role_based_auth[0].consumers", '["APP:dynatrace.biz.carbon"]'),
        (WEB_IDENTITY | {"name": "ab"}, "name", "3 to 100 characters"),
        (WEB_IDENTITY | {"name": "a" * 101}, "name", "3 to 100 characters"),
        (WEB_IDENTITY | {"name": "with: colon"}, "name", "not contain a colon"),
        (WEB_IDENTITY | {"id": "chosen"}, "id", "cannot be configured"),
    ],
)
def test_a_mistake_is_found_before_anything_is_planned(values: dict[str, Any], path: str, says: str) -> None:
    """Each error has its attribute's path and says what would be right."""
    errors = validate(AwsConnection.schema, config(**values))

    assert [(str(error.path), says in error.detail) for error in errors] == [(path, True)]


@pytest.mark.parametrize(
    "values",
    [
        {"name": UNKNOWN, **WEB_IDENTITY},
        {"web_identity": UNKNOWN},
        {"web_identity": UNKNOWN, "role_based_auth": UNKNOWN},
        {"web_identity": [{"consumers": UNKNOWN}]},
        {"web_identity": [{"consumers": [UNKNOWN]}]},
    ],
)
def test_unknown_values_are_accepted_by_validate(values: dict[str, Any]) -> None:
    """Nearly everything is unknown while Terraform validates a module."""
    assert validate(AwsConnection.schema, config(**values)) == []


def test_unknown_consumers_are_one_warning_with_the_most_similar_known_one() -> None:
    """Dynatrace versions differ in their consumers, so only Dynatrace can reject one."""
    consumers = ["APP:dynatrace.aws.conector", *(f"APP:{number}" for number in range(1000))]

    with collect_warnings() as warnings:
        errors = validate(AwsConnection.schema, config(web_identity=[{"consumers": consumers}]))

    assert errors == []
    [warning] = warnings
    assert str(warning.path) == "web_identity[0].consumers"
    assert 'Did you mean "APP:dynatrace.aws.connector"?' in warning.detail
    assert len(warning.detail) < 1000


@pytest.mark.parametrize(
    ("change", "replaced_for"),
    [
        ({"name": "renamed"}, []),
        ({"web_identity": [{"consumers": ["APP:dynatrace.biz.carbon"]}]}, ["web_identity"]),
        ({"web_identity": [], **ROLE_BASED}, ["role_based_auth", "web_identity"]),
    ],
)
def test_only_the_name_changes_in_place(change: dict[str, Any], replaced_for: list[str]) -> None:
    """Dynatrace does not let the authentication and its consumers change."""
    prior = config(id="an-id", **WEB_IDENTITY)

    planned = plan(AwsConnection.schema, prior, config(**{**WEB_IDENTITY, **change}))

    assert [str(path) for path in planned.requires_replace] == replaced_for
    assert planned.planned is not None
    assert planned.planned["id"] == "an-id"


@pytest.fixture
def far() -> Tenant:
    return Tenant()


@pytest.fixture
async def tenant(far: Tenant) -> AsyncIterator[ProvidersTenant]:
    async with far.configured() as found:
        yield found


async def planned(
    resource: AwsConnection, prior: State | None, wanted: State | None, private: bytes = b""
) -> tuple[Change, list[Diagnostic]]:
    with collect_warnings() as warnings:
        change = await resource.plan(plan(AwsConnection.schema, prior, wanted, private))
    return change, warnings


async def created(tenant: ProvidersTenant, name: str = "production") -> State:
    """Return the state of a connection that exists, as another process has created it."""
    plan_ = State(config(name=name, **WEB_IDENTITY) | {"id": UNKNOWN})
    return await AwsConnection(tenant).create(plan_)


async def test_a_plan_of_a_valid_connection_reports_nothing(tenant: ProvidersTenant) -> None:
    """It is validated with Dynatrace, and nothing is created."""
    _, warnings = await planned(AwsConnection(tenant), None, config(**WEB_IDENTITY))

    assert warnings == []


async def test_a_name_in_use_is_reported_by_the_plan(far: Tenant, tenant: ProvidersTenant) -> None:
    """Without a plan check, the apply would fail."""
    async with far.configured() as elsewhere:
        await created(elsewhere)

    with pytest.raises(Error, match="The name is already in use"):
        await planned(AwsConnection(tenant), None, config(**WEB_IDENTITY))


async def test_a_replacement_may_keep_its_name(tenant: ProvidersTenant) -> None:
    """Terraform plans it twice. The second plan gets the private data of the first."""
    state = await created(tenant)
    resource = AwsConnection(tenant)

    first, _ = await planned(resource, state, config(id=state["id"], **ROLE_BASED))
    assert first.planned is not None
    second, warnings = await planned(resource, None, config(**ROLE_BASED), first.planned.private)

    assert second.planned is not None
    assert warnings == []
    assert resource.planned.is_deleted(state["id"])


async def test_a_rename_is_validated(tenant: ProvidersTenant) -> None:
    """Another connection has the new name."""
    await created(tenant, "taken")
    state = await created(tenant)

    with pytest.raises(Error, match="The name is already in use"):
        await planned(AwsConnection(tenant), state, State(state | {"name": "taken"}))


async def test_an_unknown_name_is_not_validated(far: Tenant, tenant: ProvidersTenant) -> None:
    """Nothing is known that Dynatrace could validate."""
    await planned(AwsConnection(tenant), None, config(name=UNKNOWN, **WEB_IDENTITY))
    await planned(AwsConnection(tenant), None, config(web_identity=[{"consumers": UNKNOWN}]))

    assert far.requests() == []


async def test_validation_can_be_switched_off(far: Tenant, tenant: ProvidersTenant) -> None:
    """Creates and destroys are then planned without a request; two equal names are still an error."""
    quiet = ProvidersTenant(tenant.environment, tenant.client, tenant.credentials, validate_at_plan=False)
    resource = AwsConnection(quiet)

    await planned(resource, None, config(**WEB_IDENTITY))
    await planned(resource, config(id="an-id", name="old", **WEB_IDENTITY), None)
    with pytest.raises(Error, match="Two connections with the same name"):
        await planned(resource, None, config(**WEB_IDENTITY))

    assert far.requests() == []


async def test_a_public_connection_is_a_warning_if_it_could_be_private(far: Tenant) -> None:
    """Platform credentials are configured, but the API token takes precedence."""
    client = far.client("api-token")
    both = Credentials(client.credential, far.credential("platform-token"), "")
    resource = AwsConnection(ProvidersTenant(client.connection.environment, client, both))

    _, warnings = await planned(resource, None, config(**WEB_IDENTITY))

    assert [warning.summary for warning in warnings] == ["The connection will be public"]


async def test_a_destroy_without_the_write_scope_is_refused_by_the_plan(far: Tenant, tenant: ProvidersTenant) -> None:
    """Otherwise a part of the resources would be destroyed first."""
    state = await created(tenant)

    async with far.configured("read-only-api-token") as reader:
        with pytest.raises(Forbidden):
            await planned(AwsConnection(reader), state, None)


async def test_a_state_without_a_block_can_be_destroyed(tenant: ProvidersTenant) -> None:
    """For example one that was edited, or written by a newer release."""
    state = await created(tenant)
    resource = AwsConnection(tenant)

    change, _ = await planned(resource, State(state | {"web_identity": [], "role_based_auth": []}), None)

    assert change.planned is None
    assert resource.planned.is_deleted(state["id"])


async def test_an_identity_is_imported_if_the_connection_exists(tenant: ProvidersTenant) -> None:
    """Otherwise the error names the ID."""
    state = await created(tenant)
    resource = AwsConnection(tenant)

    assert await resource.import_identity({"id": state["id"]}) == {"id": state["id"]}
    with pytest.raises(Error, match="AWS connection not found") as caught:
        await resource.import_identity({"id": "nothing"})
    assert 'the ID "nothing"' in caught.value.detail


async def test_an_import_takes_an_id_or_a_name(tenant: ProvidersTenant) -> None:
    """Reading completes the state."""
    state = await created(tenant)
    resource = AwsConnection(tenant)

    for id_ in (state["id"], "production"):
        imported = await resource.import_state(id_)
        assert await resource.read(State(complete(AwsConnection.schema, imported))) == state


async def test_a_missing_connection_reads_as_none(tenant: ProvidersTenant) -> None:
    """Deleting it again succeeds."""
    state = await created(tenant)
    await AwsConnection(tenant).delete(state)

    assert await AwsConnection(tenant).read(state) is None
    await AwsConnection(tenant).delete(state)


async def test_an_update_changes_the_name_only(far: Tenant, tenant: ProvidersTenant) -> None:
    """Properties that this provider does not know stay as they are."""
    state = await created(tenant)
    stored = far.sandbox.environment.store.get(state["id"])
    assert stored is not None
    before = stored.value["awsWebIdentity"]

    await AwsConnection(tenant).update(state, State(state | {"name": "renamed"}))

    after = far.sandbox.environment.store.get(state["id"])
    assert after is not None
    assert (after.value["name"], after.value["awsWebIdentity"]) == ("renamed", before)


def test_an_export_has_the_attributes_of_a_state() -> None:
    """A connection without consumers has none configured."""
    value = {"name": "production", "type": "awsRoleBasedAuthentication", "awsRoleBasedAuthentication": {}}

    assert AwsConnection.from_connection(SettingsObject("an-id", value)) == {
        "id": "an-id",
        "name": "production",
        "role_based_auth": [{"consumers": None}],
        "web_identity": [],
    }
