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

from dynatrace_sandbox.tenant.credentials import COLLEAGUE, OWNER
from dynatrace_sandbox.testing import RunningSandbox
from terraform_provider_dynatrace.aws.monitoring import EXTENSION, SCOPE
from terraform_provider_dynatrace.client.auth import ApiToken, Credential, OAuthClient, PlatformToken
from terraform_provider_dynatrace.client.client import Client, Connection
from terraform_provider_dynatrace.client.errors import DynatraceError
from terraform_provider_dynatrace.config.credentials import Credentials
from terraform_provider_dynatrace.config.tenant import Tenant
from terraform_provider_dynatrace.environment import EnvironmentUrls
from terraform_provider_dynatrace.settings.model import Owner
from tests.acceptance.tenants import SCHEMA_ID, create, web_identity
from tests.terraform_provider_dynatrace.far_end import USUAL, Time

Work = Callable[[Tenant, str], Awaitable[Any]]
PATIENT = 60.0  # seconds for one request: more than any takes here
IMPATIENT = 2.0  # where the first answer is held back: as long as such a cell takes


async def _list(tenant: Tenant, _: str) -> Any:
    return await tenant.settings(SCHEMA_ID).list()


async def _get(tenant: Tenant, object_id: str) -> Any:
    return await tenant.settings(SCHEMA_ID).api.get(object_id)


async def _create(tenant: Tenant, _: str) -> Any:
    return await tenant.settings(SCHEMA_ID).create(web_identity("second"))


async def _rename(tenant: Tenant, object_id: str) -> Any:
    return await tenant.settings(SCHEMA_ID).edit(object_id, lambda value: {**value, "name": "renamed"})


async def _delete(tenant: Tenant, object_id: str) -> Any:
    return await tenant.settings(SCHEMA_ID).delete(object_id)


async def _transfer(tenant: Tenant, object_id: str) -> Any:
    return await tenant.owners.transfer(object_id, Owner("user", COLLEAGUE.id))


async def _monitor(tenant: Tenant, _: str) -> Any:
    return await tenant.extension(EXTENSION).create(SCOPE, MONITORING)


async def _rename_monitoring(tenant: Tenant, object_id: str) -> Any:
    return await tenant.extension(EXTENSION).edit(object_id, lambda value: {**value, "description": "renamed"})


def _connection(sandbox: RunningSandbox, credential: str) -> str:
    [object_id] = create(sandbox, [web_identity("first")], credential).values()
    return object_id


def _monitored(sandbox: RunningSandbox, credential: str) -> str:
    value = MONITORING | {"description": "first"}
    created = sandbox.call("POST", CONFIGURATIONS, credential, json={"scope": SCOPE, "value": value})
    return str(created.raise_for_status().json()["objectId"])


def _names(sandbox: RunningSandbox) -> list[str]:
    return [found["value"]["name"] for found in sandbox.objects()]


def _owners(sandbox: RunningSandbox) -> list[str]:
    return [found["owner"]["id"] for found in sandbox.objects()]


def _configurations(sandbox: RunningSandbox) -> list[str]:
    return [found["value"]["description"] for found in sandbox.configurations()]


@dataclass(frozen=True)
class Operation:
    """One column: which request is struck, what sends it, and what is there before and afterwards."""

    method: str
    path: str
    work: Work
    done: tuple[str, ...] = ("first",)
    login: bool = False
    there: Callable[[RunningSandbox], list[str]] = _names
    before: tuple[str, ...] = ("first",)
    credential: str = "api-token"
    prepare: Callable[[RunningSandbox, str], str] = _connection
    """Makes what is there before, with a credential, and returns its ID."""


