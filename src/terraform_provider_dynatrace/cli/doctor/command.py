"""The command `doctor`: reads its settings from the environment, prints the report, returns the exit status."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Mapping, Sequence

from rich.console import Console

from terraform_plugin.output import Output
from terraform_provider_dynatrace.aws.diagnosis import Finding, Outcome
from terraform_provider_dynatrace.cli.doctor.accounts import Accounts, accounts_of
from terraform_provider_dynatrace.cli.doctor.aws import Examination, examine
from terraform_provider_dynatrace.cli.doctor.report import print_report
from terraform_provider_dynatrace.config.arguments import read_settings
from terraform_provider_dynatrace.config.connect import connect

FAILED, NOT_CHECKED = 1, 3
"""Exit statuses. 2 is argparse's, for a command line that is not understood."""


def run(options: argparse.Namespace, environ: Mapping[str, str], output: Output) -> int:
    """Print the report on a connection. Return the exit status. Raises `Error`."""
    accounts = accounts_of(options.profile, options.assume_role)
    examination = doctor(options.connection, options.role_arn, environ, accounts)
    print_report(Console(file=output.styled()), examination)  # type: ignore[arg-type]  # rich only writes to it
    return exit_status(examination.findings)


def doctor(connection: str, role_arn: str | None, environ: Mapping[str, str], accounts: Accounts) -> Examination:
    """Examine a connection of the environment that the variables in `environ` describe. Raises `Error`."""

    async def examined() -> Examination:
        tenant = connect(read_settings({}, environ), environ)
        async with tenant.client:
            return await examine(tenant, connection, role_arn, accounts)

    return asyncio.run(examined())


def exit_status(findings: Sequence[Finding]) -> int:
    """Return `FAILED` if a check failed, `NOT_CHECKED` if one could not be made, else 0. Warnings do not count."""
    outcomes = {finding.outcome for finding in findings}
    if Outcome.FAILED in outcomes:
        return FAILED
    return NOT_CHECKED if Outcome.NOT_CHECKED in outcomes else 0
