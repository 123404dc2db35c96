"""The requests of other clients of Dynatrace, and what each of them needs of the responses.

The official provider, dtctl and Monaco run against the sandbox without changes. What they send was observed once (see
docs/design/0010-foreign-clients.md). Each row of the table is one command of one client, against an empty sandbox.

Source: docs/design/0008-sources.md#official-provider, #dtctl and #monaco.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import boto3
import httpx2
import pytest

from dynatrace_sandbox.tenant.credentials import AUDITORS, COLLEAGUE
from dynatrace_sandbox.testing import RunningSandbox
from tests.dynatrace_sandbox.in_process import SCHEMA

CLASSIC, PLATFORM = "/api/v2/settings", "/platform/classic/environment-api/v2/settings"
LOGIN, LOOKUP = "/sso/oauth2/token", "/api/v2/apiTokens/lookup"
DOMAIN = "/platform/metadata/v1/classic-environment-domain"
ID, ROLE, TOKEN = "<object>", "<role>", "<token>"
"""Stand for the ID of the object created last, for the ARN of a role that trusts it, and for the credential itself."""

WEB, BASED = "awsWebIdentity", "awsRoleBasedAuthentication"
CONSUMER = {WEB: "APP:dynatrace.aws.connector", BASED: "SVC:com.dynatrace.da"}

CONTENT_TYPE = {"Content-Type": "application/json"}
IF_MATCH = {"If-Match": "0.0.26"}
"""What dtctl sends with a write: the version of the schema, which is not an update token."""

ENVELOPE = {"error": {"code": int, "message": str}}
CREATED = [{"objectId": str}]
CONNECTION = {"value": {"name": str, "type": str}, "scope": "environment"}
NOTHING = ""
"""A response without a body."""


class Step(NamedTuple):
    """One request, and what the client needs of its response."""

    method: str
    path: str
    status: int
    needs: Any = None
    """The part of the body that the client reads: types, values, lists of which every item must fit. None: nothing."""
    query: Mapping[str, str] = {}
    body: Any = None
    headers: Mapping[str, str] = {}


class Operation(NamedTuple):
    """What one command of a client sends."""

    client: str
    name: str
    credentials: str
    steps: list[Step]

    def __str__(self) -> str:
        return f"{self.client}: {self.name} ({self.credentials})"


def value(kind: str, name: str, role_arn: str = "", consumers: Any = ...) -> dict[str, Any]:
    """Return the value of a connection."""
    listed = [CONSUMER[kind]] if consumers is ... else consumers
    return {"name": name, "type": kind, kind: {"consumers": listed, "roleArn": role_arn}}


def element(kind: str, name: str, consumers: Any = ..., **more: Any) -> dict[str, Any]:
    """Return the element of a POST."""
    return {"schemaId": SCHEMA, "scope": "environment", "value": value(kind, name, "", consumers)} | more


def official(base: str, credentials: str) -> Iterator[Operation]:
    """The official provider: life cycle of connections and role ARNs, with an API token or platform credentials."""
    repair = {"repairInput": "true"}
    read = Step("GET", f"{base}/objects/{ID}", 200, CONNECTION, headers=CONTENT_TYPE)

    def create(kind: str, consumers: Any = ...) -> Step:
        body = [element(kind, "one", consumers)]
        return Step("POST", f"{base}/objects", 200, CREATED, repair, body, CONTENT_TYPE)

    def put(status: int, body: dict[str, Any], needs: Any = None) -> Step:
        return Step("PUT", f"{base}/objects/{ID}", status, needs, repair, {"value": body}, CONTENT_TYPE)

    def listed(fields: str) -> Step:
        query = {"fields": fields, "pageSize": "100", "schemaIds": SCHEMA}
        items = [{name: (dict if name == "value" else str) for name in fields.split(",")}]
        return Step("GET", f"{base}/objects", 200, {"items": items}, query, headers=CONTENT_TYPE)

    steps = {
        "create, read": [create(WEB), read],
        "create with an ARN, rename": [
            create(BASED),
            put(200, value(BASED, "one", ROLE)),
            put(200, value(BASED, "two", ROLE)),
            read._replace(needs={"value": value(BASED, "two", ROLE)}),
        ],
        "role ARN for web identity": [create(WEB), read, put(200, value(WEB, "one", ROLE)), read],
        "role ARN that cannot be assumed": [
            create(WEB),
            put(400, value(WEB, "one", "arn:aws:iam::123456789012:role/missing"), _violated(f"{WEB}/roleArn")),
        ],
        "duplicate name": [
            create(WEB),
            create(BASED)._replace(status=400, needs=[_violated("name")]),
        ],
        "role_based_auth {}": [
            create(BASED, None),
            # With anything but null or [], the next plan would replace the connection.
            read._replace(needs={"value": {BASED: {"consumers": []}}}),
            put(200, value(BASED, "two", "", [])),
        ],
        "delete, read": [
            create(WEB),
            Step("DELETE", f"{base}/objects/{ID}", 204, NOTHING, headers=CONTENT_TYPE),
            read._replace(status=404, needs={"error": {"code": 404}}),
            Step("DELETE", f"{base}/objects/{ID}", 404, {"error": {"code": 404}}, headers=CONTENT_TYPE),
        ],
        "export": [
            create(WEB),
            listed("objectId,scope,schemaVersion"),
            listed("objectId,value,scope,schemaVersion"),
            read,
        ],
        "export of a schema that does not exist": [
            Step("GET", f"{base}/objects", 404, ENVELOPE, {"schemaIds": "app:dynatrace.pagerduty:connection"})
        ],
    }
    yield from (Operation("official provider", name, credentials, found) for name, found in steps.items())


def official_permissions() -> Iterator[Operation]:
    """The official provider: permissions, with and without the right to admin access."""
    repair = {"repairInput": "true"}
    create = Step("POST", f"{PLATFORM}/objects", 200, CREATED, repair, [element(WEB, "one")], CONTENT_TYPE)
    path = f"{PLATFORM}/objects/{ID}/permissions"

    def send(admin: str, method: str, below: str, status: int, **more: Any) -> Step:
        query = {"adminAccess": admin}
        return Step(method, path + below, status, query=query, headers=CONTENT_TYPE)._replace(**more)

    def access(accessor: dict[str, str], *permissions: str) -> dict[str, Any]:
        return {"accessor": accessor, "permissions": [*permissions]}

    for admin, credentials in (("true", "platform-token"), ("true", "oauth"), ("false", "colleague-platform-token")):
        group, user = {"type": "group", "id": AUDITORS}, {"type": "user", "id": COLLEAGUE.id}
        listed = {"accessors": [{"accessor": {"type": str}, "permissions": [str]}]}
        steps = [
            create,
            send(admin, "GET", "", 200, needs={"accessors": list}),
            send(admin, "POST", "", 201, body=access(group, "r")),
            send(admin, "POST", "", 201, body=access(user, "r", "w")),
            send(admin, "POST", "", 201, body=access({"type": "all-users"}, "r")),
            send(admin, "GET", "", 200, needs=listed),
            send(admin, "PUT", f"/group/{AUDITORS}", 200, body={"permissions": ["r", "w"]}),
            send(admin, "DELETE", f"/user/{COLLEAGUE.id}", 204, needs=NOTHING),
            send(admin, "PUT", "/all-users", 200, body={"permissions": ["r", "w"]}),
            send(admin, "DELETE", "/all-users", 204, needs=NOTHING),
            send(admin, "DELETE", f"/group/{AUDITORS}", 204, needs=NOTHING),
        ]
        yield Operation("official provider", f"permissions, adminAccess={admin}", credentials, steps)

    query = {"adminAccess": "true", "fields": "objectId", "pageSize": "100", "schemaIds": SCHEMA}
    fields = {"fields": "schemaId,ownerBasedAccessControl"}
    schemas = {"items": [{"schemaId": str, "ownerBasedAccessControl": bool}]}
    export = [
        create,
        Step("GET", f"{PLATFORM}/schemas", 200, schemas, fields, headers=CONTENT_TYPE),
        Step("GET", f"{PLATFORM}/objects", 200, {"items": [{"objectId": str}]}, query, headers=CONTENT_TYPE),
        send("true", "GET", "", 200, needs={"accessors": list}),
    ]
    yield Operation("official provider", "export of permissions", "platform-token", export)


def dtctl() -> Iterator[Operation]:
    """dtctl: settings, AWS connections, and files that are applied."""
    fields = "objectId,scope,schemaId,schemaVersion,externalId,summary,value,modificationInfo"
    item = CONNECTION | {"objectId": str, "schemaId": SCHEMA, "schemaVersion": str, "summary": str}
    info = {"modificationInfo": {"deletable": bool, "modifiable": bool}}
    items = [{"objectId": str, "value": {"name": "one", "type": BASED}}]
    every = Step("GET", f"{PLATFORM}/objects", 200, {"items": items}, {"schemaIds": SCHEMA})
    read = Step("GET", f"{PLATFORM}/objects/{ID}", 200, {"objectId": str} | CONNECTION)
    one = Step("GET", f"{PLATFORM}/objects/{ID}", 200, item, {"fields": fields})
    create = Step("POST", f"{PLATFORM}/objects", 200, CREATED, body=[element(BASED, "one")], headers=CONTENT_TYPE)
    apply = create._replace(body=[element(WEB, "one")])
    query = {"fields": fields, "pageSize": "500", "schemaIds": SCHEMA}

    def put(body: dict[str, Any], **more: Any) -> Step:
        return Step("PUT", f"{PLATFORM}/objects/{ID}", 200, body={"value": body}, headers=CONTENT_TYPE)._replace(**more)

    steps = {
        "get settings-schemas": [Step("GET", f"{PLATFORM}/schemas", 200, {"items": [{"schemaId": str}]})],
        "get settings-schema": [
            Step("GET", f"{PLATFORM}/schemas/{SCHEMA}", 200, {"schemaId": SCHEMA, "version": str, "properties": dict})
        ],
        "get settings": [
            apply,
            Step("GET", f"{PLATFORM}/objects", 200, {"items": [item | info]}, query),
            Step("GET", f"{PLATFORM}/objects", 200, {"items": [item | info]}, query | {"scopes": "environment"}),
        ],
        "get settings of one object": [apply, one],
        "create aws connection": [create, read],
        "create aws connection of the same name": [create, create._replace(status=400, needs=[_violated("name")])],
        "get aws connections": [create, every, read],
        "update aws connection": [
            create,
            every,
            read,
            put(value(BASED, "one", ROLE)),
            read,
            put(value(BASED, "one", ROLE)),
        ],
        "update aws connection to a role that does not trust it": [
            create,
            put(
                value(BASED, "one", "arn:aws:iam::123456789012:role/missing"),
                status=400,
                needs=_violated(f"{BASED}/roleArn"),
            ),
        ],
        "delete aws connection": [create, every, Step("DELETE", f"{PLATFORM}/objects/{ID}", 204, NOTHING)],
        "delete aws connection that does not exist": [Step("DELETE", f"{PLATFORM}/objects/nothing-here", 404)],
        "apply -f, then with an object ID": [
            apply,
            one,
            put(value(WEB, "two"), headers=CONTENT_TYPE | IF_MATCH),
            one._replace(needs={"value": {"name": "two"}}),
        ],
        "delete settings": [apply, one, Step("DELETE", f"{PLATFORM}/objects/{ID}", 204, NOTHING, headers=IF_MATCH)],
        "delete settings --validate-only": [
            apply,
            Step("DELETE", f"{PLATFORM}/objects/{ID}", 400, ENVELOPE, {"validateOnly": "true"}, headers=IF_MATCH),
            read,
        ],
    }
    yield from (Operation("dtctl", name, "platform-token", found) for name, found in steps.items())


def monaco(base: str, credentials: str) -> Iterator[Operation]:
    """Monaco: deploy, deploy again, download and delete, with an API token or platform credentials."""
    external_id = "monaco:Y29ubiRzY2hlbWEkb25l"
    if base == CLASSIC:
        token = {"id": str, "enabled": bool, "owner": str, "creationDate": str, "scopes": [str]}
        first = Step("POST", LOOKUP, 200, token, body={"token": TOKEN}, headers=CONTENT_TYPE)
    else:
        first = Step("GET", DOMAIN, 200, {"domain": str})
    info = {"modificationInfo": {"deletable": bool, "modifiable": bool, "modifiablePaths": list}}
    names = {"objectId": str, "schemaId": SCHEMA, "scope": str, "schemaVersion": str} | info

    def listed(fields: str, items: Any) -> Step:
        query = {"fields": fields, "pageSize": "500", "schemaIds": SCHEMA}
        needs = {"items": items, "totalCount": int}
        return Step("GET", f"{base}/objects", 200, needs, query, headers=CONTENT_TYPE)

    def cache(items: Any) -> Step:
        return listed("objectId,value,externalId,schemaVersion,schemaId,scope,modificationInfo", items)

    def post(name: str, **more: Any) -> Step:
        return Step("POST", f"{base}/objects", 200, CREATED, body=[element(WEB, name, **more)], headers=CONTENT_TYPE)

    rules = {
        "schemaConstraints": [{"type": "UNIQUE", "uniqueProperties": ["name"]}],
        "ownerBasedAccessControl": True,
        "ordered": False,
    }
    schema = Step("GET", f"{base}/schemas/{SCHEMA}", 200, rules, headers=CONTENT_TYPE)
    fields = {"fields": "ordered,schemaId,ownerBasedAccessControl"}
    schemas = {"items": [{"schemaId": str, "ordered": bool, "ownerBasedAccessControl": bool}]}
    steps = {
        "deploy twice, rename": [
            first,
            cache(list),
            schema,
            post("one", externalId=external_id),
            cache([names | {"value": value(WEB, "one"), "externalId": external_id}]),
            post("one", externalId=external_id, objectId=ID),
            post("two", externalId=external_id, objectId=ID, schemaVersion="0.0.24"),
            cache([names | {"value": value(WEB, "two"), "externalId": external_id}]),
        ],
        "deploy over a connection that something else created": [
            post("one"),
            cache([names]),
            post("one", externalId=external_id, objectId=ID),
            cache([names | {"externalId": external_id}]),
        ],
        "deploy of a value that is refused": [
            post("one", consumers=["APP:none.such"])._replace(status=400, needs=[ENVELOPE]),
        ],
        "download": [
            post("one", externalId=external_id),
            Step("GET", f"{base}/schemas", 200, schemas, fields, headers=CONTENT_TYPE),
            cache([names | {"value": value(WEB, "one"), "externalId": external_id}]),
        ],
        "delete twice": [
            post("one", externalId=external_id),
            listed("objectId,externalId,schemaVersion,schemaId,scope,modificationInfo", [names]),
            Step("DELETE", f"{base}/objects/{ID}", 204, NOTHING, headers=CONTENT_TYPE),
            listed("objectId,externalId,schemaVersion,schemaId,scope,modificationInfo", list),
            Step("DELETE", f"{base}/objects/{ID}", 404, headers=CONTENT_TYPE),
        ],
    }
    yield from (Operation("Monaco", name, credentials, found) for name, found in steps.items())


def monaco_permissions() -> Iterator[Operation]:
    """Monaco: the permissions of all users. Its PUT has the accessor in the body, too."""
    path = f"{PLATFORM}/objects/{ID}/permissions"
    body = {"accessor": {"type": "all-users"}, "permissions": ["r"]}

    def send(method: str, below: str, status: int, **more: Any) -> Step:
        return Step(method, path + below, status, query={"adminAccess": "true"}, headers=CONTENT_TYPE)._replace(**more)

    steps = [
        Step("POST", f"{PLATFORM}/objects", 200, CREATED, body=[element(WEB, "one")], headers=CONTENT_TYPE),
        send("GET", "/all-users", 404),
        send("POST", "", 201, body=body),
        send("GET", "/all-users", 200, needs={"permissions": ["r"]}),
        send("PUT", "/all-users", 200, body=body),
        send("DELETE", "/all-users", 204, needs=NOTHING),
        send("DELETE", "/all-users", 404),
    ]
    yield Operation("Monaco", "permissions of all users", "platform-token", steps)


def _violated(path: str) -> dict[str, Any]:
    """Return a refusal as all three clients read it: `error`, next to `code` or not, with its violations."""
    return {"error": {"code": 400, "message": str, "constraintViolations": [{"path": path, "message": str}]}}


OPERATIONS = [
    *official(CLASSIC, "api-token"),
    *official(PLATFORM, "platform-token"),
    *official(PLATFORM, "oauth"),
    *official_permissions(),
    *dtctl(),
    *monaco(CLASSIC, "api-token"),
    *monaco(PLATFORM, "platform-token"),
    *monaco(PLATFORM, "oauth"),
    *monaco_permissions(),
]


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_a_foreign_client_is_served(sandbox: RunningSandbox, operation: Operation) -> None:
    """Each request has the status, and its response the parts, that the client needs for the next one."""
    known = {TOKEN: sandbox.credentials[operation.credentials]["secret"]}
    for step in operation.steps:
        if ROLE in json.dumps(step.body) and ROLE not in known:
            known[ROLE] = _trusted_role(sandbox, step.body["value"]["type"], known[ID])
        body, path, needs = (_filled(part, known) for part in (step.body, step.path, step.needs))
        content = None if body is None else json.dumps(body).encode()

        response = sandbox.call(
            step.method, path, operation.credentials, params=step.query, headers=step.headers, content=content
        )

        assert (response.status_code, step) == (step.status, step), response.text
        found: Any = response.json() if response.text else NOTHING
        assert _misfits(found, needs) == [], (step, response.text)
        if step.method == "POST" and step.needs == CREATED:
            known[ID] = found[0]["objectId"]


@pytest.mark.parametrize("client", ["official provider", "Monaco"])
def test_a_login_takes_one_request(sandbox: RunningSandbox, client: str) -> None:
    """Go's OAuth library tries HTTP Basic first, and the form only if that fails. Neither client sends scopes."""
    credential = sandbox.credentials["oauth"]
    grant = {"grant_type": "client_credentials"}
    basic = (credential["clientId"], credential["secret"])

    response = httpx2.post(f"{sandbox.url}{LOGIN}", data=grant, auth=basic, headers={"User-Agent": client})

    assert response.status_code == 200, response.text
    assert _misfits(response.json(), {"access_token": str, "token_type": "Bearer", "expires_in": int}) == []


