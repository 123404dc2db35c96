"""Rows and overviews for the tests of what is printed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from terraform_provider_dynatrace.aws.diagnosis import Finding, Outcome
from terraform_provider_dynatrace.cli.doctor.verdicts import Overview, Row

ROLE = "arn:aws:iam::123456789012:role/dynatrace"
PASSED = Finding(Outcome.PASSED, "The role exists")
FAILED = Finding(Outcome.FAILED, "The condition holds", "It does not <really>.", "Write another.")
FOLLOWS = Finding(Outcome.FAILED, "The policy allows the request", "", "Correct what failed above.")
WARNING = Finding(Outcome.WARNING, "Only this connection can use the role", "Others can.", "Add a condition.")
NOT_CHECKED = Finding(Outcome.NOT_CHECKED, "The role can be read", "It cannot.", "Log in.")


def row(name: str, *findings: Finding, **changes: Any) -> Row:
    """Return a row; `changes` replace its other fields."""
    fields = {
        "connection_id": f"ID-{name}",
        "kind": "web_identity",
        "consumers": ["APP:dynatrace.aws.connector"],
        "owner": "user b6f63432-7e46-565b-8c44-24c61b578b52",
        "role_arn": ROLE,
    }
    return Row(name=name, findings=findings, **fields | changes)


def overview(*rows: Row, unreadable: Sequence[str] = ()) -> Overview:
    return Overview("https://abc12345.apps.dynatrace.com", "2026-11-26T00:00:00Z", rows, unreadable)
