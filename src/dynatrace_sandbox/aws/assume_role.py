"""What Dynatrace checks beyond the schema of AWS connections: the role ARN is set once, and the role can be assumed.

The published schema names an external validator and does not say what it checks; this is what its users observe.
Source: docs/design/0008-sources.md#aws-connection-schema and #aws-trust. The refusal has the wording of Dynatrace and
of STS. The true reason is only in the log: AWS does not tell it.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import uuid4

from dynatrace_sandbox.aws.moto import FoundRole, Iam
from dynatrace_sandbox.aws.oidc import InvalidToken, Issuer, verify
from dynatrace_sandbox.aws.trust import Decision, Evaluation, Role, assume_role, assume_role_with_web_identity
from dynatrace_sandbox.tenant.problems import Violation
from dynatrace_sandbox.tenant.validation import Value

SCHEMA_ID = "builtin:hyperscaler-authentication.connections.aws"

_PRODUCTION_ACCOUNT, _LABS_ACCOUNT = "314146291599", "476114158034"
_WEB_IDENTITY = "awsWebIdentity"
_LONGEST_TEXT, _MOST_PARTS = 300, 20
"""How much of a trust policy an attempt keeps: characters of a text, and values, conditions and statements."""
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Attempt:
    """One attempt to assume a role, and AWS's decision."""

    at: float
    """When it was made, in seconds since 1970."""
    connection_id: str
    role_arn: str
    presented: dict[str, str]
    """What Dynatrace presented: issuer, subject and audience, or principal and external ID."""
    allowed: bool
    reason: str
    """Why, in the sandbox's words."""
    token_problem: str = ""
    """The message of STS where it refuses the token itself."""
    evaluations: tuple[Evaluation, ...] = ()
    """What AWS compared, as far as an attempt keeps it."""

    def __str__(self) -> str:
        """Return the line of the log."""
        presented = ", ".join(f"{name} {text}" for name, text in self.presented.items())
        return f"{self.role_arn} {'can' if self.allowed else 'cannot'} be assumed with {presented}: {self.reason}"


@dataclass
class AwsConnectionCheck:
    """The `ConnectionCheck` of AWS connections: it assumes roles for the environment."""

    tenant: str
    """The host name of the environment: `abc12345.apps.dynatrace.com`."""
    issuer: Issuer
    iam: Iam
    clock: Callable[[], float]
    """Gives seconds since 1970."""
    propagation: float = 0
    """Seconds until a new role exists for Dynatrace."""
    attempts: deque[Attempt] = field(default_factory=lambda: deque(maxlen=1000))
    """The newest attempts, oldest first."""
    made: int = 0
    """How many attempts there were since the beginning."""

    def reset(self) -> None:
        """Forget every attempt."""
        self.attempts.clear()
        self.made = 0

    async def __call__(self, object_id: str, value: Value, before: Value | None, /) -> list[Violation]:
        """Return the violations of a connection's value; `before` is its value so far."""
        kind = value["type"]
        role_arn, earlier = value[kind]["roleArn"], _role_arn(before)
        if earlier and role_arn != earlier:
            return [Violation(f"{kind}/roleArn", "Cannot be changed once it has been set")]
        if not role_arn or earlier:
            return []
        violation = await self._assume(object_id, kind, role_arn, value[kind]["consumers"])
        return [violation] if violation else []

    async def _assume(self, object_id: str, kind: str, role_arn: str, consumers: list[str]) -> Violation | None:
        """Try to assume a role; return the violation that the user reads when that fails."""
        if kind == _WEB_IDENTITY and not consumers:
            return Violation(f"{kind}/consumers", "A consumer is required to assume a role with web identity")
        decide = self._web_identity if kind == _WEB_IDENTITY else self._role_based
        presented, decision = await asyncio.to_thread(decide, object_id, role_arn, consumers)
        attempt = Attempt(
            self.clock(),
            object_id,
            role_arn,
            presented,
            decision.allowed,
            decision.reason,
            decision.token_problem,
            tuple(map(_bounded, decision.evaluations[:_MOST_PARTS])),
        )
        self.attempts.append(attempt)
        self.made += 1
        _log.info("%s", attempt)
        return None if attempt.allowed else Violation(f"{kind}/roleArn", _refusal(kind, attempt))

    def _web_identity(self, object_id: str, role_arn: str, consumers: list[str]) -> tuple[dict[str, str], Decision]:
        subject, audience = f"dt:connection-id/{object_id}", audience_of(self.tenant, consumers[0])
        presented = {"issuer": self.issuer.url, "subject": subject, "audience": audience}
        now = int(self.clock())
        token = self.issuer.sign(subject, audience, now)
        try:
            claims = verify(token, self.issuer.discovery(), self.issuer.key_set(), now)
        except InvalidToken as error:
            return presented, Decision(allowed=False, reason=str(error))
        role = self._role(role_arn)
        return presented, assume_role_with_web_identity(role, role_arn, self.iam.providers(role_arn), claims)

    def _role_based(self, object_id: str, role_arn: str, _consumers: list[str]) -> tuple[dict[str, str], Decision]:
        account = _LABS_ACCOUNT if self.tenant.endswith(".dynatracelabs.com") else _PRODUCTION_ACCOUNT
        presented = {"principal": f"arn:aws:iam::{account}:root", "external_id": object_id}
        return presented, assume_role(self._role(role_arn), role_arn, account, object_id)

    def _role(self, role_arn: str) -> Role | None:
        """Return the role if it exists for Dynatrace: IAM is eventually consistent."""
        found = self.iam.role(role_arn)
        return found.role if found and self._has_propagated(found) else None

    def _has_propagated(self, found: FoundRole) -> bool:
        return self.clock() - found.created.timestamp() >= self.propagation


def audience_of(tenant: str, consumer: str) -> str:
    """Return the `aud` claim for a consumer: `APP:x` gives `<host>/app-id/x`, `SVC:x` gives `<host>/svc-id/x`."""
    kind, _, name = consumer.partition(":")
    return f"{tenant}/{kind.lower()}-id/{name}"


def _role_arn(value: Value | None) -> str:
    return str(value[value["type"]]["roleArn"]) if value else ""


def _bounded(evaluation: Evaluation) -> Evaluation:
    """Return an evaluation that takes little memory, however large the policy is; what is wanted becomes texts."""
    kept = [
        replace(found, element=found.element[:_LONGEST_TEXT], wanted=_texts(found.wanted))
        for found in evaluation.comparisons[:_MOST_PARTS]
    ]
    return replace(evaluation, place=evaluation.place[:_LONGEST_TEXT], comparisons=tuple(kept))


def _texts(wanted: Any) -> list[str]:
    return [str(text)[:_LONGEST_TEXT] for text in (wanted if isinstance(wanted, list) else [wanted])[:_MOST_PARTS]]


def _refusal(kind: str, attempt: Attempt) -> str:
    """Return Dynatrace's message, which quotes STS."""
    tried = "Unable to assume role with web identity." if kind == _WEB_IDENTITY else "Unable to assume role."
    if attempt.token_problem:
        return f"{tried} (InvalidIdentityToken) {attempt.token_problem} {_request(400)}"
    action = "sts:AssumeRole" + ("WithWebIdentity" if kind == _WEB_IDENTITY else f" on resource: {attempt.role_arn}")
    return f"{tried} (AccessDenied) Not authorized to perform {action} {_request(403)}"


def _request(status: int) -> str:
    return f"(Service: Sts, Status Code: {status}, Request ID: {uuid4()})"
