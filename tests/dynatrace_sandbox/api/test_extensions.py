"""The platform's Extensions API, over HTTP."""

from typing import Any

import pytest

from tests.dynatrace_sandbox.in_process import NOW, Tenant, objects
from tests.dynatrace_sandbox.monitoring import CONFIGURATIONS, EXTENSION, OWNER, body, value


def created(tenant: Tenant, **more: Any) -> str:
    """Create a configuration and return its id."""
    answer = tenant.call("POST", CONFIGURATIONS, OWNER, json=body(**more))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["objectId"])


def test_a_configuration_is_created_read_updated_and_deleted(tenant: Tenant) -> None:
    """201, 200, 200, 204, then 404. The whole value is replaced, the scope stays, and the times are kept."""
    object_id = created(tenant)
    path = f"{CONFIGURATIONS}/{object_id}"
    tenant.now += 60

    updated = tenant.call("PUT", path, "colleague-oauth", json={"value": value(tagEnrichment=["owner"])})
    found = tenant.call("GET", path, OWNER).json()

    assert (updated.status_code, updated.json()) == (200, {"objectId": object_id})
    assert (found["objectId"], found["scope"]) == (object_id, "integration-aws")
    assert found["value"]["aws"]["tagEnrichment"] == ["owner"]
    info = found["modificationInfo"]
    assert (info["createdTime"], info["lastModifiedTime"]) == ("2023-11-14T22:13:20.000Z", "2023-11-14T22:14:20.000Z")
    assert info["createdBy"] != info["lastModifiedBy"]
    assert tenant.call("DELETE", path, OWNER).status_code == 204
    assert [tenant.call(method, path, OWNER).status_code for method in ("GET", "DELETE")] == [404, 404]


def test_a_list_has_pages(tenant: Tenant) -> None:
    """20 items by default. The key of the next page must be the only parameter, with either of its two names."""
    for number in range(21):
        created(tenant, account=f"{number:012}")

    first = tenant.call("GET", CONFIGURATIONS, OWNER).json()
    pages = [
        tenant.call("GET", CONFIGURATIONS, OWNER, params={name: first["nextPageKey"]}).json()
        for name in ("page-key", "next-page-key")
    ]

    assert (len(first["items"]), first["totalCount"]) == (20, 21)
    assert [(len(page["items"]), "nextPageKey" in page) for page in pages] == [(1, False), (1, False)]
    whole = tenant.call("GET", CONFIGURATIONS, OWNER, params={"page-size": "500", "version": "9"}).json()
    assert (len(whole["items"]), "nextPageKey" in whole) == (21, False)


@pytest.mark.parametrize(
    "query",
    [
        {"page-size": "0"},
        {"page-size": "501"},
        {"page-size": "many"},
        {"page-size": "000000001" + "9" * 5000},
        {"page-key": "W0luZmluaXR5LCAxXQ=="},  # [Infinity, 1]
        {"page-key": "WzFlOTk5LCAxXQ=="},  # [1e999, 1]
        {"page-key": "WzIwLCAtNV0="},  # [20, -5]
        {"page-key": "Wzk5OTk5OTk5OSwgMV0="},  # [999999999, 1]
        {"page-key": "WyIyMCIsICIxIl0="},  # ["20", "1"]
        {"page-key": "e"},
        {"page-key": "WzEsMV0=", "page-size": "5"},
        {"next-page-key": "e30="},
    ],
)
def test_a_query_that_cannot_be_is_refused(tenant: Tenant, query: dict[str, str]) -> None:
    """400, with the violation below `details`."""
    answer = tenant.call("GET", CONFIGURATIONS, OWNER, params=query)

    assert answer.status_code == 400
    [violation] = answer.json()["error"]["details"]["constraintViolations"]
    assert violation["parameterLocation"] == "QUERY"


@pytest.mark.parametrize("sent", [[body()], "text", {"scope": "environment", "value": value()}, {"scope": "x"}])
def test_only_one_object_is_taken(tenant: Tenant, sent: Any) -> None:
    """An array is refused, and so are another scope and a missing value."""
    assert tenant.call("POST", CONFIGURATIONS, OWNER, json=sent).status_code == 400
    assert tenant.call("PUT", f"{CONFIGURATIONS}/{created(tenant)}", OWNER, json=[]).status_code == 400


