"""The policies that AWS manages, in moto's server over real HTTP."""

import pytest

from dynatrace_sandbox.aws.moto import Moto
from tests.dynatrace_sandbox.aws.test_moto import create_role, iam

READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


def test_a_policy_that_aws_manages_can_be_attached(moto: Moto) -> None:
    """With and without a path in its ARN, and after a reset. It is not one of the account's own policies."""
    for arn in (READ_ONLY, "arn:aws:iam::aws:policy/job-function/ViewOnlyAccess"):
        create_role(moto)
        iam(moto).attach_role_policy(RoleName="connector", PolicyArn=arn)

        [attached] = iam(moto).list_attached_role_policies(RoleName="connector")["AttachedPolicies"]
        assert attached == {"PolicyName": arn.rpartition("/")[2], "PolicyArn": arn}
        assert iam(moto).get_policy(PolicyArn=arn)["Policy"]["AttachmentCount"] == 1
        assert iam(moto).list_policies(Scope="Local")["Policies"] == []
        moto.reset()


def test_each_partition_has_the_policies_that_aws_manages(moto: Moto) -> None:
    """In China, the ARN begins with `arn:aws-cn`."""
    arn = READ_ONLY.replace("arn:aws:", "arn:aws-cn:")

    assert iam(moto, "cn-north-1").get_policy(PolicyArn=arn)["Policy"]["Arn"] == arn


@pytest.mark.parametrize("path", ["Unknown", "job-function/ReadOnlyAccess", ""])
def test_a_policy_that_aws_does_not_have_is_not_found(moto: Moto, path: str) -> None:
    """An unknown name, a known name below another path, and no name at all."""
    client = iam(moto)
    create_role(moto)

    with pytest.raises(client.exceptions.NoSuchEntityException):
        client.attach_role_policy(RoleName="connector", PolicyArn=f"arn:aws:iam::aws:policy/{path}")


def test_the_policies_that_aws_manages_are_listed(moto: Moto) -> None:
    """`data.aws_iam_policy` of hashicorp/aws finds a policy by its name in this list."""
    pages = iam(moto).get_paginator("list_policies").paginate(Scope="AWS")

    assert {"ReadOnlyAccess", "ViewOnlyAccess"} <= {
        policy["PolicyName"] for page in pages for policy in page["Policies"]
    }
