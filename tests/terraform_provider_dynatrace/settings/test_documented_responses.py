"""Every response that the pages of the Settings API document, for each operation, and what a user gets to see.

Source: docs/design/0008-sources.md#settings-api and #settings-permissions-api. One table for the failures, one for the
successes; what no page documents is in `client/test_responses.py`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, NamedTuple

import httpx2
import msgspec
import pytest

from terraform_plugin import Error, Path
from terraform_provider_dynatrace.client.auth import ApiToken, PlatformToken
from terraform_provider_dynatrace.client.client import Client
from terraform_provider_dynatrace.client.errors import (
    Conflict,
    DynatraceError,
    Forbidden,
    NotAuthenticated,
    NotFound,
    Rejected,
    ServerFault,
    Throttled,
)
from terraform_provider_dynatrace.settings.api import SettingsApi
from terraform_provider_dynatrace.settings.model import SettingsObject
from terraform_provider_dynatrace.settings.permissions import Accessor, PermissionsApi
from tests.terraform_provider_dynatrace.far_end import ENVIRONMENT, SECRET, USUAL, FarEnd, client_of, json

SCHEMA_ID = "builtin:x"
VALUE = {"name": "conn"}
ITEM = {"objectId": "A", "value": VALUE}
USER = Accessor("user", "U")
READS = {"accessor": {"type": "user", "id": "U"}, "permissions": ["r"]}


class Operation(NamedTuple):
    """One operation of the API."""

    call: Callable[[Client], Awaitable[Any]]
    method: str
    path: str
    """Below the base URL of the API, as messages show it."""
    access: str
    form: str
    """Which JSON the pages document for 400, 404 and 409: an `envelope`, an `object`, or an `array` of objects."""
    accessors: list[Any] | None = None
    """For a change of permissions: those before it, which are read first."""


async def listed(client: Client) -> list[str]:
    return [found.object_id async for page in SettingsApi(client, SCHEMA_ID).pages() for found in page.objects]


async def validated(client: Client) -> None:
    [refusal] = await SettingsApi(client, SCHEMA_ID).validate([VALUE])
    if refusal:
        raise refusal


OBJECTS, OBJECT, PERMISSIONS = "/settings/objects", "/settings/objects/A", "/settings/objects/A/permissions"
OPERATIONS = {
    "list objects": Operation(listed, "GET", OBJECTS, "read", "envelope"),
    "read an object": Operation(lambda c: SettingsApi(c, SCHEMA_ID).get("A"), "GET", OBJECT, "read", "envelope"),
    "create an object": Operation(
        lambda c: SettingsApi(c, SCHEMA_ID).create(VALUE, "E"), "POST", OBJECTS, "write", "array"
    ),
    "validate a new object": Operation(validated, "POST", OBJECTS, "write", "array"),
    "change an object": Operation(
        lambda c: SettingsApi(c, SCHEMA_ID).put("A", VALUE, "T"), "PUT", OBJECT, "write", "object"
    ),
    "validate a change": Operation(
        lambda c: SettingsApi(c, SCHEMA_ID).put("A", VALUE, "T", validate_only=True), "PUT", OBJECT, "write", "object"
    ),
    "delete an object": Operation(lambda c: SettingsApi(c, SCHEMA_ID).delete("A"), "DELETE", OBJECT, "write", "object"),
    "read a schema": Operation(
        lambda c: SettingsApi(c, SCHEMA_ID).schema(), "GET", "/settings/schemas/builtin:x", "read", "envelope"
    ),
    "read permissions": Operation(lambda c: PermissionsApi(c).list("A"), "GET", PERMISSIONS, "read", "envelope"),
    "read an owner": Operation(lambda c: PermissionsApi(c).get("A"), "GET", OBJECT, "read", "envelope"),
    "grant access": Operation(
        lambda c: PermissionsApi(c).set("A", {USER: "read"}), "POST", PERMISSIONS, "write", "envelope", []
    ),
    "change access": Operation(
        lambda c: PermissionsApi(c).set("A", {USER: "write"}),
        *("PUT", f"{PERMISSIONS}/user/U", "write", "envelope", [READS]),
    ),
    "revoke access": Operation(
        lambda c: PermissionsApi(c).set("A", {}), "DELETE", f"{PERMISSIONS}/user/U", "write", "envelope", [READS]
    ),
}


class Failure(NamedTuple):
    """What a user sees of a failure. Names in braces stand for the credential and the request."""

    error: type[DynatraceError]
    summary: str
    next_step: str


FAILURES = {
    400: Failure(Rejected, "Dynatrace rejected the request", "name: taken"),
    401: Failure(
        NotAuthenticated, "Dynatrace does not accept the {kind}", "lacks the scope {scope}, or belongs to another"
    ),
    403: Failure(
        Forbidden,
        "The {kind} is not allowed to {access} this",
        "needs the scope {scope}, which can be added at {page}.",
    ),
    404: Failure(
        NotFound, "Not found in Dynatrace", "It may have been deleted, the {kind} may not be allowed to see it"
    ),
    409: Failure(Conflict, "The object was changed by someone else", "Run Terraform again: it reads the object first."),
    429: Failure(Throttled, "Dynatrace is rate-limiting requests (429)", "terraform -parallelism, or max_concurrency"),
    503: Failure(ServerFault, "Dynatrace failed to process the request", "This is a fault of the server."),
}
SCHEMA_NOT_FOUND = Failure(
    NotFound, "No Settings API at this URL, or no such schema", "ends with /e/ and the environment ID"
)
SUCCESS_IF_GONE = {"read an object", "delete an object"}
"""404 is an answer: there is no such object."""


def expected(name: str, status: int) -> Failure | None:
    if status == 404 and name in SUCCESS_IF_GONE:
        return None
    if status == 404 and (OPERATIONS[name].path == OBJECTS or name == "read a schema"):
        return SCHEMA_NOT_FOUND
    return FAILURES[status]


def error_body(status: int, form: str) -> Any:
    """Return the documented JSON of a failure. Violations stand in the error, or in its details in newer releases."""
    violations = {"constraintViolations": [{"path": f"{SCHEMA_ID}/0/name", "message": "taken", "location": None}]}
    error = {"code": status, "message": "the server's own words"}
    if status == 400:
        error |= {"details": violations} if form == "details" else violations
    element = {"code": status, "error": error, "objectId": "A", "invalidValue": None}
    return {"array": [element], "object": element}.get(form, {"error": error})


ROWS = [
    pytest.param(name, status, form, id=f"{name}, {status}, {form}")
    for name, operation in OPERATIONS.items()
    for status in FAILURES
    for form in dict.fromkeys(
        ["envelope", *([operation.form, "details"] if status in (400, 404, 409) else []), "no JSON"]
    )
]


def far_end(operation: Operation, response: httpx2.Response) -> FarEnd:
    """Return a server that responds so to the operation, and with the permissions to what it reads before."""

    async def respond(request: httpx2.Request) -> httpx2.Response:
        if operation.accessors is not None and request.method == "GET":
            return json({"accessors": operation.accessors})
        return httpx2.Response(response.status_code, headers=response.headers.raw, content=response.content)

    return FarEnd(respond)


def client(server: FarEnd, name: str) -> Client:
    """Return a client that tries each request once; permissions need platform credentials."""
    credential = (
        PlatformToken(SECRET, source="DYNATRACE_PLATFORM_TOKEN")
        if "access" in name or "permissions" in name or "owner" in name
        else ApiToken(SECRET, source="DYNATRACE_API_TOKEN", environment=ENVIRONMENT)
    )
    return client_of(server, credential=credential, options=msgspec.structs.replace(USUAL, max_retries=0))


@pytest.mark.parametrize(("name", "status", "form"), ROWS)
async def test_a_documented_failure_is_explained(name: str, status: int, form: str) -> None:
    """With a summary, what was tried, what came back, the next step, and for a violation its attribute."""
    operation, wanted = OPERATIONS[name], expected(name, status)
    headers = {"Retry-After": "3600"} if status == 429 else None  # longer than anybody waits
    response = (
        httpx2.Response(status, headers=headers)
        if form == "no JSON"
        else json(error_body(status, form), status, headers)
    )
    server = far_end(operation, response)
    caller = client(server, name)

    if wanted is None:
        assert await operation.call(caller) is None
        return
    with pytest.raises(wanted.error) as caught:
        await operation.call(caller)

    error, credential = caught.value, caller.credential
    known = {
        "kind": credential.kind,
        "access": operation.access,
        "scope": credential.scopes[operation.access],  # type: ignore[index]  # the table has "read" and "write" only
        "page": credential.page,
        "source": credential.source,
        "host": httpx2.URL(credential.urls(ENVIRONMENT)[0]).host,
        "read": credential.scopes["read"],
        "write": credential.scopes["write"],
    }
    assert (type(error), error.status, error.summary) == (wanted.error, status, wanted.summary.format(**known))
    assert f"{operation.method} " in error.detail
    assert f"{operation.path} returned {status}" in error.detail
    assert ("the server's own words" in error.detail) == (form != "no JSON")
    assert error.outcome_unknown == (status >= 500)
    assert SECRET not in str(error)
    if isinstance(error, Rejected):
        shown = error.at({"name": Path("name")})
        assert isinstance(shown, Error)
        assert (shown.path == Path("name")) == (form != "no JSON")
        assert (wanted.next_step in error.detail) == (form != "no JSON")
    else:
        assert wanted.next_step.format(**known) in error.detail


OBJECT_FOUND = SettingsObject("A", VALUE)
SUCCESSES: list[tuple[str, int, Any, Any]] = [
    ("list objects", 200, {"items": [ITEM], "totalCount": 1, "pageSize": 500, "nextPageKey": None}, ["A"]),
    ("list objects", 200, {"items": [ITEM], "totalCount": 1, "pageSize": 500}, ["A"]),
    ("list objects", 200, {"items": [ITEM], "nextPageKey": ""}, ["A"]),
    ("list objects", 200, {"items": [], "totalCount": 0, "nextPageKey": None}, []),
    ("read an object", 200, ITEM, OBJECT_FOUND),
    ("create an object", 200, [{"code": 200, "objectId": "A"}], "A"),
    ("create an object", 207, [{"code": 200, "objectId": "A"}], "A"),
    ("validate a new object", 200, [{"code": 200}], None),
    ("validate a new object", 200, [{"code": 200, "objectId": "A"}], None),
    ("validate a new object", 207, [{"code": 200}], None),
    ("change an object", 200, {"code": 200, "objectId": "A"}, None),
    ("validate a change", 200, {"code": 200, "objectId": "A"}, None),
    ("validate a change", 204, None, None),
    ("delete an object", 204, None, None),
    ("read a schema", 200, {"schemaId": SCHEMA_ID}, {"schemaId": SCHEMA_ID}),
    ("read permissions", 200, {"accessors": [READS]}, {USER: "read"}),
    ("read permissions", 200, {"accessors": []}, {}),
    ("read an owner", 200, ITEM, OBJECT_FOUND),
    ("grant access", 201, READS, frozenset()),
    ("change access", 200, None, frozenset()),
    ("revoke access", 204, None, frozenset({USER})),
]
"""Operation, status, JSON (None for no body), and what the operation returns."""


@pytest.mark.parametrize(("name", "status", "body", "result"), SUCCESSES)
async def test_a_documented_success_is_read(name: str, status: int, body: Any, result: Any) -> None:
    """Each in every documented form: an array, an object, or no body."""
    operation = OPERATIONS[name]
    response = httpx2.Response(status) if body is None else json(body, status)

    assert await operation.call(client(far_end(operation, response), name)) == result


def test_the_tables_have_every_operation() -> None:
    """A new operation needs its rows."""
    assert {name for name, *_ in SUCCESSES} == OPERATIONS.keys()
    methods = {name for api in (SettingsApi, PermissionsApi) for name in vars(api) if not name.startswith("_")}
    assert methods == {"get", "pages", "create", "validate", "put", "delete", "schema", "by_external_ids"} | {
        *("list", "set", "remove", "check_writable")
    }


@pytest.mark.parametrize("status", [401, 403])
@pytest.mark.parametrize("name", ["read permissions", "read an owner", "grant access"])
async def test_admin_access_is_given_up_when_it_is_refused(name: str, status: int) -> None:
    """A missing scope is documented as 401 and as 403. Later requests no longer ask for admin access."""
    asked: list[tuple[str, str]] = []
    responses: Mapping[str, httpx2.Response] = {
        PERMISSIONS: json({"accessors": []}),
        OBJECT: json(ITEM),
    }

    async def respond(request: httpx2.Request) -> httpx2.Response:
        admin = request.url.params["adminAccess"]
        asked.append((request.method, admin))
        if admin == "true":
            return json(error_body(status, "envelope"), status)
        if request.method == "POST":
            return json(READS, 201)
        return next(found for path, found in responses.items() if request.url.path.endswith(path))

    caller = client(FarEnd(respond), name)
    permissions = PermissionsApi(caller)
    await (permissions.get("A") if "owner" in name else permissions.list("A"))
    await permissions.set("A", {USER: "read"} if name == "grant access" else {})

    further = ["GET", "POST"] if name == "grant access" else ["GET"]
    assert asked == [("GET", "true"), ("GET", "false"), *((method, "false") for method in further)]
