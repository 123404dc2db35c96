"""The control path: it shows what exists, and controls the sandbox."""

from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from dynatrace_sandbox.api.control import ControlApi
from dynatrace_sandbox.api.requests import respond_to_problem
from dynatrace_sandbox.faults import FaultScript
from dynatrace_sandbox.tenant.problems import Problem
from tests.dynatrace_sandbox.in_process import AUDIENCE, ROLE, Tenant, trusting, web_identity


def get(tenant: Tenant, path: str) -> Any:
    answer = tenant.call("GET", f"/sandbox{path}", "")
    assert answer.status_code == 200
    return answer.json()


def test_it_says_how_the_sandbox_behaves(tenant: Tenant) -> None:
    """The options, and the URL of the AWS side."""
    assert get(tenant, "/") == {
        "options": {
            "tenant": "abc12345.apps.dynatrace.com",
            "issuer": "",
            "release": "345",
            "iam_propagation": 0,
            "token_lifetime": 300,
            "latency": 0,
            "request_rate": 0,
            "connection_deletion": 1,
            "extension": True,
        },
        "awsUrl": tenant.iam.url,
    }


def test_it_shows_everybodys_objects(tenant: Tenant) -> None:
    """With owner and accessors."""
    private = tenant.create("private", "platform-token")
    tenant.create("public")
    everyone = {"accessor": {"type": "all-users"}, "permissions": ["r"]}
    path = f"/platform/classic/environment-api/v2/settings/objects/{private}/permissions"
    tenant.call("POST", path, "platform-token", json=everyone)

    first, second = get(tenant, "/objects")

    assert (first["objectId"], first["owner"]["type"]) == (private, "user")
    assert first["accessors"] == [{"type": "all-users", "id": "", "permissions": ["r"]}]
    assert (second["value"]["name"], "owner" in second) == ("public", False)


def test_it_shows_the_credentials(tenant: Tenant) -> None:
    """By name, with secret, scopes and owner; OAuth clients with id and account."""
    known = get(tenant, "/credentials")

    assert known["read-only-api-token"].keys() == {"kind", "secret", "scopes"}
    assert known["oauth"].keys() == {"kind", "secret", "scopes", "userId", "groups", "clientId", "accountId"}
    assert known["oauth"]["userId"] == known["platform-token"]["userId"] != known["colleague-oauth"]["userId"]


def test_it_shows_roles_providers_and_attempts(tenant: Tenant) -> None:
    """With the reason of each decision, which AWS does not return."""
    object_id = tenant.create("connection")
    tenant.iam.add(trusting("other"))
    tenant.put(object_id, web_identity("connection", ROLE))

    known = get(tenant, "/aws")

    assert known["roles"] == [{"arn": ROLE, "trustPolicy": trusting("other")}]
    assert known["providers"][0]["client_ids"] == [AUDIENCE]
    assert (known["assume_role_attempts"][0]["allowed"], "wants" in known["assume_role_attempts"][0]["reason"]) == (
        False,
        True,
    )


def test_options_can_be_changed_and_come_back_with_a_reset(tenant: Tenant) -> None:
    """A reset restores the options of the start."""
    answer = tenant.call("PATCH", "/sandbox/options", "", json={"iam_propagation": 9, "token_lifetime": 2})
    assert (answer.json()["iam_propagation"], tenant.sandbox.aws_check.propagation) == (9, 9)

    assert tenant.call("POST", "/sandbox/reset", "").status_code == 204
    assert (tenant.sandbox.aws_check.propagation, tenant.sandbox.tokens.lifetime) == (0, 300)


@pytest.mark.parametrize("change", [{"speed": 1}, {"tenant": "x"}, {"latency": "slow"}, {"latency": None}, [], 7])
def test_an_unknown_option_is_refused(tenant: Tenant, change: Any) -> None:
    """400 with a reason; nothing changes."""
    assert tenant.call("PATCH", "/sandbox/options", "", json=change).status_code == 400
    assert tenant.sandbox.options.latency == 0


