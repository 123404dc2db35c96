"""The provider's arguments and the environment variables behind them, declared once.

Source: the fact sheet on the official provider; the last rows are ours.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

from msgspec import Struct

from terraform_plugin.diagnostics import Error, Path

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    Argument = str | bool | int | Decimal

_CLIENT_ID = ("DT_CLIENT_ID", "DYNATRACE_CLIENT_ID")
_CLIENT_SECRET = ("DT_CLIENT_SECRET", "DYNATRACE_CLIENT_SECRET")
_ACCOUNT_ID = ("DT_ACCOUNT_ID", "DYNATRACE_ACCOUNT_ID")

VARIABLES: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "dt_env_url": ("DYNATRACE_ENV_URL", "DT_ENV_URL", "DYNATRACE_ENVIRONMENT_URL", "DT_ENVIRONMENT_URL"),
        "dt_api_token": ("DYNATRACE_API_TOKEN", "DT_API_TOKEN"),
        "client_id": _CLIENT_ID,
        "client_secret": _CLIENT_SECRET,
        "account_id": _ACCOUNT_ID,
        "platform_token": ("DYNATRACE_PLATFORM_TOKEN", "DT_PLATFORM_TOKEN"),
        "automation_client_id": (
            "AUTOMATION_CLIENT_ID",
            "DYNATRACE_AUTOMATION_CLIENT_ID",
            "DT_AUTOMATION_CLIENT_ID",
            *_CLIENT_ID,
        ),
        "automation_client_secret": (
            "AUTOMATION_CLIENT_SECRET",
            "DYNATRACE_AUTOMATION_CLIENT_SECRET",
            "DT_AUTOMATION_CLIENT_SECRET",
            *_CLIENT_SECRET,
        ),
        "automation_token_url": (
            "AUTOMATION_TOKEN_URL",
            "DT_AUTOMATION_TOKEN_URL",
            "DYNATRACE_AUTOMATION_TOKEN_URL",
        ),
        "automation_env_url": (
            "AUTOMATION_ENVIRONMENT_URL",
            "DT_AUTOMATION_ENVIRONMENT_URL",
            "DYNATRACE_AUTOMATION_ENVIRONMENT_URL",
            "DYNATRACE_AUTOMATION_ENV_URL",
            "DT_AUTOMATION_ENV_URL",
        ),
        "iam_client_id": ("IAM_CLIENT_ID", "DYNATRACE_IAM_CLIENT_ID", "DT_IAM_CLIENT_ID", *_CLIENT_ID),
        "iam_client_secret": (
            "IAM_CLIENT_SECRET",
            "DYNATRACE_IAM_CLIENT_SECRET",
            "DT_IAM_CLIENT_SECRET",
            *_CLIENT_SECRET,
        ),
        "iam_account_id": ("IAM_ACCOUNT_ID", "DYNATRACE_IAM_ACCOUNT_ID", "DT_IAM_ACCOUNT_ID", *_ACCOUNT_ID),
        "iam_endpoint_url": ("IAM_ENDPOINT_URL", "DYNATRACE_IAM_ENDPOINT_URL", "DT_IAM_ENDPOINT_URL"),
        "iam_token_url": (
            "IAM_TOKEN_URL",
            "DYNATRACE_IAM_TOKEN_URL",
            "DT_IAM_TOKEN_URL",
            "DYNATRACE_TOKEN_URL",
            "DT_TOKEN_URL",
        ),
        "dt_cluster_url": ("DYNATRACE_CLUSTER_URL", "DT_CLUSTER_URL"),
        "dt_cluster_api_token": ("DYNATRACE_CLUSTER_API_TOKEN", "DT_CLUSTER_API_TOKEN"),
        "tenant_url": ("DYNATRACE_TENANT_URL",),
        "token_issuer": ("DYNATRACE_TOKEN_ISSUER",),
        "oauth_preference": ("DYNATRACE_HTTP_OAUTH_PREFERENCE",),
        "http_insecure": ("DYNATRACE_HTTP_INSECURE",),
        "max_retries": ("DYNATRACE_MAX_RETRIES",),
        "request_timeout": ("DYNATRACE_REQUEST_TIMEOUT",),
        "operation_timeout": ("DYNATRACE_OPERATION_TIMEOUT",),
        "max_concurrency": ("DYNATRACE_MAX_CONCURRENCY",),
        "validate_at_plan": ("DYNATRACE_VALIDATE_AT_PLAN",),
    }
)

SENSITIVE = frozenset(name for name in VARIABLES if name.endswith(("_token", "_secret")))


class Given(Struct, frozen=True):
    """A value and where it was given: "the argument client_id" or "DT_CLIENT_ID". It does not show the value."""

    value: str
    origin: str

    def __repr__(self) -> str:
        return f"<given by {self.origin}>"


def gather(arguments: Mapping[str, Argument | None], variables: Mapping[str, str]) -> dict[str, Given]:
    """Return what is set, by argument name: the argument itself, else the first of its variables that is set.

    `arguments` holds the provider block's values, None where it says nothing; `variables` is the process's
    environment. Empty text counts as not set; white space around a value (a token read from a file) is cut off.
    """
    found = {name: _first(name, arguments.get(name), variables) for name in VARIABLES}
    return {name: given for name, given in found.items() if given is not None}


def _first(name: str, argument: Argument | None, variables: Mapping[str, str]) -> Given | None:
    if argument is not None and (text := _text(argument)):
        return Given(text, f"the argument {name}")
    return next(
        (Given(text, variable) for variable in VARIABLES[name] if (text := variables.get(variable, "").strip())), None
    )


def _text(argument: Argument) -> str:
    return str(argument).lower() if isinstance(argument, bool) else str(argument).strip()


def is_on(given: Mapping[str, Given], name: str, *, otherwise: bool = False) -> bool:
    """Return whether the switch `name` is on, `otherwise` if nothing says.

    Raises `Error` for what is neither true nor false.
    """
    if name not in given:
        return otherwise
    text = given[name].value.lower()
    if text not in _SWITCH:
        raise Error(
            f"{name} is neither true nor false",
            f'{given[name].origin} is "{given[name].value}". Write true or false.',
            Path(name),
        )
    return _SWITCH[text]


_SWITCH = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}
