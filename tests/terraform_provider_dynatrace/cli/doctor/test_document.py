"""The JSON that programs read."""

from __future__ import annotations

import json
from pathlib import Path

from terraform_provider_dynatrace.cli.doctor.document import document, json_text
from terraform_provider_dynatrace.cli.doctor.monitoring import Monitored

from .overviews import FAILED, NOT_CHECKED, PASSED, ROLE, overview, row

GUIDE = Path(__file__).parents[4] / "docs/guides/checking-connections.md"


def test_the_form_is_the_documented_one() -> None:
    """Programs rely on every property of it."""
    monitored = Monitored("enabled", '"production" (ID), enabled, uses this connection')
    reported = overview(row("zürich\x1b", PASSED, FAILED, monitored=monitored), unreadable=["It has no ID."])

    text = json_text(reported)

    assert text.isascii()
    assert json.loads(text) == {
        "format_version": "1.0",
        "environment": "https://abc12345.apps.dynatrace.com",
        "checked_at": "2026-11-26T00:00:00Z",
        "verdict": "fails",
        "counts": {"fails": 1, "not checked": 0, "ok": 0},
        "connections": [
            {
                "id": "ID-zürich\x1b",
                "name": "zürich\x1b",
                "kind": "web_identity",
                "consumers": ["APP:dynatrace.aws.connector"],
                "owner": "user b6f63432-7e46-565b-8c44-24c61b578b52",
                "role_arn": ROLE,
                "account": "123456789012",
                "monitoring": {"state": "enabled", "text": '"production" (ID), enabled, uses this connection'},
                "verdict": "fails",
                "findings": [
                    {"outcome": "passed", "statement": "The role exists", "cause": None, "next_step": None},
                    {
                        "outcome": "failed",
                        "statement": "The condition holds",
                        "cause": "It does not <really>.",
                        "next_step": "Write another.",
                    },
                ],
            }
        ],
        "unreadable": ["It has no ID."],
    }


def test_the_guide_names_every_property() -> None:
    """Programs are written from it."""
    found = document(overview(row("a", FAILED, monitored=Monitored("none", "none"))))
    [connection] = found["connections"]
    properties = {*found, *connection, *connection["monitoring"], *connection["findings"][0]}

    assert {name for name in properties if f"`{name}`" not in GUIDE.read_text()} == set()


def test_what_is_missing_is_null() -> None:
    """A connection without owner and role, which monitoring does not use."""
    [found] = json.loads(json_text(overview(row("a", NOT_CHECKED, owner="", role_arn=""))))["connections"]

    assert (found["owner"], found["role_arn"], found["account"], found["monitoring"]) == (None, None, None, None)
