"""One connection and one role, looked at from both sides: Dynatrace's and AWS's."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from terraform_plugin.diagnostics import Error
from terraform_provider_dynatrace.aws.connection import SCHEMA_ID, Kind, consumers_of, known_kind, role_arn_of
from terraform_provider_dynatrace.aws.diagnosis import Check, diagnose
from terraform_provider_dynatrace.aws.trust import Trust, WebIdentity, place_of, role_arn_problem, trust_of
from terraform_provider_dynatrace.cli.doctor.iam import Caller, FoundRole, Iam
from terraform_provider_dynatrace.config.tenant import Tenant
from terraform_provider_dynatrace.connections.search import find

IamOf = Callable[[str], Iam]
"""Gives the door to IAM in a partition."""


@dataclass(frozen=True)
class Examination:
    """What was looked at, and the check list."""

    name: str
    connection_id: str
    kind: Kind
    trust: Trust
    role_arn: str
    checks: Sequence[Check]


async def examine(tenant: Tenant, connection: str, role_arn: str | None, iam_of: IamOf = Iam) -> Examination:
    """Examine a connection, given by its name or its id, with the role that it has or is to have.

    Raises `Error` where there is nothing to look at: no such connection, no role ARN, no access to Dynatrace or AWS.
    """
    found = await find(tenant.settings(SCHEMA_ID), connection, tenant.environment.url)
    kind = known_kind(found.value)
    trust = trust_of(kind, consumers_of(found.value), found.object_id, tenant.environment)
    present = role_arn_of(found.value)
    wanted = role_arn or present
    if not wanted:
        raise Error(
            "The connection has no role yet",
            f"Say which role it is to get: terraform-provider-dynatrace doctor aws {found.object_id} --role-arn ARN",
        )
    checks = [*_one_role(present, wanted), *await _aws_side(trust, kind, wanted, iam_of)]
    return Examination(str(found.value.get("name")), found.object_id, kind, trust, wanted, checks)


def _one_role(present: str, wanted: str) -> Iterator[Check]:
    if present and present != wanted:
        yield Check(
            passed=False,
            what="The connection can take this role",
            why=f"It has {present} already, and Dynatrace never changes a role ARN.",
            next_step="Replace the connection together with its role ARN: terraform apply -replace=ADDRESS.",
        )


async def _aws_side(trust: Trust, kind: Kind, role_arn: str, iam_of: IamOf) -> Sequence[Check]:
    if role_arn_problem(role_arn, kind):
        return diagnose(trust, role_arn, None)
    account, partition = place_of(role_arn)
    iam = iam_of(partition)
    caller = await iam.caller()
    role = await iam.role(role_arn.rpartition("/")[2])
    if (caller.account, caller.partition) != (account, partition):
        return [_other_account(caller, role, role_arn)]
    checks = [Check(passed=True, what=f"Your AWS credentials are of the role's account {account}")]
    if role and role.arn != role_arn:
        checks.append(_other_path(role, role_arn))
    policy = role.policy if role and role.arn == role_arn else None
    provider = await iam.provider(trust.provider_arn(account, partition)) if isinstance(trust, WebIdentity) else None
    return [*checks, *diagnose(trust, role_arn, policy, provider)]


def _other_account(caller: Caller, role: FoundRole | None, role_arn: str) -> Check:
    account, partition = place_of(role_arn)
    namesake = f" There is a role of this name in your account: {role.arn}." if role else ""
    return Check(
        passed=False,
        what=f"Your AWS credentials are of the role's account {account} ({partition})",
        why=f"They are of the account {caller.account} ({caller.partition}), as {caller.arn}.{namesake}",
        next_step="Correct the account or partition in the role ARN, or run this with credentials of that account.",
    )


def _other_path(role: FoundRole, role_arn: str) -> Check:
    return Check(
        passed=False,
        what="The role ARN is written as IAM has it",
        why=f"{role_arn} is not {role.arn}, the role of this name: paths and capital letters count.",
        next_step=f"Use {role.arn}.",
    )
