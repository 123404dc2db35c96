"""Tags on their way to AWS and back."""

import pytest

from terraform_provider_aws_iam.client import Aws
from terraform_provider_aws_iam.tags import change_tags, from_pairs, to_pairs


def test_tags_are_pairs_in_aws() -> None:
    """No tags are an empty list."""
    assert to_pairs({"team": "a", "empty": ""}) == [{"Key": "team", "Value": "a"}, {"Key": "empty", "Value": ""}]
    assert to_pairs(None) == []


@pytest.mark.parametrize(
    ("pairs", "before", "after"),
    [
        ([], None, None),
        ([], {}, {}),
        ([], {"gone": "x"}, None),
        ([{"Key": "team", "Value": "a"}], None, {"team": "a"}),
    ],
)
def test_no_tags_stay_null_or_empty_as_they_were(
    pairs: list[dict[str, str]], before: dict[str, str] | None, after: dict[str, str] | None
) -> None:
    """AWS knows one form of nothing, Terraform two."""
    assert from_pairs(pairs, before) == after


async def test_only_differences_are_written(aws: Aws) -> None:
    """A tag that is to stay, also one with an empty value, is not touched."""
    await aws.iam("create_role", RoleName="r", AssumeRolePolicyDocument="{}", Tags=to_pairs({"a": "1", "b": "2"}))
    before, after = {"a": "1", "b": "2", "gone before": "x"}, {"b": "3", "c": ""}

    await change_tags(aws, "role", {"RoleName": "r"}, before, after)

    role = (await aws.iam("get_role", RoleName="r"))["Role"]
    assert from_pairs(role["Tags"], None) == after
