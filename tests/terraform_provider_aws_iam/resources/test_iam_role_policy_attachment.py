"""`aws_iam_role_policy_attachment` against moto's server."""

import pytest

from terraform_plugin import Error, Path
from terraform_provider_aws_iam.client import Aws
from terraform_provider_aws_iam.errors import AwsError
from terraform_provider_aws_iam.resources.iam_role_policy_attachment import IamRolePolicyAttachment
from tests.aws_account import TRUST_POLICY
from tests.terraform_provider_aws_iam.life import apply, destroy, imported, planned, refresh

ARN = "arn:aws:iam::123456789012:policy/reading"
CONFIG = {"role": "dynatrace", "policy_arn": ARN}
POLICY = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:List*", "Resource": "*"}]}'


@pytest.fixture
async def attachment(aws: Aws) -> IamRolePolicyAttachment:
    """A role and a policy, not attached yet."""
    await aws.iam("create_role", RoleName="dynatrace", AssumeRolePolicyDocument=TRUST_POLICY)
    await aws.iam("create_policy", PolicyName="reading", PolicyDocument=POLICY)
    return IamRolePolicyAttachment(aws)


async def test_it_attaches_reads_and_detaches(attachment: IamRolePolicyAttachment) -> None:
    """Reading a detached one returns None; detaching twice succeeds."""
    state = await apply(attachment, CONFIG)
    assert state == {"id": f"dynatrace/{ARN}", **CONFIG}
    assert await refresh(attachment, state) == state

    await destroy(attachment, state)
    await destroy(attachment, state)
    assert await refresh(attachment, state) is None


async def test_without_its_role_it_reads_as_none(attachment: IamRolePolicyAttachment) -> None:
    """A role that does not exist has nothing attached."""
    assert await refresh(attachment, await apply(attachment, CONFIG) | {"role": "nobody"}) is None


async def test_both_arguments_need_another_attachment(attachment: IamRolePolicyAttachment) -> None:
    """Neither can be changed in place."""
    state = await apply(attachment, CONFIG)
    other = {"role": "other", "policy_arn": f"{ARN}2"}
    assert (await planned(attachment, state, other)).requires_replace == (Path("role"), Path("policy_arn"))


async def test_a_role_that_is_not_there_is_an_error(attachment: IamRolePolicyAttachment) -> None:
    """The error about a missing role names the call to AWS."""
    with pytest.raises(AwsError, match="AWS rejected AttachRolePolicy: NoSuchEntity"):
        await apply(attachment, CONFIG | {"role": "nobody"})


async def test_import_by_role_and_policy(attachment: IamRolePolicyAttachment) -> None:
    """The policy's ARN has slashes of its own."""
    state = await apply(attachment, CONFIG)
    assert await imported(attachment, f"dynatrace/{ARN}") == state


@pytest.mark.parametrize("id_", ["dynatrace", f"/{ARN}", "dynatrace/reading", ARN])
async def test_an_import_id_of_another_form_is_refused(attachment: IamRolePolicyAttachment, id_: str) -> None:
    """The message shows the form."""
    with pytest.raises(Error, match="must be ROLE/POLICY_ARN"):
        await attachment.import_state(id_)
