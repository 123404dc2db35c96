"""Where the benchmark works: a sandbox of its own, or the tenant that URL names."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

import httpx2

from benchmarks.counting import Requests, counted
from dynatrace_sandbox.testing import RunningSandbox, running_sandbox

_OBJECTS = "/api/v2/settings/objects"
_SCHEMA = "builtin:hyperscaler-authentication.connections.aws"
_AT_ONCE = 100
_MISSING = """\
An environment that is not a sandbox requires two more variables:
  DYNATRACE_API_TOKEN   an API token with the scopes settings.read and settings.write
  ROLE_ARN              the ARN of a role that every connection of the environment may assume
"""


class Tenant:
    """A tenant to work in. `control` is the sandbox behind it, if it is one: it counts, and answers late."""

    def __init__(self, url: str, token: str, role_arn: str, control: RunningSandbox | None) -> None:
        self.role_arn = role_arn
        self.control = control
        self.variables = {"DYNATRACE_ENV_URL": url, "DYNATRACE_API_TOKEN": token}
        self.prefix = f"benchmark-{uuid.uuid4().hex[:6]}"
        self.ids: dict[str, str] = {}
        headers = {"Authorization": f"Api-Token {token}"}
        self._http = httpx2.Client(base_url=url, headers=headers, timeout=120, trust_env=control is None)

    def names(self, kind: str, count: int) -> list[str]:
        """Return names that nothing else in the tenant has, also as Terraform names."""
        return [f"{self.prefix}-{kind}-{number}" for number in range(count)]

    def create(self, names: Sequence[str], role_arn: str = "") -> dict[str, str]:
        """Let connections exist, without Terraform; return all there are by now: object ids by name."""
        for start in range(0, len(names), _AT_ONCE):
            batch = names[start : start + _AT_ONCE]
            answer = self._http.post(_OBJECTS, json=[_creation(name, role_arn) for name in batch])
            made = answer.raise_for_status().json()
            self.ids |= {name: one["objectId"] for name, one in zip(batch, made, strict=True)}
        return self.ids

    def empty(self) -> None:
        """Delete what `create` made."""
        while self.ids:
            _, object_id = self.ids.popitem()
            self._http.delete(f"{_OBJECTS}/{object_id}").raise_for_status()

    def answer_after(self, milliseconds: float) -> None:
        """Let every answer come later."""
        if self.control:
            self.control.configure(latency=milliseconds)

    def mark(self) -> int:
        """Return how many requests there have been."""
        return len(self.control.requests()) if self.control else 0

    def since(self, mark: int) -> Requests | None:
        """Return the requests since a mark; None where nobody counts."""
        return counted(self.control.requests()[mark:]) if self.control else None


def _creation(name: str, role_arn: str) -> dict[str, Any]:
    details = {"roleArn": role_arn, "consumers": ["APP:dynatrace.aws.connector"]}
    value = {"name": name, "type": "awsWebIdentity", "awsWebIdentity": details}
    return {"schemaId": _SCHEMA, "scope": "environment", "value": value}


@contextmanager
def opened(environment: Mapping[str, str]) -> Iterator[Tenant]:
    """Open the tenant that URL names, or start a sandbox. Raises `SystemExit` where something is missing for it."""
    url = environment.get("URL", "").rstrip("/")
    if not url:
        with running_sandbox(log="warning") as sandbox:
            yield _sandbox_tenant(sandbox)
        return
    sandbox_there = _sandbox_at(url)
    tenant = _sandbox_tenant(sandbox_there) if sandbox_there else _foreign_tenant(url, environment)
    try:
        yield tenant
    finally:
        tenant.answer_after(0)
        tenant.empty()


def _sandbox_at(url: str) -> RunningSandbox | None:
    with suppress(httpx2.HTTPError, ValueError, KeyError):
        return RunningSandbox(url)
    return None


def _foreign_tenant(url: str, environment: Mapping[str, str]) -> Tenant:
    if not {"DYNATRACE_API_TOKEN", "ROLE_ARN"} <= environment.keys():
        raise SystemExit(_MISSING)
    return Tenant(url, environment["DYNATRACE_API_TOKEN"], environment["ROLE_ARN"], None)


def _sandbox_tenant(sandbox: RunningSandbox) -> Tenant:
    token = sandbox.environ()["DYNATRACE_API_TOKEN"]
    return Tenant(sandbox.url, token, _trusting_role(sandbox), sandbox)


def _trusting_role(sandbox: RunningSandbox) -> str:
    """Return the ARN of a role that trusts every connection of the tenant; make it if it is not there yet."""
    import boto3  # noqa: PLC0415  # half a second, for a sandbox only

    keys = {"aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox"}
    iam = boto3.client("iam", endpoint_url=sandbox.aws_url, region_name="us-east-1", **keys)
    with suppress(iam.exceptions.NoSuchEntityException):
        return str(iam.get_role(RoleName="benchmark")["Role"]["Arn"])
    audience = f"{sandbox.tenant}/app-id/dynatrace.aws.connector"
    provider = iam.create_open_id_connect_provider(Url="https://token.dynatrace.com", ClientIDList=[audience])
    policy = json.dumps(_trust(provider["OpenIDConnectProviderArn"]))
    return str(iam.create_role(RoleName="benchmark", AssumeRolePolicyDocument=policy)["Role"]["Arn"])


def _trust(provider_arn: str) -> dict[str, Any]:
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": provider_arn},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringLike": {"token.dynatrace.com:sub": "dt:connection-id/*"}},
    }
    return {"Version": "2012-10-17", "Statement": [statement]}
