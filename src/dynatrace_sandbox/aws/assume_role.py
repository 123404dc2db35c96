"""What Dynatrace does when a role ARN is set: it tries to assume the role at once, and refuses when it cannot.

The refusal has Dynatrace's own wording around STS's; the true reason goes to the log, as AWS keeps it to itself.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from uuid import uuid4

from dynatrace_sandbox.aws.moto import FoundRole, Iam
from dynatrace_sandbox.aws.oidc import InvalidToken, Issuer, verify
from dynatrace_sandbox.aws.trust import Decision, Role, assume_role, assume_role_with_web_identity
from dynatrace_sandbox.tenant.problems import Violation
from dynatrace_sandbox.tenant.validation import Value

_PRODUCTION_ACCOUNT, _LABS_ACCOUNT = "314146291599", "476114158034"
_WEB_IDENTITY = "awsWebIdentity"
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Attempt:
    """One try to assume a role: what Dynatrace presented, and what came out; see `Decision` for the rest."""

    role_arn: str
    presented: dict[str, str]
    allowed: bool
    reason: str
    token_problem: str = ""

    def __str__(self) -> str:
        """Return the line of the log."""
        presented = ", ".join(f"{name} {text}" for name, text in self.presented.items())
        return f"{self.role_arn} {'lets' if self.allowed else 'does not let'} in {presented}: {self.reason}"


@dataclass
class Assumption:
    """Assumes roles in the name of a tenant, given as a host name (`abc12345.apps.dynatrace.com`).

    `clock` gives seconds since 1970; a role younger than `propagation` seconds is not there yet.
    """

    tenant: str
    issuer: Issuer
    iam: Iam
    clock: Callable[[], float]
    propagation: float = 0
    attempts: deque[Attempt] = field(default_factory=lambda: deque(maxlen=1000))

    async def check(self, object_id: str, value: Value) -> Violation | None:
        """Try the role that a connection names; return the violation that the user gets when it fails."""
        arm = value["type"]
        role_arn = value[arm]["roleArn"]
        if arm == _WEB_IDENTITY and not value[arm]["consumers"]:
            return Violation(f"{arm}/consumers", "A consumer is needed to assume a role with web identity")
        decide = self._web_identity if arm == _WEB_IDENTITY else self._role_based
        attempt = await asyncio.to_thread(decide, object_id, role_arn, value[arm]["consumers"])
        self.attempts.append(attempt)
        _log.info("%s", attempt)
        return None if attempt.allowed else Violation(f"{arm}/roleArn", _refusal(arm, attempt))

    def _web_identity(self, object_id: str, role_arn: str, consumers: list[str]) -> Attempt:
        subject, audience = f"dt:connection-id/{object_id}", audience_of(self.tenant, consumers[0])
        presented = {"issuer": self.issuer.url, "subject": subject, "audience": audience}
        now = int(self.clock())
        token = self.issuer.sign(subject, audience, now)
        try:
            claims = verify(token, self.issuer.discovery(), self.issuer.key_set(), now)
        except InvalidToken as error:
            return Attempt(role_arn, presented, allowed=False, reason=str(error))
        found = self._role(role_arn)
        decision = assume_role_with_web_identity(found, role_arn, self.iam.providers(role_arn), claims)
        return _attempt(role_arn, presented, decision)

    def _role_based(self, object_id: str, role_arn: str, _consumers: list[str]) -> Attempt:
        account = _LABS_ACCOUNT if self.tenant.endswith(".dynatracelabs.com") else _PRODUCTION_ACCOUNT
        presented = {"principal": f"arn:aws:iam::{account}:root", "external_id": object_id}
        return _attempt(role_arn, presented, assume_role(self._role(role_arn), role_arn, account, object_id))

    def _role(self, role_arn: str) -> Role | None:
        """Return the role as the part of AWS that Dynatrace talks to knows it: new ones arrive late."""
        found = self.iam.role(role_arn)
        return found.role if found and self._arrived(found) else None

    def _arrived(self, found: FoundRole) -> bool:
        return self.clock() - found.created.timestamp() >= self.propagation


def audience_of(tenant: str, consumer: str) -> str:
    """Return the `aud` claim for a consumer: `APP:x` gives `<host>/app-id/x`, `SVC:x` gives `<host>/svc-id/x`."""
    kind, _, name = consumer.partition(":")
    return f"{tenant}/{kind.lower()}-id/{name}"


def _attempt(role_arn: str, presented: dict[str, str], decision: Decision) -> Attempt:
    return Attempt(role_arn, presented, decision.allowed, decision.reason, decision.token_problem)


def _refusal(arm: str, attempt: Attempt) -> str:
    tried = "Unable to assume role with web identity." if arm == _WEB_IDENTITY else "Unable to assume role."
    if attempt.token_problem:
        return f"{tried} (InvalidIdentityToken) {attempt.token_problem} {_request(400)}"
    action = "sts:AssumeRole" + ("WithWebIdentity" if arm == _WEB_IDENTITY else f" on resource: {attempt.role_arn}")
    return f"{tried} (AccessDenied) Not authorized to perform {action} {_request(403)}"


def _request(status: int) -> str:
    return f"(Service: Sts, Status Code: {status}, Request ID: {uuid4()})"
