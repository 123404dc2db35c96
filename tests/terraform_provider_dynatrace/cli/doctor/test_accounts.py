"""Which AWS credentials reach which account."""

from __future__ import annotations

import asyncio
import json
from functools import partial
from typing import Any

import pytest
from botocore.exceptions import ProfileNotFound

from terraform_plugin import Error
from terraform_provider_dynatrace.cli.doctor.accounts import Accounts, Reached, Source, Unreached
from terraform_provider_dynatrace.cli.doctor.aws_session import NewClient
from tests.aws_account import TRUST_POLICY

from .far_aws import client_at

OWN, OTHER = "123456789012", "111122223333"
PATTERN = "arn:aws:iam::{account}:role/doctor"


def recording(url: str, calls: list[str]) -> NewClient:
    """Return what makes clients at `url` and notes each request that they send."""

    def new_client(service: str, region: str, **keys: str) -> Any:
        client = client_at(url)(service, region, **keys)
        client.meta.events.register("before-call", lambda model, **_: calls.append(model.name))
        return client

    return new_client


def expired(service: str, region: str, **keys: str) -> Any:
    raise ProfileNotFound(profile="old")


def make_role(url: str, account: str, name: str, trusted: str = "*") -> None:
    """Create a role in an account of the sandbox."""
    policy = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": trusted}, "Action": "sts:AssumeRole"}]}
    iam = client_at(url)("iam", "us-east-1", aws_access_key_id=account, aws_secret_access_key="x")
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17"} | policy))


async def test_credentials_reach_their_own_account(aws_url: str) -> None:
    """The first that belong to the account are used."""
    accounts = Accounts([Source("The profile", client_at(aws_url))])

    assert isinstance(await accounts.reach(OWN, "aws"), Reached)
    unreached = await accounts.reach(OTHER, "aws")
    assert isinstance(unreached, Unreached)
    assert unreached.reason == f"They belong to the account {OWN} (aws): arn:aws:sts::{OWN}:user/moto."


async def test_a_role_is_assumed_in_accounts_of_others(aws_url: str) -> None:
    """What is read then is of that account."""
    make_role(aws_url, OTHER, "doctor", trusted=OWN)
    make_role(aws_url, OTHER, "dynatrace")
    accounts = Accounts([Source("The profile", client_at(aws_url))], PATTERN)

    reached = await accounts.reach(OTHER, "aws")

    assert isinstance(reached, Reached)
    found = await reached.iam.role("dynatrace")
    assert found
    assert found.arn == f"arn:aws:iam::{OTHER}:role/dynatrace"


async def test_a_role_that_cannot_be_assumed_is_named(aws_url: str) -> None:
    """It is missing, or it does not trust the credentials."""
    accounts = Accounts([Source("The profile", client_at(aws_url))], PATTERN)

    with pytest.raises(Error, match="Cannot assume the role") as caught:
        await accounts.reach(OTHER, "aws")

    assert f"arn:aws:iam::{OTHER}:role/doctor" in caught.value.detail
    assert "AccessDenied" in caught.value.detail


async def test_a_pattern_of_another_partition_reaches_nothing(aws_url: str) -> None:
    """A role in AWS China cannot be assumed with credentials of AWS."""
    accounts = Accounts([Source("The profile", client_at(aws_url))], PATTERN)

    assert isinstance(await accounts.reach(OTHER, "aws-cn"), Unreached)


async def test_everything_is_read_once(aws_url: str) -> None:
    """Whom the credentials belong to, the session, the role and the OIDC provider; also if all is wanted at once."""
    make_role(aws_url, OTHER, "doctor", trusted=OWN)
    make_role(aws_url, OTHER, "dynatrace")
    calls: list[str] = []
    accounts = Accounts([Source("The profile", recording(aws_url, calls))], PATTERN)

    async def look() -> None:
        reached = await accounts.reach(OTHER, "aws")
        assert isinstance(reached, Reached)
        await reached.iam.role("dynatrace")
        await reached.iam.provider(f"arn:aws:iam::{OTHER}:oidc-provider/token.dynatrace.com")

    await asyncio.gather(*(look() for _ in range(20)))

    assert sorted(calls) == ["AssumeRole", "GetCallerIdentity", "GetOpenIDConnectProvider", "GetRole"]


async def test_many_roles_of_an_account_are_listed_at_once(aws_url: str) -> None:
    """One request instead of one for each role. A role that is not in the list is looked for."""
    iam = client_at(aws_url)("iam", "us-east-1")
    for number in range(30):
        iam.create_role(RoleName=f"role-{number}", AssumeRolePolicyDocument=TRUST_POLICY)
    calls: list[str] = []
    reached = await Accounts([Source("The profile", recording(aws_url, calls))]).reach(OWN, "aws", roles=31)
    assert isinstance(reached, Reached)

    found = await asyncio.gather(*(reached.iam.role(f"role-{number}") for number in range(31)))

    assert [role and role.arn for role in found] == [
        *(f"arn:aws:iam::{OWN}:role/role-{number}" for number in range(30)),
        None,
    ]
    assert calls == ["GetCallerIdentity", "ListRoles", "GetRole"]


async def test_credentials_that_cannot_be_used_are_named(aws_url: str) -> None:
    """The others are used."""
    accounts = Accounts([Source('The profile "old"', expired), Source("The profile", client_at(aws_url))])

    assert isinstance(await accounts.reach(OWN, "aws"), Reached)
    unreached = await accounts.reach(OTHER, "aws")
    assert isinstance(unreached, Unreached)
    assert unreached.reason.startswith(f"They belong to the account {OWN} (aws)")
    assert 'The profile "old" cannot be used: The config profile (old) could not be found' in unreached.reason


async def test_the_first_of_several_credentials_that_fits_is_used(aws_url: str) -> None:
    """Profiles are tried in the order in which they were passed."""
    make_role(aws_url, OTHER, "dynatrace")
    keys = {"aws_access_key_id": OTHER, "aws_secret_access_key": "x"}
    other = partial(client_at(aws_url), **keys)
    accounts = Accounts([Source("own", client_at(aws_url)), Source("other", other), Source("same", expired)])

    reached = await accounts.reach(OTHER, "aws")

    assert isinstance(reached, Reached)
    assert await reached.iam.role("dynatrace")


async def test_without_any_usable_credentials_there_is_an_error() -> None:
    """It says why."""
    with pytest.raises(Error, match="No AWS credentials to use") as caught:
        await Accounts([Source('The profile "old"', expired)], PATTERN).reach(OWN, "aws")

    assert "aws configure list-profiles" in caught.value.detail


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("arn:aws:iam::123456789012:role/doctor", "must contain {account}"),
        ("arn:aws:s3:::{account}", "must be the ARN of an IAM role"),
        ("{account}", 'must be an ARN, got "{account}"'),
    ],
)
def test_a_pattern_is_the_arn_of_a_role_with_the_account_left_open(pattern: str, says: str) -> None:
    """Without it, the same role would be assumed for each account."""
    with pytest.raises(Error, match="--assume-role") as caught:
        Accounts([], pattern)

    assert says in caught.value.detail
