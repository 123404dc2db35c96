"""How a cell of the fault table is tested: one operation of the real client against the sandbox, over real sockets.

Waiting between attempts takes no time and is counted instead, with the longest possible jitter.
"""

from __future__ import annotations

import re
import socket
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from msgspec.structs import replace

from dynatrace_sandbox.testing import RunningSandbox
from terraform_provider_dynatrace.client.auth import ApiToken, Credential, OAuthClient
from terraform_provider_dynatrace.client.client import Client, Connection
from terraform_provider_dynatrace.client.errors import DynatraceError
from terraform_provider_dynatrace.environment import EnvironmentUrls
from terraform_provider_dynatrace.settings.objects import SettingsObjects
from tests.acceptance.tenants import SCHEMA_ID, create, web_identity
from tests.terraform_provider_dynatrace.far_end import USUAL, Time

Work = Callable[[SettingsObjects, str], Awaitable[Any]]
PATIENT = 60.0  # seconds for one request: more than any takes here
IMPATIENT = 2.0  # where the first answer is held back: as long as such a cell takes


async def _list(objects: SettingsObjects, _: str) -> Any:
    return await objects.list()


async def _get(objects: SettingsObjects, object_id: str) -> Any:
    return await objects.api.get(object_id)


async def _create(objects: SettingsObjects, _: str) -> Any:
    return await objects.create(web_identity("second"))


async def _rename(objects: SettingsObjects, object_id: str) -> Any:
    return await objects.edit(object_id, lambda value: {**value, "name": "renamed"})


async def _delete(objects: SettingsObjects, object_id: str) -> Any:
    return await objects.delete(object_id)


@dataclass(frozen=True)
class Operation:
    """One column: which request is struck, and what sends it."""

    method: str
    path: str
    work: Work
    done: tuple[str, ...] = ("first",)
    login: bool = False


ONE = "/api/v2/settings/objects/*"
ALL = "/api/v2/settings/objects"
OPERATIONS = {
    "GET": Operation("GET", ONE, _get),
    "GET page": Operation("GET", ALL, _list),
    "POST": Operation("POST", ALL, _create, done=("first", "second")),
    "PUT": Operation("PUT", ONE, _rename, done=("renamed",)),
    "DELETE": Operation("DELETE", ONE, _delete, done=()),
    "token": Operation("POST", "/sso/oauth2/token", _list, login=True),
}


@dataclass(frozen=True)
class Happened:
    """The result: the summary of the error or "", the names that exist, requests with the fault, seconds waited."""

    error: str
    names: tuple[str, ...]
    requests: int
    waited: float


async def run(sandbox: RunningSandbox, operation: Operation, script: Mapping[str, Any] | None) -> Happened:
    """Try one cell. `script` is the fault for the sandbox, None: nothing listens where the client calls."""
    [object_id] = create(sandbox, [web_identity("first")]).values()
    before = len(sandbox.requests(operation.method, operation.path))
    if script:
        sandbox.fault(**{"method": operation.method, "path": operation.path, **script})
    time = Time()
    held = script is not None and script["kind"] == "hold"
    client = _client(sandbox, time, IMPATIENT if held else PATIENT, login=operation.login, refused=script is None)
    error = await _try(client, operation, object_id)
    sandbox.clear_faults()
    names = tuple(sorted(found["value"]["name"] for found in sandbox.objects()))
    requests = len(sandbox.requests(operation.method, operation.path)) - before
    return Happened(error, names, requests, sum(time.waited))


async def _try(client: Client, operation: Operation, object_id: str) -> str:
    async with client:
        try:
            await operation.work(SettingsObjects(client, SCHEMA_ID), object_id)
        except DynatraceError as failure:
            return re.sub(r"^127\.0\.0\.1:\d+", "HOST", failure.summary)
    return ""


def _client(sandbox: RunningSandbox, time: Time, patience: float, *, login: bool, refused: bool) -> Client:
    closed = _closed_url()
    environment = EnvironmentUrls.parse(closed if refused and not login else sandbox.url, tenant_url=sandbox.tenant)
    options = replace(USUAL, request_timeout=patience)
    connection = Connection(environment, options, clock=time.clock, pause=time.pause, chance=lambda: 1.0)
    credential = _oauth(sandbox, closed if refused else sandbox.url) if login else _token(sandbox, environment)
    return Client(connection, credential)


def _token(sandbox: RunningSandbox, environment: EnvironmentUrls) -> Credential:
    return ApiToken(sandbox.credentials["api-token"]["secret"], source="the test", environment=environment)


def _oauth(sandbox: RunningSandbox, url: str) -> Credential:
    found = sandbox.credentials["oauth"]
    return OAuthClient(found["clientId"], found["secret"], token_url=f"{url}/sso/oauth2/token", source="the test")


def _closed_url() -> str:
    """Return a URL at which nothing listens: its port was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"
