"""The AWS accounts that the user's credentials reach: their own ones, and those in which they can assume a role."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from functools import partial

from msgspec import Struct

from terraform_plugin import Error
from terraform_plugin.command_line import UsageError
from terraform_provider_dynatrace.aws.role_arn import account_and_partition, role_arn_problem
from terraform_provider_dynatrace.cli.doctor.aws_session import Boto3, NewClient
from terraform_provider_dynatrace.cli.doctor.iam import AwsRefusal, CallerIdentity, Iam, Once

PLACEHOLDER = "{account}"
_MANY_ROLES = 10
"""If at least this many roles of an account are wanted, all its roles are listed instead of being read one by one."""


class Source(Struct, frozen=True):
    """AWS credentials of the user."""

    title: str
    """What messages call them, for example `The profile "production"`."""
    new_client: NewClient


class Reached(Struct, frozen=True):
    """An account that can be read."""

    iam: Iam


class Unreached(Struct, frozen=True):
    """An account that cannot be read, because no credentials belong to it."""

    reason: str
    """Sentences that say whose the credentials are."""
    callers: Sequence[tuple[CallerIdentity, Iam]]
    """To whom the credentials belong."""


class Accounts:
    """Finds the credentials for an account. Whom they belong to is asked once, and each role is assumed once."""

    def __init__(self, sources: Sequence[Source], role_pattern: str | None = None) -> None:
        """`role_pattern`: the ARN of a role to assume in accounts that no credentials belong to, with `{account}`.

        Raises `UsageError` for a pattern that is not the ARN of a role with `{account}` in it.
        """
        if role_pattern is not None:
            _check(role_pattern)
        self._sources = sources
        self._role_pattern = role_pattern
        self._callers: Once[tuple[str, str], CallerIdentity] = Once()
        self._reached: Once[tuple[str, str, str], Iam] = Once()

    async def reach(self, account: str, partition: str, roles: int = 1) -> Reached | Unreached:
        """Return how an account can be read, of which `roles` roles are wanted.

        Raises `Error` if no credentials can be used, or if the role to assume in the account cannot be.
        """
        asked = await asyncio.gather(*(self._caller(source, partition) for source in self._sources))
        found = [(source, one) for source, one in zip(self._sources, asked, strict=True) if not isinstance(one, Error)]
        failed = [(source, one) for source, one in zip(self._sources, asked, strict=True) if isinstance(one, Error)]
        for source, (caller, _) in found:
            if (caller.account, caller.partition) == (account, partition):
                return Reached(await self._iam(source, account, partition, roles))
        if not found:
            raise failed[0][1]
        callers = [one for _, one in found]
        if self._role_pattern and account_and_partition(self._role_pattern)[1] == partition:
            return Reached(await self._assuming(callers[0][1], account, partition, roles))
        return Unreached(" ".join([_belong([caller for caller, _ in callers]), *map(_said, failed)]), callers)

    async def _caller(self, source: Source, partition: str) -> tuple[CallerIdentity, Iam] | Error:
        """Return whom credentials belong to, or why they cannot be used."""
        iam = Iam(partition, source.new_client)
        try:
            return await self._callers.get((source.title, partition), iam.caller), iam
        except Error as failure:
            return failure

    async def _iam(self, source: Source, account: str, partition: str, roles: int) -> Iam:
        async def new() -> Iam:
            return Iam(partition, source.new_client, lists_roles=roles >= _MANY_ROLES)

        return await self._reached.get((source.title, account, partition), new)

    async def _assuming(self, base: Iam, account: str, partition: str, roles: int) -> Iam:
        role_arn = str(self._role_pattern).replace(PLACEHOLDER, account)

        async def new() -> Iam:
            try:
                keys = await base.assumed(role_arn)
            except AwsRefusal as refusal:
                raise Error(
                    "Cannot assume the role in the account",
                    f"Tried to assume {role_arn}. AWS returned {refusal.detail} The role must exist and trust your "
                    "credentials.",
                ) from refusal
            return Iam(partition, partial(base.new_client, **keys), lists_roles=roles >= _MANY_ROLES)

        return await self._reached.get((role_arn, account, partition), new)


def _check(pattern: str) -> None:
    if PLACEHOLDER not in pattern:
        raise UsageError(
            "Invalid value of --assume-role",
            f'The ARN must contain {PLACEHOLDER}, which stands for the account of each role, got "{pattern[:120]}". '
            f"For example: arn:aws:iam::{PLACEHOLDER}:role/doctor",
        )
    if problem := role_arn_problem(pattern.replace(PLACEHOLDER, "123456789012")):
        raise UsageError("Invalid value of --assume-role", problem.replace("123456789012", PLACEHOLDER))


def _belong(callers: Sequence[CallerIdentity]) -> str:
    named = [f"{one.account} ({one.partition}): {one.arn}" for one in callers]
    return f"They belong to the account{'s' if len(named) > 1 else ''} {', '.join(named)}."


def _said(failure: tuple[Source, Error]) -> str:
    source, error = failure
    return f"{source.title} cannot be used: {error.detail}"


def accounts_of(profiles: Sequence[str], role_pattern: str | None, ask: Callable[[str], str] | None) -> Accounts:
    """Return the accounts for the options of the command line, after asking for the MFA codes that profiles need.

    `ask` shows a question in the terminal and returns what the user types; None without a terminal. Raises
    `UsageError` for an invalid pattern.
    """
    sessions = {f'The profile "{profile}"': Boto3(profile, ask) for profile in profiles}
    sessions = sessions or {"The AWS credentials of the environment": Boto3(None, ask)}
    accounts = Accounts([Source(title, session) for title, session in sessions.items()], role_pattern)
    for session in sessions.values():
        session.log_in()
    return accounts
