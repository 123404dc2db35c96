"""How Dynatrace refuses: an error with a code, a message and constraint violations.

Source: docs/design/0008-sources.md#settings-get-objects, `ErrorEnvelope`, `Error` and `ConstraintViolation`.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any


@dataclass(frozen=True)
class Violation:
    """One broken constraint."""

    path: str
    """Where, with slashes: `awsWebIdentity/roleArn`."""
    message: str
    parameter_location: str = "PAYLOAD_BODY"
    """`HEADER`, `PATH`, `PAYLOAD_BODY` or `QUERY`."""

    def as_json(self) -> dict[str, Any]:
        """Return the `ConstraintViolation` object."""
        return {
            "path": self.path,
            "message": self.message,
            "parameterLocation": self.parameter_location,
            "location": None,
        }

    def below(self, prefix: str) -> Violation:
        """Return the same violation with its path under `prefix`."""
        return replace(self, path=f"{prefix}/{self.path}" if self.path else prefix)


class Problem(Exception):
    """A request, or one object of a request, that Dynatrace refuses; `code` is the HTTP status."""

    def __init__(self, code: int, message: str, *violations: Violation) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.violations = violations

    def error(self) -> dict[str, Any]:
        """Return the `Error` object."""
        error: dict[str, Any] = {"code": self.code, "message": self.message}
        if self.violations:
            error["constraintViolations"] = [violation.as_json() for violation in self.violations]
        return error

    def envelope(self) -> dict[str, Any]:
        """Return the `ErrorEnvelope`: the whole body of a failed request."""
        return {"error": self.error()}

    def item(self, invalid_value: Any = None) -> dict[str, Any]:
        """Return the `SettingsObjectResponse` of an object that was not created, changed or deleted."""
        item = {"code": self.code, "error": self.error()}
        return item | ({"invalidValue": invalid_value} if invalid_value is not None else {})


def violated(path: str, message: str) -> Problem:
    """Return the refusal of a part of the body: 400 `Constraints violated.`."""
    return Problem(400, "Constraints violated.", Violation(path, message))


def bad_query(parameter: str, message: str) -> Problem:
    """Return the refusal of a query parameter: 400 `Constraints violated.`."""
    return Problem(400, "Constraints violated.", Violation(parameter, message, "QUERY"))
