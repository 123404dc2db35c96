"""The command `doctor`: reads its settings from the environment, prints the report, returns the exit status."""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime
from getpass import getpass
from pathlib import Path
from typing import TypeVar

from rich.console import Console

from terraform_plugin.output import Output
from terraform_provider_dynatrace.aws.diagnosis import Finding
from terraform_provider_dynatrace.cli.doctor.accounts import Accounts, accounts_of
from terraform_provider_dynatrace.cli.doctor.aws import Examination, examine
from terraform_provider_dynatrace.cli.doctor.document import json_text
from terraform_provider_dynatrace.cli.doctor.overview import overview_of
from terraform_provider_dynatrace.cli.doctor.page import check_target, write_page
from terraform_provider_dynatrace.cli.doctor.report import print_report
from terraform_provider_dynatrace.cli.doctor.table import console_of, print_overview
from terraform_provider_dynatrace.cli.doctor.verdicts import Verdict, verdict_of
from terraform_provider_dynatrace.cli.progress import reporter
from terraform_provider_dynatrace.config.arguments import read_settings
from terraform_provider_dynatrace.config.connect import connect
from terraform_provider_dynatrace.config.tenant import Tenant

T = TypeVar("T")

STATUS = {Verdict.OK: 0, Verdict.FAILS: 1, Verdict.NOT_CHECKED: 2}
"""Exit statuses."""


def run(options: argparse.Namespace, environ: Mapping[str, str], output: Output, errors: Output) -> int:
    """Print the report on one connection or on all of them. Return the exit status. Raises `Error`."""
    has_terminal = sys.stdin is not None and sys.stdin.isatty()
    accounts = accounts_of(options.profile, options.assume_role, getpass if has_terminal else None)
    if options.all:
        return _run_all(options, accounts, environ, output, errors)
    examination = doctor(options.connection, options.role_arn, environ, accounts)
    print_report(Console(file=output.styled()), examination)  # type: ignore[arg-type]  # rich only writes to it
    return exit_status(examination.findings)


def _run_all(
    options: argparse.Namespace, accounts: Accounts, environ: Mapping[str, str], output: Output, errors: Output
) -> int:
    target = Path(options.html) if options.html else None
    if target:
        check_target(target)  # before the work, which takes longer
    report, now = reporter(errors), datetime.now(UTC)
    overview = _connected(environ, lambda tenant: overview_of(tenant, accounts, report, now))
    if options.json:
        output.write(json_text(overview))
    else:
        print_overview(console_of(output, environ), overview)
    if target:
        write_page(target, overview)
        errors.write(f"Wrote {target}.\n")
    return STATUS[overview.verdict]


def doctor(connection: str, role_arn: str | None, environ: Mapping[str, str], accounts: Accounts) -> Examination:
    """Examine a connection of the environment that the variables in `environ` describe. Raises `Error`."""
    return _connected(environ, lambda tenant: examine(tenant, connection, role_arn, accounts))


def _connected(environ: Mapping[str, str], work: Callable[[Tenant], Awaitable[T]]) -> T:
    async def working() -> T:
        tenant = connect(read_settings({}, environ), environ)
        async with tenant.client:
            return await work(tenant)

    return asyncio.run(working())


def exit_status(findings: Sequence[Finding]) -> int:
    """Return 1 if a check failed, 2 if one could not be made, else 0. Warnings do not count."""
    return STATUS[verdict_of(findings)]
