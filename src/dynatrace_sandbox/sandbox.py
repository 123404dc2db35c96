"""All parts of one sandbox, put together: simulated environment, issuer, credentials, faults."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from dynatrace_sandbox.aws.assume_role import SCHEMA_ID, AwsConnectionCheck
from dynatrace_sandbox.aws.moto import Iam
from dynatrace_sandbox.aws.oidc import Issuer, issuer_of
from dynatrace_sandbox.faults import Faults
from dynatrace_sandbox.journal import Journal
from dynatrace_sandbox.rate_limit import RateLimit
from dynatrace_sandbox.tenant.aws_extension import NAME, AwsChecks
from dynatrace_sandbox.tenant.credentials import Credential, new_credentials
from dynatrace_sandbox.tenant.environment import Environment
from dynatrace_sandbox.tenant.extensions import Extension
from dynatrace_sandbox.tenant.permissions import Permissions
from dynatrace_sandbox.tenant.releases import NEWEST, RELEASES
from dynatrace_sandbox.tenant.tokens import Tokens

TENANT = "abc12345.apps.dynatrace.com"

LIMITS = {
    "iam_propagation": 3600,
    "token_lifetime": 86_400,
    "latency": 60_000,
    "request_rate": 100_000,
    "connection_deletion": 3600,
}
"""The largest number of each option; the smallest is 0."""

CHANGEABLE = ("release", *LIMITS)
"""The options that can change while the sandbox runs."""

_HOST_NAME, _ISSUER_URL = re.compile(r"[a-z0-9.-]{1,253}"), re.compile(r"https://[a-z0-9.-]{1,253}")


@dataclass(frozen=True)
class Options:
    """How a sandbox behaves. Raises `ValueError` for what an option does not allow."""

    tenant: str = TENANT
    """The host name of the simulated environment, as it appears in audiences."""
    issuer: str = ""
    """The URL that signs web identity tokens; "": the one for the environment's stage."""
    release: str = NEWEST
    """Which release's schemas the environment has: one of `RELEASES`."""
    iam_propagation: float = 0
    """Seconds until a new role can be assumed."""
    token_lifetime: float = 300
    """Seconds until an OAuth access token expires."""
    latency: float = 0
    """Milliseconds added to every response of the Dynatrace side."""
    request_rate: float = 0
    """Requests to the Dynatrace side in a second before 429; 0: no limit."""
    connection_deletion: float = 1
    """Seconds until the connection of a deleted monitoring configuration is gone."""
    extension: bool = True
    """Whether the environment begins with the extension for AWS installed."""

    def __post_init__(self) -> None:
        """Check every option."""
        for name, most in LIMITS.items():
            number = getattr(self, name)
            is_number = isinstance(number, int | float) and not isinstance(number, bool)
            if not (is_number and 0 <= number <= most):  # also refuses NaN
                raise ValueError(f"{name} must be a number from 0 to {most}, got {str(number)[:100]}.")
        if self.release not in RELEASES:
            raise ValueError(f"release must be one of {', '.join(RELEASES)}, got {self.release!r}.")
        if not _HOST_NAME.fullmatch(self.tenant):
            raise ValueError(f"tenant must be a host name in lower case, got {self.tenant!r}.")
        if self.issuer and not _ISSUER_URL.fullmatch(self.issuer):
            raise ValueError(f"issuer must be https:// and a host name in lower case, got {self.issuer!r}.")


class Sandbox:
    """The state behind the HTTP interface. `clock` gives seconds since 1970; `iam` holds the roles."""

    def __init__(self, options: Options, iam: Iam, clock: Callable[[], float] = time.time) -> None:
        self._first_options = options
        self.clock = clock
        self.iam = iam
        self.issuer = Issuer(options.issuer or issuer_of(options.tenant))
        self.credentials: dict[str, Credential] = new_credentials()
        self.tokens = Tokens(self.credentials.values(), clock)
        self.aws_check = AwsConnectionCheck(options.tenant, self.issuer, iam, clock)
        checks = {SCHEMA_ID: self.aws_check}
        self.environment = Environment(checks, clock, options.release)
        self.permissions = Permissions(self.environment)
        self._aws_checks = AwsChecks(self.environment)
        self.extension = Extension(NAME, self._aws_checks, clock, installed=options.extension)
        self.journal = Journal()
        self.faults = Faults()
        self.rate_limit = RateLimit(0, clock)
        self.options = options
        self.configure({})

    def configure(self, changes: Mapping[str, Any]) -> None:
        """Change options of `CHANGEABLE`, given by name. Raises `ValueError`."""
        if unknown := changes.keys() - CHANGEABLE:
            raise ValueError(f"{', '.join(sorted(unknown))} cannot be changed; {', '.join(CHANGEABLE)} can.")
        before, self.options = self.options, replace(self.options, **changes)
        if before.release != self.options.release:
            self.environment.change_release(self.options.release)
        self.tokens.lifetime = self.options.token_lifetime
        self.aws_check.propagation = self.options.iam_propagation
        self.rate_limit = RateLimit(self.options.request_rate, self.clock)
        self._aws_checks.deletion_delay = self.options.connection_deletion

    def reset(self) -> None:
        """Go back to the beginning: no objects, requests or faults, the first options. Credentials stay valid."""
        self.environment.reset()
        self.extension.reset()
        self.aws_check.reset()
        self.journal.reset()
        self.faults.clear()
        changeable = {name: getattr(self._first_options, name) for name in CHANGEABLE}
        self.configure(changeable)
