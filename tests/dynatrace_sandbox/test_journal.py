"""The journal of requests: its entries, its limits, and waiting for requests."""

import asyncio

import httpx2
import pytest

from dynatrace_sandbox.journal import Entry, Journal
from tests.dynatrace_sandbox.in_process import NOW, SCHEMA, Tenant, objects


def test_a_request_is_written_down(tenant: Tenant) -> None:
    """With method, path, query, status, kind of credential and time, and without a fault."""
    tenant.call("GET", objects(), params={"schemaIds": SCHEMA})

    assert tenant.sandbox.journal.entries() == [
        {
            "method": "GET",
            "path": "/api/v2/settings/objects",
            "query": "schemaIds=builtin%3Ahyperscaler-authentication.connections.aws",
            "status": 200,
            "credential": "api-token",
            "fault": None,
            "at": NOW,
            "seconds": 0.0,
        }
    ]


@pytest.mark.parametrize(
    ("credentials", "kind"), [("", "none"), ("oauth", "oauth"), ("platform-token", "platform-token")]
)
def test_the_kind_of_credential_is_known_but_not_its_secret(tenant: Tenant, credentials: str, kind: str) -> None:
    """Whatever the response was."""
    tenant.call("GET", objects("platform-token"), credentials)

    assert tenant.sandbox.journal.entries()[-1]["credential"] == kind
    assert "dt0" not in str(tenant.sandbox.journal.entries())


def test_an_unknown_token_is_shown_as_unknown(tenant: Tenant) -> None:
    """It is not shown as a missing one."""
    tenant.call("GET", objects(), "", headers={"Authorization": "Api-Token dt0c01.A.B"})

    assert tenant.sandbox.journal.entries()[0]["credential"] == "unknown"


def test_entries_are_found_by_method_and_path(tenant: Tenant) -> None:
    """Requests to the control path are not in the journal."""
    tenant.create("connection")
    tenant.call("GET", f"{objects()}/none")
    tenant.call("GET", "/sandbox/objects", "")

    journal = tenant.sandbox.journal
    assert [entry["status"] for entry in journal.entries("POST")] == [200]
    assert [entry["status"] for entry in journal.entries(path="*/objects/*")] == [404]
    assert len(journal.entries()) == 2


def test_a_request_can_be_waited_for(tenant: Tenant) -> None:
    """The wait ends when the response was sent."""

    async def wait(client: httpx2.AsyncClient) -> int:
        waiting = asyncio.create_task(tenant.sandbox.journal.wait_for("GET", "*", 2, 10))
        for _ in range(2):
            await client.get("/login")
        return len(await waiting)

    assert tenant.during(wait) == 2


async def test_a_wait_ends() -> None:
    """After the timeout, if the request is not sent."""
    with pytest.raises(TimeoutError):
        await Journal().wait_for("*", "*", 1, seconds=0.01)


async def test_the_journal_keeps_the_newest_requests() -> None:
    """The journal is limited by the number of requests, and by the length of their paths and queries."""

    async def add(journal: Journal, *paths: str) -> list[str]:
        for path in paths:
            await journal.add(Entry("GET", path, "", 200, "none", None, NOW, 0))
        return [entry["path"] for entry in journal.entries()]

    assert await add(Journal(most_entries=2), "/1", "/2", "/3") == ["/2", "/3"]
    assert await add(Journal(most_characters=10), "/1234", "/5678", "/9", "/0") == ["/5678", "/9", "/0"]


def test_a_path_stays_on_its_line_of_the_log(tenant: Tenant, caplog: pytest.LogCaptureFixture) -> None:
    """A line break or a control character in it is written out."""
    with caplog.at_level("DEBUG", "dynatrace_sandbox"):
        tenant.call("GET", "/a%0Ab%1B[2J", "")

    assert [record.message for record in caplog.records] == ["GET /a%0Ab%1B%5B2J: 404 (none)"]
