"""`doctor` on the command line."""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import Mapping
from typing import TextIO

from rich.console import Console

from terraform_provider_dynatrace.aws.diagnosis import nothing_failed
from terraform_provider_dynatrace.cli.doctor.aws import Examination, IamOf, examine
from terraform_provider_dynatrace.cli.doctor.iam import Iam
from terraform_provider_dynatrace.cli.doctor.report import show
from terraform_provider_dynatrace.config.arguments import read_settings
from terraform_provider_dynatrace.config.connect import connect


def doctor(connection: str, role_arn: str | None, variables: Mapping[str, str], iam_of: IamOf = Iam) -> Examination:
    """Examine a connection of the tenant that the environment `variables` name. Raises `Error`."""

    async def look() -> Examination:
        tenant = connect(read_settings({}, variables), variables)
        async with tenant.client:
            return await examine(tenant, connection, role_arn, iam_of)

    return asyncio.run(look())


def run(options: argparse.Namespace, output: TextIO | None = None) -> int:
    """Print the check list. Return 0 if nothing on it failed, else 1."""
    found = doctor(options.connection, options.role_arn, os.environ)
    show(Console(file=output), found)
    return 0 if nothing_failed(found.checks) else 1
