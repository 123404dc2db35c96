"""The resource `dynatrace_aws_connection_role_arn`: what a plan checks, and how long a create retries."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx2
import pytest

from terraform_plugin import UNKNOWN, Error, Path, State
from terraform_plugin.diagnostics import collect_warnings
from terraform_plugin.planning.plan import plan
from terraform_plugin.state.objects import complete
from terraform_plugin.validation import validate
from terraform_provider_dynatrace.client.errors import Forbidden, NotFound, Unreachable
from terraform_provider_dynatrace.config.credentials import Credentials
from terraform_provider_dynatrace.config.tenant import Tenant as ProvidersTenant
from terraform_provider_dynatrace.resources.aws_connection_role_arn import AwsConnectionRoleArn, with_role_arn
from terraform_provider_dynatrace.settings.model import SettingsObject
from tests.terraform_provider_dynatrace.far_end import ENVIRONMENT, FarEnd, client_of, json, refusal
from tests.terraform_provider_dynatrace.in_process import Tenant
from tests.virtual_time import LoopTime

SCHEMA = AwsConnectionRoleArn.schema
ROLE, OTHER = "arn:aws:iam::123456789012:role/one", "arn:aws:iam::123456789012:role/other"
CHINA = "arn:aws-cn:iam::123456789012:role/one"
DENIED = refusal(400, "Validation failed.", ("awsWebIdentity/roleArn", "Unable to assume role. (AccessDenied)"))
MALFORMED = refusal(400, "Validation failed.", ("awsWebIdentity/roleArn", "Invalid AWS IAM Role ARN"))


def value(role_arn: str = "", type_: str = "awsWebIdentity") -> dict[str, Any]:
    details = {"roleArn": role_arn, "consumers": ["APP:dynatrace.aws.connector"]}
    return {"name": "production", "type": type_, type_: details}


def config(**values: Any) -> State:
    return State(complete(SCHEMA, {"aws_connection_id": "an-id", "role_arn": ROLE, **values}))


def state(**values: Any) -> State:
    return State(config(id="an-id") | values)


class Dynatrace:
    """An environment with one connection, whose role ARN it accepts or refuses as `puts` say; the last one repeats."""

    def __init__(self, *puts: httpx2.Response | Exception, present: Mapping[str, Any] | None = None) -> None:
        self.puts = list(puts) or [json({}, 200)]
        self.value = dict(value() if present is None else present)
        self.far = FarEnd(self._respond)

    async def _respond(self, request: httpx2.Request) -> httpx2.Response:
        if request.method == "GET":
            return json({"objectId": "an-id", "value": self.value, "updateToken": "1"})
        step = self.puts.pop(0) if len(self.puts) > 1 else self.puts[0]
        if isinstance(step, Exception):
            raise step
        return httpx2.Response(step.status_code, headers=step.headers.raw, content=step.content)

    def resource(self) -> AwsConnectionRoleArn:
        client = client_of(self.far, LoopTime())
        return AwsConnectionRoleArn(ProvidersTenant(ENVIRONMENT, client, Credentials(client.credential, None, "")))

    def written(self) -> list[Any]:
        """Return the role ARN of each write."""
        return [body["value"]["awsWebIdentity"]["roleArn"] for body in self.far.bodies() if body]


async def planned(resource: AwsConnectionRoleArn, prior: State | None, wanted: State | None) -> None:
    await resource.plan(plan(SCHEMA, prior, wanted))


@pytest.mark.parametrize("role_arn", ["", "role", "arn:aws:iam::123456789012:user/name"])
def test_text_that_is_not_a_role_arn_is_refused_by_validate(role_arn: str) -> None:
    """The official provider would retry until its timeout."""
    [error] = validate(SCHEMA, config(role_arn=role_arn))

    assert (error.summary, error.path) == ("Invalid role ARN", Path("role_arn"))


async def test_a_plan_of_a_new_role_arn_reports_nothing() -> None:
    """Nothing is written."""
    dynatrace = Dynatrace()

    await planned(dynatrace.resource(), None, config())

    assert [request.method for request in dynatrace.far.requests if "validateOnly" not in str(request.url)] == ["GET"]


@pytest.mark.parametrize(
    ("present", "wanted", "path", "says"),
    [
        (value(OTHER), ROLE, "role_arn", f"has the role {OTHER}"),
        (value(type_="awsRoleBasedAuthentication"), CHINA, "role_arn", "use a connection with web_identity"),
        (value(type_="awsNewer"), ROLE, "", "Upgrade the provider"),
    ],
)
async def test_a_role_arn_that_can_only_be_rejected_is_reported_by_the_plan(
    present: dict[str, Any], wanted: str, path: str, says: str
) -> None:
    """Whatever AWS says about the role."""
    with pytest.raises(Error) as caught:
        await planned(Dynatrace(present=present).resource(), None, config(role_arn=wanted))

    assert str(caught.value.path) == path
    assert says in caught.value.detail


async def test_a_plan_for_a_missing_connection_says_to_refer_to_a_resource() -> None:
    """A name instead of an ID, for example."""
    async with Tenant().configured() as tenant:
        with pytest.raises(Error, match="AWS connection not found") as caught:
            await planned(AwsConnectionRoleArn(tenant), None, config(aws_connection_id="production"))

    assert caught.value.path == Path("aws_connection_id")
    assert "dynatrace_aws_connection.NAME.id" in caught.value.detail


async def test_a_plan_without_the_write_scope_fails() -> None:
    """The apply would fail after the connection and the role were created."""
    far = Tenant()
    async with far.configured() as tenant:
        created = await tenant.settings(AwsConnectionRoleArn.connection_type.schema_id).create(value())

    async with far.configured("read-only-api-token") as reader:
        with pytest.raises(Forbidden):
            await planned(AwsConnectionRoleArn(reader), None, config(aws_connection_id=created.object_id))


@pytest.mark.parametrize("unknown", ["aws_connection_id", "role_arn"])
async def test_nothing_is_checked_while_something_is_unknown(unknown: str) -> None:
    """A plan that creates connection and role knows neither."""
    dynatrace = Dynatrace()

    await planned(dynatrace.resource(), None, config(**{unknown: UNKNOWN}))

    assert dynatrace.far.requests == []


async def test_another_role_arn_for_the_same_connection_is_refused_by_the_plan() -> None:
    """The error says how to replace both, and nothing is requested."""
    dynatrace = Dynatrace()

    with pytest.raises(Error, match="already has another role ARN") as caught:
        await planned(dynatrace.resource(), state(), config(role_arn=OTHER))

    assert "replace_triggered_by" in caught.value.detail
    assert dynatrace.far.requests == []


async def test_only_the_timeouts_can_be_updated() -> None:
    """They are not sent to Dynatrace."""
    dynatrace = Dynatrace()
    wanted = state(timeouts={"create": "5m"})

    assert await dynatrace.resource().update(state(), wanted) == wanted
    assert dynatrace.far.requests == []


async def test_a_create_sets_the_role_arn() -> None:
    """The ID is the connection's."""
    dynatrace = Dynatrace()

    created = await dynatrace.resource().create(State(config() | {"id": UNKNOWN}))

    assert created == state()
    assert dynatrace.written() == [ROLE]


