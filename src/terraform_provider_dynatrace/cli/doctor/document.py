"""An overview as JSON. docs/guides/checking-connections.md documents its form, which programs rely on."""

from __future__ import annotations

import json
from typing import Any

from terraform_provider_dynatrace.aws.diagnosis import Finding
from terraform_provider_dynatrace.cli.doctor.verdicts import Overview, Row, Verdict

FORMAT_VERSION = "1.0"
"""A new minor version has more properties, a new major version has other ones."""


def document(overview: Overview) -> dict[str, Any]:
    """Return an overview as JSON values."""
    return {
        "format_version": FORMAT_VERSION,
        "environment": overview.environment,
        "checked_at": overview.checked_at,
        "verdict": overview.verdict.value,
        "counts": {verdict.value: overview.counts[verdict] for verdict in Verdict},
        "connections": [_connection(row) for row in overview.ordered()],
        "unreadable": list(overview.unreadable),
    }


def json_text(overview: Overview) -> str:
    """Return an overview as the text of a JSON document, in ASCII."""
    return json.dumps(document(overview), indent=2) + "\n"


def _connection(row: Row) -> dict[str, Any]:
    return {
        "id": row.connection_id,
        "name": row.name,
        "kind": row.kind,
        "consumers": list(row.consumers),
        "owner": row.owner or None,
        "role_arn": row.role_arn or None,
        "account": row.account or None,
        "monitoring": row.monitored and {"state": row.monitored.state, "text": row.monitored.text},
        "verdict": row.verdict.value,
        "findings": [_finding(finding) for finding in row.findings],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    return {
        "outcome": finding.outcome.value,
        "statement": finding.statement,
        "cause": finding.cause or None,
        "next_step": finding.next_step or None,
    }
