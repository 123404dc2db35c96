"""The sandbox in the process of the test, in place of the network."""

from __future__ import annotations

import time as real_time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any, Protocol

import httpx2

from dynatrace_sandbox.api.app import create_app
from dynatrace_sandbox.aws.moto import FoundRole
from dynatrace_sandbox.aws.trust import OidcProvider
from dynatrace_sandbox.sandbox import Options, Sandbox
from terraform_plugin import State
from terraform_provider_dynatrace.client.auth import ApiToken, Credential, OAuthClient, PlatformToken
from terraform_provider_dynatrace.client.client import Client, Connection
from terraform_provider_dynatrace.config.arguments import OPERATION_TIMEOUT
from terraform_provider_dynatrace.config.connect import options
from terraform_provider_dynatrace.config.credentials import Credentials
from terraform_provider_dynatrace.config.tenant import Tenant as ProvidersTenant
from terraform_provider_dynatrace.environment import EnvironmentUrls
from terraform_provider_dynatrace.provider import DynatraceProvider

from .far_end import Time

URL = "http://127.0.0.1"
USUAL = Options()
ENVIRONMENT = EnvironmentUrls.parse(URL, tenant_url="https://abc12345.apps.dynatrace.com")


class Waiting(Protocol):
    """What replaces time for a client: `far_end.Time` or `virtual_time.LoopTime`."""

    def clock(self) -> float: ...
    async def pause(self, seconds: float, /) -> None: ...


class HeldAws:
    """An AWS account held in memory: `roles` and `oidc_providers` by ARN. No AWS API is involved."""

    url = "http://127.0.0.1:9"

    def __init__(self) -> None:
        self.roles: dict[str, FoundRole] = {}
        self.oidc_providers: dict[str, list[OidcProvider]] = {}

    def role(self, arn: str) -> FoundRole | None:
        return self.roles.get(arn)

    def providers(self, arn: str) -> list[OidcProvider]:
        return self.oidc_providers.get(arn, [])

    def inventory(self) -> tuple[list[FoundRole], list[OidcProvider]]:
        return list(self.roles.values()), [one for found in self.oidc_providers.values() for one in found]

    def reset(self) -> None:
        self.roles.clear()
        self.oidc_providers.clear()


class Tenant(httpx2.AsyncBaseTransport):
    """A simulated environment. `after` is called with each request after it was carried out, and can raise."""

    def __init__(
        self,
        after: Callable[[httpx2.Request], None] = lambda _: None,
        options: Options = USUAL,
        clock: Callable[[], float] = real_time.time,
    ) -> None:
        self.aws = HeldAws()
        self.sandbox = Sandbox(options, self.aws, clock)
        self.after = after
        self._app = httpx2.ASGITransport(create_app(self.sandbox))

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        answer = await self._app.handle_async_request(request)
        self.after(request)
        return answer

    def has_schema(self, schema_id: str, like: str, **changes: Any) -> None:
        """Add the schema `schema_id`, which is a copy of another one with `changes`."""
        schemas = self.sandbox.environment.schemas
        schemas[schema_id] = {**schemas[like], "schemaId": schema_id, **changes}

    def client(self, credential: str = "api-token", time: Waiting | None = None) -> Client:
        """Return a client with one of the sandbox's credentials; waiting takes no time."""
        time = time or Time()
        connection = Connection(
            ENVIRONMENT, options({}), transport=self, clock=time.clock, pause=time.pause, chance=lambda: 1.0
        )
        return Client(connection, self.credential(credential))

    def credential(self, name: str) -> Credential:
        found = self.sandbox.credentials[name]
        if found.kind == "api-token":
            return ApiToken(found.secret, source=name, environment=ENVIRONMENT)
        if found.kind == "platform-token":
            return PlatformToken(found.secret, source=name)
        return OAuthClient(found.public, found.secret, token_url=f"{URL}/sso/oauth2/token", source=name)

    @asynccontextmanager
    async def configured(self, credential: str = "api-token") -> AsyncIterator[ProvidersTenant]:
        """Yield the tenant of a provider that is configured with one of the sandbox's credentials."""
        async with self.client(credential) as client:
            platform = client.credential if client.credential.gives_owner else None
            yield ProvidersTenant(ENVIRONMENT, client, Credentials(client.credential, platform, ""))

    def requests(self, method: str = "*", path: str = "*") -> list[dict[str, Any]]:
        """Return the requests so far, as the sandbox's journal has them."""
        return self.sandbox.journal.entries(method, path)


class TenantsProvider(DynatraceProvider):
    """The provider with a credential of a simulated environment, which replaces the network."""

    def __init__(
        self,
        far: Tenant,
        credential: str = "api-token",
        time: Waiting | None = None,
        operation_timeout: float = OPERATION_TIMEOUT.default,
    ) -> None:
        super().__init__({})
        self._operation_timeout = operation_timeout
        self._far = far
        self._credential = credential
        self._time = time

    async def configure(self, config: State) -> ProvidersTenant:
        del config
        client = self._far.client(self._credential, self._time)
        platform = client.credential if client.credential.gives_owner else None
        credentials = Credentials(client.credential, platform, "")
        return ProvidersTenant(ENVIRONMENT, client, credentials, operation_timeout=self._operation_timeout)


def losing(*methods: str) -> Callable[[httpx2.Request], None]:
    """Return an `after` that loses the response to the first request of each of these methods."""
    waiting = list(methods)

    def lose(request: httpx2.Request) -> None:
        if request.method in waiting:
            waiting.remove(request.method)
            raise httpx2.ReadError("connection reset by peer", request=request)

    return lose
