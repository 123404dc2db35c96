"""Errors of AWS as errors that say what to do next. `client` translates them, once.

Source: the error codes of IAM and STS (https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html and the
page of each call), and the exceptions of botocore for requests without a response.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from terraform_plugin import Error, Path

_CREDENTIALS = "Check the AWS credentials of this provider: `aws sts get-caller-identity` shows their owner."
_SESSION = "The session has expired. Log in again."
_LOGIN = "Log in with `aws sso login --profile PROFILE`."
_FILE = "The profile names it, as `credential_process` or as `web_identity_token_file`."
_THROTTLED = "The request was retried several times. Apply again later, or with a lower `-parallelism`."
_NETWORK = "Check the network, the proxy, and the endpoint (`endpoints` in the provider block, or AWS_ENDPOINT_URL)."
_ADVICE = {
    "EntityAlreadyExists": "Import the existing object, use a data source for it, or choose another name.",
    "DeleteConflict": "Something is still attached to it. Detach that first. A role that was applied with "
    "`force_detach_policies = true` detaches its policies itself.",
    "MalformedPolicyDocument": "Correct the policy. `jsonencode` and `data.aws_iam_policy_document` avoid errors.",
    "LimitExceeded": "Delete what you do not need, or request a higher quota from AWS.",
    "NoSuchEntity": "It does not exist in this account.",
    "Throttling": _THROTTLED,
    "ThrottlingException": _THROTTLED,
    "ConcurrentModification": "Another request was changing the same object. Apply again.",
    "EntityTemporarilyUnmodifiable": "Another request was changing the same object. Apply again.",
    "ServiceFailure": "Apply again later.",
    "InternalFailure": "Apply again later.",
    "InvalidClientTokenId": _CREDENTIALS,
    "SignatureDoesNotMatch": _CREDENTIALS,
    "ExpiredToken": _SESSION,
    "ExpiredTokenException": _SESSION,
    "SSOTokenLoadError": _LOGIN,
    "UnauthorizedSSOTokenError": _LOGIN,
    "TokenRetrievalError": _LOGIN,
    "RequestExpired": "Set the clock of this machine: AWS accepts requests of the last 15 minutes.",
    "NoCredentialsError": "Provide AWS credentials: a profile, the variables AWS_ACCESS_KEY_ID and "
    "AWS_SECRET_ACCESS_KEY, or the arguments of the provider block.",
    "PartialCredentialsError": "Provide both parts of the access key, its ID and its secret.",
    "ProfileNotFound": "`aws configure list-profiles` lists the profiles.",
    "InvalidRegionError": "Correct `region` in the provider block, AWS_REGION, or the region of the profile.",
    "CredentialRetrievalError": "Run the `credential_process` of the profile to see what it writes.",
    "FileNotFoundError": _FILE,
    "PermissionError": _FILE,
    "EndpointConnectionError": _NETWORK,
    "ConnectTimeoutError": _NETWORK,
    "ReadTimeoutError": _NETWORK,
    "ConnectionClosedError": _NETWORK,
    "ProxyConnectionError": _NETWORK,
    "SSLError": "Check that the endpoint speaks TLS. For the certificate of a proxy, set AWS_CA_BUNDLE.",
}
"""What to do, by AWS's error code or the name of botocore's exception."""

_POLICIES = {
    "CreateRole": "assume_role_policy",
    "UpdateAssumeRolePolicy": "assume_role_policy",
    "CreatePolicy": "policy",
    "CreatePolicyVersion": "policy",
    "PutRolePolicy": "policy",
}
"""The attribute with the policy document of a call."""


class AwsError(Error):
    """AWS returned an error, or no response. `code` is its error code, or the name of botocore's exception."""

    def __init__(self, summary: str, detail: str, path: Path, code: str) -> None:
        super().__init__(summary, detail, path)
        self.code = code


def error_response(service: str, call: str, response: Mapping[str, Any]) -> AwsError:
    """Return the error for an error response. `response` is botocore's `ClientError.response`."""
    code = str(response.get("Error", {}).get("Code", "no error code"))
    text = f"{code}: {response.get('Error', {}).get('Message') or 'no message'}"
    path = Path(_POLICIES[call]) if code == "MalformedPolicyDocument" and call in _POLICIES else Path()
    return AwsError(f"AWS rejected {call}", _join(text, _advice(service, call, code)), path, code)


def no_response(call: str, failure: Exception) -> AwsError:
    """Return the error for a request without a response. `failure` is botocore's `BotoCoreError`."""
    code = type(failure).__name__
    return AwsError(f"Could not send {call} to AWS", _join(str(failure), _ADVICE.get(code, "")), Path(), code)


def not_configured(failure: Exception) -> AwsError:
    """Return the error for a configuration with which no request can be sent, such as an unknown profile."""
    code = type(failure).__name__
    return AwsError("Cannot configure the AWS provider", _join(str(failure), _ADVICE.get(code, "")), Path(), code)


def unexpected_response(call: str, problem: str) -> AwsError:
    """Return the error for a response in another form than AWS documents. `problem` is half a sentence."""
    detail = f"The response to {call} is not as AWS documents it: {problem.rstrip('.')}. {_NETWORK}"
    return AwsError("Unexpected response from AWS", detail, Path(), "UnexpectedResponse")


def _advice(service: str, call: str, code: str) -> str:
    if code.startswith("AccessDenied"):
        return f"The AWS credentials need the permission {service}:{call}."
    return _ADVICE.get(code, "")


def _join(text: str, advice: str) -> str:
    return f"{text.rstrip('.')}. {advice}".rstrip()
