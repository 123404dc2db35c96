"""All connections of a tenant, looked at from both sides."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from io import StringIO
from threading import Event
from typing import Any

from botocore.exceptions import NoCredentialsError

from terraform_plugin.output import Output
from terraform_provider_dynatrace.aws.trust import WebIdentity
from terraform_provider_dynatrace.cli.doctor.accounts import Accounts
from terraform_provider_dynatrace.cli.doctor.overview import overview_of
from terraform_provider_dynatrace.cli.doctor.verdicts import Overview, Verdict
from terraform_provider_dynatrace.cli.progress import Lines
from terraform_provider_dynatrace.config.credentials import Credentials
from terraform_provider_dynatrace.config.tenant import Tenant
from tests.terraform_provider_dynatrace.far_end import ENVIRONMENT, FarEnd, client_of
from tests.terraform_provider_dynatrace.far_end import json as json_answer
from tests.terraform_provider_dynatrace.in_process import Tenant as InProcess
from tests.terraform_provider_dynatrace.monitored import Environment, configured

from .far_aws import accounts_at, accounts_with, client_at, refusing

ACCOUNT = "arn:aws:iam::123456789012"
AUDIENCE = "abc12345.apps.dynatrace.com/app-id/dynatrace.aws.connector"
ROLE = f"{ACCOUNT}:role/dynatrace"
CONSUMER = "APP:dynatrace.aws.connector"
NOW = datetime(2026, 11, 26, 1, 2, 3, tzinfo=UTC)


def web_identity(
    name: str, role_arn: Any = f"{ACCOUNT}:role/dynatrace", consumers: Any = (CONSUMER,)
) -> dict[str, Any]:
    return {
        "objectId": f"ID-{name}",
        "owner": {"type": "user", "id": "b6f63432-7e46-565b-8c44-24c61b578b52"},
        "value": {
            "name": name,
            "type": "awsWebIdentity",
            "awsWebIdentity": {"roleArn": role_arn, "consumers": consumers},
        },
    }


async def look(items: Sequence[Any], accounts: Accounts, progress: StringIO | None = None) -> Overview:
    listed = json_answer({"items": items, "totalCount": len(items), "pageSize": 500})
    async with client_of(FarEnd(listed)) as client:
        tenant = Tenant(ENVIRONMENT, client, Credentials(client.credential, None, ""))
        return await overview_of(tenant, accounts, Lines(Output(progress or StringIO())), NOW)


def broken(service: str, region: str, **keys: str) -> Any:
    raise NoCredentialsError


async def test_each_connection_has_a_row(aws_url: str) -> None:
    """With what Dynatrace says of it, and the verdict of its role."""
    iam = client_at(aws_url)("iam", "us-east-1")
    iam.create_open_id_connect_provider(Url="https://token.dynatrace.com", ClientIDList=[AUDIENCE])
    trust = WebIdentity("https://token.dynatrace.com", "dt:connection-id/ID-works", (AUDIENCE,))
    policy = json.dumps(trust.policy(f"{ACCOUNT}:oidc-provider/token.dynatrace.com"))
    iam.create_role(RoleName="dynatrace", AssumeRolePolicyDocument=policy)
    progress = StringIO()

    found = await look(
        [web_identity("works"), web_identity("other"), web_identity("new", "")], accounts_at(aws_url), progress
    )

    works, other, new = found.rows
    assert (works.name, works.connection_id, works.kind) == ("works", "ID-works", "web_identity")
    assert (works.consumers, works.role_arn) == ([CONSUMER], ROLE)
    assert (works.owner, works.monitored) == ("user b6f63432-7e46-565b-8c44-24c61b578b52", None)
    assert [one.verdict for one in found.rows] == [Verdict.OK, Verdict.FAILS, Verdict.FAILS]
    assert "is the ID of another connection" in other.problems[0].cause
    assert new.problems[0].statement == "The connection has a role"
    assert "doctor aws ID-new --role-arn ARN" in new.problems[0].next_step
    assert (found.environment, found.checked_at) == (ENVIRONMENT.url, "2026-11-26T01:02:03Z")
    assert progress.getvalue().splitlines()[-1] == "Checking the roles: 3 of 3."


async def test_without_aws_credentials_every_role_is_not_checked() -> None:
    """The connections are listed, and the reason is the same for all of them."""
    found = await look([web_identity("a"), web_identity("b")], accounts_with(broken))

    assert [one.verdict for one in found.rows] == [Verdict.NOT_CHECKED] * 2
    [reason] = {finding for one in found.rows for finding in one.findings}
    assert reason.cause.startswith("No AWS credentials to use. Unable to locate credentials. ")


async def test_a_refusal_of_aws_concerns_its_account_only(aws_url: str) -> None:
    """Where the credentials have expired, nothing is known; the other connections are checked."""
    with refusing("ExpiredToken", "The token has expired.") as refusing_url:

        def new_client(service: str, region: str, **keys: str) -> Any:
            return client_at(refusing_url if region.startswith("cn-") else aws_url)(service, region)

        china = "arn:aws-cn:iam::123456789012:role/dynatrace"
        found = await look([web_identity("a"), web_identity("b", china)], accounts_with(new_client))

    assert [one.verdict for one in found.rows] == [Verdict.FAILS, Verdict.NOT_CHECKED]
    assert "ExpiredToken: The token has expired. Log in again" in found.rows[1].problems[0].cause


async def test_what_this_version_cannot_read_is_not_checked() -> None:
    """A newer type, an unknown audience, a value in another form: each is listed with the reason."""
    newer = {"objectId": "ID-newer", "value": {"name": "newer", "type": "awsSomethingNew"}}
    items = [newer, web_identity("audience", consumers=["DA"]), web_identity("form", role_arn=7), {"objectId": "x"}]

    found = await look(items, accounts_with(broken))

    assert [one.verdict for one in found.rows] == [Verdict.NOT_CHECKED] * 3
    causes = [one.problems[0].cause for one in found.rows]
    assert [cause.split(".")[0] for cause in causes] == [
        "Unknown type of connection",
        "Unknown audience for this consumer",
        "Unexpected response from Dynatrace",
    ]
    assert [one.kind for one in found.rows] == ["awsSomethingNew", "web_identity", "web_identity"]
    assert len(found.unreadable) == 1
    assert found.verdict is Verdict.NOT_CHECKED


async def test_a_role_of_many_connections_is_read_once(aws_url: str) -> None:
    """Its OIDC provider, too, and whom the credentials belong to."""
    calls: list[str] = []

    def new_client(service: str, region: str, **keys: str) -> Any:
        client = client_at(aws_url)(service, region)
        client.meta.events.register("before-call", lambda model, **_: calls.append(model.name))
        return client

    await look([web_identity(str(number)) for number in range(9)], accounts_with(new_client))

    assert sorted(calls) == ["GetCallerIdentity", "GetOpenIDConnectProvider", "GetRole"]


async def test_monitoring_is_shown_where_it_is_known() -> None:
    """Enabled or not, through this connection or another one; with one list for all connections."""
    environment = Environment(InProcess())
    connection, _ = await environment.connection(), await environment.connection("other")
    await environment.connection("elsewhere", "111122223333")
    await environment.apply(configured(connection, enabled=True))
    lists = len(environment.far.requests("GET"))

    async with environment.far.configured("platform-token") as tenant:
        found = await overview_of(tenant, accounts_with(broken), Lines(Output(StringIO())), NOW)

    states = {one.name: one.monitored.state for one in found.rows if one.monitored}
    assert states == {"production": "enabled", "other": "other connection", "elsewhere": "none"}
    assert len(environment.far.requests("GET")) - lists == 2


async def test_what_a_credential_may_not_read_of_monitoring_is_said() -> None:
    """Everything else is shown."""
    environment = Environment(InProcess())
    await environment.connection()

    async with environment.far.configured("settings-only-platform-token") as tenant:
        found = await overview_of(tenant, accounts_with(broken), Lines(Output(StringIO())), NOW)

    [production] = found.rows
    assert production.monitored
    assert production.monitored.state == "not checked"
    assert production.name == "production"


async def test_an_interrupt_ends_it_at_once(aws_url: str) -> None:
    """Requests to AWS that are under way are not waited for."""
    asked = asyncio.Event()
    loop = asyncio.get_running_loop()

    def never(service: str, region: str, **keys: str) -> Any:
        loop.call_soon_threadsafe(asked.set)
        released.wait()
        raise NoCredentialsError

    released = Event()
    looking = asyncio.create_task(look([web_identity("a")], accounts_with(never)))
    await asked.wait()
    looking.cancel()
    [ended] = await asyncio.gather(looking, return_exceptions=True)
    released.set()

    assert isinstance(ended, asyncio.CancelledError)
