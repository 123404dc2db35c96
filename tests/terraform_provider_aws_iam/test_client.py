"""Requests to AWS, over real HTTP to moto's server."""

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from terraform_plugin import Error
from terraform_plugin.masking import masked
from terraform_provider_aws_iam.client import Aws, AwsSettings
from terraform_provider_aws_iam.errors import AwsError
from tests.aws_account import TRUST_POLICY


async def test_a_response_comes_back(aws: Aws) -> None:
    """Calls have botocore's names and arguments."""
    assert (await aws.sts("get_caller_identity"))["Account"] == "123456789012"


async def test_find_returns_none_for_what_does_not_exist(aws: Aws) -> None:
    """Only the error NoSuchEntity means that."""
    assert await aws.find("get_role", RoleName="nobody") is None
    with pytest.raises(AwsError, match="AWS rejected GetRole: NoSuchEntity"):
        await aws.iam("get_role", RoleName="nobody")


async def test_a_wrong_argument_is_refused_before_it_is_sent(aws: Aws) -> None:
    """An error of botocore's own check is translated, too."""
    with pytest.raises(AwsError, match="Could not send GetRole to AWS: Parameter validation failed"):
        await aws.iam("get_role", RoleName="")


async def test_every_page_of_a_list_is_read(aws: Aws) -> None:
    """IAM gives 100 items at most, and a marker for the next."""
    for number in range(5):
        await aws.iam("create_role", RoleName=f"r{number}", AssumeRolePolicyDocument=TRUST_POLICY)
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
    """Credentials of another account in the environment would be worse than an error."""
    with pytest.raises(Error, match="needs the provider's access_key, token, which are only known after apply"):
        await Aws(AwsSettings(unknown=("access_key", "token"))).iam("list_roles")


PROFILES = """
[profile chained]
role_arn = arn:aws:iam::123456789012:role/x
source_profile = gone
[profile process]
credential_process = /no/such/program
[profile silent]
credential_process = false
[profile token]
role_arn = arn:aws:iam::123456789012:role/x
web_identity_token_file = /no/such/token
[profile half]
aws_access_key_id = AKIAEXAMPLE
[profile elsewhere]
region = not a region
aws_access_key_id = AKIAEXAMPLE
aws_secret_access_key = x
[profile login]
sso_start_url = https://example.awsapps.com/start
sso_region = us-east-1
sso_account_id = 123456789012
sso_role_name = x
"""


WRONG_PROFILES = {
    "gone": ("Cannot configure the AWS provider", "aws configure list-profiles"),
    "chained": ("Cannot configure the AWS provider", '"gone"'),
    "process": ("Cannot configure the AWS provider", "'/no/such/program'. The profile names it"),
    "silent": ("Cannot configure the AWS provider", "Run the `credential_process` of the profile"),
    "half": ("Cannot configure the AWS provider", "missing: aws_secret_access_key"),
    "elsewhere": ("Cannot configure the AWS provider", "Correct `region`"),
    "token": ("Could not send ListRoles to AWS", "'/no/such/token'. The profile names it"),
    "login": ("Could not send ListRoles to AWS", "aws sso login"),
}
"""Summary and a part of the detail by profile."""
READING = """
import asyncio, json, sys
from terraform_provider_aws_iam.client import Aws, AwsSettings
from terraform_provider_aws_iam.errors import AwsError

for profile in sys.argv[1:]:
    settings = AwsSettings(profile=profile, endpoints={"iam": "http://127.0.0.1:9"})
    try:
        asyncio.run(Aws(settings).iam("list_roles"))
    except AwsError as error:
        print(json.dumps([error.summary, error.detail]))
"""


