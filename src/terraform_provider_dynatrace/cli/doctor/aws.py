"""Examines one connection and one role, from Dynatrace's side and from AWS's."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from terraform_plugin import Error
from terraform_provider_dynatrace.aws.connection import AWS_CONNECTION, ROLE_BASED, consumers_of, role_arn_of
from terraform_provider_dynatrace.aws.diagnosis import Finding, Outcome, Unreadable, diagnose
from terraform_provider_dynatrace.aws.role_arn import account_and_partition, role_arn_problem
from terraform_provider_dynatrace.aws.trust import Trust, WebIdentity, trust_of
from terraform_provider_dynatrace.cli.doctor.iam import AwsRefusal, CallerIdentity, Iam, Role
from terraform_provider_dynatrace.cli.doctor.monitoring import monitoring_of
from terraform_provider_dynatrace.config.tenant import Tenant
from terraform_provider_dynatrace.connections.kinds import Authentication
from terraform_provider_dynatrace.connections.search import find

T = TypeVar("T")
IamOf = Callable[[str], Iam]
"""Returns what reads IAM in a partition."""


@dataclass(frozen=True)
class Examination:
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


async def examine(tenant: Tenant, connection: str, role_arn: str | None, iam_of: IamOf = Iam) -> Examination:
    """Examine a connection, given by its name or its ID, with the role that it has or is to have.

    Raises `Error` if there is nothing to examine: no such connection, no role ARN, no access to Dynatrace or AWS.
    """
    found = await find(tenant, AWS_CONNECTION, connection)
    authentication = AWS_CONNECTION.known_authentication(found.value)
    trust = trust_of(authentication, consumers_of(found.value), found.object_id, tenant.environment)
    present = role_arn_of(found.value)
    wanted = role_arn or present
    if not wanted:
        raise Error(
            "The connection has no role yet",
            f"Pass the role that it will get: terraform-provider-dynatrace doctor aws {found.object_id} --role-arn ARN",
        )
    findings = await _role_findings(trust, authentication, wanted, iam_of)
    if present and present != wanted:
        findings = [_another_role(present), *findings]
    monitoring = ""
    if authentication is ROLE_BASED and not role_arn_problem(wanted, authentication):
        monitoring = await monitoring_of(tenant, found.object_id, account_and_partition(wanted)[0])
    name = str(found.value.get("name"))
    return Examination(name, found.object_id, authentication, trust, wanted, findings, monitoring)


def _another_role(present: str) -> Finding:
    return Finding(
        Outcome.FAILED,
        "The connection can be given this role",
        f"It has the role {present}, and Dynatrace never changes a role ARN.",
        "Replace the connection together with its role ARN: terraform apply -replace=ADDRESS.",
    )


async def _role_findings(
    trust: Trust, authentication: Authentication, role_arn: str, iam_of: IamOf
) -> Sequence[Finding]:
    if role_arn_problem(role_arn, authentication):
        return diagnose(trust, role_arn, None)
    account, partition = account_and_partition(role_arn)
    iam = iam_of(partition)
    caller = await iam.caller()
    role = await _readable(iam.role(role_arn.rpartition("/")[2]))
    if (caller.account, caller.partition) != (account, partition):
        return [_other_account(caller, role, role_arn)]
    findings = [Finding(Outcome.PASSED, f"Your AWS credentials belong to the role's account ({account})")]
    if isinstance(role, Role) and role.arn != role_arn:
        findings.append(_other_path(role, role_arn))
        role = None
    policy = role.policy if isinstance(role, Role) else role
    provider = None
    if isinstance(trust, WebIdentity):
        provider = await _readable(iam.provider(trust.provider_arn(account, partition)))
    return [*findings, *diagnose(trust, role_arn, policy, provider)]


async def _readable(reading: Awaitable[T]) -> T | Unreadable:
    """Return what is read. A missing permission says nothing about the role: everything else is still checked."""
    try:
        return await reading
    except AwsRefusal as refusal:
        if not refusal.is_missing_permission:
            raise
        return Unreadable(refusal.detail)


def _other_account(caller: CallerIdentity, role: Role | Unreadable | None, role_arn: str) -> Finding:
    account, partition = account_and_partition(role_arn)
    namesake = f" A role with this name exists in your account: {role.arn}." if isinstance(role, Role) else ""
    return Finding(
        Outcome.NOT_CHECKED,
        f"Your AWS credentials belong to the role's account {account} ({partition})",
        f"They belong to the account {caller.account} ({caller.partition}): {caller.arn}.{namesake} Nothing else was "
        "checked.",
        "Run this command with credentials of that account, or correct the account or partition in the role ARN.",
    )


def _other_path(role: Role, role_arn: str) -> Finding:
    return Finding(
        Outcome.FAILED,
        "The role ARN is spelled as in IAM",
        f"{role_arn} is not {role.arn}, which is the role with this name. Paths and upper case matter.",
        f"Use {role.arn}.",
    )
