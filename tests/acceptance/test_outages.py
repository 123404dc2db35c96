"""The network, or Dynatrace, is away for a while during an apply: the apply takes that much longer, and is complete."""

from __future__ import annotations

import asyncio
import math
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Timer
from typing import Any

import httpx2
import pytest

from dynatrace_sandbox.aws.moto import FoundRole
from dynatrace_sandbox.aws.trust import OidcProvider, Role
from dynatrace_sandbox.sandbox import Options
from dynatrace_sandbox.testing import RunningSandbox
from terraform_plugin.testing import ProtocolClient, Terraform, in_process
from tests.acceptance.configurations import AUDIENCE, connection
from tests.acceptance.tenants import trusting_role
from tests.relay import relay
from tests.terraform_provider_dynatrace.in_process import Tenant, TenantsProvider
from tests.virtual_time import LoopTime

PAIRS = 100
ARN = "arn:aws:iam::123456789012:role/dynatrace"
CONNECTION, ROLE_ARN = "dynatrace_aws_connection", "dynatrace_aws_connection_role_arn"
CONFIG = """
resource "dynatrace_aws_connection" "this" {
  count = 100
  name  = "connection ${count.index}"
  web_identity {
    consumers = ["APP:dynatrace.aws.connector"]
  }
}
resource "dynatrace_aws_connection_role_arn" "this" {
  count             = 100
  aws_connection_id = dynatrace_aws_connection.this[count.index].id
  role_arn          = "ROLE"
}
"""


class Outage(Tenant):
    """A tenant to which the network is away for some seconds, from its 40th connection on.

    What is on its way then was carried out, and its response is lost.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(options=Options(latency=30), clock=asyncio.get_running_loop().time)
        self._seconds = seconds
        self._since = math.inf
        oidc = f"arn:aws:iam::{ARN.split(':')[4]}:oidc-provider/token.dynatrace.com"
        statement = {
            "Effect": "Allow",
            "Principal": {"Federated": oidc},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringLike": {"token.dynatrace.com:sub": "dt:connection-id/*"}},
        }
        self.aws.oidc_providers[ARN] = [OidcProvider(oidc, "https://token.dynatrace.com", (AUDIENCE,))]
        self.aws.roles[ARN] = FoundRole(
            Role(ARN, {"Version": "2012-10-17", "Statement": [statement]}), datetime.fromtimestamp(0, UTC)
        )

    def _is_away(self) -> bool:
        if self._since == math.inf and len(list(self.sandbox.environment.store)) >= 40:
            self._since = LoopTime.clock()
        return self._since <= LoopTime.clock() < self._since + self._seconds

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if self._is_away():
            raise httpx2.ConnectError("away") from ConnectionRefusedError()
        answer = await super().handle_async_request(request)
        if self._is_away():
            raise httpx2.ReadError("reset", request=request)
        return answer


@pytest.mark.virtual_time
@pytest.mark.parametrize("seconds", [12, 60, 100])
async def test_an_outage_costs_as_long_as_it_lasts(seconds: float, caplog: pytest.LogCaptureFixture) -> None:
    """100 pairs, ten at a time: all are there, none twice, at most one pause later, and the log has one warning."""
    far = Outage(seconds)
    begun = LoopTime.clock()
    async with in_process(TenantsProvider(far, time=LoopTime())) as client:
        await client.configure({})
        numbers = iter(range(PAIRS))
        errors = await asyncio.gather(*(_worker(client, numbers) for _ in range(10)))

    assert errors == [[]] * 10
    values = [found.value for found in far.sandbox.environment.store]
    assert sorted(value["name"] for value in values) == sorted(f"connection {number}" for number in range(PAIRS))
    assert {value["awsWebIdentity"]["roleArn"] for value in values} == {ARN}
    assert seconds < LoopTime.clock() - begun < seconds + 10 + 20
    warnings = [record.message for record in caplog.records if "has been failing" in record.message]
    assert len(warnings) == 1


async def _worker(client: ProtocolClient, numbers: Iterator[int]) -> list[str]:
    errors: list[str] = []
    for number in numbers:
        config = {"name": f"connection {number}", "web_identity": [{"consumers": ["APP:dynatrace.aws.connector"]}]}
        made = await client.apply(CONNECTION, config, await client.plan(CONNECTION, config))
        errors += map(str, made.errors)
        errors += await _set_role_arn(client, made.value["id"])
    return errors


async def _set_role_arn(client: ProtocolClient, connection_id: Any) -> list[str]:
    config = {"aws_connection_id": connection_id, "role_arn": ARN}
    answer = await client.apply(ROLE_ARN, config, await client.plan(ROLE_ARN, config))
    return [*map(str, answer.errors)]


@pytest.mark.parametrize("seconds", [12])
def test_real_terraform_applies_through_an_outage(
    terraform: Terraform, sandbox: RunningSandbox, seconds: float
) -> None:
    """Every connection is reset in the middle of an apply of 100 pairs, and then nothing listens."""
    terraform.environ |= {"TF_LOG_PROVIDER": "warn"}
    with relay(sandbox.url) as network, trusting_role(sandbox) as arn:
        terraform.environ |= {"DYNATRACE_ENV_URL": network.url}
        terraform.init(CONFIG.replace("ROLE", arn))
        with ThreadPoolExecutor(1) as pool:
            applying = pool.submit(terraform.run, "apply", "-auto-approve", "-no-color", "-input=false")
            sandbox.wait_for_requests(30, "PUT", "*")
            network.cut()
            Timer(seconds, network.restore).start()
            applying.result()
        terraform.environ |= {"DYNATRACE_ENV_URL": sandbox.url}

        values = [found["value"] for found in sandbox.objects()]
        assert sorted(value["name"] for value in values) == sorted(f"connection {number}" for number in range(PAIRS))
        assert {value["awsWebIdentity"]["roleArn"] for value in values} == {arn}
        assert len(terraform.state()) == 2 * PAIRS
        assert terraform.log.count("has been failing") == 1
        assert terraform.plan(CONFIG.replace("ROLE", arn)).changes == {}
        terraform.destroy()


def test_an_interrupt_ends_the_waiting_for_dynatrace(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """At once, and not after the 20 minutes that a create has; the error says what Dynatrace responded last."""
    terraform.init(connection())
    sandbox.fault("respond", "POST", "*/settings/objects", query="", status=503, times=None)

    with terraform.start("apply", "-auto-approve", "-no-color", "-input=false") as running:
        sandbox.wait_for_requests(4, "POST", "*/settings/objects")  # one validates, the others create
        running.send_signal(signal.SIGINT)
        printed, _ = running.communicate()

    sandbox.clear_faults()
    assert running.returncode == 1
    assert "503 (Service Unavailable)" in printed
    assert "Interrupted: it was not retried." in printed
    assert terraform.state() == {}
