"""`aws_iam_policy` against moto's server."""

import json
from typing import Any

import pytest

from terraform_plugin import Error, Path
from terraform_provider_aws_iam.client import Aws
from terraform_provider_aws_iam.resources.iam_policy import IamPolicy
from tests.terraform_provider_aws_iam.life import apply, destroy, imported, planned, refresh

POLICY = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}, indent=1
)
DENY = POLICY.replace("Allow", "Deny")
CONFIG: dict[str, Any] = {"name": "monitoring", "policy": POLICY}
EVERYTHING = CONFIG | {"description": "For Dynatrace", "path": "/observability/", "tags": {"team": "observability"}}
ARN = "arn:aws:iam::123456789012:policy/observability/monitoring"


@pytest.fixture
def policy(aws: Aws) -> IamPolicy:
    return IamPolicy(aws)


@pytest.mark.parametrize("config", [CONFIG, EVERYTHING], ids=["least", "everything"])
async def test_a_new_policy_reads_back_as_it_was_planned(policy: IamPolicy, config: dict[str, Any]) -> None:
    """Nothing stays unknown."""
    state = await apply(policy, config)

    assert dict(state) | config == dict(state)
    assert state["id"] == state["arn"]
    assert state["policy_id"]
    assert await refresh(policy, state) == state


async def test_another_formatting_of_the_document_is_not_a_change(policy: IamPolicy) -> None:
    """Formatting makes no difference."""
    state = await apply(policy, CONFIG)
    compact = json.dumps(json.loads(POLICY), separators=(",", ":"))
    assert (await planned(policy, state, CONFIG | {"policy": compact})).planned == state


async def test_document_and_tags_are_changed_in_place(policy: IamPolicy) -> None:
    """The ARN, which roles refer to, stays."""
    before = await apply(policy, EVERYTHING)

    after = await apply(policy, EVERYTHING | {"policy": DENY, "tags": {"other": ""}}, before)

    assert after["arn"] == before["arn"] == ARN
    assert await refresh(policy, after) == after
    assert json.loads(after["policy"]) == json.loads(DENY)


async def test_a_policy_can_be_changed_more_often_than_iam_keeps_versions(policy: IamPolicy, aws: Aws) -> None:
    """The oldest version that is not in use is deleted first."""
    state = await apply(policy, CONFIG)
    for number in range(7):
        state = await apply(
            policy, CONFIG | {"policy": POLICY.replace('"Action": "*"', f'"Action": "s3:{number}"')}, state
        )

    versions = await aws.list_all("list_policy_versions", "Versions", PolicyArn=state["arn"])
    assert len(versions) == 5
    assert await refresh(policy, state) == state


@pytest.mark.parametrize("changed", [{"name": "other"}, {"path": "/other/"}, {"description": "Other"}], ids=str)
async def test_what_iam_cannot_change_needs_another_policy(policy: IamPolicy, changed: dict[str, Any]) -> None:
    """Name, path and description."""
    change = await planned(policy, await apply(policy, EVERYTHING), EVERYTHING | changed)
    assert change.requires_replace == (Path(*changed),)


async def test_a_policy_with_several_versions_is_deleted(policy: IamPolicy) -> None:
    """IAM itself deletes only policies with a single version. Deleting it twice succeeds."""
    state = await apply(policy, CONFIG | {"policy": DENY}, await apply(policy, CONFIG))

    await destroy(policy, state)
    await destroy(policy, state)

    assert await refresh(policy, state) is None


async def test_a_policy_is_imported_by_its_arn(policy: IamPolicy) -> None:
    """The next plan has no changes."""
    await apply(policy, EVERYTHING)

    state = await imported(policy, ARN)

    assert state is not None
    assert (await planned(policy, state, EVERYTHING)).planned == state
    with pytest.raises(Error, match='must be the ARN of the policy, got "monitoring"'):
        await policy.import_state("monitoring")
