"""What AWS answers becomes an error that names the call, the code and the next step."""

import pytest
from botocore.exceptions import EndpointConnectionError, NoCredentialsError

from terraform_plugin import Path
from terraform_provider_aws_iam.errors import not_reached, refused

NEXT_STEPS = {
    "EntityAlreadyExists": "Import",
    "DeleteConflict": "force_detach_policies",
    "MalformedPolicyDocument": "jsonencode",
    "AccessDenied": "iam:CreateRole",
    "AccessDeniedException": "iam:CreateRole",
    "InvalidClientTokenId": "aws sts get-caller-identity",
    "ExpiredToken": "Log in again",
    "LimitExceeded": "quota",
    "Throttling": "-parallelism",
}


@pytest.mark.parametrize(("code", "step"), NEXT_STEPS.items())
def test_a_refusal_names_the_call_the_code_and_the_next_step(code: str, step: str) -> None:
    """What we tried, what came back, what to do next."""
    error = refused("iam", "CreateRole", {"Error": {"Code": code, "Message": "Because."}})

    assert error.summary == "AWS refused CreateRole"
    assert error.detail.startswith(f"{code}: Because. ")
    assert step in error.detail
    assert error.code == code


def test_a_malformed_policy_is_shown_where_it_stands() -> None:
    """The error has the path of the attribute."""
    error = refused("iam", "CreateRole", {"Error": {"Code": "MalformedPolicyDocument", "Message": "no"}})
    assert error.path == Path("assume_role_policy")


def test_an_answer_of_an_unknown_form_is_still_an_error() -> None:
    """Nothing is assumed about what a proxy may have answered."""
    assert refused("iam", "GetRole", {}).detail == "without a code: no message."


def test_missing_credentials_say_where_to_give_them() -> None:
    """What never reached AWS is told apart from what AWS refused."""
    error = not_reached("GetRole", NoCredentialsError())
    assert error.summary == "AWS could not be asked for GetRole"
    assert "AWS_ACCESS_KEY_ID" in error.detail


def test_an_unreachable_endpoint_says_what_to_check() -> None:
    """The URL that was tried is in the text."""
    error = not_reached("GetRole", EndpointConnectionError(endpoint_url="http://127.0.0.1:1"))
    assert "http://127.0.0.1:1" in error.detail
    assert "AWS_ENDPOINT_URL" in error.detail
