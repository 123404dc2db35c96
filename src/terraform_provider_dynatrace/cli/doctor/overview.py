"""Examines all AWS connections of an environment: Dynatrace is asked once, and AWS for many roles at the same time."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime

from terraform_plugin import Error
from terraform_provider_dynatrace.aws.connection import AWS_CONNECTION, consumers_of, role_arn_of
from terraform_provider_dynatrace.aws.diagnosis import Finding, Outcome
from terraform_provider_dynatrace.aws.role_arn import account_and_partition, account_of
from terraform_provider_dynatrace.cli.doctor.accounts import Accounts
from terraform_provider_dynatrace.cli.doctor.aws import Subject, findings_of, subject_of
from terraform_provider_dynatrace.cli.doctor.monitoring import Configurations, configurations_of, monitoring_of
from terraform_provider_dynatrace.cli.doctor.verdicts import Overview, Row
from terraform_provider_dynatrace.cli.objects import all_objects
from terraform_provider_dynatrace.cli.progress import Reporter, Step
from terraform_provider_dynatrace.config.tenant import Tenant
from terraform_provider_dynatrace.settings.model import SettingsObject

_AT_A_TIME = 32
"""Roles that are read at the same time, in all accounts together."""


async def overview_of(tenant: Tenant, accounts: Accounts, report: Reporter, now: datetime) -> Overview:
    """Examine all connections that the credential may read. Raises `Error` if Dynatrace cannot be asked for them.

    What AWS does not show is not an error: those connections are not checked, and say why.
    """
    with report.step("Reading the connections") as step:
        connections, unreadable = await all_objects(tenant, AWS_CONNECTION.schema_id, step)
    subjects = [_subject(found, tenant) for found in connections]
    configurations = await _configurations(tenant, subjects, report)
    roles = Counter(account_and_partition(one.role_arn) for one in subjects if isinstance(one, Subject))
    slots = asyncio.Semaphore(_AT_A_TIME)

    async def row(found: SettingsObject, subject: Subject | Error, step: Step) -> Row:
        async with slots:
            findings = await _findings(subject, accounts, roles)
        step.advance()
        return _row(found, subject, findings, configurations)

    with report.step("Checking the roles", len(subjects)) as step:
        rows = await asyncio.gather(*(row(*pair, step) for pair in zip(connections, subjects, strict=True)))
    checked_at = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return Overview(tenant.environment.url, checked_at, rows, unreadable)


def _subject(found: SettingsObject, tenant: Tenant) -> Subject | Error:
    try:
        return subject_of(found, tenant.environment)
    except Error as failure:
        return failure


async def _configurations(tenant: Tenant, subjects: Sequence[Subject | Error], report: Reporter) -> Configurations:
    if not any(isinstance(one, Subject) and one.is_monitorable for one in subjects):
        return []
    with report.step("Reading the monitoring configurations") as step:
        found = await configurations_of(tenant)
        step.advance(0 if isinstance(found, str) else len(found))
    return found


async def _findings(subject: Subject | Error, accounts: Accounts, roles: Counter[tuple[str, str]]) -> Sequence[Finding]:
    if isinstance(subject, Error):
        return [_not_checked("This version of the provider can check the connection", subject)]
    try:
        return await findings_of(subject, accounts, roles=roles[account_and_partition(subject.role_arn)])
    except Error as failure:
        return [_not_checked("Your AWS credentials can read the role", failure)]


def _not_checked(statement: str, failure: Error) -> Finding:
    return Finding(Outcome.NOT_CHECKED, statement, f"{failure.summary}. {failure.detail}")


def _row(
    found: SettingsObject, subject: Subject | Error, findings: Sequence[Finding], configurations: Configurations
) -> Row:
    authentication = AWS_CONNECTION.authentication_of(found.value)
    consumers, role_arn = _details(found)
    monitored = None
    if isinstance(subject, Subject) and subject.is_monitorable:
        monitored = monitoring_of(configurations, found.object_id, account_of(role_arn))
    return Row(
        name=str(found.value.get("name")),
        connection_id=found.object_id,
        kind=authentication.block if authentication else str(found.value.get("type")),
        consumers=consumers,
        owner="" if found.owner is None else str(found.owner),
        role_arn=role_arn,
        findings=findings,
        monitored=monitored,
    )


def _details(found: SettingsObject) -> tuple[Sequence[str], str]:
    """Return consumers and role ARN, empty if they have a form that is not documented: a finding says so."""
    try:
        return consumers_of(found.value), role_arn_of(found.value)
    except Error:
        return [], ""
