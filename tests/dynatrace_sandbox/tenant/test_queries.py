"""The query of a list: parameters, pages, fields, order."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynatrace_sandbox.tenant.queries import parse_list_query
from tests.dynatrace_sandbox.in_process import SCHEMA, Tenant, creation, objects, refusal_of, violations


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ({}, "schemaIds"),
        ({"filter": "value.name = 'x'"}, "schemaIds"),
        ({"schemaIds": SCHEMA, "pageSize": "501"}, "pageSize"),
        ({"schemaIds": SCHEMA, "pageSize": "0"}, "pageSize"),
        ({"schemaIds": SCHEMA, "pageSize": "-1"}, "pageSize"),
        ({"schemaIds": SCHEMA, "pageSize": "many"}, "pageSize"),
        ({"schemaIds": SCHEMA, "pageSize": "٣"}, "pageSize"),
        ({"schemaIds": SCHEMA, "fields": "value,secret"}, "fields"),
        ({"schemaIds": SCHEMA, "sort": "created"}, "sort"),
        ({"schemaIds": SCHEMA, "filter": "author = 'x'"}, "filter"),
        ({"schemaIds": SCHEMA, "adminAccess": "yes"}, "adminAccess"),
        ({"nextPageKey": "x", "schemaIds": SCHEMA}, "nextPageKey"),
        ({"nextPageKey": "nonsense"}, "nextPageKey"),
        ({"nextPageKey": "W10="}, "nextPageKey"),
    ],
)
def test_a_bad_query_is_refused_with_its_parameter(tenant: Tenant, query: dict[str, str], path: str) -> None:
    """400 `Constraints violated.` names the parameter; a cursor must come alone."""
    answer = tenant.call("GET", objects(), params=query)

    assert answer.status_code == 400
    assert answer.json()["error"]["message"] == "Constraints violated."
    assert path in violations(answer)


def test_pages_follow_each_other(tenant: Tenant) -> None:
    """The cursor keeps the first request's parameters; the last page has none."""
    tenant.call("POST", objects(), json=[creation(f"connection {number}") for number in range(5)])
    query = {"schemaIds": SCHEMA, "pageSize": "2", "filter": "value.name != 'connection 0'", "fields": "value"}

    first = tenant.call("GET", objects(), params=query).json()
    second = tenant.call("GET", objects(), params={"nextPageKey": first["nextPageKey"]}).json()

    assert [item["value"]["name"] for item in first["items"]] == ["connection 1", "connection 2"]
    assert [item["value"]["name"] for item in second["items"]] == ["connection 3", "connection 4"]
    assert (first["totalCount"], first["pageSize"], "nextPageKey" in second) == (4, 2, False)


def test_a_page_has_a_hundred_items_unless_asked(tenant: Tenant) -> None:
    """The default page size is 100, the largest 500."""
    tenant.call("POST", objects(), json=[creation(f"connection {number}") for number in range(501)])

    assert len(tenant.names()) == 100
    assert len(tenant.names(pageSize="500")) == 500


def test_items_have_object_id_and_value_unless_asked(tenant: Tenant) -> None:
    """`fields` replaces the default set."""
    tenant.create("connection")
    path = objects()

    usual = tenant.call("GET", path, params={"scopes": "environment"}).json()["items"][0]
    asked = tenant.call("GET", path, params={"scopes": "environment", "fields": "updateToken, scope"}).json()["items"][
        0
    ]

    assert list(usual) == ["objectId", "value"]
    assert list(asked) == ["updateToken", "scope"]


def test_a_list_can_be_filtered_by_name_and_external_id(tenant: Tenant) -> None:
    """Both find one object among many."""
    for name in ("one", "two", "three"):
        tenant.create(name, externalId=f"external {name}")

    assert tenant.names(filter="value.name = 'two'") == ["two"]
    assert tenant.names(externalIds="external three,external none") == ["three"]
    assert tenant.names(externalIds="external none") == []


def test_a_list_can_be_sorted(tenant: Tenant) -> None:
    """By default the oldest comes first; a minus turns the order around."""
    for name in ("bbb", "ccc", "aaa"):
        tenant.create(name)

    assert tenant.names() == ["bbb", "ccc", "aaa"]
    assert tenant.names(sort="value.name") == ["aaa", "bbb", "ccc"]
    assert tenant.names(sort="-value.name") == ["ccc", "bbb", "aaa"]


def test_a_schema_that_does_not_exist_is_not_found(tenant: Tenant) -> None:
    """404 says which."""
    answer = tenant.call("GET", objects(), params={"schemaIds": "builtin:none"})

    assert answer.status_code == 404
    assert answer.json()["error"]["message"] == "Configuration schema builtin:none does not exist."


@given(st.dictionaries(st.sampled_from(["nextPageKey", "schemaIds", "pageSize", "fields", "adminAccess"]), st.text()))
def test_every_query_is_understood_or_refused(parameters: dict[str, str]) -> None:
    """No parameter breaks the reader."""
    assert refusal_of(lambda: parse_list_query(parameters)) in (None, 400)
