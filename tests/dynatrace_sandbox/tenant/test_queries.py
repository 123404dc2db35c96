"""The query of a list: parameters, pages, fields, order. Source: docs/design/0008-sources.md#settings-get-objects."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dynatrace_sandbox.tenant.queries import FIELDS, parse_list_query
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
        ({"schemaIds": SCHEMA, "pageSize": "9" * 5000}, "pageSize"),
        ({"schemaIds": SCHEMA, "pageSize": "000000001" + "9" * 5000}, "pageSize"),
        ({"schemaIds": SCHEMA, "externalIds": f"a,{'x' * 501}"}, "externalIds"),
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
    response = tenant.call("GET", objects(), params=query)

    assert response.status_code == 400
    assert response.json()["error"]["message"] == "Constraints violated."
    assert path in violations(response)


def test_pages_follow_each_other(tenant: Tenant) -> None:
    """B5: the cursor keeps the first request's parameters, and is null on the last page."""
    tenant.call("POST", objects(), json=[creation(f"connection {number}") for number in range(5)])
    query = {"schemaIds": SCHEMA, "pageSize": "2", "filter": "value.name != 'connection 0'", "fields": "value"}

    first = tenant.call("GET", objects(), params=query).json()
    second = tenant.call("GET", objects(), params={"nextPageKey": first["nextPageKey"]}).json()

    assert [item["value"]["name"] for item in first["items"]] == ["connection 1", "connection 2"]
    assert [item["value"]["name"] for item in second["items"]] == ["connection 3", "connection 4"]
    assert (first["totalCount"], first["pageSize"], second["nextPageKey"]) == (4, 2, None)


def test_a_page_has_100_items_by_default(tenant: Tenant) -> None:
    """And 500 at most."""
    tenant.call("POST", objects(), json=[creation(f"connection {number}") for number in range(501)])

    assert len(tenant.names()) == 100
    assert len(tenant.names(pageSize="500")) == 500


def test_items_have_object_id_and_value_by_default(tenant: Tenant) -> None:
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
    """By default the oldest object comes first; a minus reverses the order."""
    for name in ("bbb", "ccc", "aaa"):
        tenant.create(name)

    assert tenant.names() == ["bbb", "ccc", "aaa"]
    assert tenant.names(sort="value.name") == ["aaa", "bbb", "ccc"]
    assert tenant.names(sort="-value.name") == ["ccc", "bbb", "aaa"]


def test_numbers_are_sorted_by_size(tenant: Tenant) -> None:
    """B6: 999 comes before 1000."""
    for name, now in (("late", 1.0), ("early", 0.999)):
        tenant.now = now
        tenant.create(name)

    assert tenant.names(sort="created", fields="created,value") == ["early", "late"]
    assert tenant.names(sort="-created", fields="created,value") == ["late", "early"]


COMPARABLE = ["created", "modified", "createdBy", "modifiedBy", "author"]
OTHERS = sorted(FIELDS - {*COMPARABLE, "value"})


@pytest.mark.parametrize("field", [*COMPARABLE, "value.name", "value.awsWebIdentity.roleArn"])
def test_these_fields_can_be_compared(tenant: Tenant, field: str) -> None:
    """B6: by `filter` and `sort`, if the response has them."""
    tenant.create("connection")
    fields = f"value,{field.partition('.')[0]}"

    assert tenant.names(fields=fields, filter=f"{field} != 'x'", sort=field) == ["connection"]


@pytest.mark.parametrize("field", [*OTHERS, "value", "created.x"])
@pytest.mark.parametrize("parameter", ["filter", "sort"])
def test_no_other_field_can_be_compared(tenant: Tenant, field: str, parameter: str) -> None:
    """B6: 400, also if the response has it."""
    text = f"{field} = 'x'" if parameter == "filter" else field
    query = {"schemaIds": SCHEMA, "fields": f"value,{field.partition('.')[0]}", parameter: text}

    response = tenant.call("GET", objects(), params=query)

    assert (response.status_code, list(violations(response))) == (400, [parameter])


def test_an_item_can_have_every_field(tenant: Tenant) -> None:
    """A6: the deprecated `modificationInfo` is one of them."""
    tenant.create("connection", "platform-token", externalId="mine")
    query = {"schemaIds": SCHEMA, "fields": ",".join(FIELDS)}

    (item,) = tenant.call("GET", objects("oauth"), "oauth", params=query).json()["items"]

    assert item.keys() == FIELDS
    assert item["modificationInfo"] == {
        "deletable": True,
        "modifiable": True,
        "first": False,
        "movable": False,
        "modifiablePaths": ["name"],
        "nonModifiablePaths": ["type"],
    }


@pytest.mark.parametrize(
    "query", [{"schemaIds": "builtin:none"}, {"scopes": "HOST-1"}, {"scopes": "environment,HOST-1"}]
)
def test_a_schema_or_scope_that_does_not_exist_is_not_found(tenant: Tenant, query: dict[str, str]) -> None:
    """B4: 404 names it."""
    response = tenant.call("GET", objects(), params=query)

    assert response.status_code == 404
    assert next(iter(query.values())).rpartition(",")[2] in response.json()["error"]["message"]


def test_external_ids_have_at_most_500_characters_each(tenant: Tenant) -> None:
    """B13: not together."""
    tenant.create("connection", externalId="x" * 500)

    assert tenant.names(externalIds=",".join(["y" * 500, "x" * 500])) == ["connection"]


@given(st.dictionaries(st.sampled_from(["nextPageKey", "schemaIds", "pageSize", "fields", "adminAccess"]), st.text()))
def test_every_query_is_parsed_or_refused(parameters: dict[str, str]) -> None:
    """No parameter breaks the parser."""
    assert refusal_of(lambda: parse_list_query(parameters)) in (None, 400)
