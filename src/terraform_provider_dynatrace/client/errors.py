"""What can go wrong between us and Dynatrace.

DynatraceError
├── Unreachable           no answer: refused, reset, timed out, name unknown, certificate not trusted
├── NotAuthenticated      401: the credential is wrong, expired or of another environment; or no token was given for it
├── Forbidden             403: the credential lacks a scope, or the object is private to somebody else
├── NotFound              404
├── Conflict              409: changed by somebody else since we read it, or being changed right now
├── Rejected              400 and kin: the server refuses the value; one `Violation` for each reason
├── Throttled             429
├── ServerFault           5xx
└── UnexpectedResponse    no JSON, a redirect, a shape that the API does not document

Every one is an `Error` that Terraform can show: what was tried, what came back, what to do next.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, ClassVar

from msgspec import Struct

from terraform_plugin.diagnostics import Error, Path

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class DynatraceError(Error):
    """A request to Dynatrace that failed.

    `status` is the HTTP status, None without an answer. `transient`: the same request may succeed a little later.
    `outcome_unknown`: the server may have carried the request out although it looks failed. `retry_after` is how many
    seconds the server asked us to wait, if it did. `attempt` counts from 0: it is above it if an earlier one was lost.
    """

    usually_transient: ClassVar[bool] = False

    def __init__(  # noqa: PLR0913 -- what is known of a failure; keywords only
        self,
        summary: str,
        detail: str = "",
        path: Path = Path(),
        *,
        status: int | None = None,
        transient: bool | None = None,
        outcome_unknown: bool = False,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(summary, detail, path)
        self.status = status
        self.transient = self.usually_transient if transient is None else transient
        self.outcome_unknown = outcome_unknown
        self.retry_after = retry_after
        self.attempt = 0


class Unreachable(DynatraceError):
    """No answer came: nothing listens there, the connection broke or took too long, or TLS failed."""

    usually_transient = True


class NotAuthenticated(DynatraceError):
    """The credential is not accepted at all (401), or the login gives no token for it."""


class Forbidden(DynatraceError):
    """The credential is accepted but may not do this (403)."""


class NotFound(DynatraceError):
    """There is no such thing (404)."""


class Conflict(DynatraceError):
    """Somebody else changed, or is changing, the same thing (409)."""


class Throttled(DynatraceError):
    """The server has too much to do (429); it did nothing."""

    usually_transient = True


class ServerFault(DynatraceError):
    """The server failed (5xx); it may have acted."""

    usually_transient = True


class UnexpectedResponse(DynatraceError):
    """The answer is none that the API documents: HTML, a redirect, half a JSON text, a missing field."""


class Violation(Struct, frozen=True):
    """One reason for a refusal: `path` into the value as the server writes it (`awsWebIdentity/roleArn`), `message`."""

    path: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class Rejected(DynatraceError):
    """The server refuses what was sent (400): `violations` says why, in the server's words and order."""

    def __init__(
        self, summary: str, detail: str = "", *, violations: Sequence[Violation] = (), status: int | None = None
    ) -> None:
        super().__init__(summary, detail, status=status)
        self.violations = tuple(violations)

    def at(self, attributes: Mapping[str, Path]) -> Error | ExceptionGroup[Error]:
        """Return this refusal as Terraform shows it: one error for each violation, at its attribute, to be raised.

        `attributes` maps the server's paths to attribute paths. A violation deeper than a key (`…/consumers/0`)
        belongs to the longest key above it; one above all keys gets no path.
        """
        errors = [_located(self, violation, attributes) for violation in self.violations]
        if len(errors) > 1:
            return ExceptionGroup(self.summary, errors)
        return errors[0] if errors else self


def _located(refusal: Rejected, violation: Violation, attributes: Mapping[str, Path]) -> Error:
    steps = _steps(violation.path)
    known = {tuple(_steps(key)): path for key, path in attributes.items()}
    prefixes = (tuple(steps[:length]) for length in range(len(steps), 0, -1))
    path = next((known[prefix] for prefix in prefixes if prefix in known), Path())
    return Error(refusal.summary, f"{violation.message}\n\n{refusal.detail}" if path else refusal.detail, path)


def _steps(path: str) -> list[str]:
    return [step for step in re.split(r"[/.\[\]]", path) if step]
