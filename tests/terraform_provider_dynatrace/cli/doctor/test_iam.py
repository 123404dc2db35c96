"""The requests of the doctor to AWS, over real HTTP."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import NoCredentialsError, ProfileNotFound, UnauthorizedSSOTokenError

from terraform_plugin import Error
from terraform_provider_dynatrace.aws.diagnosis import OidcProvider
from terraform_provider_dynatrace.cli.doctor.iam import Boto3, CallerIdentity, Iam, Role
from tests.aws_account import TRUST_POLICY

from .far_aws import client_at, iam_at, refusing, responding, throttling

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
        (client_at("http://127.0.0.1:9"), NO_AWS, "AWS_ENDPOINT_URL"),
        (client_at("nonsense"), NO_AWS, "Invalid endpoint: nonsense"),
    ],
)
async def test_what_keeps_aws_from_being_asked_is_told(new_client: Any, summary: str, says: str) -> None:
    """Missing or expired AWS credentials are an error message, not a traceback."""
    with pytest.raises(Error, match=summary) as caught:
        await Iam("aws", new_client).caller()

    assert says in caught.value.detail


async def test_what_aws_throttles_is_repeated(aws_url: str) -> None:
    """After a pause, and with the same request."""
    iam = client_at(aws_url)("iam", "us-east-1")
    iam.create_role(RoleName="dynatrace", AssumeRolePolicyDocument=TRUST_POLICY)
    with throttling(aws_url, 2) as url:
        found = Iam("aws", partial(Boto3(), endpoint_url=url, aws_access_key_id="x", aws_secret_access_key="x"))

        role = await found.role("dynatrace")

    assert role
    assert role.arn == "arn:aws:iam::123456789012:role/dynatrace"


RESULT = "<{0}Response><{0}Result>{1}</{0}Result></{0}Response>"
TRUNCATED = RESULT.format("ListRoles", "<IsTruncated>true</IsTruncated>{}<Roles></Roles>")
DEEP = f"<AssumeRolePolicyDocument>{'[' * 9999}</AssumeRolePolicyDocument>"
REPEATING = """<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code>
<Message>x-amz-security-token:{token}</Message></Error></ErrorResponse>"""
ASK = """
import asyncio, sys
from terraform_plugin import Error
from terraform_plugin.masking import masked
from terraform_provider_dynatrace.cli.doctor.iam import Boto3, Iam

try:
    asyncio.run(Iam("aws", Boto3(sys.argv[1])).caller())
except Error as error:
    print("the-token-of-ci" in error.detail, masked(error.detail), masked("the-secret-of-ci"))
"""
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


@pytest.mark.parametrize(("profile", "secret"), [("ci", "(sensitive value)"), ("role", "the-secret-of-ci")])
async def test_the_session_token_of_a_profile_is_masked_before_it_is_sent(
    tmp_path: Path, profile: str, secret: str
) -> None:
    """AWS repeats it in the error SignatureDoesNotMatch. A profile can use it to assume a role first.

    The secret key is not sent. It is masked, too, if the profile itself has it.
    """
    (tmp_path / "credentials").write_text(
        "[ci]\naws_access_key_id = id\naws_secret_access_key = the-secret-of-ci\naws_session_token = the-token-of-ci\n"
        "[role]\nsource_profile = ci\nrole_arn = arn:aws:iam::123456789012:role/doctor\n"
    )
    with responding(REPEATING, "403 Forbidden") as url:
        ended = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-c", ASK, profile],
            env={
                "AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"),
                "AWS_CONFIG_FILE": os.devnull,
                "AWS_ENDPOINT_URL": url,
                "AWS_DEFAULT_REGION": "us-east-1",
            },
            capture_output=True,
            text=True,
            check=True,
        )

    assert ended.stdout.startswith("True SignatureDoesNotMatch: x-amz-security-token:(sensitive value). Log in again")
    assert ended.stdout.endswith(f" {secret}\n")
