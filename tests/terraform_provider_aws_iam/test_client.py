"""The door to AWS: over real HTTP to moto's server."""

import asyncio

import pytest

from terraform_plugin import Error
from terraform_provider_aws_iam.client import Aws, AwsSettings
from terraform_provider_aws_iam.errors import AwsError


async def test_an_answer_comes_back(aws: Aws) -> None:
    """Calls have boto3's names and arguments."""
    assert (await aws.sts("get_caller_identity"))["Account"] == "123456789012"


async def test_what_is_not_there_is_none_for_find_and_an_error_otherwise(aws: Aws) -> None:
    """Only NoSuchEntity is an absence."""
    assert await aws.find("get_role", RoleName="nobody") is None
    with pytest.raises(AwsError, match="AWS refused GetRole: NoSuchEntity"):
        await aws.iam("get_role", RoleName="nobody")


async def test_a_wrong_argument_is_refused_before_it_is_sent(aws: Aws) -> None:
    """boto3's own check is translated like everything else."""
    with pytest.raises(AwsError, match="AWS could not be asked for GetRole: Parameter validation failed"):
        await aws.iam("get_role", RoleName="")


async def test_every_page_of_a_list_is_read(aws: Aws) -> None:
    """IAM gives 100 items at most, and a marker for the next."""
    for number in range(5):
        await aws.iam("create_role", RoleName=f"r{number}", AssumeRolePolicyDocument="{}")
    assert sorted(role["RoleName"] for role in await aws.list_all("list_roles", "Roles", MaxItems=2)) == [
        "r0",
        "r1",
        "r2",
        "r3",
        "r4",
    ]


async def test_calls_do_not_block_each_other(aws: Aws) -> None:
    """Calls to AWS run in threads, on one client per service."""
    calls = (aws.sts("get_caller_identity") for _ in range(20))
    assert {answer["Account"] for answer in await asyncio.gather(*calls)} == {"123456789012"}


async def test_credentials_known_only_after_apply_are_not_replaced_by_others() -> None:
    """Another account's credentials in the environment would be worse than no answer."""
    with pytest.raises(Error, match="needs the provider's access_key, token, known only after apply"):
        await Aws(AwsSettings(unknown=("access_key", "token"))).iam("list_roles")


async def test_an_unknown_profile_says_how_to_list_them() -> None:
    """boto3's failures before the first request are translated too."""
    with pytest.raises(AwsError, match="aws configure list-profiles"):
        await Aws(AwsSettings(profile="there-is-no-such-profile")).iam("list_roles")


async def test_an_endpoint_that_is_no_url_is_an_error() -> None:
    """An invalid endpoint is an error message, not a traceback."""
    with pytest.raises(AwsError, match="Invalid endpoint: nonsense"):
        await Aws(AwsSettings(endpoints={"iam": "nonsense"})).iam("list_roles")


def test_no_secret_is_in_the_settings_text() -> None:
    """What is logged or shown never holds it."""
    assert "hidden" not in repr(AwsSettings(access_key="id", secret_key="hidden", token="hidden"))
