"""Whether Dynatrace would accept a planned connection, against the sandbox."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from functools import partial
from typing import Any

import httpx2
import msgspec
import pytest

from dynatrace_sandbox.faults import FaultScript
from terraform_plugin import Error, Path
from terraform_plugin.diagnostics import collect_warnings
from terraform_provider_dynatrace.aws.connection import AWS_CONNECTION, SCHEMA_ID
from terraform_provider_dynatrace.client.auth import PlatformToken
from terraform_provider_dynatrace.client.errors import Forbidden, Rejected
from terraform_provider_dynatrace.config.credentials import Credentials
from terraform_provider_dynatrace.config.tenant import Tenant as ProvidersTenant
from terraform_provider_dynatrace.connections.plan_checks import PlanChecks, name_taken
from terraform_provider_dynatrace.connections.planned import PlannedConnections, ReplacedConnection
from terraform_provider_dynatrace.settings.model import SettingsObject
from terraform_provider_dynatrace.settings.objects import SettingsObjects
from terraform_provider_dynatrace.settings.permissions import ALL_USERS
from tests.terraform_provider_dynatrace.far_end import ENVIRONMENT, FarEnd, client_of, json, refusal
from tests.terraform_provider_dynatrace.in_process import Tenant
from tests.terraform_provider_dynatrace.settings.graph_walk import ten_at_a_time

PLATFORM = PlatformToken("dt0s16.PUBLIC.SECRETPART", source="platform_token")


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


async def made_elsewhere(far: Tenant, name: str) -> SettingsObject:
    """Create a connection in another process."""
    async with far.configured() as tenant:
        return await tenant.settings(SCHEMA_ID).create(value(name))


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


async def test_a_name_in_use_elsewhere_comes_with_an_import_block(far: Tenant, tenant: ProvidersTenant) -> None:
    """The existing connection can be managed instead."""
    existing = await made_elsewhere(far, "production")

    with pytest.raises(Error, match="The name is already in use") as caught:
        await checks_of(tenant).check_create(value("production"), None)

    assert caught.value.path == Path("name")
    assert f'id = "{existing.object_id}"' in caught.value.detail


async def test_a_name_in_use_in_the_same_state_is_a_warning(far: Tenant, tenant: ProvidersTenant) -> None:
    """The same run may rename or delete that connection in time."""
    existing = await made_elsewhere(far, "production")

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


async def test_many_deletes_are_checked_with_one_validation(far: Tenant, tenant: ProvidersTenant) -> None:
    """Whether the permissions of an object allow it is in the list that was read anyway."""
    connections = [await tenant.settings(SCHEMA_ID).create(value(f"connection {number}")) for number in range(50)]

    async with far.configured() as elsewhere:
        checks, before = checks_of(elsewhere), len(far.requests())
        await ten_at_a_time([partial(checks.check_delete, one.object_id, None) for one in connections])

    assert len(far.requests("PUT")) == 1
    assert len(far.requests()) - before <= 3


async def test_a_delete_of_what_others_own_is_refused_among_many(far: Tenant) -> None:
    """A shared connection can be read, and its operations do not contain writing."""
    async with far.configured("platform-token") as owner, far.configured("colleague-platform-token") as colleague:
        own = [await colleague.settings(SCHEMA_ID).create(value(f"own {number}")) for number in range(5)]
        shared = await owner.settings(SCHEMA_ID).create(value("shared"))
        await owner.permissions.set(shared.object_id, {ALL_USERS: "read"})
    async with far.configured("colleague-platform-token") as colleague:
        checks = checks_of(colleague)
        for one in own:
            await checks.check_delete(one.object_id, None)
        with pytest.raises(Forbidden):
            await checks.check_delete(shared.object_id, "shared")


async def test_other_failures_do_not_prevent_a_destroy(far: Tenant, tenant: ProvidersTenant) -> None:
    """What Dynatrace says about the value of an old connection does not matter, nor that it is gone."""
    existing = await tenant.settings(SCHEMA_ID).create(value("production"))
    far.sandbox.environment.store.get(existing.object_id).value["name"] = "x"  # type: ignore[union-attr]

    await checks_of(tenant).check_delete(existing.object_id, "production")
    await checks_of(tenant).check_delete("gone", None)


def test_the_message_about_a_name_in_use_is_about_the_resource() -> None:
    """Its type comes from the type of connection."""
    detail = name_taken(AWS_CONNECTION, "production", "an-id", "https://abc12345.live.dynatrace.com").detail

    assert detail.startswith('https://abc12345.live.dynatrace.com already has a connection with the name "production"')
    assert (
        '  import {\n    to = dynatrace_aws_connection.NAME # the address of this resource\n    id = "an-id"\n  }'
        in detail
    )


async def mistakes_in(checks: PlanChecks, values: Iterable[dict[str, Any]]) -> dict[str, list[Error]]:
    """Check many values as Terraform does, ten at a time. Return the errors of each by its name."""

    async def check(one: dict[str, Any]) -> tuple[str, list[Error]]:
        try:
            await checks.check_create(one, None)
        except ExceptionGroup as group:
            return one["name"], [error for error in group.exceptions if isinstance(error, Error)]
        except Error as error:
            return one["name"], [error]
        return one["name"], []

    found = await ten_at_a_time([partial(check, one) for one in values])
    return {name: errors for name, errors in found if errors}


async def test_a_thousand_creates_with_the_same_consumers_take_at_most_five_requests(far: Tenant) -> None:
    """Three validations of the first connections, one list of names, and the schema."""
    async with far.configured() as tenant:
        assert await mistakes_in(checks_of(tenant), (value(f"connection {number}") for number in range(1000))) == {}

    assert len(far.requests()) <= 5
    assert [*far.sandbox.environment.store] == []


async def test_each_kind_with_its_consumers_is_validated(far: Tenant) -> None:
    """A verdict counts for the same kind and consumers only. Every connection with the wrong ones is an error."""
    values = [value(f"connection {number}", *(["DA"] if number % 2 else [])) for number in range(200)]

    async with far.configured() as tenant:
        found = await mistakes_in(checks_of(tenant), values)

    assert found.keys() == {one["name"] for one in values[1::2]}
    assert {(len(errors), str(errors[0].path)) for errors in found.values()} == {(1, "web_identity[0].consumers")}
    assert all("This environment allows" in error.detail for errors in found.values() for error in errors)
    assert len(far.requests()) <= 10


async def test_mistakes_in_names_are_found_among_many(far: Tenant) -> None:
    """Names in use, and names that break a rule of the schema, are compared and not validated."""
    existing = await made_elsewhere(far, "connection 150")
    values = [value(f"connection {number}") for number in range(200)] + [value("no:colon"), value("no")]
    before = len(far.requests())

    async with far.configured() as tenant:
        found = await mistakes_in(checks_of(tenant), values)

    assert found.keys() == {"connection 150", "no:colon", "no"}
    assert {str(error.path) for errors in found.values() for error in errors} == {"name"}
    assert f'id = "{existing.object_id}"' in found["connection 150"][0].detail
    assert found["no:colon"][0].detail == "The symbol : is not allowed the name"
    assert found["no"][0].detail == "Must have 3 to 100 characters"
    assert len(far.requests()) - before <= 5


async def test_a_missing_scope_is_an_error_of_each_of_many(far: Tenant) -> None:
    """Dynatrace refuses the first validations; the others would be refused in the same way."""
    async with far.configured("read-only-api-token") as tenant:
        found = await mistakes_in(checks_of(tenant), (value(f"connection {number}") for number in range(100)))

    assert len(found) == 100
    assert {type(error) for errors in found.values() for error in errors} == {Forbidden}
    assert len(far.requests()) <= 5


async def test_a_name_in_use_and_a_wrong_consumer_are_two_errors_among_many(far: Tenant) -> None:
    """Both are reported for the connection that has both."""
    await made_elsewhere(far, "connection 90")

    async with far.configured() as tenant:
        found = await mistakes_in(checks_of(tenant), (value(f"connection {number}", "DA") for number in range(100)))

    assert [str(error.path) for error in found["connection 90"]] == ["name", "web_identity[0].consumers"]


def far_end(objects: int, *, schema: int = 200, listed: int = 200, holds: str = "") -> FarEnd:
    """Return an environment that has so many objects, with the name `holds`. It refuses names with "held" in them."""
    items = [{"objectId": f"id-{number}", "value": value(holds or f"old {number}")} for number in range(500)]

    async def respond(request: httpx2.Request) -> httpx2.Response:
        if "/schemas/" in request.url.path:
            return json({"properties": {"name": {}}}) if schema == 200 else refusal(schema, "No.")
        if request.method == "GET":
            page = {"items": items[: min(objects, 500)], "totalCount": objects}
            return json(page) if listed == 200 else refusal(listed, "No.")
        sent = [item["value"]["name"] for item in msgspec.json.decode(request.content)]
        taken = [{"path": "name", "message": "It is taken."}]
        return json(
            [
                {"code": 400, "error": {"code": 400, "constraintViolations": taken}}
                if "held" in name
                else {"code": 200}
                for name in sent
            ]
        )

    return FarEnd(respond)


def lists(far: FarEnd) -> int:
    """Return how many requests were for pages of the list of all connections."""
    return sum(
        request.url.path.endswith("/objects") and "filter" not in request.url.params
        for request in far.requests
        if request.method == "GET"
    )


async def plan_with(far: FarEnd, values: Iterable[dict[str, Any]]) -> dict[str, list[Error]]:
    async with client_of(far) as client:
        tenant = ProvidersTenant(ENVIRONMENT, client, Credentials(client.credential, None, ""))
        return await mistakes_in(checks_of(tenant), values)


async def test_a_large_environment_is_not_listed_for_a_few_creates() -> None:
    """Its 20 pages would cost more than validating 50 names."""
    far = far_end(10_000)

    found = await plan_with(far, [*(value(f"connection {number}") for number in range(50)), value("held by nobody")])

    assert found.keys() == {"held by nobody"}
    assert lists(far) == 1


async def test_without_permission_to_read_the_schema_names_must_be_unique() -> None:
    """Platform credentials need another scope for it. What the schema says is checked in each configuration, too."""
    far = far_end(1, schema=403, holds="connection 90")

    found = await plan_with(far, (value(f"connection {number}") for number in range(100)))

    assert found.keys() == {"connection 90"}
    assert len(far.requests) <= 5


async def test_without_permission_to_read_what_exists_names_are_validated() -> None:
    """Then only Dynatrace knows which names are in use."""
    far = far_end(1, listed=403)

    found = await plan_with(far, [*(value(f"connection {number}") for number in range(100)), value("held elsewhere")])

    assert found.keys() == {"held elsewhere"}
    assert lists(far) == 1


async def test_a_failed_validation_is_not_a_verdict() -> None:
    """The next connections are validated, whether or not they waited for it."""
    failing = [True, True]
    accepting = far_end(0)

    async def respond(request: httpx2.Request) -> httpx2.Response:
        if request.method == "POST" and failing:
            failing.pop()
            return refusal(400, "No reason at all.")
        return await accepting.handle_async_request(request)

    async with client_of(FarEnd(respond)) as client:
        tenant = ProvidersTenant(ENVIRONMENT, client, Credentials(client.credential, None, ""))
        checks = checks_of(tenant)
        with pytest.raises(Rejected):
            await checks.check_create(value("first"), None)
        with pytest.raises(Rejected):
            await checks.check_create(value("second"), None)
        results = await asyncio.gather(*(checks.check_create(value(f"later {number}"), None) for number in range(20)))

    assert results == [None] * 20


async def test_what_this_process_creates_is_not_validated_again(far: Tenant, tenant: ProvidersTenant) -> None:
    """Terraform plans each resource once more while it applies; the create itself is checked by Dynatrace."""
    await tenant.settings(SCHEMA_ID).create(value("first"))
    before = len(far.requests())

    await checks_of(tenant).check_create(value("second"), None)

    assert len(far.requests()) == before


async def test_a_refused_create_explains_a_name_in_use(far: Tenant, tenant: ProvidersTenant) -> None:
    """The message is that of the plan. If the environment cannot be searched, it is Dynatrace's own."""
    existing = await made_elsewhere(far, "production")
    with pytest.raises(Rejected) as caught:
        await tenant.settings(SCHEMA_ID).create(value("production"))

    explained = await checks_of(tenant).refused_create(caught.value, "production")
    assert isinstance(explained, Error)
    assert f'id = "{existing.object_id}"' in explained.detail
    managed = await checks_of(tenant, existing.object_id).refused_create(caught.value, "production")
    assert str(managed).startswith("Dynatrace rejected the request")

    async with client_of(FarEnd(refusal(403, "No."))) as client:
        blind = ProvidersTenant(ENVIRONMENT, client, Credentials(client.credential, None, ""))
        unexplained = await checks_of(blind).refused_create(caught.value, "production")
    assert str(unexplained).startswith("Dynatrace rejected the request")


