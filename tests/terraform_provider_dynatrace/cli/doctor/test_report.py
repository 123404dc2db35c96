"""What a person reads."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from terraform_provider_dynatrace.aws.connection import ROLE_BASED, WEB_IDENTITY
from terraform_provider_dynatrace.aws.diagnosis import Check
from terraform_provider_dynatrace.aws.trust import RoleBased, WebIdentity
from terraform_provider_dynatrace.cli.doctor.aws import Examination
from terraform_provider_dynatrace.cli.doctor.report import printable, show

ROLE = "arn:aws:iam::123456789012:role/" + "long/" * 30 + "dynatrace"
WEB = WebIdentity("https://token.dynatrace.com", "dt:connection-id/OBJECT", ("host/app-id/x",))
PASSED = Check(passed=True, what="The role exists")
FAILED = Check(passed=False, what="Its condition holds", why="It does not [really].", next_step="Write another.")
UNDECIDED = Check(passed=None, what="No statement denies it", why="It may.", next_step="Look.")


def shown(*checks: Check, name: str = "production") -> str:
    output = StringIO()
    show(Console(file=output, width=60), Examination(name, "OBJECT", WEB_IDENTITY, WEB, ROLE, checks))
    return output.getvalue()


def test_each_check_has_a_line_and_a_failed_one_its_cause_and_remedy() -> None:
    """Words, not signs: any terminal and any screen reader can show them."""
    text = shown(PASSED, FAILED, UNDECIDED)

    assert "\nok    The role exists\n" in text
    assert "\nFAIL  Its condition holds\n      It does not [really].\n      -> Write another.\n" in text
    assert "\n?     No statement denies it\n      It may.\n      -> Look.\n" in text


def test_what_is_presented_comes_first_and_nothing_is_cut() -> None:
    """An ARN that was wrapped or shortened could not be copied."""
    text = shown(PASSED)

    for line in (
        "connection  production (web_identity)",
        f"role        {ROLE}",
        "issuer      https://token.dynatrace.com",
        "subject     dt:connection-id/OBJECT",
        "audience    host/app-id/x",
    ):
        assert f"{line}\n" in text


def test_a_role_based_connection_shows_principal_and_external_id() -> None:
    """In place of a token's claims."""
    output = StringIO()
    trust = RoleBased("arn:aws:iam::314146291599:root", "OBJECT")
    show(Console(file=output, width=60), Examination("n", "OBJECT", ROLE_BASED, trust, ROLE, [PASSED]))

    assert "principal   arn:aws:iam::314146291599:root\nexternal id OBJECT\n" in output.getvalue()


@pytest.mark.parametrize(
    ("checks", "verdict"),
    [
        ([PASSED, PASSED], "All 2 checks passed. Dynatrace can assume the role."),
        ([PASSED, FAILED, FAILED], "2 of 3 checks failed. Dynatrace cannot assume the role."),
        ([FAILED, UNDECIDED], "1 of 2 checks failed. Dynatrace cannot assume the role."),
        ([PASSED, UNDECIDED], "1 of 2 checks cannot be decided from here. No check failed."),
    ],
)
def test_the_last_line_is_the_verdict(checks: list[Check], verdict: str) -> None:
    """With numbers."""
    assert shown(*checks).splitlines()[-1] == verdict


def test_a_name_cannot_steer_the_terminal() -> None:
    """Names come from the tenant: an escape sequence in one is shown, not obeyed."""
    assert printable("a\x1b[2Jb\nc\u202ed") == "a\\x1b[2Jb\\nc\\u202ed"
    assert "\x1b" not in shown(PASSED, name="\x1b[2J")
