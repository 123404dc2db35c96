"""The environment variables that point Terraform, boto3 and the AWS CLI at a sandbox. Pure functions."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from typing import Any

from dynatrace_sandbox.aws.gate import ACCOUNT

ALL = "all"
CREDENTIALS = ("api-token", "oauth", "platform-token")
"""One credential of each kind, all of one user; their names are those of their kinds."""

LOCAL_HOSTS = "127.0.0.1,localhost"

CONFLICTING = (
    *("DT_ENV_URL", "DYNATRACE_ENVIRONMENT_URL", "DT_ENVIRONMENT_URL", "DT_API_TOKEN", "DT_PLATFORM_TOKEN"),
    *("DYNATRACE_CLIENT_ID", "DYNATRACE_CLIENT_SECRET", "DYNATRACE_ACCOUNT_ID"),
    *("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE"),
)
"""Other variables for the same settings. `run` removes them from the command's environment, `env` unsets them."""

_CREDENTIAL_VARIABLES = (
    *("DYNATRACE_API_TOKEN", "DYNATRACE_PLATFORM_TOKEN", "DT_CLIENT_ID", "DT_CLIENT_SECRET", "DT_ACCOUNT_ID"),
    "DYNATRACE_AUTOMATION_TOKEN_URL",
)


def sandbox_variables(url: str, tenant: str, aws_url: str, account: str = ACCOUNT) -> dict[str, str]:
    """Return the variables without credentials of Dynatrace.

    These are Dynatrace's URL, the host name in tokens, AWS's URL, and keys for an AWS account (12 digits).
    """
    return {
        "DYNATRACE_ENV_URL": url,
        "DYNATRACE_TENANT_URL": f"https://{tenant}",
        "NO_PROXY": LOCAL_HOSTS,
        "AWS_ENDPOINT_URL": aws_url,
        "AWS_ACCESS_KEY_ID": account,
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def credential_variables(url: str, credential: Mapping[str, Any]) -> dict[str, str]:
    """Return the variables of one credential, given in the form of `/sandbox/credentials`."""
    if credential["kind"] == "oauth":
        return {
            "DT_CLIENT_ID": credential["clientId"],
            "DT_CLIENT_SECRET": credential["secret"],
            "DT_ACCOUNT_ID": credential["accountId"],
            "DYNATRACE_AUTOMATION_TOKEN_URL": f"{url}/sso/oauth2/token",
        }
    name = "DYNATRACE_API_TOKEN" if credential["kind"] == "api-token" else "DYNATRACE_PLATFORM_TOKEN"
    return {name: credential["secret"]}


def credentials_variables(url: str, credentials: Mapping[str, Mapping[str, Any]], name: str) -> dict[str, str]:
    """Return the variables of the credential called `name`, or of one of each kind for `all`."""
    names = CREDENTIALS if name == ALL else (name,)
    return {key: text for each in names for key, text in credential_variables(url, credentials[each]).items()}


def child_environ(environ: Mapping[str, str], variables: Mapping[str, str]) -> dict[str, str]:
    """Return a process environment in which `variables` replace all that could point elsewhere.

    Proxies stay, but not for this machine.
    """
    kept = {name: text for name, text in environ.items() if name not in (*CONFLICTING, *_CREDENTIAL_VARIABLES)}
    no_proxy = [hosts for hosts in (LOCAL_HOSTS, environ.get("NO_PROXY")) if hosts]
    return kept | dict(variables) | {"NO_PROXY": ",".join(no_proxy)}


def export_script(
    variables: Mapping[str, str],
    url: str,
    credentials: Mapping[str, Mapping[str, Any]],
    name: str,
    *,
    comments: bool = True,
) -> str:
    """Return `export` lines for sh: for the credential called `name`, and in comments for the other kinds."""
    active = credentials_variables(url, credentials, name)
    lines = [f"unset {' '.join((*CONFLICTING, *(other for other in _CREDENTIAL_VARIABLES if other not in active)))}"]
    lines += _export_lines(variables) + _export_lines(active)
    if not comments:
        return "\n".join(lines) + "\n"
    lines = [
        "# The sandbox simulates Dynatrace and AWS. Paste these lines into another shell, or run there:",
        f'#   eval "$(dynatrace-sandbox env --port {url.rpartition(":")[2]})"',
        f"# Then run terraform. To see what happens, open {url}/ in a browser.",
        *lines,
    ]
    lines += ["# For another AWS account, set AWS_ACCESS_KEY_ID to its ID: any 12 digits. Each account begins empty."]
    for kind in CREDENTIALS:
        others = credentials_variables(url, credentials, kind)
        if not others.keys() <= active.keys():
            lines += [f"# With --credentials {kind}, instead:", *("# " + line for line in _export_lines(others))]
    return "\n".join(lines) + "\n"


def _export_lines(variables: Mapping[str, str]) -> list[str]:
    return [f"export {name}={_quoted(name, text)}" for name, text in variables.items()]


def _quoted(name: str, text: str) -> str:
    """Return a value quoted for sh; `NO_PROXY` keeps what the shell has."""
    return f'"{text}${{NO_PROXY:+,$NO_PROXY}}"' if name == "NO_PROXY" else shlex.quote(text)
