"""Faults applied to a request, in process: what the client gets, and whether the server acted."""

import asyncio
from typing import Any

import httpx2
import pytest

from dynatrace_sandbox.faults import FaultScript
from tests.dynatrace_sandbox.in_process import SCHEMA, Tenant, creation, objects


def add_fault(tenant: Tenant, kind: str, **script: Any) -> None:
    tenant.sandbox.faults.add(FaultScript(kind, **script))


def post(tenant: Tenant, name: str = "connection") -> httpx2.Response:
    return tenant.call("POST", objects(), json=[creation(name)])


def stored(tenant: Tenant) -> int:
    return len(list(tenant.sandbox.environment.store))


@pytest.mark.parametrize(("acts", "count"), [(False, 0), (True, 1)])
def test_a_response_can_be_replaced(tenant: Tenant, acts: bool, count: int) -> None:  # noqa: FBT001
    """Status, headers and body of choice, before or after the server acted; the next request is fine."""
    add_fault(tenant, "respond", status=429, headers={"Retry-After": "1"}, body="slow down", acts=acts)

    response = post(tenant)

    assert (response.status_code, response.headers["Retry-After"], response.text) == (429, "1", "slow down")
    assert stored(tenant) == count
    assert post(tenant, "another").status_code == 200


@pytest.mark.parametrize(("acts", "count"), [(False, 0), (True, 1)])
def test_a_connection_can_be_reset(tenant: Tenant, acts: bool, count: int) -> None:  # noqa: FBT001
    """With `acts` it is a lost response: the object exists, and the client does not know."""
    add_fault(tenant, "reset", acts=acts)

    with pytest.raises(ConnectionResetError):
        post(tenant)

    assert stored(tenant) == count
    assert (
        tenant.sandbox.journal.entries()[0] | {"status": None, "fault": "reset"} == tenant.sandbox.journal.entries()[0]
    )


def test_a_response_can_be_cut(tenant: Tenant) -> None:
    """The HTTP response is complete, its JSON is not."""
    add_fault(tenant, "truncate")

    response = post(tenant)

    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    assert response.text.startswith('[{"code":200,"objectId":"vu9')
    assert not response.text.endswith("]")
    assert stored(tenant) == 1


def test_a_response_can_be_late(tenant: Tenant) -> None:
    """It is the usual response."""
    add_fault(tenant, "hang", seconds=0.01)

    assert post(tenant).status_code == 200


@pytest.mark.parametrize(("acts", "count"), [(False, 0), (True, 1)])
def test_a_request_can_be_held(tenant: Tenant, acts: bool, count: int) -> None:  # noqa: FBT001
    """Until it is released, before the server acts or after; other requests are served meanwhile."""
    fault = tenant.sandbox.faults.add(FaultScript("hold", "POST", acts=acts))

    async def hold(client: httpx2.AsyncClient) -> tuple[int, int]:
        waiting = asyncio.create_task(client.post(objects(), json=[creation()], headers=tenant.headers("api-token")))
        await fault.wait_until_holding(1, 10)
        meanwhile = stored(tenant)
        fault.release()
        return meanwhile, (await waiting).status_code

    assert tenant.during(hold) == (count, 200)
    assert (fault.holding, fault.applied, stored(tenant)) == (0, 1, 1)


def test_clearing_faults_lets_held_requests_go(tenant: Tenant) -> None:
    """After a reset between tests, no request waits."""
    fault = tenant.sandbox.faults.add(FaultScript("hold", times=None))

    async def hold(client: httpx2.AsyncClient) -> int:
        waiting = asyncio.create_task(client.get(objects(), headers=tenant.headers("api-token")))
        await fault.wait_until_holding(1, 10)
        tenant.sandbox.faults.clear()
        return (await waiting).status_code

    assert tenant.during(hold) == 400


def test_a_fault_applies_only_to_matching_requests(tenant: Tenant) -> None:
    """Requests with another method or path pass, and those to the control path always do."""
    add_fault(tenant, "respond", method="PUT", times=None)
    add_fault(tenant, "respond", path="/sandbox/*", times=None)

    assert post(tenant).status_code == 200
    assert tenant.call("GET", "/sandbox/objects", "").status_code == 200


def test_too_many_requests_are_refused() -> None:
    """B16: 429 without the headers that only Managed sends. Source: docs/design/0008-sources.md#rate-limits."""
    tenant = Tenant(request_rate=2)

    def statuses(count: int) -> list[int]:
        query = {"schemaIds": SCHEMA}
        return [tenant.call("GET", objects(), params=query).status_code for _ in range(count)]

    assert statuses(3) == [200, 200, 429]
    headers = tenant.call("GET", objects()).headers
    assert headers["Retry-After"] == "1"
    assert [name for name in headers if name.startswith("x-ratelimit")] == []
    tenant.now += 1
    assert statuses(3) == [200, 200, 429]


def test_every_response_can_be_slow() -> None:
    """`latency` milliseconds are added to each, also to errors; the response is the usual one."""
    tenant = Tenant(latency=1)

    assert post(tenant).status_code == 200
    assert tenant.call("GET", objects()).status_code == 400