async def test_a_role_arn_that_is_set_already_is_not_written_again() -> None:
    """Another tool has set it, or an earlier apply whose response was lost."""
    dynatrace = Dynatrace(present=value(ROLE))

    await dynatrace.resource().create(config())

    assert dynatrace.written() == []


async def test_a_create_for_a_connection_with_another_role_fails_at_once() -> None:
    """Retrying could not help."""
    dynatrace = Dynatrace(present=value(OTHER))

    with pytest.raises(Error, match="already has another role ARN"):
        await dynatrace.resource().create(config())

    assert dynatrace.written() == []


@pytest.mark.virtual_time
async def test_a_create_retries_while_aws_denies_the_role() -> None:
    """AWS propagates a new role for a while."""
    dynatrace = Dynatrace(DENIED, DENIED, DENIED, json({}, 200))

    await dynatrace.resource().create(config())

    assert dynatrace.written() == [ROLE] * 4


@pytest.mark.virtual_time
@pytest.mark.parametrize(("timeouts", "attempts"), [(None, 17), ({"create": "15s"}, 7)])
async def test_at_the_create_timeout_the_error_explains_the_role(
    timeouts: dict[str, str] | None, attempts: int
) -> None:
    """It has the last response, what the role must trust, and the command that finds the cause."""
    dynatrace = Dynatrace(DENIED)

    with pytest.raises(Error, match="within the create timeout") as caught:
        await dynatrace.resource().create(config(timeouts=timeouts))

    assert caught.value.path == Path("role_arn")
    assert "Unable to assume role. (AccessDenied)" in caught.value.detail
    assert "token.dynatrace.com:sub = dt:connection-id/an-id" in caught.value.detail
    assert f"doctor aws an-id --role-arn {ROLE}" in caught.value.detail
    assert len(dynatrace.written()) == attempts


