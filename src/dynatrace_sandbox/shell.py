"""The environment variables that point Terraform, boto3 and the AWS command line at a sandbox. Pure."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from typing import Any

ALL = "all"
KINDS = ("api-token", "oauth", "platform-token")

LOCAL_HOSTS = "127.0.0.1,localhost"

FOREIGN = (
    *("DT_ENV_URL", "DYNATRACE_ENVIRONMENT_URL", "DT_ENVIRONMENT_URL", "DT_API_TOKEN", "DT_PLATFORM_TOKEN"),
    *("DYNATRACE_CLIENT_ID", "DYNATRACE_CLIENT_SECRET", "DYNATRACE_ACCOUNT_ID"),
    *("AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE"),
)
"""Variables that would lead elsewhere: `run` takes them out of the command's environment, `env` unsets them."""

_OWN_CREDENTIALS = (
    *("DYNATRACE_API_TOKEN", "DYNATRACE_PLATFORM_TOKEN", "DT_CLIENT_ID", "DT_CLIENT_SECRET", "DT_ACCOUNT_ID"),
    "DYNATRACE_AUTOMATION_TOKEN_URL",
)


def sandbox_variables(url: str, tenant: str, aws_url: str) -> dict[str, str]:
    """Return where things are: the Dynatrace side, the tenant's name in tokens, the AWS side."""
    return {
        "DYNATRACE_ENV_URL": url,
        "DYNATRACE_TENANT_URL": f"https://{tenant}",
        "NO_PROXY": LOCAL_HOSTS,
        "AWS_ENDPOINT_URL": aws_url,
        "AWS_ACCESS_KEY_ID": "sandbox",
        "AWS_SECRET_ACCESS_KEY": "sandbox",
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    }


def credential_variables(url: str, credential: Mapping[str, Any]) -> dict[str, str]:
    """Return the variables of one credential, given as the control path `/sandbox/credentials` does."""
    if credential["kind"] == "oauth":
        return {
            "DT_CLIENT_ID": credential["clientId"],
            "DT_CLIENT_SECRET": credential["secret"],
            "DT_ACCOUNT_ID": credential["accountId"],
            "DYNATRACE_AUTOMATION_TOKEN_URL": f"{url}/sso/oauth2/token",
        }
    name = "DYNATRACE_API_TOKEN" if credential["kind"] == "api-token" else "DYNATRACE_PLATFORM_TOKEN"
    return {name: credential["secret"]}


def chosen_variables(url: str, credentials: Mapping[str, Mapping[str, Any]], chosen: str) -> dict[str, str]:
    """Return the variables of the chosen credential by its name, or of one of each kind for `all`."""
    names = KINDS if chosen == ALL else (chosen,)
    return {name: text for one in names for name, text in credential_variables(url, credentials[one]).items()}


def pointed(environment: Mapping[str, str], variables: Mapping[str, str]) -> dict[str, str]:
    """Return an environment that leads to the sandbox and nowhere else; proxies that it names stay for other hosts."""
    kept = {name: text for name, text in environment.items() if name not in (*FOREIGN, *_OWN_CREDENTIALS)}
    direct = [hosts for hosts in (LOCAL_HOSTS, environment.get("NO_PROXY")) if hosts]
    return kept | dict(variables) | {"NO_PROXY": ",".join(direct)}


def as_shell(places: Mapping[str, str], url: str, credentials: Mapping[str, Mapping[str, Any]], chosen: str) -> str:
    """Return `export` lines for sh: the chosen credentials are active, the other kinds stand there as comments."""
    active = chosen_variables(url, credentials, chosen)
    lines = [
        "# Dynatrace and AWS as the sandbox pretends them. Next: paste these lines into another shell, or",
        f'#   eval "$(dynatrace-sandbox env --port {url.rpartition(":")[2]})"',
        f"# and run terraform. See what exists: {url}/sandbox/objects, {url}/sandbox/aws",
    ]
    lines += [f"unset {' '.join((*FOREIGN, *(name for name in _OWN_CREDENTIALS if name not in active)))}"]
    lines += _export_lines(places) + _export_lines(active)
    for kind in KINDS:
        others = chosen_variables(url, credentials, kind)
        if not others.keys() <= active.keys():
            lines += [f"# Instead, with --credentials {kind}:", *("# " + line for line in _export_lines(others))]
    return "\n".join(lines) + "\n"


def _export_lines(variables: Mapping[str, str]) -> list[str]:
    return [f"export {name}={_quoted(name, text)}" for name, text in variables.items()]


def _quoted(name: str, text: str) -> str:
    return f'"{text}${{NO_PROXY:+,$NO_PROXY}}"' if name == "NO_PROXY" else shlex.quote(text)
