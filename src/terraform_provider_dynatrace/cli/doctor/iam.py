"""Reads roles and OIDC providers from IAM, with boto3 and the user's own AWS credentials.

Source: docs/design/0008-sources.md#iam-api.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from threading import Lock, Thread
from typing import Any, Generic, TypeVar

import msgspec
from msgspec import Struct, field

from terraform_plugin import Error
from terraform_plugin.masking import mask
from terraform_plugin.validators import shortened
from terraform_provider_dynatrace.aws.diagnosis import OidcProvider
from terraform_provider_dynatrace.cli.doctor.aws_session import AT_A_TIME, NO_CREDENTIALS, NewClient

_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}  # IAM's endpoint of a partition
_LOG_IN = (
    "Log in again, or provide other AWS credentials. To see whose credentials are in use: aws sts get-caller-identity."
)
_SSO = "Log in again: aws sso login."
_NETWORK = "Check the network, the proxy settings and AWS_ENDPOINT_URL."
_WITHOUT_CREDENTIALS = {
    "NoCredentialsError": "This command reads the role with your own AWS credentials. Provide them as for the AWS CLI: "
    "AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or aws sso login.",
    "NoRegionError": "Set AWS_REGION, or add a region to the profile.",
    "PartialCredentialsError": "Set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
    "ProfileNotFound": "To list the profiles: aws configure list-profiles.",
    "SSOTokenLoadError": _SSO,
    "TokenRetrievalError": _SSO,
    "UnauthorizedSSOTokenError": _SSO,
}
"""What to do, by the exception with which boto3 says that it has no credentials to use."""
_INVALID_CREDENTIALS = ("InvalidClientTokenId", "SignatureDoesNotMatch", "ExpiredToken", "UnrecognizedClientException")

_ROLES_PER_PAGE = 1000  # the most that ListRoles allows
_MAX_PAGES = 1000
"""Pages of a list. IAM may put fewer roles on a page than it was asked for."""

K = TypeVar("K")
V = TypeVar("V")


class AwsRefusal(Error):
    """AWS returned an error for a call."""

    def __init__(self, action: str, error: dict[str, Any]) -> None:
        """Take the action, for example `iam:GetRole`, and the element `Error` of the response."""
        self.code = str(error.get("Code", "no code"))
        advice = f"Your AWS credentials need the permission {action}." if self.is_missing_permission else ""
        if self.code in _INVALID_CREDENTIALS:
            advice = _LOG_IN
        message = str(error.get("Message") or "no message").rstrip(".")
        super().__init__(f"AWS refused {action}", f"{self.code}: {message}. {advice}".strip())

    @property
    def is_missing_permission(self) -> bool:
        """Whether the credentials are valid but lack a permission."""
        return "AccessDenied" in self.code


class CallerIdentity(Struct, rename="pascal", frozen=True):
    """Who the AWS credentials belong to."""

    account: str
    """The account ID, 12 digits."""
    arn: str

    def __post_init__(self) -> None:
        """Raise `ValueError` for what is not an ARN."""
        if not self.arn.startswith("arn:"):
            raise ValueError(f"the ARN is {self.arn[:100]!r}")

    @property
    def partition(self) -> str:
        return self.arn.split(":")[1]


class Role(Struct, frozen=True):
    """A role as IAM has it."""

    arn: str = field(name="Arn")
    policy: Any = field(name="AssumeRolePolicyDocument")
    """The trust policy, as JSON values."""


class _GetRole(Struct, rename="pascal", frozen=True):
    role: Role


class _ListedRole(Role, frozen=True):
    name: str = field(name="RoleName")


class _Roles(Struct, rename="pascal", frozen=True):
    roles: list[_ListedRole]
    is_truncated: bool = False
    marker: str = ""


class _Provider(Struct, frozen=True):
    url: str = field(name="Url")
    client_ids: list[str] = field(name="ClientIDList")


class _Keys(Struct, rename="pascal", frozen=True):
    access_key_id: str
    secret_access_key: str
    session_token: str


class _AssumeRole(Struct, rename="pascal", frozen=True):
    credentials: _Keys


class Once(Generic[K, V]):
    """Reads the value of each key once, however many ask for it, also at the same time."""

    def __init__(self) -> None:
        self._tasks: dict[K, asyncio.Task[V]] = {}

    async def get(self, key: K, read: Callable[[], Awaitable[V]]) -> V:
        """Return what the first `read` for this key returned. Raises what it raised."""

        async def reading() -> V:
            return await read()

        if key not in self._tasks:
            task = self._tasks[key] = asyncio.create_task(reading())
            # Nobody waits for a failure after Ctrl-C. asyncio would print it as an exception that was never retrieved.
            task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())
        return await asyncio.shield(self._tasks[key])


class Iam:
    """Reads the IAM of one account in the partition of a role. What was read once is not read again.

    Every method raises `AwsRefusal` for an error that AWS returns, and `Error` without boto3, credentials or network,
    and for a response in another form than AWS documents.
    """

    def __init__(self, partition: str, new_client: NewClient, *, lists_roles: bool = False) -> None:
        """Take what makes clients. `lists_roles`: so many roles are wanted that a list of all of them is faster."""
        self._region = _REGIONS.get(partition, "us-east-1")
        self.new_client = new_client
        self._lists_roles = lists_roles
        self._clients: dict[str, Any] = {}
        self._lock = Lock()
        self._slots = {service: asyncio.Semaphore(limit) for service, limit in AT_A_TIME.items()}
        self._responses: Once[tuple[str, ...], Any] = Once()
        self._lists: Once[None, dict[str, Role]] = Once()

    async def caller(self) -> CallerIdentity:
        """Return who the credentials belong to."""
        return await self._call("sts", "get_caller_identity", CallerIdentity)

    async def assumed(self, role_arn: str) -> dict[str, str]:
        """Return the keys of a session with another role, as `NewClient` takes them."""
        session = {"RoleSessionName": "terraform-provider-dynatrace-doctor", "DurationSeconds": 900}
        found = (await self._call("sts", "assume_role", _AssumeRole, RoleArn=role_arn, **session)).credentials
        mask(found.secret_access_key)
        mask(found.session_token)
        return {
            "aws_access_key_id": found.access_key_id,
            "aws_secret_access_key": found.secret_access_key,
            "aws_session_token": found.session_token,
        }

    async def role(self, name: str) -> Role | None:
        """Return the role with this name (without path) in the account, None if it does not exist."""
        if self._lists_roles:
            with suppress(AwsRefusal):  # without iam:ListRoles, each role is read
                roles = await self._lists.get(None, self._all_roles)
                if name in roles:
                    return roles[name]
        response = await self._get("get_role", _GetRole, RoleName=name)
        return response.role if response else None

    async def _all_roles(self) -> dict[str, Role]:
        """Return all roles of the account by name, with their trust policies."""
        roles: dict[str, Role] = {}
        marker: dict[str, str] = {}
        for _ in range(_MAX_PAGES):
            page = await self._call("iam", "list_roles", _Roles, MaxItems=_ROLES_PER_PAGE, **marker)
            roles |= {one.name: Role(one.arn, one.policy) for one in page.roles}
            if not page.is_truncated:
                return roles
            if page.marker in ("", marker.get("Marker")):
                break
            marker = {"Marker": page.marker}
        raise _unexpected("iam:ListRoles", "the list does not end")

    async def provider(self, arn: str) -> OidcProvider | None:
        """Return the OIDC provider, None if it does not exist."""
        response = await self._get("get_open_id_connect_provider", _Provider, OpenIDConnectProviderArn=arn)
        return OidcProvider(arn, response.url, tuple(response.client_ids)) if response else None

    async def _get(self, method: str, into: type[V], **arguments: str) -> V | None:
        async def read() -> V | None:
            try:
                return await self._call("iam", method, into, **arguments)
            except AwsRefusal as refusal:
                if refusal.code == "NoSuchEntity":
                    return None
                raise

        found: V | None = await self._responses.get((method, *arguments.values()), read)
        return found

    async def _call(self, service: str, method: str, into: type[V], **arguments: Any) -> V:
        async with self._slots[service]:
            return await _in_thread(lambda: self._call_blocking(service, method, into, arguments))

    def _call_blocking(self, service: str, method: str, into: type[V], arguments: dict[str, Any]) -> V:
        try:
            from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  # comes with boto3
            from botocore.parsers import ResponseParserError  # noqa: PLC0415  # the same
        except ImportError as failure:
            raise Error(
                "boto3 is not installed",
                "This command reads IAM with boto3. Install it into the Python environment of the provider: "
                f"{sys.executable} -m pip install boto3",
            ) from failure
        try:
            return msgspec.convert(getattr(self._client(service), method)(**arguments), into)
        except ClientError as failure:
            raise AwsRefusal(f"{service}:{failure.operation_name}", failure.response.get("Error", {})) from failure
        except (ResponseParserError, msgspec.ValidationError, LookupError, RecursionError) as failure:
            # Not XML, or other elements. botocore itself raises LookupError for those that it expects.
            raise _unexpected(f"{service}:{method}", shortened(f"{type(failure).__name__}: {failure}")) from failure
        except (BotoCoreError, ValueError) as failure:  # ValueError: an endpoint that is not a URL
            cause = str(failure).rstrip(".")
            if advice := _WITHOUT_CREDENTIALS.get(type(failure).__name__):
                raise Error(NO_CREDENTIALS, f"{cause}. {advice}") from failure
            raise Error("AWS cannot be reached", f"{cause}. {_NETWORK}") from failure

    def _client(self, service: str) -> Any:
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self.new_client(service, self._region)
            return self._clients[service]


def _unexpected(call: str, problem: str) -> Error:
    return Error(
        "Unexpected response from AWS",
        f"The response to {call} is not as AWS documents it: {problem.rstrip('.')}. {_NETWORK}",
    )


async def _in_thread(call: Callable[[], V]) -> V:
    """Return what a function returns that blocks. Its thread does not keep the process from ending after Ctrl-C.

    `asyncio.to_thread` would: before Python ends, it waits for each request that is under way.
    """
    loop = asyncio.get_running_loop()
    result: asyncio.Future[V] = loop.create_future()

    def settle(value: V | None, failure: Exception | None) -> None:
        if result.done():  # cancelled: nobody waits any more
            return
        if failure:
            result.set_exception(failure)
        else:
            result.set_result(value)  # type: ignore[arg-type]  # V itself may be an optional type

    def work() -> None:
        value, failure = None, None
        try:
            value = call()
        except Exception as caught:  # noqa: BLE001  # the caller raises it again
            failure = caught
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            loop.call_soon_threadsafe(settle, value, failure)

    Thread(target=work, daemon=True).start()
    return await result