async def test_any_other_refusal_ends_the_create_at_once() -> None:
    """Only a role that cannot be assumed may become assumable."""
    dynatrace = Dynatrace(MALFORMED)

    with pytest.raises(Error, match="Invalid AWS IAM Role ARN"):
        await dynatrace.resource().create(config())

    assert dynatrace.written() == [ROLE]


@pytest.mark.virtual_time
async def test_an_unreachable_environment_is_reported_as_such() -> None:
    """Nothing is known about the role."""
    dynatrace = Dynatrace(httpx2.ConnectError("connection refused"))

    with pytest.raises(Unreachable):
        await dynatrace.resource().create(config())


@pytest.mark.virtual_time
async def test_an_attempt_without_a_response_does_not_hide_the_refusal_before_it() -> None:
    """If Dynatrace may have set the role ARN in the last attempt, a warning says so."""
    dynatrace = Dynatrace(DENIED, DENIED, DENIED, httpx2.ReadError("connection reset by peer"))

    with pytest.raises(Error, match="within the create timeout"), collect_warnings() as warnings:
        await dynatrace.resource().create(config(timeouts={"create": "10s"}))

    assert [warning.summary for warning in warnings] == ["The last attempt had no response"]


@pytest.mark.virtual_time
async def test_a_create_goes_on_after_a_request_without_a_response() -> None:
    """The create timeout is not over."""
    lost = [httpx2.ReadError("connection reset by peer")] * 6
    dynatrace = Dynatrace(DENIED, *lost, json({}, 200))

    await dynatrace.resource().create(config())

    assert len(dynatrace.written()) == 8


@pytest.mark.virtual_time
@pytest.mark.parametrize("created_now", [True, False])
async def test_a_connection_that_is_not_readable_yet_is_waited_for(*, created_now: bool) -> None:
    """If this run has created it; any other missing connection is an error at once."""
    missing = [refusal(404, "Settings not found")] * 3
    written: list[Any] = []

    async def respond(request: httpx2.Request) -> httpx2.Response:
        if request.method == "POST":
            return json([{"code": 200, "objectId": "an-id"}])
        if request.method == "PUT":
            written.append(request.url)
            return json({})
        return missing.pop() if missing else json({"objectId": "an-id", "value": value(), "updateToken": "1"})

    client = client_of(FarEnd(respond))
    resource = AwsConnectionRoleArn(ProvidersTenant(ENVIRONMENT, client, Credentials(client.credential, None, "")))
    if created_now:
        await resource.connections.create(value())
        await resource.create(config())
    else:
        with pytest.raises(NotFound):
            await resource.create(config())

    assert len(written) == created_now


