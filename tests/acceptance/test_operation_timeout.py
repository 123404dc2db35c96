"""A server that accepts requests and does not respond: each operation ends at its timeout, and nothing is lost.

Call by call, in virtual time; with real Terraform in `test_provider_arguments`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import pytest

from dynatrace_sandbox.tenant.credentials import TEAM
from terraform_plugin.testing import ProtocolClient, Response, in_process
from tests.terraform_provider_dynatrace.far_end import refusal
from tests.terraform_provider_dynatrace.in_process import Tenant, TenantsProvider
from tests.virtual_time import LoopTime

SECONDS = 100.0
CONNECTION, ROLE_ARN, PERMISSIONS = (
    f"dynatrace_{name}" for name in ("aws_connection", "aws_connection_role_arn", "settings_permissions")
)
ARN = "arn:aws:iam::123456789012:role/dynatrace"


class Silent(Tenant):
    """A sandbox that, once `silent`, carries out requests and does not respond."""

    silent = False

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = await super().handle_async_request(request)
        if self.silent:
            await asyncio.Event().wait()
        return answer


def connection(name: str) -> dict[str, Any]:
    return {"name": name, "web_identity": [{"consumers": ["APP:dynatrace.aws.connector"]}]}


def role_arn(state: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"aws_connection_id": state["id"], "role_arn": ARN, **more}


def permissions(state: dict[str, Any]) -> dict[str, Any]:
    return {"settings_object_id": state["id"], "groups": [{"group": [{"id": TEAM, "access": "read"}]}]}


@asynccontextmanager
async def started(far: Silent) -> AsyncIterator[ProtocolClient]:
    async with in_process(TenantsProvider(far, "platform-token", LoopTime(), SECONDS)) as client:
        await client.configure({})
        yield client


async def make(client: ProtocolClient, type_name: str, config: dict[str, Any]) -> Response:
    planned = await client.plan(type_name, config)
    assert planned.errors == []
    return await client.apply(type_name, config, planned)


Operation = Callable[[ProtocolClient, dict[str, Any]], Awaitable[Response]]
PLANS: dict[str, Operation] = {
    "plan": lambda client, _: client.plan(CONNECTION, connection("another")),
    "read": lambda client, state: client.read(CONNECTION, state),
    "import": lambda client, state: client.import_(CONNECTION, state["name"]),
    "data source": lambda client, _: client.read_data_source("dynatrace_aws_connections", {}),
    "delete": lambda client, state: client.apply(CONNECTION, None, Response(), state),
    "read of permissions": lambda client, state: client.read(PERMISSIONS, permissions(state) | {"id": state["id"]}),
}


@pytest.mark.virtual_time
@pytest.mark.parametrize("operation", PLANS)
async def test_an_operation_without_a_response_ends_at_its_timeout(operation: str) -> None:
    """The error names the argument that allows more time; Terraform keeps the prior state."""
    far = Silent()
    async with started(far) as client:
        state = (await make(client, CONNECTION, connection("production"))).value
    async with started(far) as client:
        far.silent = True
        begun = LoopTime.clock()
        answer = await PLANS[operation](client, state)
        assert LoopTime.clock() - begun == pytest.approx(SECONDS, abs=3)
    assert ["operation_timeout" in error.detail for error in answer.errors] == [True]
    if operation == "delete":
        assert answer.value == state


@pytest.mark.virtual_time
async def test_an_update_without_a_response_keeps_the_prior_state() -> None:
    """The update was carried out; the next read shows it."""
    far = Silent()
    async with started(far) as client:
        before = (await make(client, CONNECTION, connection("before"))).value
        planned = await client.plan(CONNECTION, connection("after"), before)
        far.after = lambda request: setattr(far, "silent", request.method == "PUT")
        answer = await client.apply(CONNECTION, connection("after"), planned, before)
        assert ["operation_timeout" in error.detail for error in answer.errors] == [True]
        assert answer.value == before
    far.after, far.silent = lambda _: None, False
    async with started(far) as client:
        assert (await client.read(CONNECTION, before)).value == before | {"name": "after"}


@pytest.mark.virtual_time
async def test_a_create_without_a_response_is_found_by_the_next_plan() -> None:
    """The error says that the object may exist, and with which external ID. The next plan shows the import block."""
    far = Silent()
    async with started(far) as client:
        planned = await client.plan(CONNECTION, connection("production"))
        far.silent = True
        lost = await client.apply(CONNECTION, connection("production"), planned)
    far.silent = False
    [orphan] = far.sandbox.environment.store
    [error] = lost.errors
    assert "operation_timeout" in error.detail
    assert str(orphan.external_id) in error.detail
    assert lost.value is None
    async with started(far) as client:
        [error] = (await client.plan(CONNECTION, connection("production"))).errors
    assert f'id = "{orphan.id}"' in error.detail


@pytest.mark.virtual_time
@pytest.mark.parametrize(
    ("timeouts", "seconds"),
    [(None, 100), ({"create": None}, 100), ({"create": "30s"}, 30), ({"create": "1h"}, 3600)],
)
async def test_a_timeouts_block_replaces_the_argument_of_the_provider(
    timeouts: dict[str, str | None] | None, seconds: float
) -> None:
    """It can be shorter or longer. Without one, the shorter of the argument and the default of the resource counts."""
    far = Silent()
    async with started(far) as client:
        state = (await make(client, CONNECTION, connection("production"))).value
        config = role_arn(state, timeouts=timeouts)
        planned = await client.plan(ROLE_ARN, config)
        far.silent = True
        begun = LoopTime.clock()
        answer = await client.apply(ROLE_ARN, config, planned)
        assert LoopTime.clock() - begun == pytest.approx(seconds, abs=15)
    assert len(answer.errors) == 1


class Untrusted(Silent):
    """A sandbox that no role trusts. After its first refusal, it does not respond from the next `method` on."""

    def __init__(self, method: str) -> None:
        super().__init__()
        self.method = method
        self.refused = False

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        self.silent = self.refused and request.method == self.method
        if request.method == "PUT" and not self.silent:
            self.refused = True
            path = "awsWebIdentity/roleArn"
            return refusal(400, "Constraints violated.", (path, "Unable to assume role with web identity."))
        return await super().handle_async_request(request)


@pytest.mark.virtual_time
@pytest.mark.parametrize("method", ["GET", "PUT"])
async def test_the_refusal_of_aws_is_shown_if_the_last_attempt_had_no_response(method: str) -> None:
    """The error explains the earlier refusal. A warning says that the last write may have been carried out."""
    far = Untrusted(method)
    async with started(far) as client:
        state = (await make(client, CONNECTION, connection("production"))).value
        answer = await make(client, ROLE_ARN, role_arn(state, timeouts={"create": "30s"}))
    [error] = answer.errors
    assert "could not assume the role" in error.summary
    assert "Unable to assume role" in error.detail
    assert [one.summary for one in answer.warnings] == ["The last attempt had no response"] * (method == "PUT")
