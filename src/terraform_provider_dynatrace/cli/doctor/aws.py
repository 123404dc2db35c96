"""Examines one connection and one role, from Dynatrace's side and from AWS's."""

from __future__ import annotations

from collections.abc import Awaitable, Sequence
from typing import TypeVar

from msgspec import Struct

from terraform_plugin import Error
from terraform_provider_dynatrace.aws.connection import AWS_CONNECTION, ROLE_BASED, consumers_of, role_arn_of
from terraform_provider_dynatrace.aws.diagnosis import Finding, Outcome, Unreadable, diagnose
from terraform_provider_dynatrace.aws.role_arn import account_and_partition, account_of, role_arn_problem
from terraform_provider_dynatrace.aws.trust import Trust, WebIdentity, trust_of
from terraform_provider_dynatrace.cli.doctor.accounts import Accounts, Unreached
from terraform_provider_dynatrace.cli.doctor.iam import AwsRefusal, Iam, Role
from terraform_provider_dynatrace.cli.doctor.monitoring import configurations_of, monitoring_of
from terraform_provider_dynatrace.config.tenant import Tenant
from terraform_provider_dynatrace.connections.access import access_in_words
from terraform_provider_dynatrace.connections.kinds import Authentication
from terraform_provider_dynatrace.connections.search import find
from terraform_provider_dynatrace.environment import EnvironmentUrls
from terraform_provider_dynatrace.settings.model import SettingsObject

T = TypeVar("T")


class Subject(Struct, frozen=True):
    """A connection and the role that it has or is to have."""

    name: str
    """The connection's name."""
    connection_id: str
    authentication: Authentication
    trust: Trust
    """What Dynatrace presents to AWS."""
    role_arn: str
    """The role to examine, empty if there is none."""
    present: str
    """The role that the connection has, empty if it has none."""

    @property
    def is_monitorable(self) -> bool:
        """Whether monitoring can use the connection: it has a role of its own kind in a known account."""
        return (
            self.authentication is ROLE_BASED
            and bool(self.role_arn)
            and not role_arn_problem(self.role_arn, self.authentication)
        )


class Examination(Struct, frozen=True):
    """What was examined, and the findings."""

    name: str
    """The connection's name."""
    connection_id: str
    authentication: Authentication
    trust: Trust
    """What Dynatrace presents to AWS."""
    role_arn: str
    findings: Sequence[Finding]
    monitoring: str = ""
    """Whether the account is monitored, in words; empty for connections that monitoring does not use."""
    access: str = ""
    """Whose the connection is and whether this credential may change it, in words."""


async def examine(tenant: Tenant, connection: str, role_arn: str | None, accounts: Accounts) -> Examination:
    """Examine a connection, given by its name or its ID, with the role that it has or is to have.

    Raises `Error` if there is nothing to examine: no such connection, no role ARN, no access to Dynatrace or AWS.
    """
    found = await find(tenant, AWS_CONNECTION, connection)
    subject = subject_of(found, tenant.environment, role_arn)
    if not subject.role_arn:
        raise Error(
            "The connection has no role yet",
            "Pass the role that it will get: terraform-provider-dynatrace doctor aws "
            f"{subject.connection_id} --role-arn ARN",
        )
    findings = await findings_of(subject, accounts, is_alone=True)
    monitoring = ""
    if subject.is_monitorable:
        account = account_of(subject.role_arn)
        monitoring = monitoring_of(await configurations_of(tenant), subject.connection_id, account).text
    return Examination(
        subject.name,
        subject.connection_id,
        subject.authentication,
        subject.trust,
        subject.role_arn,
        findings,
        monitoring,
        access_in_words(found),
    )


def subject_of(found: SettingsObject, environment: EnvironmentUrls, role_arn: str | None = None) -> Subject:
    """Return what there is to examine. `role_arn` is the role that the connection is to have, None for its own.

    Raises `Error` for a connection that is newer than this provider, and for one whose trust is not documented.
    """
    authentication = AWS_CONNECTION.known_authentication(found.value)
    trust = trust_of(authentication, consumers_of(found.value), found.object_id, environment)
    present = role_arn_of(found.value)
    return Subject(str(found.value.get("name")), found.object_id, authentication, trust, role_arn or present, present)