@pytest.mark.parametrize("present", [value(), {}])
async def test_a_connection_without_role_is_read_as_gone(present: dict[str, Any]) -> None:
    """The next apply sets the role ARN again."""
    assert await Dynatrace(present=present).resource().read(state()) is None


async def test_the_role_arn_is_read_from_the_connection() -> None:
    """Whatever the state has."""
    read = await Dynatrace(present=value(OTHER)).resource().read(state())

    assert read == state(role_arn=OTHER)


@pytest.mark.parametrize(("role_arn", "says"), [("", "has no role ARN"), (ROLE, "")])
async def test_an_import_needs_a_connection_with_a_role_arn(role_arn: str, says: str) -> None:
    """Without one the resource would be created instead."""
    far = Tenant()
    async with far.configured() as tenant:
        created = await tenant.settings(AwsConnectionRoleArn.connection_type.schema_id).create(value())
        stored = far.sandbox.environment.store.get(created.object_id)
        assert stored is not None
        stored.value["awsWebIdentity"]["roleArn"] = role_arn
        resource = AwsConnectionRoleArn(tenant)
        if says:
            with pytest.raises(Error, match=says):
                await resource.import_state("production")
        else:
            assert await resource.import_state("production") == {"id": created.object_id}


@pytest.mark.parametrize("wanted", [None, config(aws_connection_id=UNKNOWN), config(aws_connection_id="other-id")])
@pytest.mark.parametrize(
    ("fate", "warnings"), [("kept", ["The role ARN stays in Dynatrace"]), ("deleted", []), ("not planned", [])]
)
async def test_a_destroy_warns_if_the_connection_stays(wanted: State | None, fate: str, warnings: list[str]) -> None:
    """Dynatrace never removes a role ARN. It goes with its connection."""
    dynatrace = Dynatrace(present=value(ROLE))
    resource = dynatrace.resource()
    if fate == "kept":
        resource.planned.note_kept("an-id")
    elif fate == "deleted":
        resource.planned.note_deleted("an-id")

    with collect_warnings() as found:
        await planned(resource, state(), wanted)
        await resource.delete(state())

    assert [warning.summary for warning in found] == warnings
    assert dynatrace.far.requests == []


async def test_an_unknown_role_arn_of_a_connection_that_stays_is_a_warning() -> None:
    """The role may be created again with the same ARN; if it is renamed, the apply will fail."""
    with collect_warnings() as warnings:
        await planned(Dynatrace().resource(), state(), config(role_arn=UNKNOWN))

    [warning] = warnings
    assert (warning.summary, warning.path) == ("The role ARN of a connection cannot change", Path("role_arn"))
    assert "-replace=" in warning.detail
    assert "replace_triggered_by" in warning.detail


async def test_an_update_to_the_same_role_arn_succeeds_and_to_another_one_fails() -> None:
    """A failed update keeps the state, so the resource does not leave it while the connection has a role."""
    resource = Dynatrace().resource()

    assert await resource.update(state(), state()) == state()
    with pytest.raises(Error, match="already has another role ARN"):
        await resource.update(state(), state(role_arn=OTHER))


def test_a_role_arn_is_added_to_the_value_and_nothing_else_changes() -> None:
    """Properties that this provider does not know are kept."""
    present = value() | {"description": "x"}

    assert with_role_arn(present, ROLE) == value(ROLE) | {"description": "x"}
    assert present["awsWebIdentity"]["roleArn"] == ""


def test_an_export_has_the_role_arn_of_a_connection() -> None:
    """A connection without one has no such resource."""
    assert AwsConnectionRoleArn.from_connection(SettingsObject("an-id", value())) is None
    assert AwsConnectionRoleArn.from_connection(SettingsObject("an-id", value(ROLE))) == {
        "id": "an-id",
        "aws_connection_id": "an-id",
        "role_arn": ROLE,
    }
