"""What the providers talk to: a light server, a sandbox, or the environment that URL names."""

from __future__ import annotations

import json
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext, suppress
from typing import Any, NamedTuple

import httpx2

from benchmarks.light_server import SCHEMA
from dynatrace_sandbox.testing import RunningSandbox, running_sandbox

_OBJECTS = "/api/v2/settings/objects"
_AT_ONCE = 100
_MISSING = """\
An environment that is not a sandbox requires two more variables:
  DYNATRACE_API_TOKEN   an API token with the scopes settings.read and settings.write
  ROLE_ARN              the ARN of a role that every connection of the environment may assume
"""


class Requests(NamedTuple):
    """How many requests there were, by what they are for."""

    reads: int = 0
    """GETs."""
    writes: int = 0
    validations: int = 0
    """Writes that only validate (`validateOnly`)."""


class Server:
    """An environment to work in. A real one neither counts requests nor delays its responses."""

    what = "An environment"
    """What the page says about it."""

    def __init__(self, url: str, token: str, role_arn: str) -> None:
        self.role_arn = role_arn
        """A role that every connection may assume."""
        self.variables = {"DYNATRACE_ENV_URL": url, "DYNATRACE_API_TOKEN": token}
        self.prefix = f"benchmark-{uuid.uuid4().hex[:6]}"
        self.ids: dict[str, str] = {}
        """Object ids of what `create` made, by name."""
        local = url.startswith("http://127.0.0.1:")
        self._http = httpx2.Client(
            base_url=url, headers={"Authorization": f"Api-Token {token}"}, timeout=120, trust_env=not local
        )

    def names(self, kind: str, count: int) -> list[str]:
        """Return names that nothing else in the environment has, also as Terraform names."""
        return [f"{self.prefix}-{kind}-{number}" for number in range(count)]

    def create(self, names: Sequence[str], role_arn: str = "") -> dict[str, str]:
        """Create connections without Terraform; return all object ids so far by name."""
        for start in range(0, len(names), _AT_ONCE):
            batch = names[start : start + _AT_ONCE]
            response = self._http.post(_OBJECTS, json=[_creation(name, role_arn) for name in batch])
            created = response.raise_for_status().json()
            self.ids |= {name: one["objectId"] for name, one in zip(batch, created, strict=True)}
        return self.ids

    def empty(self) -> None:
        """Delete what `create` made."""
        while self.ids:
            _, object_id = self.ids.popitem()
            self._http.delete(f"{_OBJECTS}/{object_id}").raise_for_status()

    def delay(self, milliseconds: int) -> None:
        """Delay each later response."""

    def requests(self) -> Requests | None:
        """Return the requests since the last call, None where nobody counts."""
        return None

    def close(self) -> None:
        """Close the connections to the server."""
        self._http.close()


class LightServer(Server):
    """`benchmarks.light_server`, which takes any token and any role."""

    what = "The light server"

    def __init__(self, port: int) -> None:
        super().__init__(f"http://127.0.0.1:{port}", "dt0c01.BENCHMARK.BENCHMARK", "arn:aws:iam::123456789012:role/any")
        self._before = Requests()

    def delay(self, milliseconds: int) -> None:
        self._http.put(f"/benchmark/delay/{milliseconds}").raise_for_status()

    def requests(self) -> Requests:
        counts = self._http.get("/benchmark/requests").raise_for_status().json()
        if unknown := counts.pop("unknown"):
            raise RuntimeError(
                f"{unknown} requests are of a kind that the light server does not know. Use SERVER=sandbox."
            )
        before, self._before = self._before, Requests(**counts)
        return Requests(*(now - then for now, then in zip(self._before, before, strict=True)))


class SandboxServer(Server):
    """A sandbox, which checks what it is sent, tokens and roles included."""

    what = "The sandbox"

    def __init__(self, sandbox: RunningSandbox) -> None:
        super().__init__(sandbox.url, sandbox.environ()["DYNATRACE_API_TOKEN"], trusting_role(sandbox))
        self._sandbox = sandbox
        self._since = time.time()

    def delay(self, milliseconds: int) -> None:
        self._sandbox.configure(latency=milliseconds)

    def requests(self) -> Requests:
        entries = [entry for entry in self._sandbox.requests() if entry["at"] >= self._since]
        self._since = time.time()
        reads = sum(entry["method"] == "GET" for entry in entries)
        validations = sum("validateOnly=true" in entry["query"] for entry in entries)
        return Requests(reads, len(entries) - reads - validations, validations)


@contextmanager
def opened(environment: Mapping[str, str]) -> Iterator[Server]:
    """Open the environment at URL, or else start a server: a sandbox if SERVER is `sandbox`, or a light one.

    What the benchmark created is deleted at the end. Raises `SystemExit` if the environment needs more variables.
    """
    if url := environment.get("URL", "").rstrip("/"):
        started: AbstractContextManager[Server] = nullcontext(_at(url, environment))
    else:
        started = {"light": light_server, "sandbox": _new_sandbox}[environment.get("SERVER", "light")]()
    with started as server, closing(server):
        try:
            yield server
        finally:
            server.delay(0)
            server.empty()


@contextmanager
def light_server() -> Iterator[Server]:
    """Start a light server in a process of its own. It ends when its standard input is closed, so also with us."""
    command = [sys.executable, "-m", "benchmarks.light_server"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603  # ours
        assert process.stdout is not None
        yield LightServer(int(process.stdout.readline()))


@contextmanager
def _new_sandbox() -> Iterator[Server]:
    with running_sandbox(log="warning") as sandbox:
        yield SandboxServer(sandbox)


def _at(url: str, environment: Mapping[str, str]) -> Server:
    with suppress(httpx2.HTTPError, ValueError, KeyError):
        return SandboxServer(RunningSandbox(url))
    if not {"DYNATRACE_API_TOKEN", "ROLE_ARN"} <= environment.keys():
        raise SystemExit(_MISSING)
    return Server(url, environment["DYNATRACE_API_TOKEN"], environment["ROLE_ARN"])


def _creation(name: str, role_arn: str) -> dict[str, Any]:
    details = {"roleArn": role_arn, "consumers": ["APP:dynatrace.aws.connector"]}
    value = {"name": name, "type": "awsWebIdentity", "awsWebIdentity": details}
    return {"schemaId": SCHEMA, "scope": "environment", "value": value}


def trusting_role(sandbox: RunningSandbox) -> str:
    """Return the ARN of a role that trusts every connection of the sandbox. The role is created if there is none."""
    import boto3  # noqa: PLC0415  # half a second, for a sandbox only

    keys = {"aws_access_key_id": "sandbox", "aws_secret_access_key": "sandbox"}
    iam = boto3.client("iam", endpoint_url=sandbox.aws_url, region_name="us-east-1", **keys)
    with suppress(iam.exceptions.NoSuchEntityException):
        return str(iam.get_role(RoleName="benchmark")["Role"]["Arn"])
    audience = f"{sandbox.tenant}/app-id/dynatrace.aws.connector"
    provider = iam.create_open_id_connect_provider(Url="https://token.dynatrace.com", ClientIDList=[audience])
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": provider["OpenIDConnectProviderArn"]},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringLike": {"token.dynatrace.com:sub": "dt:connection-id/*"}},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return str(iam.create_role(RoleName="benchmark", AssumeRolePolicyDocument=policy)["Role"]["Arn"])