def test_a_profile_that_is_wrong_says_what_to_do(tmp_path: Path) -> None:
    """Before the first request or with it; never a traceback."""
    (tmp_path / "config").write_text(PROFILES)
    environ = {name: text for name, text in os.environ.items() if not name.startswith("AWS_")}
    environ |= {"AWS_CONFIG_FILE": str(tmp_path / "config"), "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    command = [sys.executable, "-c", READING, *WRONG_PROFILES]

    output = subprocess.run(command, env=environ, capture_output=True, text=True, check=True).stdout

    errors = dict(zip(WRONG_PROFILES, map(json.loads, output.splitlines()), strict=True))
    assert {profile: summary for profile, (summary, _) in errors.items()} == {
        profile: summary for profile, (summary, _) in WRONG_PROFILES.items()
    }
    assert [profile for profile, (_, says) in WRONG_PROFILES.items() if says not in errors[profile][1]] == []


@pytest.mark.parametrize(("given", "missing"), [("access_key", "secret_key"), ("secret_key", "access_key")])
async def test_one_half_of_an_access_key_is_an_error(aws_url: str, given: str, missing: str) -> None:
    """It is not completed from the environment, and requests are not signed with the other half empty."""
    settings = AwsSettings(**{given: "x"}, endpoints={"iam": aws_url})  # type: ignore[arg-type]

    with pytest.raises(AwsError, match=f"missing: {missing}. Provide both parts of the access key"):
        await Aws(settings).iam("list_roles")


async def test_an_invalid_endpoint_url_is_an_error() -> None:
    """An invalid endpoint is an error message, not a traceback."""
    with pytest.raises(AwsError, match="Invalid endpoint: nonsense"):
        await Aws(AwsSettings(endpoints={"iam": "nonsense"})).iam("list_roles")


def test_no_secret_is_in_the_settings_text() -> None:
    """No secret is logged or shown."""
    assert "hidden" not in repr(AwsSettings(access_key="id", secret_key="hidden", token="hidden"))


async def create_deploy_role(aws_url: str, account: str, trusted: str) -> str:
    """Create the role `deploy` in an account of the sandbox; return its ARN."""
    aws = Aws(AwsSettings(access_key=account, secret_key="b", endpoints={"iam": aws_url}))
    statement = {"Effect": "Allow", "Principal": {"AWS": trusted}, "Action": "sts:AssumeRole"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return str((await aws.iam("create_role", RoleName="deploy", AssumeRolePolicyDocument=policy))["Role"]["Arn"])


async def test_a_role_is_assumed_for_every_request(aws_url: str) -> None:
    """Requests with an assumed role are for the account of its ARN."""
    first = await create_deploy_role(aws_url, "111111111111", trusted="arn:aws:iam::123456789012:root")
    roles = [first, await create_deploy_role(aws_url, "222222222222", trusted=first)]

    async def account(*arns: str) -> str:
        requests = [{"RoleArn": arn, "RoleSessionName": "terraform"} for arn in arns]
        urls = {"iam": aws_url, "sts": aws_url}
        aws = Aws(AwsSettings(access_key="a", secret_key="b", endpoints=urls, assume_roles=requests))
        return str((await aws.sts("get_caller_identity"))["Account"])

    assert await account() == "123456789012"
    assert await account(roles[0]) == "111111111111"
    assert await account(*roles) == "222222222222"


async def test_a_role_that_cannot_be_assumed_is_an_error_of_that_call() -> None:
    """The error is about STS, and not about the call that needed the role."""
    async with responding(403, ACCESS_DENIED) as url:
        requests = [{"RoleArn": "arn:aws:iam::111111111111:role/deploy", "RoleSessionName": "terraform"}]
        aws = Aws(
            AwsSettings(access_key="a", secret_key="b", endpoints={"sts": url, "iam": url}, assume_roles=requests)
        )

        with pytest.raises(AwsError, match="AWS rejected AssumeRole: AccessDenied") as rejected:
            await aws.iam("list_roles")

    assert "need the permission sts:AssumeRole" in rejected.value.detail


async def test_session_credentials_are_masked_from_their_first_request_on() -> None:
    """An endpoint, or a debugging proxy, may repeat in its error what it was sent."""
    secret, token = "secret+of/a+session", "IQoJb3JpZ2luX2VjEXAMPLETOKEN=="
    async with responding(200, ASSUMED.format(secret=secret, token=token)) as sts, responding(403, echo=True) as iam:
        requests = [{"RoleArn": "arn:aws:iam::111111111111:role/deploy", "RoleSessionName": "terraform"}]
        aws = Aws(
            AwsSettings(access_key="a", secret_key="b", endpoints={"sts": sts, "iam": iam}, assume_roles=requests)
        )

        with pytest.raises(AwsError) as rejected:
            await aws.iam("list_roles")

    assert token in rejected.value.detail
    assert token not in masked(rejected.value.detail)
    assert masked(f"{secret} {token}") == "(sensitive value) (sensitive value)"


@pytest.mark.parametrize("body", ["", "Sign in", "<html><br></html>", "<ListRolesResponse/>"])
async def test_a_response_in_another_form_is_an_error(body: str) -> None:
    """Of another server at the endpoint, or of a proxy with a page of its own."""
    async with responding(200, body) as url:
        with pytest.raises(AwsError, match="Unexpected response from AWS"):
            await Aws(AwsSettings(access_key="a", secret_key="b", endpoints={"iam": url})).iam("list_roles")


async def test_a_list_that_does_not_end_is_given_up() -> None:
    """Otherwise it would be read for ever."""
    page = (
        "<ListRolesResponse><ListRolesResult><Marker>same</Marker><Roles></Roles></ListRolesResult></ListRolesResponse>"
    )
    async with responding(200, page) as url:
        with pytest.raises(AwsError, match="the list does not end"):
            await Aws(AwsSettings(access_key="a", secret_key="b", endpoints={"iam": url})).list_all(
                "list_roles", "Roles"
            )


async def test_credentials_that_assume_a_role_are_masked_before_they_are_sent() -> None:
    """AWS repeats their session token if it refuses the signature."""
    token = "IQoJb3JpZ2luX2VjBASETOKEN=="
    requests = [{"RoleArn": "arn:aws:iam::111111111111:role/deploy", "RoleSessionName": "terraform"}]
    async with responding(403, echo=True) as url:
        settings = AwsSettings(
            access_key="a", secret_key="b", token=token, endpoints={"sts": url, "iam": url}, assume_roles=requests
        )

        with pytest.raises(AwsError) as rejected:
            await Aws(settings).iam("list_roles")

    assert token in rejected.value.detail
    assert token not in masked(rejected.value.detail)


async def test_credentials_of_the_environment_are_masked_too(tmp_path: Path, aws_url: str) -> None:
    """Those of a profile, for example, which no argument names."""
    (tmp_path / "credentials").write_text(
        "[ci]\naws_access_key_id = id\naws_secret_access_key = the-secret-of-ci\naws_session_token = the-token-of-ci\n"
    )
    code = (
        "import asyncio, sys; from terraform_plugin.masking import masked\n"
        "from terraform_provider_aws_iam.client import Aws, AwsSettings\n"
        "aws = Aws(AwsSettings(profile='ci', endpoints={'sts': sys.argv[1]}))\n"
        "asyncio.run(aws.sts('get_caller_identity'))\n"
        "print(masked('the-secret-of-ci the-token-of-ci'))"
    )

    ended = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", code, aws_url],
        env={"AWS_SHARED_CREDENTIALS_FILE": str(tmp_path / "credentials"), "AWS_CONFIG_FILE": os.devnull},
        capture_output=True,
        text=True,
        check=True,
    )

    assert ended.stdout == "(sensitive value) (sensitive value)\n"


@pytest.mark.parametrize(
    ("settings", "variables", "region"),
    [
        (AwsSettings(region="eu-central-1"), {"AWS_REGION": "eu-west-1"}, "eu-central-1"),
        (AwsSettings(), {"AWS_REGION": "eu-west-1", "AWS_DEFAULT_REGION": "eu-west-2"}, "eu-west-1"),
        (AwsSettings(), {"AWS_DEFAULT_REGION": "eu-west-2"}, "eu-west-2"),
        (AwsSettings(), {}, "us-east-1"),
    ],
    ids=["argument", "AWS_REGION", "AWS_DEFAULT_REGION", "none"],
)
async def test_the_region_is_that_of_hashicorp_aws(
    settings: AwsSettings, variables: dict[str, str], region: str
) -> None:
    """The argument, AWS_REGION, AWS_DEFAULT_REGION; IAM works in any."""
    code = (
        "import asyncio, sys; from terraform_provider_aws_iam.client import Aws, AwsSettings\n"
        "print(asyncio.run(Aws(AwsSettings(region=sys.argv[1] or None)).partition())['region'])"
    )
    ended = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", code, settings.region or ""],
        env={"AWS_CONFIG_FILE": os.devnull, **variables},
        capture_output=True,
        text=True,
        check=True,
    )
    assert ended.stdout.strip() == region


ACCESS_DENIED = (
    "<ErrorResponse><Error><Code>AccessDenied</Code><Message>not authorized</Message></Error></ErrorResponse>"
)
ASSUMED = (
    "<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA</AccessKeyId>"
    "<SecretAccessKey>{secret}</SecretAccessKey><SessionToken>{token}</SessionToken>"
    "<Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
)


@asynccontextmanager
async def responding(status: int, body: str = "", *, echo: bool = False) -> AsyncIterator[str]:
    """Serve one response to every request; with `echo` an error whose message is the request's head."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        length = re.search(r"(?i)content-length: (\d+)", head)
        await reader.readexactly(int(length[1]) if length else 0)
        text = ACCESS_DENIED.replace("not authorized", head) if echo else body
        writer.write(f"HTTP/1.1 {status} X\r\nContent-Length: {len(text)}\r\nConnection: close\r\n\r\n{text}".encode())
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
