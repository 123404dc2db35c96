"""The exit status of the doctor."""

from __future__ import annotations

import pytest

from terraform_provider_dynatrace.aws.diagnosis import Finding, Outcome
from terraform_provider_dynatrace.cli.doctor.command import exit_status

PASSED, FAILED, WARNING, NOT_CHECKED = (Finding(outcome, "x") for outcome in Outcome)


@pytest.mark.parametrize(
    ("findings", "status"),
    [
        ([PASSED], 0),
        ([PASSED, WARNING], 0),
        ([PASSED, FAILED], 1),
        ([FAILED, NOT_CHECKED], 1),
        ([PASSED, NOT_CHECKED], 2),
    ],
)
def test_the_exit_status_distinguishes_failed_from_not_checked(findings: list[Finding], status: int) -> None:
    """For scripts, "not checked" is neither a success nor a failure."""
    assert exit_status(findings) == status
