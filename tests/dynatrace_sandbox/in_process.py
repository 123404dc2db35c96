"""A pretend tenant in process: the real application without ports, a clock that tests move, roles in a dictionary."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import httpx2

from dynatrace_sandbox.api.app import CLASSIC, PLATFORM, create_app
from dynatrace_sandbox.aws.moto import FoundRole
from dynatrace_sandbox.aws.trust import OidcProvider, Role
from dynatrace_sandbox.sandbox import Options, Sandbox
from dynatrace_sandbox.tenant.access import Caller
from dynatrace_sandbox.tenant.credentials import new_credentials
from dynatrace_sandbox.tenant.problems import Problem

SCHEMA = "builtin:hyperscaler-authentication.connections.aws"
HOST = "abc12345.apps.dynatrace.com"
AUDIENCE = f"{HOST}/app-id/dynatrace.aws.connector"
ACCOUNT = "123456789012"
PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/token.dynatrace.com"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/connector"
NOW = 1_700_000_000.0


class Roles:
    """The AWS side: roles by ARN and OIDC providers."""

    url = "http://127.0.0.1:9"

    def __init__(self) -> None:
        self.found: dict[str, FoundRole] = {}
        self.known = [OidcProvider(PROVIDER, "token.dynatrace.com", (AUDIENCE,))]

    def add(self, policy: Any, arn: str = ROLE, created: float = NOW - 3600) -> None:
        self.found[arn] = FoundRole(Role(arn, policy), datetime.fromtimestamp(created, UTC))

    def role(self, arn: str) -> FoundRole | None:
        return self.found.get(arn)

    def providers(self, arn: str) -> list[OidcProvider]:
        return self.known if ACCOUNT in arn else []

    def inventory(self) -> tuple[list[FoundRole], list[OidcProvider]]:
        return list(self.found.values()), self.known

    def reset(self) -> None:
        self.found.clear()


class Tenant:
    """A sandbox, its AWS side and its time, and calls to it as any of its credentials."""

    def __init__(self, **options: Any) -> None:
        self.now = NOW
        self.iam = Roles()
        self.sandbox = Sandbox(Options(**options), self.iam, lambda: self.now)
        self.app = create_app(self.sandbox)

    def call(self, method: str, path: str, credentials: str = "api-token", **request: Any) -> httpx2.Response:
        """Send one request as a credential by its name, with the scheme that belongs to it; "" sends none."""
        return self.together((method, path, credentials, request))[0]

    def together(self, *calls: tuple[str, str, str, dict[str, Any]]) -> list[httpx2.Response]:
        """Send several requests at the same time."""

        async def send() -> list[httpx2.Response]:
            async with self.client() as client:
                return await asyncio.gather(*(self._send(client, *call) for call in calls))

        return asyncio.run(send())

    def during(self, act: Callable[[httpx2.AsyncClient], Awaitable[Any]]) -> Any:
        """Run a coroutine of a test with a client without credentials."""

        async def run() -> Any:
            async with self.client() as client:
                return await act(client)

        return asyncio.run(run())

    def client(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(transport=httpx2.ASGITransport(self.app), base_url="http://127.0.0.1")

    def headers(self, credentials: str) -> dict[str, str]:
        """Return the Authorization header of a credential; OAuth clients get an access token first."""
        if not credentials:
            return {}
        found = self.sandbox.credentials[credentials]
        if found.kind == "oauth":
            form = {"grant_type": "client_credentials", "client_id": found.public, "client_secret": found.secret}
            return {"Authorization": f"Bearer {self.sandbox.tokens.grant(form)['access_token']}"}
        return {"Authorization": f"{'Api-Token' if found.kind == 'api-token' else 'Bearer'} {found.secret}"}

    async def _send(
        self, client: httpx2.AsyncClient, method: str, path: str, credentials: str, request: dict[str, Any]
    ) -> httpx2.Response:
        headers = self.headers(credentials) | request.pop("headers", {})
        return await client.request(method, path, headers=headers, **request)

    @staticmethod
    def caller(credentials: str) -> Caller:
        """Return one of fresh credentials at work, for code below HTTP."""
        return Caller(new_credentials()[credentials])

    def create(self, name: str, credentials: str = "api-token", **more: Any) -> str:
        """Create a web identity connection; return its object id."""
        answer = self.call("POST", objects(credentials), credentials, json=[creation(name, **more)])
        assert answer.status_code == 200, answer.text
        return str(answer.json()[0]["objectId"])

    def put(self, object_id: str, value: Any, credentials: str = "api-token", **more: Any) -> httpx2.Response:
        """Replace the value of an object."""
        return self.call("PUT", f"{objects(credentials)}/{object_id}", credentials, json={"value": value} | more)

    def get(self, object_id: str, credentials: str = "api-token") -> httpx2.Response:
        """Read an object."""
        return self.call("GET", f"{objects(credentials)}/{object_id}", credentials)

    def names(self, credentials: str = "api-token", **query: str) -> list[str]:
        """Return the names of the connections on the first page of a list."""
        answer = self.call("GET", objects(credentials), credentials, params={"schemaIds": SCHEMA} | query)
        assert answer.status_code == 200, answer.text
        return [item["value"]["name"] for item in answer.json()["items"]]


def objects(credentials: str = "api-token") -> str:
    """Return the path of settings objects for a credential's kind."""
    return f"{CLASSIC if 'api-token' in credentials or not credentials else PLATFORM}/settings/objects"


def web_identity(name: str = "connection", role_arn: str = "", consumer: str = "APP:dynatrace.aws.connector") -> Any:
    """Return the value of a web identity connection."""
    return {"name": name, "type": "awsWebIdentity", "awsWebIdentity": {"roleArn": role_arn, "consumers": [consumer]}}


def role_based(name: str = "connection", role_arn: str = "") -> Any:
    """Return the value of a role based connection."""
    arm = {"roleArn": role_arn, "consumers": ["SVC:com.dynatrace.da"]}
    return {"name": name, "type": "awsRoleBasedAuthentication", "awsRoleBasedAuthentication": arm}


def creation(name: str = "connection", value: Any = None, **more: Any) -> dict[str, Any]:
    """Return an element of a POST."""
    return {"schemaId": SCHEMA, "scope": "environment", "value": value or web_identity(name)} | more


def trusting(object_id: str, **condition: Any) -> dict[str, Any]:
    """Return the page's trust policy for a connection; `condition` replaces its condition keys."""
    keys = condition or {"sub": f"dt:connection-id/{object_id}", "aud": AUDIENCE}
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": PROVIDER},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": {f"token.dynatrace.com:{name}": text for name, text in keys.items()}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}


def refusal_of(act: Callable[[], Any]) -> int | None:
    """Return the status with which Dynatrace would refuse, or None when it would not."""
    try:
        act()
    except Problem as problem:
        return problem.code
    return None


def violations(answer: httpx2.Response) -> dict[str, str]:
    """Return message by path of a refusal, whichever of the two forms it has."""
    body = answer.json()
    error = (body[0] if isinstance(body, list) else body)["error"]
    return {violation["path"]: violation["message"] for violation in error["constraintViolations"]}
