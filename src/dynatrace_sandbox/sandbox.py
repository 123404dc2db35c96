"""All parts of one sandbox, put together: the pretend tenant, its issuer, its credentials, its faults."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any

from dynatrace_sandbox.aws.assume_role import Assumption
from dynatrace_sandbox.aws.moto import Iam
from dynatrace_sandbox.aws.oidc import Issuer, issuer_of
from dynatrace_sandbox.faults import Faults
from dynatrace_sandbox.journal import Journal
from dynatrace_sandbox.rate_limit import RateLimit
from dynatrace_sandbox.tenant.credentials import Credential, new_credentials
from dynatrace_sandbox.tenant.environment import Environment
from dynatrace_sandbox.tenant.permissions import Permissions
from dynatrace_sandbox.tenant.tokens import Tokens
from dynatrace_sandbox.tenant.validation import load_schemas

TENANT = "abc12345.apps.dynatrace.com"


@dataclass(frozen=True)
class Options:
    """How a sandbox behaves.

    `tenant` is the host name in audiences, `issuer` signs web identity tokens ("": the one of the tenant's stage);
    neither changes while the sandbox runs. `iam_propagation` is the seconds until a new role can be assumed;
    `token_lifetime` the seconds an OAuth access token lives; `latency` milliseconds added to every answer;
    `request_rate` requests a second before 429 (0: no limit).
    """

    tenant: str = TENANT
    issuer: str = ""
    iam_propagation: float = 0
    token_lifetime: float = 300
    latency: float = 0
    request_rate: float = 0


CHANGEABLE = frozenset({field.name for field in fields(Options)} - {"tenant", "issuer"})
"""What a running sandbox can be told anew over its control path."""


class Sandbox:
    """The state behind the HTTP surface. `clock` gives seconds since 1970; `iam` is where the roles are."""

    def __init__(self, options: Options, iam: Iam, clock: Callable[[], float] = time.time) -> None:
        self._first_options = options
        self.clock = clock
        self.iam = iam
        self.issuer = Issuer(options.issuer or issuer_of(options.tenant))
        self.credentials: dict[str, Credential] = new_credentials()
        self.tokens = Tokens(self.credentials.values(), clock)
        self.assumption = Assumption(options.tenant, self.issuer, iam, clock)
        self.environment = Environment(load_schemas(), self.assumption.check, clock)
        self.permissions = Permissions(self.environment)
        self.journal = Journal()
        self.faults = Faults()
        self.rate_limit = RateLimit(0, clock)
        self.options = options
        self.configure({})

    def configure(self, changes: dict[str, Any]) -> None:
        """Change how the sandbox behaves from now on. Raises `TypeError` or `ValueError` for what it does not have."""
        known = {field.name: getattr(self.options, field.name) for field in fields(Options)}
        if unknown := changes.keys() - CHANGEABLE:
            raise ValueError(f"no such option: {', '.join(sorted(unknown))}")
        self.options = Options(**known | {name: float(number) for name, number in changes.items()})
        self.tokens.lifetime = self.options.token_lifetime
        self.assumption.propagation = self.options.iam_propagation
        self.rate_limit = RateLimit(self.options.request_rate, self.clock)

    def reset(self) -> None:
        """Go back to the beginning: no objects, requests or faults, the first options. Credentials stay valid."""
        self.environment.reset()
        self.assumption.attempts.clear()
        self.journal.reset()
        self.faults.clear()
        self.options = self._first_options
        self.configure({})