def test_a_reset_forgets_everything(tenant: Tenant) -> None:
    """Objects, roles, attempts to assume a role, requests, faults."""
    object_id = tenant.create("connection")
    tenant.iam.add(trusting(object_id))
    tenant.put(object_id, web_identity("connection", ROLE))
    tenant.call("POST", "/sandbox/faults", "", json={"kind": "reset", "times": None})

    tenant.call("POST", "/sandbox/reset", "")

    assert [get(tenant, path) for path in ("/objects", "/requests", "/faults")] == [[], [], []]
    assert (get(tenant, "/aws")["roles"], get(tenant, "/aws")["assume_role_attempts"]) == ([], [])
    assert tenant.create("connection")


def test_faults_are_scripted_shown_and_cleared(tenant: Tenant) -> None:
    """Each has an id under which its counts can be seen."""
    made = tenant.call("POST", "/sandbox/faults", "", json={"kind": "respond", "status": 500, "path": "/login"})
    assert (made.status_code, tenant.call("GET", "/login", "").status_code) == (201, 500)
    number = made.json()["id"]

    expected = {"id": number, "applied": 1, "holding": 0, "kind": "respond", "method": "*", "path": "/login"}
    assert get(tenant, f"/faults/{number}") == get(tenant, "/faults")[0] == expected
    assert tenant.call("POST", f"/sandbox/faults/{number}/release", "").status_code == 204
    assert tenant.call("DELETE", "/sandbox/faults", "").status_code == 204
    assert tenant.call("GET", f"/sandbox/faults/{number}", "").status_code == 404


@pytest.mark.parametrize("number", ["9" * 5000, "01", "x", "%D9%A3"])
def test_a_number_that_no_fault_has_is_not_found(tenant: Tenant, number: str) -> None:
    """404, also for more digits than Python converts to an integer."""
    tenant.call("POST", "/sandbox/faults", "", json={"kind": "hold"})

    assert tenant.call("GET", f"/sandbox/faults/{number}", "").status_code == 404
    assert tenant.call("POST", f"/sandbox/faults/{number}/release", "").status_code == 404


def test_an_invalid_fault_is_refused(tenant: Tenant) -> None:
    """400 lists the kinds there are."""
    answer = tenant.call("POST", "/sandbox/faults", "", json={"kind": "explode"})

    assert answer.status_code == 400
    assert "respond, reset, hang" in answer.json()["error"]["message"]


def test_access_tokens_can_be_revoked(tenant: Tenant) -> None:
    """All tokens that were issued until then are refused."""
    headers = tenant.headers("oauth")
    path = "/platform/classic/environment-api/v2/settings/schemas"
    assert tenant.call("GET", path, "", headers=headers).status_code == 200

    assert tenant.call("DELETE", "/sandbox/tokens", "").status_code == 204
    assert tenant.call("GET", path, "", headers=headers).status_code == 401


@pytest.mark.parametrize("count", ["many", "-1", "50001", "9" * 5000, "%D9%A3", "1e999"])
@pytest.mark.parametrize("query", ["requests?count=", "faults/1?holding="])
def test_a_count_is_a_small_number(tenant: Tenant, query: str, count: str) -> None:
    """400 otherwise."""
    tenant.call("POST", "/sandbox/faults", "", json={"kind": "hold"})

    assert tenant.call("GET", f"/sandbox/{query}{count}", "").status_code == 400


@pytest.mark.parametrize("query", ["requests?count=1", "faults/1?holding=1"])
async def test_a_wait_ends(tenant: Tenant, query: str) -> None:
    """504 after the timeout, so that no request waits forever."""
    tenant.sandbox.faults.add(FaultScript("hold"))
    app = Starlette(
        routes=ControlApi(tenant.sandbox, longest_wait=0.01).routes(), exception_handlers={Problem: respond_to_problem}
    )

    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://127.0.0.1") as client:
        assert (await client.get(f"/{query}")).status_code == 504


@pytest.mark.parametrize(
    "body", ["[]", "7", '{"latency": 1e999}', '{"latency": 1e300}', '{"latency": NaN}', "[" * 9999, ""]
)
def test_a_hostile_body_is_refused(tenant: Tenant, body: str) -> None:
    """400 for a list, for numbers that are too large, for text that is not JSON, and for deep nesting."""
    headers = {"Content-Type": "application/json"}

    assert tenant.call("PATCH", "/sandbox/options", "", content=body, headers=headers).status_code == 400
    assert tenant.call("POST", "/sandbox/faults", "", content=body, headers=headers).status_code == 400
