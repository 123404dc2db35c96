"""What follows from the findings about many connections."""

from __future__ import annotations

import pytest

from terraform_provider_dynatrace.aws.diagnosis import Finding
from terraform_provider_dynatrace.cli.doctor.verdicts import Overview, Verdict

from .overviews import FAILED, FOLLOWS, NOT_CHECKED, PASSED, ROLE, WARNING, overview, row


@pytest.mark.parametrize(
    ("findings", "verdict", "problems", "warnings"),
    [
        ([PASSED], Verdict.OK, [], []),
        ([PASSED, WARNING], Verdict.OK, [], [WARNING]),
        ([PASSED, FAILED, FOLLOWS], Verdict.FAILS, [FAILED], []),
        ([FOLLOWS], Verdict.FAILS, [FOLLOWS], []),
        ([FAILED, NOT_CHECKED, WARNING], Verdict.FAILS, [FAILED], [WARNING]),
        ([PASSED, NOT_CHECKED], Verdict.NOT_CHECKED, [NOT_CHECKED], []),
    ],
)
def test_a_verdict_has_the_findings_that_explain_it(
    findings: list[Finding], verdict: Verdict, problems: list[Finding], warnings: list[Finding]
) -> None:
    """What only follows from another finding is left out; a warning is one however well the connection works."""
    found = row("production", *findings)

    assert (found.verdict, found.problems, found.warnings) == (verdict, problems, warnings)


@pytest.mark.parametrize(
    ("reported", "verdict", "summary"),
    [
        (overview(), Verdict.OK, "No AWS connections that the credential may read."),
        (overview(row("a", PASSED)), Verdict.OK, "1 connection: 1 ok."),
        (overview(row("a", FAILED), row("b", PASSED)), Verdict.FAILS, "2 connections: 1 fails, 1 ok."),
        (
            overview(row("a", FAILED), row("b", FAILED, WARNING), row("c", NOT_CHECKED), row("d", WARNING)),
            Verdict.FAILS,
            "4 connections: 2 fail, 1 not checked, 1 ok. 2 let others in.",
        ),
        (overview(row("a", NOT_CHECKED), row("b")), Verdict.NOT_CHECKED, "2 connections: 1 not checked, 1 ok."),
        (overview(row("a", PASSED), unreadable=["It has no ID."]), Verdict.NOT_CHECKED, "1 connection: 1 ok."),
    ],
)
def test_the_verdict_of_all_is_the_worst(reported: Overview, verdict: Verdict, summary: str) -> None:
    """What fails weighs more than what could not be looked at."""
    assert (reported.verdict, reported.summary()) == (verdict, summary)


def test_the_worst_come_first() -> None:
    """By verdict, then those that let others in, then by name."""
    rows = [row("B", PASSED), row("a", PASSED), row("c", WARNING), row("d", NOT_CHECKED), row("e", FAILED)]

    assert [one.name for one in overview(*rows).ordered()] == ["e", "d", "c", "a", "B"]


@pytest.mark.parametrize(("role_arn", "account"), [(ROLE, "123456789012"), ("", ""), ("role/name", "")])
def test_the_account_is_that_of_the_role(role_arn: str, account: str) -> None:
    """A connection without a role has none, and text that is not an ARN names none."""
    assert row("a", role_arn=role_arn).account == account
