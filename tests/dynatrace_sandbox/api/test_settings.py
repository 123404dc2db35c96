"""The Settings API over HTTP: statuses, scopes, bodies, fields. Source: docs/design/0008-sources.md#settings-api."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dynatrace_sandbox.api.app import CLASSIC, PLATFORM
from dynatrace_sandbox.tenant.credentials import COLLEAGUE, OWNER
from tests.dynatrace_sandbox.in_process import SCHEMA, Tenant, creation, objects, violations, web_identity

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
    assert (item["summary"], item["schemaVersion"], item["scope"]) == ("renamed", "0.0.27", "environment")


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


def test_admin_access_acts_as_the_owner(tenant: Tenant) -> None:
    """B11: with `settings:objects:admin`. Source: docs/design/0008-sources.md#settings-concepts."""
    object_id = tenant.create("connection", "colleague-platform-token")
    admin, path = {"adminAccess": "true"}, f"{objects('oauth')}/{object_id}"

    assert tenant.names("admin-platform-token") == []
    assert tenant.names("admin-platform-token", adminAccess="true") == ["connection"]
    assert tenant.call("GET", path, "admin-platform-token", params=admin).json()["owner"]["id"] == COLLEAGUE.id
    assert tenant.call("DELETE", path, "admin-platform-token", params=admin).status_code == 204


@pytest.mark.parametrize("credentials", ["stranger-platform-token", "other-admin-platform-token", "api-token"])
def test_admin_access_without_the_permission_has_no_effect(tenant: Tenant, credentials: str) -> None:
    """B11: the list is served, without the objects of others; an object of its own is found."""
    private = tenant.create("private", "colleague-platform-token")
    tenant.create("public")
    path = f"{objects(credentials)}/{private}"

    assert tenant.names(credentials, adminAccess="true") == ["public"]
    assert tenant.call("GET", path, credentials, params={"adminAccess": "true"}).status_code == 403


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
    """B15: 403, as the pages of the Settings API say. Source: docs/design/0008-sources.md#response-codes."""
    response = tenant.call(method, objects(credentials), credentials, params={"schemaIds": SCHEMA}, json=[creation()])

    assert response.status_code == 403
    assert response.json()["error"]["message"].endswith(scope)


def test_each_kind_of_credential_has_its_own_paths(tenant: Tenant) -> None:
    """API tokens are refused on platform paths, platform credentials on classic ones, and missing ones on both."""
    query = {"schemaIds": SCHEMA}
    classic, platform = f"{CLASSIC}/settings/objects", f"{PLATFORM}/settings/objects"

    responses = [
        tenant.call("GET", platform, "api-token", params=query),
        tenant.call("GET", classic, "platform-token", params=query),
        tenant.call("GET", classic, "oauth", params=query),
        tenant.call("GET", classic, "", params=query),
        tenant.call("GET", platform, "", params=query),
    ]

    assert [response.status_code for response in responses] == [401] * 5
    assert tenant.names("platform-token") == tenant.names("oauth") == tenant.names("api-token") == []


def test_every_element_has_its_own_status(tenant: Tenant) -> None:
    """200 when all are fine, 207 when some are, else their common status; nothing is rolled back."""

    def post(*items: Any) -> tuple[int, list[int]]:
        response = tenant.call("POST", objects(), json=list(items))
        return response.status_code, [item["code"] for item in response.json()]

    assert post() == (200, [])
    assert post(creation("one"), creation("two")) == (200, [200, 200])
    assert post(creation("one"), creation("three")) == (207, [400, 200])
    assert post(creation("x"), creation("y")) == (400, [400, 400])
    assert post(creation() | {"schemaId": "none"}) == (404, [404])
    assert tenant.names() == ["one", "two", "three"]


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_an_object_that_does_not_exist_is_not_found(tenant: Tenant, method: str) -> None:
    """404 for reading, changing, deleting."""
    response = tenant.call(method, f"{objects()}/none", json={"value": web_identity()})

    assert response.status_code == 404
    assert "none" in response.json()["error"]["message"]
    assert ("code" in response.json()) == (method != "GET")


def test_a_delete_cannot_be_validated(tenant: Tenant) -> None:
    """The page has no `validateOnly`, and to ignore it would delete the object. Source: #settings-delete-object."""
    object_id = tenant.create("connection")

    response = tenant.call("DELETE", f"{objects()}/{object_id}", params={"validateOnly": "true"})

    assert (response.status_code, list(violations(response))) == (400, ["validateOnly"])
    assert tenant.names() == ["connection"]


def test_a_failed_delete_has_the_form_of_an_item(tenant: Tenant) -> None:
    """B1: 404 and 409 are `SettingsObjectResponse`s, 403 an envelope. Source: #settings-delete-object."""
    public, private = tenant.create("public"), tenant.create("private", "platform-token")

    def delete(object_id: str, **query: str) -> Any:
        return tenant.call("DELETE", f"{objects()}/{object_id}", params=query)

    missing, outdated, forbidden = delete("none"), delete(public, updateToken="old"), delete(private)

    assert (missing.status_code, missing.json()["code"], missing.json()["error"]["code"]) == (404, 404, 404)
    assert (outdated.status_code, outdated.json()["code"], outdated.json()["error"]["code"]) == (409, 409, 409)
    assert (forbidden.status_code, list(forbidden.json())) == (403, ["error"])


