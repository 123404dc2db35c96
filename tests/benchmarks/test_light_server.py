"""The light server responds to what a benchmark sends as the sandbox does."""

import time
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import pytest

from benchmarks.servers import Requests, Server, opened

OBJECTS = "/api/v2/settings/objects"
SCHEMA = "builtin:hyperscaler-authentication.connections.aws"
LIST = f"{OBJECTS}?schemaIds={SCHEMA}&scopes=environment&fields=objectId,value,externalId,updateToken"

Send = Callable[..., Any]


@pytest.fixture(scope="module", params=["light", "sandbox"])
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    with opened({"SERVER": request.param}) as environment:
        yield environment


@pytest.fixture
def send(server: Server) -> Iterator[Send]:
    """Send a request and return the JSON of its response, if any. At the end of the test, all objects are deleted."""
    url, token = server.variables.values()
    with httpx2.Client(base_url=url, headers={"Authorization": f"Api-Token {token}"}, trust_env=False) as http:

        def send(method: str, target: str, body: Any = None) -> Any:
            response = http.request(method, target, json=body).raise_for_status()
            return response.json() if response.content else None

        server.delay(0)
        server.requests()
        yield send
        while items := send("GET", LIST)["items"]:
            for item in items:
                send("DELETE", f"{OBJECTS}/{item['objectId']}")
        server.ids.clear()


def value(name: str) -> dict[str, Any]:
    consumers = ["APP:dynatrace.aws.connector"]
    return {"name": name, "type": "awsWebIdentity", "awsWebIdentity": {"roleArn": "", "consumers": consumers}}


def creation(name: str) -> dict[str, Any]:
    return {"schemaId": SCHEMA, "scope": "environment", "externalId": f"external-{name}", "value": value(name)}


def test_an_object_lives_from_create_to_delete(send: Send) -> None:
    """What is created is read, by its id, external id and name, replaced, and not found after it was deleted."""
    [created] = send("POST", OBJECTS, [creation("one")])
    assert created["code"] == 200
    path = f"{OBJECTS}/{created['objectId']}"
    before = send("GET", path)
    assert (before["value"], before["externalId"], before["schemaId"]) == (value("one"), "external-one", SCHEMA)
    assert send("POST", OBJECTS, [creation("one")]) == [created]

    assert send("PUT", path, {"value": value("two")})["code"] == 200
    after = send("GET", path)
    assert (after["value"], after["externalId"]) == (value("two"), "external-one")
    assert after["updateToken"] != before["updateToken"]
    for query in ("", "&externalIds=external-one", "&filter=value.name = 'two'"):
        assert [one["value"] for one in send("GET", LIST + query)["items"]] == [value("two")], query
    assert send("GET", f"{LIST}&filter=value.name = 'one'")["items"] == []

    assert send("DELETE", path) is None
    for method in ("GET", "DELETE"):
        with pytest.raises(httpx2.HTTPStatusError, match="404"):
            send(method, path)


def test_what_is_only_validated_is_not_written(send: Send) -> None:
    """Each element of a request has its result."""
    assert [
        one["code"] for one in send("POST", f"{OBJECTS}?validateOnly=true", [creation("a12"), creation("b12")])
    ] == [200, 200]
    assert send("GET", LIST)["totalCount"] == 0


def test_the_schema_has_the_rules_for_names(send: Send) -> None:
    """A plan of many connections reads them."""
    schema = send("GET", f"/api/v2/settings/schemas/{SCHEMA}")

    assert {"type": "LENGTH", "minLength": 3, "maxLength": 100} in schema["properties"]["name"]["constraints"]
    assert [one["uniqueProperties"] for one in schema["schemaConstraints"]] == [["name"]]


def test_a_list_has_pages(server: Server, send: Send) -> None:
    """With more objects than a page has, each is listed once."""
    server.create(server.names("many", 250))

    pages = [send("GET", f"{LIST}&pageSize=100")]
    while key := pages[-1].get("nextPageKey"):
        pages.append(send("GET", f"{OBJECTS}?nextPageKey={key}"))

    assert [len(page["items"]) for page in pages] == [100, 100, 50]
    assert {one["objectId"] for page in pages for one in page["items"]} == set(server.ids.values())
    assert {page["totalCount"] for page in pages} == {250}


def test_requests_are_counted_by_what_they_are_for(server: Server, send: Send) -> None:
    """Since the last time that somebody asked."""
    send("POST", OBJECTS, [creation("one")])
    send("GET", LIST)
    assert server.requests() == Requests(reads=1, writes=1)
    send("POST", f"{OBJECTS}?validateOnly=true", [creation("two")])
    assert server.requests() == Requests(validations=1)
    assert server.requests() == Requests()


def test_responses_are_delayed(server: Server, send: Send) -> None:
    """A delay counts for each response from then on."""
    server.delay(300)
    started = time.perf_counter()
    send("GET", LIST)
    send("GET", LIST)

    assert time.perf_counter() - started >= 0.6
