"""A sandbox for tests: a process of its own, controlled over its control path.

with running_sandbox(iam_propagation=2) as sandbox:
    subprocess.run(["terraform", "apply"], env=os.environ | sandbox.environ())
    assert sandbox.objects() == []
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import IO, Any

import httpx2

from dynatrace_sandbox.aws.gate import ACCOUNT
from dynatrace_sandbox.shell import credential_variables, credentials_variables, sandbox_variables

_TIMEOUT = 90
"""Seconds for one request. The sandbox itself waits for at most 60."""


class RunningSandbox:
    """The client of a running sandbox."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._http = httpx2.Client(base_url=url, timeout=_TIMEOUT, trust_env=False)
        info = self._get("/")
        self.aws_url: str = info["awsUrl"]
        self.tenant: str = info["options"]["tenant"]
        self.credentials: dict[str, dict[str, Any]] = self._get("/credentials")

    def environ(self, credentials: str = "api-token", account: str = ACCOUNT) -> dict[str, str]:
        """Return the environment variables that point at the sandbox.

        `credentials` is the name of a credential, `all` for one of each kind, or `none`. `account` is the ID of the
        AWS account.
        """
        variables = sandbox_variables(self.url, self.tenant, self.aws_url, account)
        if credentials == "none":
            return variables
        return variables | credentials_variables(self.url, self.credentials, credentials)

    def call(self, method: str, path: str, credentials: str = "api-token", **request: Any) -> httpx2.Response:
        """Send a request to the Dynatrace side with a credential by its name; `request` is for `httpx2.request`."""
        credential = self.credentials[credentials]
        scheme = "Api-Token" if credential["kind"] == "api-token" else "Bearer"
        token = self.access_token(credentials) if credential["kind"] == "oauth" else credential["secret"]
        headers = {"Authorization": f"{scheme} {token}"} | request.pop("headers", {})
        return self._http.request(method, path, headers=headers, **request)

    def objects(self) -> list[dict[str, Any]]:
        """Return every settings object, whoever owns it, with `owner` and `accessors`."""
        return list(self._get("/objects"))

    def configurations(self) -> list[dict[str, Any]]:
        """Return every monitoring configuration."""
        return list(self._get("/configurations"))

    def requests(self, method: str = "*", path: str = "*") -> list[dict[str, Any]]:
        """Return the requests to the Dynatrace side so far that match a method and a shell-style pattern of paths."""
        return list(self._get("/requests", {"method": method, "path": path}))

    def wait_for_requests(self, count: int, method: str = "*", path: str = "*") -> list[dict[str, Any]]:
        """Return the matching requests as soon as there are `count` of them. Raises after 60 seconds."""
        return list(self._get("/requests", {"method": method, "path": path, "count": str(count)}))

    def aws(self) -> dict[str, Any]:
        """Return `roles`, `providers` and `assume_role_attempts`: what was presented, and what AWS decided and why."""
        return dict(self._get("/aws"))

    def fault(self, kind: str, method: str = "*", path: str = "*", **script: Any) -> RunningFault:
        """Add a fault; `script` has further fields of `faults.FaultScript` (`times`, `skip`, `acts` …)."""
        fields = {"kind": kind, "method": method, "path": path} | script
        response = self._http.post("/sandbox/faults", json=fields)
        if response.is_error:
            raise ValueError(response.text)
        return RunningFault(self._http, f"/sandbox/faults/{response.json()['id']}")

    def clear_faults(self) -> None:
        """Remove every fault; the requests they hold go on."""
        self._http.delete("/sandbox/faults").raise_for_status()

    def revoke_tokens(self) -> None:
        """Revoke every OAuth access token."""
        self._http.delete("/sandbox/tokens").raise_for_status()

    def configure(self, **options: float | str) -> None:
        """Change options of the running sandbox: those in `sandbox.CHANGEABLE`."""
        self._http.patch("/sandbox/options", json=options).raise_for_status()

    def reset(self) -> None:
        """Go back to the beginning: no objects, roles, requests or faults, the first options."""
        self._http.post("/sandbox/reset").raise_for_status()

    def close(self) -> None:
        """Close the connection to the control path."""
        self._http.close()

    def access_token(self, credentials: str) -> str:
        """Return a new access token for an OAuth client by its name."""
        variables = credential_variables(self.url, self.credentials[credentials])
        form = {"grant_type": "client_credentials", "client_id": variables["DT_CLIENT_ID"]}
        response = self._http.post("/sso/oauth2/token", data=form | {"client_secret": variables["DT_CLIENT_SECRET"]})
        return str(response.raise_for_status().json()["access_token"])

    def _get(self, path: str, query: Mapping[str, str] | None = None) -> Any:
        return self._http.get(f"/sandbox{path}", params=query).raise_for_status().json()


class RunningFault:
    """A fault of a running sandbox."""

    def __init__(self, http: httpx2.Client, path: str) -> None:
        self._http = http
        self._path = path

    @property
    def applied(self) -> int:
        """To how many requests it has been applied so far."""
        return int(self._http.get(self._path).raise_for_status().json()["applied"])

    def wait_until_holding(self, count: int = 1) -> None:
        """Return as soon as it holds so many requests (kind `hold`). Raises after 60 seconds."""
        self._http.get(self._path, params={"holding": str(count)}).raise_for_status()

    def release(self) -> None:
        """Let the requests it holds go on, and apply it to no further request."""
        self._http.post(f"{self._path}/release").raise_for_status()


@contextmanager
def running_sandbox(**options: float | str | bool) -> Iterator[RunningSandbox]:
    """Run a sandbox in a process of its own for the length of the block; `options` are those of `serve`.

    One that takes no value is `True` (`no_extension=True`).

    The process ends with the block, and by itself when the test's process ends.
    """
    flags = [text for name, value in options.items() for text in _flag(name, value)]
    command = [sys.executable, "-m", __package__, "serve", "--port", "0", "--while-stdin-open", *flags]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 ours
        assert process.stdin is not None
        assert process.stdout is not None
        sandbox = RunningSandbox(_announced_url(process.stdout))
        try:
            yield sandbox
        finally:
            sandbox.close()
            process.stdin.close()


def _flag(name: str, value: float | str | bool) -> list[str]:  # noqa: FBT001  # the value of an option
    flag = f"--{name.replace('_', '-')}"
    return [flag] if value is True else [flag, str(value)]


def _announced_url(output: IO[str]) -> str:
    for line in output:
        if line.startswith("export DYNATRACE_ENV_URL="):
            return line.strip().partition("=")[2]
    raise RuntimeError("the sandbox ended before it printed its URL")