def test_an_object_is_read_with_every_field(tenant: Tenant) -> None:
    """B7: `fields` is not a parameter of the page, and has no effect. Source: #settings-get-object."""
    object_id = tenant.create("connection")

    response = tenant.call("GET", f"{objects()}/{object_id}", params={"fields": "objectId"})

    assert (response.status_code, response.json().keys()) == (200, EVERY_FIELD)


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
def test_a_body_is_a_json_array_of_objects(tenant: Tenant, content: bytes, kind: str, status: int) -> None:
    """B17: 400, 415, or 413 for more than a megabyte. Source: docs/design/0008-sources.md#rate-limits."""
    response = tenant.call("POST", objects(), content=content, headers={"Content-Type": kind})

    assert response.status_code == status
    assert status == 200 or response.json()["error"]["code"] == status


@pytest.mark.parametrize("body", [[], {}, {"value": None}, {"value": web_identity(), "updateToken": 7}, "x", None])
def test_an_update_needs_a_value(tenant: Tenant, body: Any) -> None:
    """A `SettingsObjectUpdate` has a value, and maybe an update token."""
    path = f"{objects()}/{tenant.create('connection')}"

    assert tenant.call("PUT", path, content=json.dumps(body), headers=JSON).status_code == 400


def test_a_refused_update_shows_the_value(tenant: Tenant) -> None:
    """`SettingsObjectResponse`: code, error, invalidValue."""
    response = tenant.put(tenant.create("connection"), web_identity("x"))

    assert response.status_code == 400
    assert response.json().keys() == {"code", "error", "invalidValue"}
    assert response.json()["invalidValue"] == web_identity("x")


SCHEMAS = f"{CLASSIC}/settings/schemas"


def test_the_schema_is_served(tenant: Tenant) -> None:
    """With its constraints and enums, on both paths; one that does not exist is 404. Source: #settings-schemas."""
    schema = tenant.call("GET", f"{SCHEMAS}/{SCHEMA}").json()

    assert (schema["maxObjects"], schema["ownerBasedAccessControl"], schema["version"]) == (3000, True, "0.0.27")
    assert [rule["uniqueProperties"] for rule in schema["schemaConstraints"]] == [["name"]]
    assert schema == tenant.call("GET", f"{PLATFORM}/settings/schemas/{SCHEMA}", "oauth").json()
    assert tenant.call("GET", f"{SCHEMAS}/builtin:none").status_code == 404


@pytest.mark.parametrize(
    ("version", "status"),
    [("0.0.24", 200), ("0.0.26", 200), ("0.0.27", 200), ("0.0.28", 404), ("1", 404), ("", 404)],
)
def test_a_schema_is_served_in_a_version(tenant: Tenant, version: str, status: int) -> None:
    """B9: 404 for one that the environment does not know. Source: docs/design/0008-sources.md#settings-schemas."""
    response = tenant.call("GET", f"{SCHEMAS}/{SCHEMA}", params={"schemaVersion": version})

    assert response.status_code == status
    assert status == 404 or response.json()["version"] == version


def test_the_list_of_schemas_has_the_requested_fields(tenant: Tenant) -> None:
    """A5: `fields` replaces the default. Source: docs/design/0008-sources.md#settings-schemas."""
    every = "schemaId,displayName,maturity,latestSchemaVersion,multiObject,ordered,ownerBasedAccessControl"

    def items(**query: str) -> Any:
        return tenant.call("GET", SCHEMAS, params=query).json()["items"]

    assert [item.keys() for item in items()] == [{"schemaId", "displayName", "latestSchemaVersion"}]
    assert items(fields="schemaId,ownerBasedAccessControl") == [{"schemaId": SCHEMA, "ownerBasedAccessControl": True}]
    (item,) = items(fields=every)
    assert (item["maturity"], item["multiObject"], item["ordered"]) == ("GENERAL_AVAILABILITY", True, False)
    assert item["latestSchemaVersion"] == "0.0.27"
    assert tenant.call("GET", SCHEMAS, params={"fields": "secret"}).status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        *(
            ("PATCH", objects(), 405),
            ("POST", f"{objects()}/x", 405),
            ("GET", "/api/v1/config", 404),
            ("GET", "/nothing", 404),
        ),
        ("GET", f"{objects()}/", 404),
    ],
)
def test_unknown_paths_and_methods_have_an_envelope(tenant: Tenant, method: str, path: str, status: int) -> None:
    """404 and 405 with an error envelope."""
    response = tenant.call(method, path)

    assert (response.status_code, response.json()["error"]["code"]) == (status, status)


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
def test_every_body_gets_a_documented_status(tenant: Tenant, body: Any, method: str) -> None:
    """Whatever the JSON is, never a server error."""
    path = objects() if method == "POST" else f"{objects()}/none"

    response = tenant.call(method, path, content=json.dumps(body), headers=JSON)

    assert response.status_code in {200, 207, 400, 403, 404, 409}