@pytest.mark.parametrize(
    ("credentials", "method", "path", "scope"),
    [
        ("settings-only-platform-token", "GET", CONFIGURATIONS, "extensions:configurations:read"),
        ("settings-only-oauth", "GET", EXTENSION, "extensions:definitions:read"),
        ("settings-only-oauth", "GET", f"{EXTENSION}/1.0.7/schema", "extensions:definitions:read"),
        ("settings-only-oauth", "GET", f"{EXTENSION}/environment-configuration", "extensions:definitions:read"),
        ("read-only-oauth", "POST", CONFIGURATIONS, "extensions:configurations:write"),
        ("read-only-platform-token", "PUT", f"{CONFIGURATIONS}/x", "extensions:configurations:write"),
        ("read-only-platform-token", "DELETE", f"{CONFIGURATIONS}/x", "extensions:configurations:write"),
        ("read-only-platform-token", "POST", EXTENSION, "extensions:definitions:write"),
    ],
)
def test_a_missing_scope_is_named(tenant: Tenant, credentials: str, method: str, path: str, scope: str) -> None:
    """403, before anything else."""
    answer = tenant.call(method, path, credentials, json={})

    message = f"Insufficient permissions. Missing scopes: {scope}"
    assert (answer.status_code, answer.json()) == (403, {"error": {"code": 403, "message": message}})


@pytest.mark.parametrize("credentials", ["api-token", "", "expired-platform-token"])
def test_only_platform_credentials_are_taken(tenant: Tenant, credentials: str) -> None:
    """401 for an API token, none, or one that has expired."""
    assert tenant.call("GET", CONFIGURATIONS, credentials).status_code == 401


def test_versions_and_their_schemas(tenant: Tenant) -> None:
    """Two versions; the newest is active; a schema lists regions and feature sets."""
    versions = tenant.call("GET", EXTENSION, OWNER).json()["items"]
    assert [one["version"] for one in versions] == ["1.0.0", "1.0.7"]
    assert tenant.call("GET", f"{EXTENSION}/environment-configuration", OWNER).json() == {"version": "1.0.7"}

    sets = {
        version: {one["value"] for one in schema["enums"]["FeatureSetsType"]["items"]}
        for version in ("1.0.0", "1.0.7")
        for schema in [tenant.call("GET", f"{EXTENSION}/{version}/schema", OWNER).json()]
    }
    assert sets["1.0.0"] < sets["1.0.7"]
    assert tenant.call("GET", f"{EXTENSION}/2.0.0/schema", OWNER).status_code == 404


def test_an_extension_that_is_not_installed_is_not_found() -> None:
    """All endpoints return 404 until it is installed from the Hub; installing it twice is a conflict."""
    tenant = Tenant(extension=False)
    paths = [EXTENSION, f"{EXTENSION}/environment-configuration", f"{EXTENSION}/1.0.7/schema", CONFIGURATIONS]
    assert [tenant.call("GET", path, OWNER).status_code for path in paths] == [404] * 4
    assert tenant.call("POST", CONFIGURATIONS, OWNER, json=body()).status_code == 404
    assert tenant.call("GET", EXTENSION.replace("da-aws", "da-gcp"), OWNER).status_code == 404

    assert tenant.call("POST", EXTENSION, OWNER, params={"version": "9"}).status_code == 404
    installed = tenant.call("POST", EXTENSION, OWNER)
    assert (installed.status_code, installed.json()["version"]) == (202, "1.0.7")
    assert tenant.call("POST", EXTENSION, OWNER).status_code == 409
    assert created(tenant)


def test_deleting_a_configuration_deletes_its_connection_after_a_moment(tenant: Tenant) -> None:
    """Meanwhile the connection can be read and not be deleted; then it is gone."""
    connection = tenant.create("one", OWNER)
    other = tenant.create("other", OWNER)
    object_id = created(tenant, connection=connection, account="1" * 12, credentials=[_disabled(connection)])

    assert tenant.call("DELETE", f"{CONFIGURATIONS}/{object_id}", OWNER).status_code == 204

    path = f"{objects(OWNER)}/{connection}"
    assert tenant.get(connection, OWNER).status_code == 200
    assert tenant.call("DELETE", path, OWNER).status_code == 409
    tenant.now = NOW + 1
    assert tenant.get(connection, OWNER).status_code == 404
    assert tenant.call("DELETE", path, OWNER).status_code == 404
    assert tenant.names(OWNER) == ["other"]
    assert tenant.get(other, OWNER).status_code == 200


def test_a_reset_forgets_everything(tenant: Tenant) -> None:
    """Configurations, and connections that were being deleted."""
    connection = tenant.create("one", OWNER)
    object_id = created(tenant, connection=connection, credentials=[_disabled(connection)])
    created(tenant, account="1" * 12)
    tenant.call("DELETE", f"{CONFIGURATIONS}/{object_id}", OWNER)

    tenant.call("POST", "/sandbox/reset", "")

    assert tenant.call("GET", "/sandbox/configurations", "").json() == []
    assert tenant.names(OWNER) == []


def _disabled(connection: str) -> dict[str, Any]:
    return {"enabled": False, "description": "d", "connectionId": connection, "accountId": "123456789012"}
