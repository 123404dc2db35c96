"""Bodies and query parameters that no client sends: each is refused with a status below 500, at every endpoint."""

import asyncio
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import pytest

from dynatrace_sandbox.api.app import PLATFORM, create_app
from dynatrace_sandbox.api.requests import DEEPEST_BODY
from dynatrace_sandbox.tenant.credentials import STRANGER, TEAM
from tests.dynatrace_sandbox.in_process import ROLE, SCHEMA, Tenant, creation, objects, web_identity
from tests.dynatrace_sandbox.monitoring import CONFIGURATIONS, OWNER, body, value

LOOKUP = "/api/v2/apiTokens/lookup"
RESOLVE = f"{PLATFORM}/settings/effective-permissions:resolve"
ACCESSOR = {"accessor": {"type": "user", "id": STRANGER.id}, "permissions": ["r"]}
PERMISSION = {"permission": "settings:objects:read", "context": {"schemaId": SCHEMA, "scope": "environment"}}
COMPLETE: dict[str, Any] = {
    "tagFiltering": [{"key": "k", "value": "v", "condition": "INCLUDE"}],
    "dtLabelsEnrichment": {"dt.owner": {"literal": "a"}},
    "namespaces": [{"namespace": "n", "autoDiscoveryEnabled": True, "metrics": [{"type": "CUSTOM"}]}],
}
BODIES: dict[str, tuple[str, str, Any]] = {
    "create": (
        "POST",
        "{objects}",
        [creation("new", web_identity("new", ROLE), externalId="e", schemaVersion="0.0.1")],
    ),
    "update": ("PUT", "{objects}/{object}", {"value": web_identity("new", ROLE), "schemaVersion": "0.0.1"}),
    "add permissions": ("POST", "{objects}/{object}/permissions", ACCESSOR),
    "change permissions": ("PUT", "{objects}/{object}/permissions/all-users", {"permissions": ["r", "w"]}),
    "transfer": ("POST", "{objects}/{object}:transfer-ownership", {"newOwner": {"type": "group", "id": TEAM}}),
    "resolve": ("POST", RESOLVE, {"permissions": [PERMISSION]}),
    "create a configuration": ("POST", CONFIGURATIONS, body("{object}", "1" * 12, **COMPLETE)),
    "change a configuration": ("PUT", CONFIGURATIONS + "/{configuration}", {"value": value("{object}", **COMPLETE)}),
    "look up": ("POST", LOOKUP, {"token": "dt0c01.x"}),
    "add a fault": ("POST", "/sandbox/faults", {"kind": "respond", "headers": {"a": "b"}, "times": 1, "path": "/x"}),
    "change options": ("PATCH", "/sandbox/options", {"latency": 0, "release": "345"}),
}
"""A body that each endpoint accepts or refuses for another reason, with method and path."""

WRONG: tuple[Any, ...] = (None, True, 7, -1.5, 10**30, "", "x", "\0", [], [[]], [None], {}, {"a": {}}, "x" * 3000)


def mutations(whole: Any, replacements: Sequence[Any]) -> Iterator[Any]:
    """Yield the value with each of its parts replaced by each of the replacements."""
    yield from replacements
    places = whole.items() if isinstance(whole, Mapping) else enumerate(whole) if isinstance(whole, list) else ()
    for place, part in places:
        for changed in mutations(part, replacements):
            copy = dict(whole) if isinstance(whole, Mapping) else list(whole)
            copy[place] = changed
            yield copy


class Filled:
    """A tenant with a connection and a monitoring configuration, whose IDs replace `{object}` and `{configuration}`."""

    def __init__(self, tenant: Tenant) -> None:
        connection = tenant.create("one", OWNER)
        created = tenant.call("POST", CONFIGURATIONS, OWNER, json=body(account="2" * 12))
        self.tenant = tenant
        self._ids = {"{objects}": objects(OWNER), "{object}": connection}
        self._ids["{configuration}"] = created.json()["objectId"]

    def text(self, template: str) -> str:
        for name, id_ in self._ids.items():
            template = template.replace(name, id_)
        return template

    def statuses(self, name: str, texts: list[str]) -> set[int]:
        """Send bodies, one after the other; an exception in the application is raised here."""
        method, path, _ = BODIES[name]
        credentials = "api-token" if path == LOOKUP else OWNER
        headers = self.tenant.headers(credentials) | {"Content-Type": "application/json"}

        async def send() -> set[int]:
            async with self.tenant.client() as client:
                paths = [(self.text(path), self.text(text)) for text in texts]
                return {
                    (await client.request(method, path, content=text, headers=headers)).status_code
                    for path, text in paths
                }

        return asyncio.run(send())


