"""What can go wrong between this provider and Dynatrace.

DynatraceError
├── Unreachable           no response: connection refused or reset, timeout, unknown host, untrusted certificate
├── NotAuthenticated      401: the credential is wrong, expired, or of another environment; or the login refuses it
├── Forbidden             403: the credential lacks a scope, or the object is private to another owner
├── NotFound              404
├── Conflict              409: changed by someone else since it was read, or being changed at this moment
├── Rejected              400, 413, 422, …: the server refuses the value, with one `Violation` for each reason
├── Throttled             429
├── ServerFault           408 and 5xx
└── UnexpectedResponse    not JSON, a redirect, or JSON in a form that the API does not document

Each is an `Error` that Terraform can show: what was tried, what came back, and what to do next. None can be changed
once it is made, because it may be the failure of many callers at once; `with_note` and `replace` return copies.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any, ClassVar, Self

from msgspec import Struct

from terraform_plugin.diagnostics import Error, Path

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence


class Retry(Struct, frozen=True):
    """What the client's retry loop needs to know about a failure. Nothing else reads it."""

    transient: bool = False
    """Whether the same request may succeed a little later."""
    after: float | None = None
    """Seconds that the server asked to wait, if it did."""
    seconds: float = 120.0
    """For how long after the first failure a retry makes sense, unless the operation ends before."""


OUTAGE = Retry(transient=True, seconds=math.inf)
"""An outage of the network or the server: a retry makes sense for as long as the operation has time."""


class DynatraceError(Error):
    """A request to Dynatrace that failed.

    - `status`: HTTP status, None without a response.
    - `outcome_unknown`: the server may have carried out the request, in this attempt or in an earlier one.
    - `attempts`: how often the request was sent, this failure included.
    - `retry`: see `Retry`; by default, what is usual for the kind of error.
    """

    usual_retry: ClassVar[Retry] = Retry()
    _fields: ClassVar[tuple[str, ...]] = (
        *("summary", "detail", "path", "status", "outcome_unknown", "attempts", "retry"),
    )

    def __init__(  # noqa: PLR0913 -- what is known of a failure; keywords only
        self,
        summary: str,
        detail: str = "",
        path: Path = Path(),
        *,
        status: int | None = None,
        outcome_unknown: bool = False,
        attempts: int = 1,
        retry: Retry | None = None,
    ) -> None:
        super().__init__(summary, detail, path)
        self.status = status
        self.outcome_unknown = outcome_unknown
        self.attempts = attempts
        self.retry = self.usual_retry if retry is None else retry

    def __setattr__(self, name: str, value: object) -> None:
        """Set an attribute once. Raises `AttributeError` for a second time."""
        if name in self._fields and name in vars(self):
            raise AttributeError(f"{type(self).__name__}.{name} is set already: use replace()")
        super().__setattr__(name, value)

    def replace(self, **changes: Any) -> Self:
        """Return a copy with other values for some attributes; its cause is that of the original."""
        copy = type(self)(**{name: getattr(self, name) for name in self._fields} | changes)
        copy.__cause__ = self.__cause__
        return copy

    def with_note(self, note: str) -> Self:
        """Return a copy with one more paragraph at the end of its detail."""
        return self.replace(detail=f"{self.detail}\n\n{note}")

    def with_earlier(self, earlier: DynatraceError | None) -> Self:
        """Return a copy that also counts the earlier attempts of the same request, of which `earlier` was the last."""
        if earlier is None:
            return self
        return self.replace(
            attempts=earlier.attempts + self.attempts, outcome_unknown=earlier.outcome_unknown or self.outcome_unknown
        )


class Unreachable(DynatraceError):
    """No response: nothing listens there, the connection broke or took too long, or TLS failed."""

    usual_retry = OUTAGE


class NotAuthenticated(DynatraceError):
    """The credential is not accepted at all (401), or the login issues no token for it."""


class Forbidden(DynatraceError):
    """The credential is accepted but not allowed to do this (403)."""


class NotFound(DynatraceError):
    """The object or the path does not exist, or the credential is not allowed to see it (404)."""


class Conflict(DynatraceError):
    """Someone else changed, or is changing, the same object (409)."""


class Throttled(DynatraceError):
    """The server limits the rate of requests (429). It did not carry out the request."""

    usual_retry = OUTAGE


class ServerFault(DynatraceError):
    """The server failed (408, 5xx). It may have carried out the request."""

    usual_retry = Retry(transient=True)


class UnexpectedResponse(DynatraceError):
    """The response has a form that the API does not document: HTML, a redirect, half a JSON text, a missing field."""


class Violation(Struct, frozen=True):
    """One reason for a refusal."""

    path: str
    """Path into the value as the server writes it, such as `awsWebIdentity/roleArn`; empty for the whole value."""
    message: str
    """The server's words."""

    def __str__(self) -> str:
        return f"{self.path}: {self.message}" if self.path else self.message


class Rejected(DynatraceError):
    """The server refuses the value that was sent (400).

    `violations` are its reasons, in its order. `response` is what came back without them, one sentence; `detail` has
    both.
    """

    _fields = (*DynatraceError._fields, "violations", "response")

    def __init__(
        self, summary: str, detail: str = "", *, violations: Sequence[Violation] = (), response: str = "", **known: Any
    ) -> None:
        super().__init__(summary, detail, **known)
        self.violations = tuple(violations)
        self.response = response

    def at(self, attributes: Mapping[str, Path]) -> Error | ExceptionGroup[Error]:
        """Return this refusal as Terraform shows it: one error for each violation, at its attribute, to be raised.

        `attributes` maps the server's paths to attribute paths. A violation deeper than a key (`…/consumers/0`)
        belongs to the longest key above it. Those above all keys are one error without a path.
        """
        errors: list[Error] = []
        rest: list[Violation] = []
        for violation in self.violations:
            if path := _attribute(violation, attributes):
                errors.append(Error(self.summary, f"{violation.message}\n\n{self.response}".strip(), path))
            else:
                rest.append(violation)
        if not errors:
            return self
        if rest:
            errors.append(Error(self.summary, "\n\n".join(map(str, [self.response, *rest])).strip()))
        return ExceptionGroup(self.summary, errors) if len(errors) > 1 else errors[0]


def _attribute(violation: Violation, attributes: Mapping[str, Path]) -> Path:
    steps = _steps(violation.path)
    known = {tuple(_steps(key)): path for key, path in attributes.items()}
    prefixes = (tuple(steps[:length]) for length in range(len(steps), 0, -1))
    return next((known[prefix] for prefix in prefixes if prefix in known), Path())


def _steps(path: str) -> list[str]:
    return [step for step in re.split(r"[/.\[\]]", path) if step]
