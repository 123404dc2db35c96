"""Many resources and a server that allows few requests a second: nothing fails, and few requests are refused."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from dynatrace_sandbox.sandbox import Options
from dynatrace_sandbox.testing import RunningSandbox
from terraform_plugin.testing import ProtocolClient, Terraform, in_process
from tests.terraform_provider_dynatrace.in_process import Tenant, TenantsProvider
from tests.virtual_time import LoopTime

RATE = 20  # requests a second
AT_A_TIME = 10  # resources: Terraform's parallelism, and the provider's max_concurrency
CONNECTION = "dynatrace_aws_connection"
MANY = """
resource "dynatrace_aws_connection" "this" {
  count = 60
  name  = "connection ${count.index}"
  web_identity {
    consumers = ["APP:dynatrace.aws.connector"]
  }
}
"""


@pytest.mark.virtual_time
async def test_300_resources_are_created_at_20_requests_a_second() -> None:
    """None fails. After the first refusal, no request is sent for as long as the server asks for."""
    requests = await _create(300)

    statuses = Counter(request["status"] for request in requests)
    refused = [request["at"] for request in requests if request["status"] == 429]
    assert statuses.keys() == {200, 429}
    assert [one for one in requests for then in refused if then < one["at"] < then + 1] == []
    assert max(Counter(refused).values()) <= AT_A_TIME
    assert statuses[429] < statuses[200] / 2
    fastest = (statuses[200] - RATE) / RATE
    assert fastest <= requests[-1]["at"] - requests[0]["at"] <= fastest * 1.25


@pytest.mark.virtual_time
@pytest.mark.parametrize("at_a_time", [10, 25])
async def test_40_creates_succeed_at_3_requests_a_second(at_a_time: int) -> None:
    """In at most 1.5 times the time that the limit requires; few requests are refused more than once."""
    requests = await _create(40, rate=3, at_a_time=at_a_time)

    statuses = Counter(request["status"] for request in requests)
    assert statuses.keys() == {200, 429}
    needed = (statuses[200] - 3) / 3
    assert requests[-1]["at"] - requests[0]["at"] <= needed * 1.5
    # The pace adapts: after the first volley, hardly any request comes too early.
    assert statuses[429] <= at_a_time + statuses[200] / 10


async def _create(count: int, rate: float = RATE, at_a_time: int = AT_A_TIME) -> list[dict[str, Any]]:
    """Plan and apply this number of connections, `at_a_time` as Terraform's parallelism; return the requests."""
    far = Tenant(options=Options(request_rate=rate), clock=LoopTime.clock)
    async with in_process(TenantsProvider(far, time=LoopTime())) as client:
        await client.configure({"max_concurrency": at_a_time})
        names = iter([f"connection {number}" for number in range(count)])
        errors = await asyncio.gather(*(_worker(client, names) for _ in range(at_a_time)))
    assert errors == [[]] * at_a_time
    assert len(list(far.sandbox.environment.store)) == count
    return far.requests()


async def _worker(client: ProtocolClient, names: Iterator[str]) -> list[str]:
    errors: list[str] = []
    for name in names:
        config = {"name": name, "web_identity": [{"consumers": ["APP:dynatrace.aws.connector"]}]}
        answer = await client.apply(CONNECTION, config, await client.plan(CONNECTION, config))
        errors += map(str, answer.errors)
    return errors


def test_40_connections_are_applied_at_3_requests_a_second(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """With 25 operations at the same time. A limit that low used to end an apply after 20 seconds."""
    terraform.environ |= {"TF_LOG_PROVIDER": ""}
    terraform.init(MANY.replace("60", "40"))
    sandbox.configure(request_rate=3)

    terraform.run("apply", "-json", "-input=false", "-auto-approve", "-parallelism=25")

    sandbox.configure(request_rate=0)
    creates = Counter(one["status"] for one in sandbox.requests("POST", "*/objects") if not one["query"])
    assert len(terraform.state()) == len(sandbox.objects()) == 40
    assert creates[200] == 40


def test_terraform_applies_at_a_limited_rate(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """In one apply. Refused requests were sent again, and no other request twice."""
    terraform.environ |= {"TF_LOG_PROVIDER": ""}
    terraform.init(MANY)
    sandbox.configure(request_rate=RATE)

    terraform.run("apply", "-json", "-input=false", "-auto-approve")

    sandbox.configure(request_rate=0)
    creates = Counter(one["status"] for one in sandbox.requests("POST", "*/objects") if not one["query"])
    every = Counter(one["status"] for one in sandbox.requests())
    assert len(terraform.state()) == len(sandbox.objects()) == 60
    assert creates[200] == 60
    assert every.keys() == {200, 429}
    assert every[429] <= every[200] / RATE * AT_A_TIME + AT_A_TIME  # one volley for each second's worth