@pytest.fixture
def filled(tenant: Tenant) -> Filled:
    return Filled(tenant)


@pytest.mark.parametrize("name", BODIES)
def test_a_wrong_type_at_any_place_is_refused(filled: Filled, name: str) -> None:
    """Whatever stands in a place of a body, the response is one of the documented statuses."""
    texts = [json.dumps(changed) for changed in mutations(BODIES[name][2], WRONG)]

    assert filled.statuses(name, texts) <= {200, 201, 204, 207, 400, 403, 404, 409}


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize(
    "text", ["", "{", "[1,]", "NaN", "1e999", '"\\ud800"', "\ufeff{}", "9" * 5000, "[" * 100_000, "[]x"]
)
def test_a_body_that_is_not_json_is_refused(filled: Filled, name: str, text: str) -> None:
    """400, also for what Python's own parser would accept, and for what could not be sent back."""
    assert filled.statuses(name, [text]) == {400}


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize(("left", "right"), [("[", "]"), ('{"a":', "}")])
def test_a_body_nests_up_to_a_limit(filled: Filled, name: str, left: str, right: str) -> None:
    """Beyond the limit it is 400. What is accepted can be shown again."""
    deep = [left * depth + "1" + right * depth for depth in (DEEPEST_BODY - 9, DEEPEST_BODY, DEEPEST_BODY + 1, 900)]
    bodies = [json.dumps(changed) for changed in mutations(BODIES[name][2], ["DEEP"])]
    texts = [text.replace('"DEEP"', one) for one in deep for text in bodies]

    assert filled.statuses(name, texts) <= {200, 201, 204, 207, 400, 404, 409}
    for path in ("/", "/sandbox/page/live", "/sandbox/objects", "/sandbox/configurations", "/sandbox/faults"):
        assert filled.tenant.call("GET", path, "").status_code == 200


@pytest.mark.parametrize(
    "cursor",
    [
        [{"schemaIds": "\ud800"}, 1],
        [{"schemaIds": SCHEMA, "filter": "\ud800"}, 1],
        [{"schemaIds": SCHEMA, "nextPageKey": "x"}, 1],
        [{"schemaIds": [SCHEMA]}, 1],
        [{"schemaIds": SCHEMA}, 0],
        [{"schemaIds": SCHEMA}, True],
        [{"schemaIds": SCHEMA}, 1.5],
        [{"schemaIds": SCHEMA}],
        [{}, 1],
        [20, 0],
        [501, 1],
        [20, True],
        7,
        None,
    ],
)
def test_a_cursor_that_was_not_sent_is_refused(tenant: Tenant, cursor: Any) -> None:
    """400, in the lists of both APIs."""
    key = urlsafe_b64encode(json.dumps(cursor).encode()).decode()

    for path, parameter in ((objects(OWNER), "nextPageKey"), (CONFIGURATIONS, "page-key")):
        response = tenant.call("GET", path, OWNER, params={parameter: key})
        assert (response.status_code, parameter in response.text or "schemaIds" in response.text) == (400, True)


async def test_a_client_that_disconnects_gets_no_response(tenant: Tenant) -> None:
    """The journal says so, and no error reaches the server."""
    headers = tenant.headers("api-token") | {"Content-Type": "application/json", "Host": "127.0.0.1"}
    scope = {
        "type": "http",
        "method": "POST",
        "path": objects(),
        "query_string": b"",
        "headers": [(name.lower().encode(), text.encode()) for name, text in headers.items()],
    }
    incoming = iter([{"type": "http.request", "body": b"[", "more_body": True}, {"type": "http.disconnect"}])
    sent: list[Any] = []

    async def receive() -> Any:
        return next(incoming)

    async def send(message: Any) -> None:
        sent.append(message)

    await create_app(tenant.sandbox)(scope, receive, send)

    assert sent == []
    assert [entry.status for entry in tenant.sandbox.journal.newest(2)] == [None]
