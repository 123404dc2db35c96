"""The report as text."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from terraform_provider_dynatrace.aws.connection import ROLE_BASED, WEB_IDENTITY
from terraform_provider_dynatrace.aws.diagnosis import Finding, Outcome
from terraform_provider_dynatrace.aws.trust import RoleBased, WebIdentity
from terraform_provider_dynatrace.cli.doctor.aws import Examination
from terraform_provider_dynatrace.cli.doctor.report import print_report, printable

ROLE = "arn:aws:iam::123456789012:role/" + "long/" * 30 + "dynatrace"
WEB = WebIdentity("https://token.dynatrace.com", "dt:connection-id/OBJECT", ("host/app-id/x",))
PASSED = Finding(Outcome.PASSED, "The role exists")
FAILED = Finding(Outcome.FAILED, "The condition holds", "It does not [really].", "Write another.")
WARNING = Finding(Outcome.WARNING, "Only this connection can use the role", "Others can.", "Add a condition.")
NOT_CHECKED = Finding(Outcome.NOT_CHECKED, "No statement denies it", "It may.", "Look.")


def report(*findings: Finding, name: str = "production") -> str:
    output = StringIO()
    print_report(Console(file=output, width=60), Examination(name, "OBJECT", WEB_IDENTITY, WEB, ROLE, findings))
    return output.getvalue()


def test_each_finding_has_a_line_and_those_that_did_not_pass_a_cause_and_a_next_step() -> None:
    """Words instead of symbols: any terminal and any screen reader can show them."""
    text = report(PASSED, FAILED, WARNING, NOT_CHECKED)

    assert "\nok    The role exists\n" in text
    assert "\nFAIL  The condition holds\n      It does not [really].\n      -> Write another.\n" in text
    assert "\nwarn  Only this connection can use the role\n      Others can.\n      -> Add a condition.\n" in text
    assert "\n?     No statement denies it\n      It may.\n      -> Look.\n" in text


def test_what_is_presented_comes_first_and_no_line_is_wrapped() -> None:
    """A wrapped ARN could not be copied."""
    text = report(PASSED)

    for line in (
        "connection  production (web_identity)",
        f"role        {ROLE}",
        "issuer      https://token.dynatrace.com",
        "subject     dt:connection-id/OBJECT",
        "audience    host/app-id/x",
    ):
        assert f"{line}\n" in text


def test_the_owner_has_a_line() -> None:
    """If it is known."""
    output = StringIO()
    examined = Examination("n", "OBJECT", WEB_IDENTITY, WEB, ROLE, [PASSED], access="group G; this credential may")
    print_report(Console(file=output, width=60), examined)

    assert "id          OBJECT\nowner       group G; this credential may\n" in output.getvalue()
    assert "owner" not in report(PASSED)


def test_a_role_based_connection_shows_principal_and_external_id() -> None:
    """It presents no token."""
    output = StringIO()
    trust = RoleBased("arn:aws:iam::314146291599:root", "OBJECT")
    print_report(Console(file=output, width=60), Examination("n", "OBJECT", ROLE_BASED, trust, ROLE, [PASSED]))

    assert "principal   arn:aws:iam::314146291599:root\nexternal id OBJECT\n" in output.getvalue()


@pytest.mark.parametrize(
    ("findings", "conclusion"),
    [
        ([PASSED, PASSED], "All 2 checks passed. Dynatrace can use this role."),
        ([PASSED, FAILED, FAILED], "2 of 3 checks failed. Dynatrace cannot use this role."),
        ([FAILED, NOT_CHECKED], "1 of 2 checks failed. Dynatrace cannot use this role."),
        (
            [PASSED, NOT_CHECKED],
            "1 of 2 checks could not be made, and none failed. It is not known whether Dynatrace can use this role.",
        ),
        (
            [PASSED, PASSED, WARNING],
            "All 2 checks passed. Dynatrace can use this role, but so can others (see warnings).",
        ),
        ([PASSED, WARNING], "The only check passed. Dynatrace can use this role, but so can others (see warnings)."),
        ([FAILED], "The only check failed. Dynatrace cannot use this role."),
        ([NOT_CHECKED], "The only check could not be made. It is not known whether Dynatrace can use this role."),
    ],
)
def test_the_last_line_concludes_only_from_what_was_checked(findings: list[Finding], conclusion: str) -> None:
    """With the number of checks."""
    assert report(*findings).splitlines()[-1] == conclusion


def test_a_name_cannot_control_the_terminal() -> None:
    """Names come from the environment: an escape sequence in one is shown, not interpreted."""
    assert printable("a\x1b[2Jb\nc\u202ed") == "a\\x1b[2Jb\\nc\\u202ed"
    assert "\x1b" not in report(PASSED, name="\x1b[2J")
