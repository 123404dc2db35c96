"""Reads roles and OIDC providers from IAM, with boto3 and the user's own AWS credentials.

Source: docs/design/0008-sources.md#iam-api.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from terraform_plugin import Error
from terraform_provider_dynatrace.aws.diagnosis import OidcProvider

_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}  # IAM's endpoint of a partition
_LOG_IN = (
    "Log in again, or provide other AWS credentials. To see whose credentials are in use: aws sts get-caller-identity."
)
_ADVICE = {
    "NoCredentialsError": "This command reads the role with your own AWS credentials. Provide them as for the AWS CLI: "
    "AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or aws sso login.",
    "PartialCredentialsError": "Set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
    "ProfileNotFound": "To list the profiles: aws configure list-profiles.",
}
_INVALID_CREDENTIALS = ("InvalidClientTokenId", "SignatureDoesNotMatch", "ExpiredToken", "UnrecognizedClientException")

NewClient = Callable[[str, str], Any]
"""Returns a boto3 client for a service ("iam", "sts") and a region."""


class AwsRefusal(Error):
    """AWS returned an error for a call."""

    def __init__(self, action: str, error: dict[str, Any]) -> None:
        """Take the action, for example `iam:GetRole`, and the element `Error` of the response."""
        self.code = str(error.get("Code", "no code"))
        advice = f"Your AWS credentials need the permission {action}." if self.is_missing_permission else ""
        if self.code in _INVALID_CREDENTIALS:
            advice = _LOG_IN
        super().__init__(f"AWS refused {action}", f"{self.code}: {error.get('Message', '')} {advice}".strip())

    @property
    def is_missing_permission(self) -> bool:
        """Whether the credentials are valid but lack a permission."""
        return "AccessDenied" in self.code


@dataclass(frozen=True)
class CallerIdentity:
    """Who the AWS credentials belong to."""

    account: str
    """The account ID, 12 digits."""
    arn: str

    @property
    def partition(self) -> str:
        return self.arn.split(":")[1]


@dataclass(frozen=True)
class Role:
    """A role as IAM has it."""

    arn: str
    policy: Any
    """The trust policy, as JSON values."""


def boto3_client(service: str, region: str) -> Any:
    """Return a client with the credentials that boto3 finds."""
    from boto3.session import Session  # noqa: PLC0415  # an optional extra, and slow to import
    from botocore.config import Config  # noqa: PLC0415  # the same

    retries = {"mode": "standard", "total_max_attempts": 3}
    return Session().client(service, region_name=region, config=Config(retries=retries, connect_timeout=10))


class Iam:
    """Reads IAM in the partition of a role.

    Every method raises `AwsRefusal` for an error that AWS returns, and `Error` without boto3, credentials or network.
    """

    def __init__(self, partition: str, new_client: NewClient = boto3_client) -> None:
        self._region = _REGIONS.get(partition, "us-east-1")
        self._new_client = new_client
        self._clients: dict[str, Any] = {}

    async def caller(self) -> CallerIdentity:
        """Return who the credentials belong to."""
        response = await self._call("sts", "get_caller_identity")
        return CallerIdentity(response["Account"], response["Arn"])

    async def role(self, name: str) -> Role | None:
        """Return the role with this name (without path) in the caller's account, None if it does not exist."""
        response = await self._get("get_role", RoleName=name)
        return Role(response["Role"]["Arn"], response["Role"]["AssumeRolePolicyDocument"]) if response else None

    async def provider(self, arn: str) -> OidcProvider | None:
        """Return the OIDC provider, None if it does not exist."""
        response = await self._get("get_open_id_connect_provider", OpenIDConnectProviderArn=arn)
        return OidcProvider(arn, response["Url"], tuple(response["ClientIDList"])) if response else None

    async def _get(self, method: str, **arguments: str) -> dict[str, Any] | None:
        try:
            return await self._call("iam", method, **arguments)
        except AwsRefusal as refusal:
            if refusal.code == "NoSuchEntity":
                return None
            raise

    async def _call(self, service: str, method: str, **arguments: str) -> dict[str, Any]:
        return await asyncio.to_thread(self._call_blocking, service, method, arguments)

    def _call_blocking(self, service: str, method: str, arguments: dict[str, str]) -> dict[str, Any]:
        try:
            from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  # comes with boto3
        except ImportError as failure:
            raise Error(
                "boto3 is not installed",
                "This command reads IAM with boto3. Install it into the Python environment of the provider: "
                f"{sys.executable} -m pip install boto3",
            ) from failure
        try:
            response: dict[str, Any] = getattr(self._client(service), method)(**arguments)
        except ClientError as failure:
            raise AwsRefusal(f"{service}:{failure.operation_name}", failure.response.get("Error", {})) from failure
        except (BotoCoreError, ValueError) as failure:  # ValueError: an endpoint that is not a URL
            advice = _ADVICE.get(type(failure).__name__, "Check the network, the proxy settings and AWS_ENDPOINT_URL.")
            raise Error("AWS cannot be reached", f"{str(failure).rstrip('.')}. {advice}") from failure
        return response

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self._new_client(service, self._region)
        return self._clients[service]