async def readable_by_all(far: Tenant) -> str:
    """Create a connection of one user that all users can read."""
    async with far.configured("colleague-platform-token") as tenant:
        created = await tenant.settings(SCHEMA_ID).create(value("theirs"))
        await tenant.permissions.set(created.object_id, {ALL_USERS: "read"})
        return created.object_id


@pytest.mark.parametrize("check", ["rename", "delete", "role ARN"])
async def test_what_the_operations_of_a_connection_do_not_allow_is_refused_without_trying(
    far: Tenant, check: str
) -> None:
    """The error names the owner and the ways out, and only reading was needed to know."""
    object_id = await readable_by_all(far)
    before = len(far.requests())
    async with far.configured("stranger-platform-token") as tenant:
        checks, connections = checks_of(tenant), tenant.settings(SCHEMA_ID)
        found = await connections.get(object_id)
        assert found is not None
        calls = {
            "rename": lambda: checks.check_rename(object_id, "renamed"),
            "delete": lambda: checks.check_delete(object_id, "theirs"),
            "role ARN": lambda: connections.check_writable(found),
        }

        with pytest.raises(Forbidden, match="not allowed to change this object") as refused:
            await calls[check]()

    assert f"belongs to {found.owner}. Dynatrace allows the platform token" in refused.value.detail
    assert "to read it, and nothing else" in refused.value.detail
    assert "dynatrace_settings_permissions" in refused.value.detail
    assert "set admin_access = true" in refused.value.detail
    assert {one["method"] for one in far.requests()[before:]} == {"GET"}


