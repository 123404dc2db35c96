"""`aws_iam_role_policy` against moto's server."""

import json
from typing import Any

import pytest

from terraform_plugin import Error, Path
from terraform_provider_aws_iam.client import Aws
from terraform_provider_aws_iam.errors import AwsError
from terraform_provider_aws_iam.resources.iam_role_policy import IamRolePolicy
from tests.aws_account import TRUST_POLICY
from tests.terraform_provider_aws_iam.life import apply, destroy, imported, planned, refresh

POLICY = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}, indent=1
)
DENY = POLICY.replace("Allow", "Deny")
CONFIG: dict[str, Any] = {"name": "monitoring", "role": "dynatrace", "policy": POLICY}


@pytest.fixture
async def policy(aws: Aws) -> IamRolePolicy:
    """In an account with the role that the policies are for."""
    await aws.iam("create_role", RoleName="dynatrace", AssumeRolePolicyDocument=TRUST_POLICY)
    return IamRolePolicy(aws)


async def test_a_new_policy_reads_back_as_it_was_planned(policy: IamRolePolicy) -> None:
    """It is known by the names of the role and the policy."""
    state = await apply(policy, CONFIG)

    assert dict(state) == CONFIG | {"id": "dynatrace:monitoring", "name_prefix": None}
    assert await refresh(policy, state) == state


async def test_without_a_name_one_is_generated(policy: IamRolePolicy) -> None:
    """With the prefix, and it stays."""
    config = {"name_prefix": "dt-", "role": "dynatrace", "policy": POLICY}
    state = await apply(policy, config)

    assert state["name"].startswith("dt-")
    assert await refresh(policy, state) == state
    assert (await planned(policy, state, config)).planned == state


async def test_the_document_is_changed_in_place(policy: IamRolePolicy) -> None:
    """A document with the same meaning is not a change."""
    before = await apply(policy, CONFIG)
    compact = json.dumps(json.loads(POLICY), separators=(",", ":"))
    assert (await planned(policy, before, CONFIG | {"policy": compact})).planned == before

    after = await apply(policy, CONFIG | {"policy": DENY}, before)

    assert await refresh(policy, after) == before | {"policy": DENY}


@pytest.mark.parametrize("changed", [{"name": "other"}, {"role": "other"}], ids=str)
async def test_another_name_or_role_needs_another_policy(policy: IamRolePolicy, changed: dict[str, Any]) -> None:
    """IAM cannot change them."""
    change = await planned(policy, await apply(policy, CONFIG), CONFIG | changed)
    assert change.requires_replace == (Path(*changed),)


@pytest.mark.parametrize("gone", ["policy", "role"])
async def test_a_missing_policy_reads_as_none(policy: IamRolePolicy, aws: Aws, gone: str) -> None:
    """Alone or with its role; destroying it succeeds."""
    state = await apply(policy, CONFIG)
    await destroy(policy, state)
    if gone == "role":
        await aws.iam("delete_role", RoleName="dynatrace")

    await destroy(policy, state)

    assert await refresh(policy, state) is None


async def test_a_role_that_does_not_exist_is_an_error(policy: IamRolePolicy) -> None:
    """The error says what to do."""
    with pytest.raises(AwsError, match="AWS rejected PutRolePolicy: NoSuchEntity"):
        await apply(policy, CONFIG | {"role": "nobody"})


async def test_a_policy_is_imported_by_role_and_name(policy: IamRolePolicy) -> None:
    """The next plan has no changes."""
    await apply(policy, CONFIG)

    state = await imported(policy, "dynatrace:monitoring")

    assert state is not None
    assert (await planned(policy, state, CONFIG)).planned == state


@pytest.mark.parametrize("id_", ["monitoring", "dynatrace:", ":monitoring", "arn:aws:iam::123456789012:policy/x"])
async def test_anything_else_is_not_an_import_id(policy: IamRolePolicy, id_: str) -> None:
    """The error says what is."""
    with pytest.raises(Error, match=f'must be ROLE:NAME, got "{id_}"'):
        await policy.import_state(id_)
