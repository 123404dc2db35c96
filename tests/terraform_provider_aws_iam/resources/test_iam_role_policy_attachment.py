"""`aws_iam_role_policy_attachment` against moto's server."""

import asyncio

import pytest

from terraform_plugin import Error, Path
from terraform_provider_aws_iam.client import Aws
from terraform_provider_aws_iam.errors import AwsError
from terraform_provider_aws_iam.resources.iam_role_policy_attachment import IamRolePolicyAttachment
from tests.terraform_provider_aws_iam.life import apply, destroy, imported, planned, refresh

ARN = "arn:aws:iam::123456789012:policy/reading"
CONFIG = {"role": "dynatrace", "policy_arn": ARN}
POLICY = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:List*", "Resource": "*"}]}'


@pytest.fixture
def attachment(aws: Aws) -> IamRolePolicyAttachment:
    """A role and a policy, not attached yet."""
    asyncio.run(aws.iam("create_role", RoleName="dynatrace", AssumeRolePolicyDocument="{}"))
    asyncio.run(aws.iam("create_policy", PolicyName="reading", PolicyDocument=POLICY))
    return IamRolePolicyAttachment(aws)


def test_it_attaches_reads_and_detaches(attachment: IamRolePolicyAttachment) -> None:
    """Gone is None, and detaching twice is no error."""
    state = apply(attachment, CONFIG)
    assert state == {"id": f"dynatrace/{ARN}", **CONFIG}
    assert refresh(attachment, state) == state

    destroy(attachment, state)
    destroy(attachment, state)
    assert refresh(attachment, state) is None


def test_it_is_gone_with_its_role(attachment: IamRolePolicyAttachment) -> None:
    """A role that does not exist has nothing attached."""
    assert refresh(attachment, apply(attachment, CONFIG) | {"role": "nobody"}) is None


def test_both_arguments_need_another_attachment(attachment: IamRolePolicyAttachment) -> None:
    """There is nothing to change in one."""
    state = apply(attachment, CONFIG)
    other = {"role": "other", "policy_arn": f"{ARN}2"}
    assert planned(attachment, state, other).requires_replace == (Path("role"), Path("policy_arn"))


def test_a_role_that_is_not_there_is_an_error(attachment: IamRolePolicyAttachment) -> None:
    """It names the call."""
    with pytest.raises(AwsError, match="AWS refused AttachRolePolicy: NoSuchEntity"):
        apply(attachment, CONFIG | {"role": "nobody"})


def test_import_by_role_and_policy(attachment: IamRolePolicyAttachment) -> None:
    """The policy's ARN has slashes of its own."""
    state = apply(attachment, CONFIG)
    assert imported(attachment, f"dynatrace/{ARN}") == state


@pytest.mark.parametrize("id_", ["dynatrace", f"/{ARN}", "dynatrace/reading", ARN])
def test_an_import_id_of_another_form_is_refused(attachment: IamRolePolicyAttachment, id_: str) -> None:
    """The message shows the form."""
    with pytest.raises(Error, match="Write ROLE/POLICY_ARN"):
        asyncio.run(attachment.import_state(id_))