def test_a_404_is_not_the_text_that_the_official_provider_repeats_for_ever(sandbox: RunningSandbox) -> None:
    """After "Settings not found" it repeats the write at once and without end."""
    elsewhere = element(WEB, "one") | {"schemaId": "builtin:none"}
    missing = sandbox.call("PUT", f"{CLASSIC}/objects/missing", json={"value": value(WEB, "one")})
    unknown = sandbox.call("POST", f"{CLASSIC}/objects", json=[elsewhere])

    assert (missing.status_code, unknown.status_code) == (404, 404)
    assert "Settings not found" not in missing.text + unknown.text


def test_a_rate_limit_names_no_point_in_time(sandbox: RunningSandbox) -> None:
    """The official provider and Monaco read the microseconds of `X-RateLimit-Reset` as seconds, and wait for ever."""
    sandbox.configure(request_rate=0.01)

    refused = sandbox.call("GET", f"{CLASSIC}/schemas")

    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "99")
    assert [name for name in refused.headers if name.lower().startswith("x-ratelimit")] == []


def _filled(part: Any, known: Mapping[str, str]) -> Any:
    """Return the part with what `ID`, `ROLE` and `TOKEN` stand for."""
    if isinstance(part, dict):
        return {name: _filled(item, known) for name, item in part.items()}
    if isinstance(part, list):
        return [_filled(item, known) for item in part]
    if isinstance(part, str):
        for name, text in known.items():
            part = part.replace(name, text)
    return part