ONE = "/api/v2/settings/objects/*"
ALL = "/api/v2/settings/objects"
TRANSFER = "/platform/classic/environment-api/v2/settings/objects/*:transfer-ownership"
CONFIGURATIONS = f"/platform/extensions/v2/extensions/{EXTENSION}/monitoring-configurations"
MONITORING = {
    "enabled": False,
    "description": "second",
    "version": "1.0.0",
    "activationContext": "DATA_ACQUISITION",
    "featureSets": [],
    "aws": {
        "credentials": [{"enabled": False, "description": "", "connectionId": "*", "accountId": "123456789012"}],
        "deploymentRegion": "us-east-1",
        "regionFiltering": ["us-east-1"],
        "smartscapeConfiguration": {"enabled": True},
        "metricsConfiguration": {"enabled": True, "regions": ["us-east-1"]},
    },
}
OPERATIONS = {
    "GET": Operation("GET", ONE, _get),
    "GET page": Operation("GET", ALL, _list),
    "POST": Operation("POST", ALL, _create, done=("first", "second")),
    "PUT": Operation("PUT", ONE, _rename, done=("renamed",)),
    "DELETE": Operation("DELETE", ONE, _delete, done=()),
    "token": Operation("POST", "/sso/oauth2/token", _list, login=True),
    "POST owner": Operation(
        *("POST", TRANSFER, _transfer, (COLLEAGUE.id,)),
        there=_owners,
        before=(OWNER.id,),
        credential="platform-token",
    ),
    "POST configuration": Operation(
        *("POST", CONFIGURATIONS, _monitor, ("second",)),
        there=_configurations,
        before=(),
        credential="platform-token",
    ),
    "PUT configuration": Operation(
        *("PUT", f"{CONFIGURATIONS}/*", _rename_monitoring, ("renamed",)),
        there=_configurations,
        credential="platform-token",
        prepare=_monitored,
    ),
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
    object_id = operation.prepare(sandbox, operation.credential)
    before = len(sandbox.requests(operation.method, operation.path))
    if script:
        sandbox.fault(**{"method": operation.method, "path": operation.path, **script})
    time = Time()
    held = script is not None and script["kind"] == "hold"
    client = _client(sandbox, time, IMPATIENT if held else PATIENT, operation, refused=script is None)
    error = await _try(client, operation, object_id)
    sandbox.clear_faults()
    names = tuple(sorted(operation.there(sandbox)))
    requests = len(sandbox.requests(operation.method, operation.path)) - before
    return Happened(error, names, requests, sum(time.waited))


async def _try(client: Client, operation: Operation, object_id: str) -> str:
    async with client:
        try:
            credentials = Credentials(client.credential, client.credential, "")
            await operation.work(Tenant(client.connection.environment, client, credentials), object_id)
        except DynatraceError as failure:
            return re.sub(r"^127\.0\.0\.1:\d+", "HOST", failure.summary)
    return ""


def _client(sandbox: RunningSandbox, time: Time, patience: float, operation: Operation, *, refused: bool) -> Client:
    closed, login = _closed_url(), operation.login
    environment = EnvironmentUrls.parse(closed if refused and not login else sandbox.url, tenant_url=sandbox.tenant)
    options = replace(USUAL, request_timeout=patience)
    connection = Connection(environment, options, clock=time.clock, pause=time.pause, chance=lambda: 1.0)
    if login:
        return Client(connection, _oauth(sandbox, closed if refused else sandbox.url))
    return Client(connection, _token(sandbox, environment, operation.credential))


def _token(sandbox: RunningSandbox, environment: EnvironmentUrls, name: str) -> Credential:
    if name == "platform-token":
        return PlatformToken(sandbox.credentials[name]["secret"], source="the test")
    return ApiToken(sandbox.credentials["api-token"]["secret"], source="the test", environment=environment)


def _oauth(sandbox: RunningSandbox, url: str) -> Credential:
    found = sandbox.credentials["oauth"]
    return OAuthClient(found["clientId"], found["secret"], token_url=f"{url}/sso/oauth2/token", source="the test")


def _closed_url() -> str:
    """Return a URL at which nothing listens: its port was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}"
