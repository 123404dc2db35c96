"""Errors of AWS name the call, the code and the next step."""

import pytest
from botocore.exceptions import EndpointConnectionError, NoCredentialsError

from terraform_plugin import Path
from terraform_provider_aws_iam.errors import error_response, no_response

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
    "ThrottlingException": "-parallelism",
    "ExpiredTokenException": "Log in again",
    "RequestExpired": "clock",
    "ConcurrentModification": "Apply again",
    "ServiceFailure": "Apply again later",
}


@pytest.mark.parametrize(("code", "step"), NEXT_STEPS.items())
def test_an_error_response_names_the_call_the_code_and_the_next_step(code: str, step: str) -> None:
    """What was tried, what came back, and what to do next."""
    error = error_response("iam", "CreateRole", {"Error": {"Code": code, "Message": "Because."}})

    assert error.summary == "AWS rejected CreateRole"
    assert error.detail.startswith(f"{code}: Because. ")
    assert step in error.detail
    assert error.code == code


@pytest.mark.parametrize(
    ("call", "path"),
    [
        ("CreateRole", Path("assume_role_policy")),
        ("UpdateAssumeRolePolicy", Path("assume_role_policy")),
        ("PutRolePolicy", Path("policy")),
        ("CreatePolicy", Path("policy")),
        ("CreatePolicyVersion", Path("policy")),
        ("AssumeRole", Path()),
    ],
)
def test_a_malformed_policy_is_reported_at_its_attribute(call: str, path: Path) -> None:
    """Other errors of the same call have no attribute."""
    assert error_response("iam", call, {"Error": {"Code": "MalformedPolicyDocument"}}).path == path
    assert error_response("iam", call, {"Error": {"Code": "LimitExceeded"}}).path == Path()


def test_a_response_with_an_unknown_structure_is_still_an_error() -> None:
    """A proxy may have sent it."""
    assert error_response("iam", "GetRole", {}).detail == "no error code: no message."


def test_missing_credentials_say_where_to_provide_them() -> None:
    """A request without a response differs from an error response."""
    error = no_response("GetRole", NoCredentialsError())
    assert error.summary == "Could not send GetRole to AWS"
    assert "AWS_ACCESS_KEY_ID" in error.detail


def test_an_unreachable_endpoint_says_what_to_check() -> None:
    """The URL is in the text."""
    error = no_response("GetRole", EndpointConnectionError(endpoint_url="http://127.0.0.1:1"))
    assert "http://127.0.0.1:1" in error.detail
    assert "AWS_ENDPOINT_URL" in error.detail