async def findings_of(
    subject: Subject, accounts: Accounts, *, roles: int = 1, is_alone: bool = False
) -> Sequence[Finding]:
    """Return the findings about the role of a connection.

    `roles` is the number of roles of its account that are examined. If the connection `is_alone`, one more request
    looks for the role where the credentials belong. Raises `Error` without access to AWS.
    """
    if not subject.role_arn:
        return [_no_role(subject.connection_id)]
    findings = await _role_findings(subject, accounts, roles, is_alone=is_alone)
    if subject.present and subject.present != subject.role_arn:
        return [_another_role(subject.present), *findings]
    return findings


def _no_role(connection_id: str) -> Finding:
    return Finding(
        Outcome.FAILED,
        "The connection has a role",
        "It has no role ARN, so Dynatrace cannot use it.",
        "Set it with dynatrace_aws_connection_role_arn. To check a role first: terraform-provider-dynatrace doctor aws "
        f"{connection_id} --role-arn ARN",
    )


def _another_role(present: str) -> Finding:
    return Finding(
        Outcome.FAILED,
        "The connection can be given this role",
        f"It has the role {present}, and Dynatrace never changes a role ARN.",
        "Replace the connection together with its role ARN: terraform apply -replace=ADDRESS.",
    )


async def _role_findings(subject: Subject, accounts: Accounts, roles: int, *, is_alone: bool) -> Sequence[Finding]:
    role_arn, trust = subject.role_arn, subject.trust
    if role_arn_problem(role_arn, subject.authentication):
        return diagnose(trust, role_arn, None)
    account, partition = account_and_partition(role_arn)
    reached = await accounts.reach(account, partition, roles)
    if isinstance(reached, Unreached):
        return [await _other_account(reached, role_arn, looks_for_namesakes=is_alone)]
    iam = reached.iam
    findings = [Finding(Outcome.PASSED, f"Your AWS credentials belong to the role's account ({account})")]
    role = await _readable(iam.role(_name_of(role_arn)))
    if isinstance(role, Role) and role.arn != role_arn:
        findings.append(_other_path(role, role_arn))
        role = None
    policy = role.policy if isinstance(role, Role) else role
    provider = None
    if isinstance(trust, WebIdentity):
        provider = await _readable(iam.provider(trust.provider_arn(account, partition)))
    return [*findings, *diagnose(trust, role_arn, policy, provider)]


def _name_of(role_arn: str) -> str:
    return role_arn.rpartition("/")[2]


async def _readable(reading: Awaitable[T]) -> T | Unreadable:
    """Return what is read. A missing permission says nothing about the role: everything else is still checked."""
    try:
        return await reading
    except AwsRefusal as refusal:
        if not refusal.is_missing_permission:
            raise
        return Unreadable(refusal.detail)


async def _other_account(unreached: Unreached, role_arn: str, *, looks_for_namesakes: bool) -> Finding:
    account, partition = account_and_partition(role_arn)
    namesakes = [await _namesake(iam, role_arn) for _, iam in unreached.callers if looks_for_namesakes]
    return Finding(
        Outcome.NOT_CHECKED,
        f"Your AWS credentials belong to the role's account {account} ({partition})",
        f"{unreached.reason}{''.join(namesakes)} Nothing else was checked.",
        "Run this command with credentials of that account, or correct the account or partition in the role ARN.",
    )


async def _namesake(iam: Iam, role_arn: str) -> str:
    found = await _readable(iam.role(_name_of(role_arn)))
    return f" A role with this name exists in your account: {found.arn}." if isinstance(found, Role) else ""


def _other_path(role: Role, role_arn: str) -> Finding:
    return Finding(
        Outcome.FAILED,
        "The role ARN is spelled as in IAM",
        f"{role_arn} is not {role.arn}, which is the role with this name. Paths and upper case matter.",
        f"Use {role.arn}.",
    )