def _misfits(found: Any, needs: Any, at: str = "body") -> list[str]:
    """Return where a response differs from what is needed."""
    if needs is None:
        return []
    if isinstance(needs, type):
        return [] if isinstance(found, needs) else [f"{at} is not a {needs.__name__}"]
    if isinstance(needs, dict) and isinstance(found, dict):
        return [misfit for name in needs for misfit in _misfits(found.get(name), needs[name], f"{at}.{name}")]
    if isinstance(needs, list) and len(needs) == 1 and isinstance(found, list) and found:
        return [misfit for index, one in enumerate(found) for misfit in _misfits(one, needs[0], f"{at}[{index}]")]
    return [] if found == needs else [f"{at} is {found!r} instead of {needs!r}"]


def _trusted_role(sandbox: RunningSandbox, kind: str, object_id: str) -> str:
    """Create a role that trusts a connection, and return its ARN."""
    session = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="us-east-1")
    iam = session.client("iam", endpoint_url=sandbox.aws_url)
    if kind == BASED:
        statement = {
            "Principal": {"AWS": "arn:aws:iam::314146291599:root"},
            "Action": "sts:AssumeRole",
            "Condition": {"StringEquals": {"sts:ExternalId": object_id}},
        }
    else:
        audience = f"{sandbox.tenant}/app-id/dynatrace.aws.connector"
        provider = iam.create_open_id_connect_provider(Url="https://token.dynatrace.com", ClientIDList=[audience])
        keys = {"token.dynatrace.com:sub": f"dt:connection-id/{object_id}", "token.dynatrace.com:aud": audience}
        statement = {
            "Principal": {"Federated": provider["OpenIDConnectProviderArn"]},
            "Action": "sts:AssumeRoleWithWebIdentity",
            "Condition": {"StringEquals": keys},
        }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow"} | statement]})
    return str(iam.create_role(RoleName="connector", AssumeRolePolicyDocument=policy)["Role"]["Arn"])
