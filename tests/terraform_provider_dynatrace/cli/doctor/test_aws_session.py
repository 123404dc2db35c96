"""The user's AWS credentials, as boto3 finds them, over real HTTP."""

import asyncio
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

from terraform_provider_dynatrace.cli.doctor.aws_session import Boto3
from terraform_provider_dynatrace.cli.doctor.iam import Iam
from tests.aws_account import TRUST_POLICY

from .far_aws import client_at, responding, throttling

REPEATING = """<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code>
<Message>x-amz-security-token:{token}</Message></Error></ErrorResponse>"""
ASK = """
import asyncio, sys
from terraform_plugin import Error
from terraform_plugin.masking import masked
from terraform_provider_dynatrace.cli.doctor.aws_session import Boto3
from terraform_provider_dynatrace.cli.doctor.iam import Iam

try:
    asyncio.run(Iam("aws", Boto3(sys.argv[1])).caller())
except Error as error:
    print("the-token-of-ci" in error.detail, masked(error.detail), masked("the-secret-of-ci"))
"""


async def test_what_aws_throttles_is_repeated(aws_url: str) -> None:
    """After a pause, and with the same request."""
    iam = client_at(aws_url)("iam", "us-east-1")
    iam.create_role(RoleName="dynatrace", AssumeRolePolicyDocument=TRUST_POLICY)
    with throttling(aws_url, 2) as url:
        found = Iam("aws", partial(Boto3(), endpoint_url=url, aws_access_key_id="x", aws_secret_access_key="x"))

        role = await found.role("dynatrace")

    assert role
    assert role.arn == "arn:aws:iam::123456789012:role/dynatrace"


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
