"""What AWS answers, as an error that says what to do next. Translated once, in `client`.

Source: the error codes of IAM and STS (https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html and the
errors of each call), and botocore's own exceptions for what never reached AWS.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from terraform_plugin import Error, Path

_CREDENTIALS = "Check the AWS credentials this provider uses: `aws sts get-caller-identity` shows whose they are."
_ADVICE = {
    "EntityAlreadyExists": "Import what exists into the state, refer to it with a data source, or choose another name.",
    "DeleteConflict": "Something is still attached to it. Detach that first; a role that was applied with "
    "`force_detach_policies = true` lets go of its policies by itself.",
    "MalformedPolicyDocument": "Correct the policy. `jsonencode` avoids mistakes in its form.",
    "LimitExceeded": "Remove what is not needed, or ask AWS for a higher quota.",
    "NoSuchEntity": "It is not there, or not in this account.",
    "Throttling": "It was tried several times. Run it again later, or with a lower `-parallelism`.",
    "InvalidClientTokenId": _CREDENTIALS,
    "SignatureDoesNotMatch": _CREDENTIALS,
    "ExpiredToken": "The session has ended. Log in again.",
    "NoCredentialsError": "Give AWS credentials: a profile, the variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, "
    "or the arguments of the provider block.",
    "PartialCredentialsError": "An access key needs both of its parts, the id and the secret.",
    "ProfileNotFound": "`aws configure list-profiles` lists the profiles there are.",
    "EndpointConnectionError": "Check the network, a proxy, and the `endpoints` of the provider or AWS_ENDPOINT_URL.",
    "ConnectTimeoutError": "Check the network, a proxy, and the `endpoints` of the provider or AWS_ENDPOINT_URL.",
}
_PATHS = {"MalformedPolicyDocument": Path("assume_role_policy")}


class AwsError(Error):
    """AWS said no, or was not reached. `code` is its error code, or the name of botocore's exception."""

    def __init__(self, summary: str, detail: str, path: Path, code: str) -> None:
        super().__init__(summary, detail, path)
        self.code = code


def refused(service: str, call: str, answer: Mapping[str, Any]) -> AwsError:
    """Return the error for an answer of AWS. `answer` is botocore's `ClientError.response`."""
    code = str(answer.get("Error", {}).get("Code", "without a code"))
    said = f"{code}: {answer.get('Error', {}).get('Message') or 'no message'}"
    return AwsError(f"AWS refused {call}", _join(said, _advice(service, call, code)), _PATHS.get(code, Path()), code)


def not_reached(call: str, failure: Exception) -> AwsError:
    """Return the error for a call that AWS never answered. `failure` is botocore's `BotoCoreError`."""
    code = type(failure).__name__
    return AwsError(f"AWS could not be asked for {call}", _join(str(failure), _ADVICE.get(code, "")), Path(), code)


def _advice(service: str, call: str, code: str) -> str:
    if code.startswith("AccessDenied"):
        return f"These AWS credentials need the permission {service}:{call}."
    return _ADVICE.get(code, "")


def _join(said: str, advice: str) -> str:
    return f"{said.rstrip('.')}. {advice}".rstrip()
