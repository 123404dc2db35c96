"""The syntax of role ARNs, and which of them a connection accepts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from terraform_provider_dynatrace.aws.connection import AWS_CONNECTION, ROLE_BASED, WEB_IDENTITY
from terraform_provider_dynatrace.aws.role_arn import account_and_partition, role_arn_problem
from terraform_provider_dynatrace.connections.kinds import Authentication


@pytest.mark.parametrize(
    ("role_arn", "authentication"),
    [
        ("arn:aws:iam::123456789012:role/name", WEB_IDENTITY),
        ("arn:aws:iam::123456789012:role/path/to/Name+=,.@-_1", WEB_IDENTITY),
        ("arn:aws-cn:iam::123456789012:role/name", WEB_IDENTITY),
        ("arn:aws-us-gov:iam::123456789012:role/name", WEB_IDENTITY),
        ("arn:aws:iam::aws:role/name", WEB_IDENTITY),
        ("arn:aws:iam::123456789012:role/name", ROLE_BASED),
    ],
)
def test_a_role_arn_is_accepted(role_arn: str, authentication: Authentication) -> None:
    """Every form that the schema allows."""
    assert role_arn_problem(role_arn, authentication) is None


@pytest.mark.parametrize(
    ("role_arn", "authentication", "problem"),
    [
        ("", WEB_IDENTITY, "The role ARN must be an ARN, got"),
        ("name", WEB_IDENTITY, 'must be an ARN, got "name".'),
        ("role/name", WEB_IDENTITY, "must be an ARN"),
        (" arn:aws:iam::123456789012:role/name", WEB_IDENTITY, "must be an ARN"),
        ("arn:aws:iam::123456789012:role/name\n", WEB_IDENTITY, "must name a role"),
        ("arn:aws:iam::123456789012:role/", WEB_IDENTITY, "must name a role"),
        ("arn:aws:iam::123456789012:role/n\u00e4me", WEB_IDENTITY, "must name a role"),
        ("arn:aws:iam::123456789012:role/" + "x" * 65, WEB_IDENTITY, "must name a role"),
        ("arn:aws:iam::123456789012:user/name", WEB_IDENTITY, "user/name"),
        ("arn:aws:iam::123456789012:instance-profile/name", WEB_IDENTITY, "instance-profile/name"),
        ("arn:aws:iam::123456789012:oidc-provider/token.dynatrace.com", WEB_IDENTITY, "oidc-provider"),
        ("arn:aws:sts::123456789012:assumed-role/name/session", WEB_IDENTITY, 'an ARN of the service "sts"'),
        ("arn:aws:iam:us-east-1:123456789012:role/name", WEB_IDENTITY, "must be the ARN of an IAM role"),
        ("arn:aws:iam::12345:role/name", WEB_IDENTITY, "12 digits"),
        ("arn:aws:iam:::role/name", WEB_IDENTITY, "12 digits"),
        ("arn:aws-iso:iam::123456789012:role/name", WEB_IDENTITY, "aws-iso"),
        ("arn:aws-cn:iam::123456789012:role/name", ROLE_BASED, "must have the partition aws, got"),
        ("arn:aws:iam::aws:role/" + "x/" * 1100 + "y", WEB_IDENTITY, "at most 2,048"),
    ],
)
def test_the_problem_with_a_role_arn_is_named(role_arn: str, authentication: Authentication, problem: str) -> None:
    """With an example of a valid one."""
    found = role_arn_problem(role_arn, authentication)

    assert found is not None
    assert problem in found
    assert "arn:aws:iam::123456789012:role/name" in found


@given(st.text(), st.sampled_from(AWS_CONNECTION.authentications))
def test_any_text_has_a_problem_or_none(text: str, authentication: Authentication) -> None:
    """The function never raises an exception."""
    problem = role_arn_problem(text, authentication)

    assert problem is None or problem.startswith("The role ARN must ")


def test_a_connection_that_cannot_use_a_partition_names_the_one_that_can() -> None:
    """Only web identity accepts roles in AWS China and AWS GovCloud."""
    problem = role_arn_problem("arn:aws-us-gov:iam::123456789012:role/name", ROLE_BASED)

    assert problem is not None
    assert "use a connection with web_identity" in problem


def test_account_and_partition_are_parts_of_the_arn() -> None:
    """Text that is not an ARN has a placeholder, because messages show it."""
    assert account_and_partition("arn:aws-cn:iam::123456789012:role/name") == ("123456789012", "aws-cn")
    assert account_and_partition("name") == ("<account>", "aws")