@pytest.mark.parametrize(
    ("operations", "admin_access"), [(None, False), ([], False), (["write"], False), (["read"], True)]
)
async def test_operations_that_are_not_known_are_tried(operations: list[str] | None, admin_access: bool) -> None:  # noqa: FBT001
    """An object that was read has "read" among them. Whether admin access shows in them is not documented."""
    held = {"objectId": "A", "value": value("a"), "resourceContext": {"operations": operations}}
    far_end = FarEnd(json(held))
    connections = SettingsObjects(client_of(far_end, credential=PLATFORM), SCHEMA_ID, admin_access=admin_access)
    found = await connections.get("A")
    assert found is not None

    await connections.check_writable(found)

    assert [one.method for one in far_end.requests] == ["GET", "PUT"]


@pytest.mark.parametrize(
    ("credential", "refused"),
    [
        ("read-only-platform-token", True),
        ("read-only-oauth", True),
        ("platform-token", False),
        ("colleague-oauth", False),
        ("api-token", False),
    ],
)
async def test_a_create_whose_value_is_not_known_is_refused_without_the_permission(
    far: Tenant,
    credential: str,
    refused: bool,  # noqa: FBT001
) -> None:
    """Effective permissions say so; an API token has none."""
    async with far.configured(credential) as tenant:
        if not refused:
            await checks_of(tenant).check_may_create()
        else:
            with pytest.raises(Forbidden, match="not allowed to write this") as failed:
                await checks_of(tenant).check_may_create()
            assert f"does not grant settings:objects:write for the schema {SCHEMA_ID}" in failed.value.detail
    assert [one["method"] for one in far.requests("*", "*/settings/*")] in ([], ["POST"])


@pytest.mark.parametrize("status", [403, 404])
async def test_an_environment_without_effective_permissions_leaves_it_to_the_apply(far: Tenant, status: int) -> None:
    """As before: what cannot be known is not refused."""
    far.sandbox.faults.add(FaultScript("respond", "POST", "*:resolve", status=status, times=None))

    async with far.configured("read-only-platform-token") as tenant:
        await checks_of(tenant).check_may_create()
