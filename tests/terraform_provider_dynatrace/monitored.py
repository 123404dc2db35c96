"""An environment in the test's process with connections that Dynatrace can assume, and a provider for it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from dynatrace_sandbox.aws.moto import FoundRole
from dynatrace_sandbox.aws.trust import Role
from dynatrace_sandbox.tenant.access import Caller
from terraform_plugin.testing import in_process
from terraform_plugin.testing.protocol import ProtocolClient, Response

from .far_end import Time
from .in_process import Tenant, TenantsProvider

TYPE = "dynatrace_aws_monitoring_configuration"
SCHEMA = "builtin:hyperscaler-authentication.connections.aws"
ACCOUNT = "123456789012"


class Environment:
    """A simulated environment, and what its provider plans and applies for one monitoring configuration."""

    def __init__(self, far: Tenant) -> None:
        self.far = far

    async def connection(self, name: str = "production", account: str = ACCOUNT, *, role: bool = True) -> str:
        """Create a connection with a role ARN, or without; return its ID."""
        arn = f"arn:aws:iam::{account}:role/{name}" if role else ""
        statement = {"Effect": "Allow", "Principal": {"AWS": "314146291599"}, "Action": "sts:AssumeRole"}
        policy = {"Version": "2012-10-17", "Statement": [statement]}
        self.far.aws.roles[arn] = FoundRole(Role(arn, policy), datetime.fromtimestamp(0, UTC))
        kind = "awsRoleBasedAuthentication"
        value = {"name": name, "type": kind, kind: {"roleArn": arn, "consumers": ["SVC:com.dynatrace.da"]}}
        caller = Caller(self.far.sandbox.credentials["platform-token"])
        item = {"schemaId": SCHEMA, "scope": "environment", "value": value}
        created = await self.far.sandbox.environment.create(caller, item)
        return str(created["objectId"])

    @asynccontextmanager
    async def provider(self, credential: str = "platform-token") -> AsyncIterator[ProtocolClient]:
        """Like a new process of the provider, it has no cached data."""
        async with in_process(TenantsProvider(self.far, credential, Time())) as client:
            assert (await client.configure({})).diagnostics == []
            yield client

    def only(self) -> dict[str, Any]:
        """Return the only monitoring configuration that there is."""
        [found] = self.far.sandbox.extension.stored()
        return found.as_json()

    def edit(self, **changes: Any) -> None:
        """Change properties of the only configuration's `aws`, as somebody else."""
        found = self.only()
        value = found["value"] | {"aws": found["value"]["aws"] | changes}
        caller = Caller(self.far.sandbox.credentials["colleague-platform-token"])
        self.far.sandbox.extension.update(caller, found["objectId"], {"value": value})

    async def apply(self, config: Any, prior: Any = None, credential: str = "platform-token") -> Response:
        """Plan and apply, each in a process of its own; return the response of the apply."""
        planned = await self.plan(config, prior, credential)
        assert planned.errors == []
        async with self.provider(credential) as client:
            applied = await client.apply(TYPE, config, planned, prior)
        assert applied.errors == []
        return applied

    async def plan(self, config: Any, prior: Any = None, credential: str = "platform-token") -> Response:
        """Plan in a process of its own."""
        async with self.provider(credential) as client:
            return await client.plan(TYPE, config, prior)

    async def read(self, state: Any) -> Any:
        """Return the state as it is now."""
        async with self.provider() as client:
            found = await client.read(TYPE, state)
        assert found.errors == []
        return found.value


def configured(connection_id: Any = "an-id", /, **values: Any) -> dict[str, Any]:
    """Return a configuration of the resource."""
    regions = ["us-east-1", "eu-central-1"]
    known = {"name": "production", "connection_id": connection_id, "account_id": ACCOUNT, "regions": regions}
    return known | values
