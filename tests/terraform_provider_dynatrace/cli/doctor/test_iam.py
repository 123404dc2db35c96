"""The requests of the doctor to AWS, over real HTTP."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from botocore.exceptions import NoCredentialsError, NoRegionError, ProfileNotFound, UnauthorizedSSOTokenError

from terraform_plugin import Error
from terraform_provider_dynatrace.aws.diagnosis import OidcProvider
from terraform_provider_dynatrace.cli.doctor.iam import CallerIdentity, Iam, Role
from tests.aws_account import TRUST_POLICY

from .far_aws import client_at, iam_at, refusing, responding

PROVIDER = "arn:aws:iam::123456789012:oidc-provider/token.dynatrace.com"


async def test_iam_shows_caller_role_and_provider(aws_url: str) -> None:
    """The policy as JSON values, the provider's url without scheme."""
    iam = client_at(aws_url)("iam", "us-east-1")
    iam.create_role(RoleName="dynatrace", Path="/path/", AssumeRolePolicyDocument=TRUST_POLICY)
    iam.create_open_id_connect_provider(
        Url="https://token.dynatrace.com", ClientIDList=["x"], ThumbprintList=["0" * 40]
    )
    found = iam_at(aws_url)("aws")

    assert await found.caller() == CallerIdentity("123456789012", "arn:aws:sts::123456789012:user/moto")
    assert await found.role("dynatrace") == Role(
        "arn:aws:iam::123456789012:role/path/dynatrace", json.loads(TRUST_POLICY)
    )
    assert await found.provider(PROVIDER) == OidcProvider(PROVIDER, "token.dynatrace.com", ("x",))


async def test_what_is_not_there_is_none(aws_url: str) -> None:
    """That is a finding, not a failure."""
    found = iam_at(aws_url)("aws")

    assert await found.role("nobody") is None
    assert await found.provider(PROVIDER) is None


@pytest.mark.parametrize(
    ("partition", "region"),
    [("aws", "us-east-1"), ("aws-cn", "cn-north-1"), ("aws-us-gov", "us-gov-west-1"), ("aws-new", "us-east-1")],
)
async def test_each_partition_is_asked_where_its_iam_is(aws_url: str, partition: str, region: str) -> None:
    """The IAM of one partition does not know the roles of another one."""
    asked = []

    def new_client(service: str, region: str, **keys: str) -> Any:
        asked.append((service, region))
        return client_at(aws_url)(service, region)

    await Iam(partition, new_client).caller()

    assert asked == [("sts", region)]


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("AccessDenied", "need the permission iam:GetRole"),
        ("InvalidClientTokenId", "aws sts get-caller-identity"),
        ("ExpiredToken", "Log in again"),
        ("Strange", "Strange: The message."),
    ],
)
async def test_a_refusal_says_what_to_do(code: str, says: str) -> None:
    """A missing permission is named as IAM names it."""
    with refusing(code, "The message.") as url, pytest.raises(Error, match="AWS refused iam:GetRole") as caught:
        await iam_at(url)("aws").role("dynatrace")

    assert says in caught.value.detail


def _raising(failure: Exception) -> Any:
    def new_client(service: str, region: str, **keys: str) -> Any:
        raise failure

    return new_client


NO_CREDENTIALS, NO_AWS = "No AWS credentials to use", "AWS cannot be reached"


@pytest.mark.parametrize(
    ("new_client", "summary", "says"),
    [
        (_raising(NoCredentialsError()), NO_CREDENTIALS, "AWS_ACCESS_KEY_ID"),
        (_raising(ProfileNotFound(profile="nobody")), NO_CREDENTIALS, "aws configure list-profiles"),
        (_raising(UnauthorizedSSOTokenError()), NO_CREDENTIALS, "aws sso login"),
        (_raising(NoRegionError()), NO_CREDENTIALS, "You must specify a region. Set AWS_REGION"),
        (client_at("http://127.0.0.1:9"), NO_AWS, "AWS_ENDPOINT_URL"),
        (client_at("nonsense"), NO_AWS, "Invalid endpoint: nonsense"),
    ],
)
async def test_what_keeps_aws_from_being_asked_is_told(new_client: Any, summary: str, says: str) -> None:
    """Missing or expired AWS credentials are an error message, not a traceback."""
    with pytest.raises(Error, match=summary) as caught:
        await Iam("aws", new_client).caller()

    assert says in caught.value.detail


RESULT = "<{0}Response><{0}Result>{1}</{0}Result></{0}Response>"
TRUNCATED = RESULT.format("ListRoles", "<IsTruncated>true</IsTruncated>{}<Roles></Roles>")
DEEP = f"<AssumeRolePolicyDocument>{'[' * 9999}</AssumeRolePolicyDocument>"
READS: dict[str, Callable[[Iam], Awaitable[object]]] = {
    "GetCallerIdentity": lambda iam: iam.caller(),
    "AssumeRole": lambda iam: iam.assumed("arn:aws:iam::123456789012:role/doctor"),
    "GetRole": lambda iam: iam.role("dynatrace"),
    "GetOpenIDConnectProvider": lambda iam: iam.provider(PROVIDER),
}
OTHER_FORMS = [
    *((name, RESULT.format(name, "")) for name in READS if name != "GetOpenIDConnectProvider"),
    *((name, body) for name in READS for body in ("", "Sign in", "<html><br></html>", "<a>" * 2000 + "</a>" * 2000)),
    ("GetCallerIdentity", RESULT.format("GetCallerIdentity", "<Account>1</Account><Arn>root</Arn>")),
    ("AssumeRole", RESULT.format("AssumeRole", "<Credentials><AccessKeyId>a</AccessKeyId></Credentials>")),
    ("GetRole", RESULT.format("GetRole", "<Role><Arn>a</Arn></Role>")),
    (
        "GetRole",
        RESULT.format("GetRole", f"<Role><AssumeRolePolicyDocument>{'[' * 9999}</AssumeRolePolicyDocument></Role>"),
    ),
]


@pytest.mark.parametrize(("name", "body"), OTHER_FORMS)
async def test_a_response_in_another_form_is_an_error(name: str, body: str) -> None:
    """Of another server at AWS_ENDPOINT_URL, or of a proxy with a page of its own."""
    with responding(body) as url, pytest.raises(Error, match=r"Unexpected response from AWS|AWS cannot be reached"):
        await READS[name](iam_at(url)("aws"))


@pytest.mark.parametrize("marker", ["", "<Marker>same</Marker>"])
async def test_a_list_that_does_not_end_is_given_up(marker: str) -> None:
    """Otherwise it would be read for ever."""
    with responding(TRUNCATED.format(marker)) as url, pytest.raises(Error, match="the list does not end"):
        await Iam("aws", client_at(url), lists_roles=True).role("dynatrace")
