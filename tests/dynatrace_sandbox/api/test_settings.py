"""The Settings API over HTTP: statuses, scopes, bodies, fields."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dynatrace_sandbox.api.app import CLASSIC, PLATFORM
from dynatrace_sandbox.tenant.credentials import COLLEAGUE, OWNER
from tests.dynatrace_sandbox.in_process import SCHEMA, Tenant, creation, objects, web_identity

JSON = {"Content-Type": "application/json"}
EVERY_FIELD = {
    *("objectId", "schemaId", "schemaVersion", "scope", "summary", "searchSummary", "created", "modified", "createdBy"),
    *("modifiedBy", "author", "updateToken", "resourceContext", "value"),
}


def test_an_object_has_every_field(tenant: Tenant) -> None:
    """Times in milliseconds, the public part of the token as author, and what the caller may do."""
    object_id = tenant.create("connection")
    tenant.now += 5

    tenant.put(object_id, web_identity("renamed"))
    item = tenant.get(object_id).json()

    token = tenant.sandbox.credentials["api-token"]
    assert item.keys() == EVERY_FIELD
    assert item["modified"] - item["created"] == 5000
    assert item["createdBy"] == item["modifiedBy"] == item["author"] == token.public
    assert item["resourceContext"]["operations"] == ["read", "write", "delete"]
    assert (item["summary"], item["schemaVersion"], item["scope"]) == ("renamed", "0.0.26", "environment")


def test_platform_credentials_own_what_they_create(tenant: Tenant) -> None:
    """The owner and the author are the user; an external id is shown."""
    object_id = tenant.create("connection", "platform-token", externalId="mine")

    item = tenant.get(object_id, "oauth").json()

    assert item["owner"] == {"type": "user", "id": OWNER.id}
    assert (item["createdBy"], item["externalId"]) == (OWNER.id, "mine")


def test_an_api_tokens_object_has_no_owner_and_is_open_to_all(tenant: Tenant) -> None:
    """Public: anyone with the scopes may read and change it."""
    object_id = tenant.create("connection")

    assert "owner" not in tenant.get(object_id, "stranger-platform-token").json()
    assert tenant.put(object_id, web_identity("taken"), "stranger-platform-token").status_code == 200


@pytest.mark.parametrize(
    "other", ["colleague-platform-token", "colleague-oauth", "stranger-platform-token", "api-token"]
)
def test_a_private_object_is_invisible_to_others(tenant: Tenant, other: str) -> None:
    """Missing in lists, 403 by id for reading, writing and deleting."""
    object_id = tenant.create("connection", "platform-token")
    path = f"{objects(other)}/{object_id}"

    assert tenant.names(other) == []
    assert tenant.get(object_id, other).status_code == 403
    assert tenant.put(object_id, web_identity("mine"), other).status_code == 403
    assert tenant.call("DELETE", path, other).status_code == 403
    assert tenant.names("platform-token") == ["connection"]


def test_admin_access_shows_everything_to_who_may(tenant: Tenant) -> None:
    """`adminAccess=true` acts as the owner of all objects, and needs its scope."""
    object_id = tenant.create("connection", "colleague-platform-token")
    admin, path = {"adminAccess": "true"}, f"{objects('oauth')}/{object_id}"

    assert tenant.names("admin-platform-token") == []
    assert tenant.names("admin-platform-token", adminAccess="true") == ["connection"]
    assert tenant.call("GET", path, "admin-platform-token", params=admin).json()["owner"]["id"] == COLLEAGUE.id
    refused = tenant.call("GET", path, "stranger-platform-token", params=admin)
    assert (refused.status_code, refused.json()["error"]["message"]) == (
        403,
        "Insufficient permissions. Missing scopes: settings:objects:admin",
    )
    assert tenant.call("DELETE", path, "admin-platform-token", params=admin).status_code == 204


@pytest.mark.parametrize(
    ("credentials", "method", "scope"),
    [
        ("powerless-api-token", "GET", "settings.read (Read settings)"),
        ("read-only-api-token", "POST", "settings.write (Write settings)"),
        ("powerless-platform-token", "GET", "settings:objects:read"),
        ("read-only-platform-token", "POST", "settings:objects:write"),
        ("read-only-oauth", "POST", "settings:objects:write"),
    ],
)
def test_a_missing_scope_is_named(tenant: Tenant, credentials: str, method: str, scope: str) -> None:
    """403 with the scope that would be needed."""
    answer = tenant.call(method, objects(credentials), credentials, params={"schemaIds": SCHEMA}, json=[creation()])

    assert answer.status_code == 403
    assert answer.json()["error"]["message"].endswith(scope)


def test_each_kind_of_credential_has_its_own_paths(tenant: Tenant) -> None:
    """API tokens are refused on platform paths, platform credentials on classic ones, nobody comes in without."""
    query = {"schemaIds": SCHEMA}
    classic, platform = f"{CLASSIC}/settings/objects", f"{PLATFORM}/settings/objects"

    answers = [
        tenant.call("GET", platform, "api-token", params=query),
        tenant.call("GET", classic, "platform-token", params=query),
        tenant.call("GET", classic, "oauth", params=query),
        tenant.call("GET", classic, "", params=query),
        tenant.call("GET", platform, "", params=query),
    ]

    assert [answer.status_code for answer in answers] == [401] * 5
    assert tenant.names("platform-token") == tenant.names("oauth") == tenant.names("api-token") == []


def test_an_array_is_answered_item_by_item(tenant: Tenant) -> None:
    """200 when all are fine, 207 when some are, else their common status; nothing is rolled back."""

    def post(*items: Any) -> tuple[int, list[int]]:
        answer = tenant.call("POST", objects(), json=list(items))
        return answer.status_code, [item["code"] for item in answer.json()]

    assert post() == (200, [])
    assert post(creation("one"), creation("two")) == (200, [200, 200])
    assert post(creation("one"), creation("three")) == (207, [400, 200])
    assert post(creation("x"), creation("y")) == (400, [400, 400])
    assert post(creation() | {"schemaId": "none"}) == (404, [404])
    assert tenant.names() == ["one", "two", "three"]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_object_that_does_not_exist_is_not_found(tenant: Tenant, method: str) -> None:
    """404 for reading, changing, deleting."""
    answer = tenant.call(method, f"{objects()}/none", json={"value": web_identity()})

    assert answer.status_code == 404
    assert "none" in answer.json()["error"]["message"]


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"", "application/json", 400),
        (b"{", "application/json", 400),
        (b"[NaN]", "application/json", 400),
        (b"[1e999]", "application/json", 400),
        (b"[" + b"9" * 5000 + b"]", "application/json", 400),
        (b"[" + b"0," * 1000 + b"0]", "application/json", 400),
        (b'["\\ud800"]', "application/json", 400),
        (b"\xff", "application/json", 400),
        (b"[" * 100_000, "application/json", 400),
        (b"{}", "application/json", 400),
        (b"[]", "text/plain", 415),
        (b"[]", "", 415),
        (b"[]", "application/json; charset=utf-8", 200),
        (b" " * (1024 * 1024 + 1), "application/json", 413),
    ],
)
def test_a_body_that_is_no_array_of_objects_is_refused(tenant: Tenant, content: bytes, kind: str, status: int) -> None:
    """Not JSON, no array, the wrong media type, more than a megabyte."""
    answer = tenant.call("POST", objects(), content=content, headers={"Content-Type": kind})

    assert answer.status_code == status
    assert status == 200 or answer.json()["error"]["code"] == status


@pytest.mark.parametrize("body", [[], {}, {"value": None}, {"value": web_identity(), "updateToken": 7}, "x", None])
def test_an_update_needs_a_value(tenant: Tenant, body: Any) -> None:
    """A `SettingsObjectUpdate` has a value, and maybe an update token."""
    path = f"{objects()}/{tenant.create('connection')}"

    assert tenant.call("PUT", path, content=json.dumps(body), headers=JSON).status_code == 400


def test_a_refused_update_shows_the_value(tenant: Tenant) -> None:
    """`SettingsObjectResponse`: code, error, invalidValue."""
    answer = tenant.put(tenant.create("connection"), web_identity("x"))

    assert answer.status_code == 400
    assert answer.json().keys() == {"code", "error", "invalidValue"}
    assert answer.json()["invalidValue"] == web_identity("x")


def test_the_schema_is_served(tenant: Tenant) -> None:
    """With its constraints and enums, on both paths; one that does not exist is 404."""
    path = f"{CLASSIC}/settings/schemas"

    schema = tenant.call("GET", f"{path}/{SCHEMA}").json()

    assert (schema["maxObjects"], schema["ownerBasedAccessControl"]) == (3000, True)
    assert schema == tenant.call("GET", f"{PLATFORM}/settings/schemas/{SCHEMA}", "oauth").json()
    assert tenant.call("GET", path).json()["items"][0]["schemaId"] == SCHEMA
    assert tenant.call("GET", f"{path}/builtin:none").status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("PATCH", objects(), 405), ("POST", f"{objects()}/x", 405), ("GET", "/api/v1/config", 404), ("GET", "/", 404)],
)
def test_unknown_paths_and_methods_answer_in_dynatraces_form(
    tenant: Tenant, method: str, path: str, status: int
) -> None:
    """404 and 405 with an error envelope."""
    answer = tenant.call(method, path)

    assert (answer.status_code, answer.json()["error"]["code"]) == (status, status)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)
values = st.sampled_from([web_identity(), web_identity("other"), {}]) | json_values
parts = {"schemaId": st.just(SCHEMA), "scope": st.just("environment"), "value": values, "externalId": json_values}
bodies = json_values | st.lists(st.fixed_dictionaries({}, optional=parts) | json_values, max_size=3)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(bodies, st.sampled_from(["POST", "PUT"]))
def test_every_body_gets_an_answer(tenant: Tenant, body: Any, method: str) -> None:
    """Whatever JSON comes, the answer is one of the documented ones, never a server error."""
    path = objects() if method == "POST" else f"{objects()}/none"

    answer = tenant.call(method, path, content=json.dumps(body), headers=JSON)

    assert answer.status_code in {200, 207, 400, 403, 404, 409}
