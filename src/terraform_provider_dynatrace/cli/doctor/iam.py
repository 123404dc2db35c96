"""What IAM has: the door to AWS for the doctor, over boto3 with the user's own credentials."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from terraform_plugin.diagnostics import Error
from terraform_provider_dynatrace.aws.diagnosis import FoundProvider

_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}  # where IAM of a partition is
_LOG_IN = (
    "Log in again, or give AWS credentials in one of AWS's usual ways. Whose they are: aws sts get-caller-identity."
)
_ADVICE = {
    "NoCredentialsError": "The doctor reads the role with your own AWS credentials. Give some in one of AWS's usual "
    "ways: AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or aws sso login.",
    "PartialCredentialsError": "An access key has two parts: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
    "ProfileNotFound": "The profiles that there are: aws configure list-profiles.",
}
_WRONG_CREDENTIALS = ("InvalidClientTokenId", "SignatureDoesNotMatch", "ExpiredToken", "UnrecognizedClientException")

NewClient = Callable[[str, str], Any]
"""Makes a boto3 client of a service ("iam", "sts") in a region."""


@dataclass(frozen=True)
class Caller:
    """Whose AWS credentials are used."""

    account: str
    arn: str

    @property
    def partition(self) -> str:
        return self.arn.split(":")[1]


@dataclass(frozen=True)
class FoundRole:
    """A role as IAM has it: its ARN, and its trust policy as JSON values."""

    arn: str
    policy: Any


def users_own(service: str, region: str) -> Any:
    """Return a client with the credentials that boto3 finds."""
    from boto3.session import Session  # noqa: PLC0415  # an optional extra, and slow to import
    from botocore.config import Config  # noqa: PLC0415  # the same

    retries = {"mode": "standard", "total_max_attempts": 3}
    return Session().client(service, region_name=region, config=Config(retries=retries, connect_timeout=10))


class Iam:
    """Reads IAM in the partition of a role. Every method raises `Error`: no credentials, no permission, no network."""

    def __init__(self, partition: str, new_client: NewClient = users_own) -> None:
        self._region = _REGIONS.get(partition, "us-east-1")
        self._new_client = new_client
        self._clients: dict[str, Any] = {}

    async def caller(self) -> Caller:
        """Return whose credentials they are."""
        found = await self._ask("sts", "get_caller_identity")
        return Caller(found["Account"], found["Arn"])

    async def role(self, name: str) -> FoundRole | None:
        """Return the role of this name (without path) in the caller's account, None if there is none."""
        found = await self._find("get_role", RoleName=name)
        return FoundRole(found["Role"]["Arn"], found["Role"]["AssumeRolePolicyDocument"]) if found else None

    async def provider(self, arn: str) -> FoundProvider | None:
        """Return the OIDC provider, None if there is none."""
        found = await self._find("get_open_id_connect_provider", OpenIDConnectProviderArn=arn)
        return FoundProvider(arn, found["Url"], tuple(found["ClientIDList"])) if found else None

    async def _find(self, call: str, **arguments: str) -> dict[str, Any] | None:
        try:
            return await self._ask("iam", call, **arguments)
        except _Refused as refusal:
            if refusal.code == "NoSuchEntity":
                return None
            raise

    async def _ask(self, service: str, call: str, **arguments: str) -> dict[str, Any]:
        return await asyncio.to_thread(self._call, service, call, arguments)

    def _call(self, service: str, call: str, arguments: dict[str, str]) -> dict[str, Any]:
        try:
            from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  # comes with boto3
        except ImportError as failure:
            raise _not_installed() from failure
        try:
            answer: dict[str, Any] = getattr(self._client(service), call)(**arguments)
        except ClientError as failure:
            raise _Refused(f"{service}:{failure.operation_name}", failure.response.get("Error", {})) from failure
        except (BotoCoreError, ValueError) as failure:  # ValueError: an endpoint that is no URL
            raise _not_asked(failure) from failure
        return answer

    def _client(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = self._new_client(service, self._region)
        return self._clients[service]


def _not_installed() -> Error:
    return Error(
        "boto3 is not installed",
        "The doctor reads IAM with it. Install it beside this provider: "
        "pip install 'terraform-provider-dynatrace[aws]'",
    )


class _Refused(Error):
    """AWS said no, with its error `code`."""

    def __init__(self, action: str, error: dict[str, Any]) -> None:
        self.code = str(error.get("Code", "no code"))
        advice = f"Your AWS credentials need the permission {action}." if "AccessDenied" in self.code else ""
        if self.code in _WRONG_CREDENTIALS:
            advice = _LOG_IN
        super().__init__(f"AWS refused {action}", f"{self.code}: {error.get('Message', '')} {advice}".strip())


def _not_asked(failure: Exception) -> Error:
    advice = _ADVICE.get(type(failure).__name__, "Check the network, a proxy, and AWS_ENDPOINT_URL.")
    return Error("AWS could not be asked", f"{str(failure).rstrip('.')}. {advice}")
