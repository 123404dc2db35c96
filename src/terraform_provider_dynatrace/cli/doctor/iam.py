"""Reads roles and OIDC providers from IAM, with boto3 and the user's own AWS credentials.

Source: docs/design/0008-sources.md#iam-api.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable
from contextlib import suppress
from threading import Lock, Thread
from typing import Any, Generic, Protocol, TypeVar

from msgspec import Struct

from terraform_plugin import Error
from terraform_plugin.masking import mask
from terraform_provider_dynatrace.aws.diagnosis import OidcProvider

_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}  # IAM's endpoint of a partition
_LOG_IN = (
    "Log in again, or provide other AWS credentials. To see whose credentials are in use: aws sts get-caller-identity."
)
_SSO = "Log in again: aws sso login."
_WITHOUT_CREDENTIALS = {
    "NoCredentialsError": "This command reads the role with your own AWS credentials. Provide them as for the AWS CLI: "
    "AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or aws sso login.",
    "PartialCredentialsError": "Set both AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.",
    "ProfileNotFound": "To list the profiles: aws configure list-profiles.",
    "SSOTokenLoadError": _SSO,
    "TokenRetrievalError": _SSO,
    "UnauthorizedSSOTokenError": _SSO,
}
"""What to do, by the exception with which boto3 says that it has no credentials to use."""
_INVALID_CREDENTIALS = ("InvalidClientTokenId", "SignatureDoesNotMatch", "ExpiredToken", "UnrecognizedClientException")

_AT_A_TIME = {"iam": 4, "sts": 16}
"""Requests for one account at a time. How many IAM allows per second is not documented; it throttles what is more."""
_ROLES_PER_PAGE = 1000  # the most that ListRoles allows

K = TypeVar("K")
V = TypeVar("V")


class NewClient(Protocol):
    """Makes boto3 clients."""

    def __call__(self, service: str, region: str, **keys: str) -> Any:
        """Return a client for a service ("iam", "sts") in a region.

        `keys` are credentials to use instead of its own: `aws_access_key_id`, `aws_secret_access_key` and
        `aws_session_token`.
        """


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


class CallerIdentity(Struct, frozen=True):
    """Who the AWS credentials belong to."""

    account: str
    """The account ID, 12 digits."""
    arn: str

    @property
    def partition(self) -> str:
        return self.arn.split(":")[1]


class Role(Struct, frozen=True):
    """A role as IAM has it."""

    arn: str
    policy: Any
    """The trust policy, as JSON values."""


class Boto3:
    """Makes clients with the credentials of a profile, or with those that boto3 finds by itself.

    They repeat a request that IAM throttled up to 7 times, and wait up to 20 seconds in between. Source:
    docs/design/0008-sources.md#boto3-retries.
    """

    _lock = Lock()
    """Sessions, other than clients, must not be used by two threads, and neither must the loader that they share."""
    _loader: Any = None
    """Reads the descriptions of AWS's services, which takes 0.3 seconds, once for all profiles."""

    def __init__(self, profile: str | None = None) -> None:
        self._profile = profile
        self._session: Any = None

    def __call__(self, service: str, region: str, **keys: str) -> Any:
        """Return a client; see `NewClient`. Raises what boto3 raises, for example for an unknown profile."""
        from botocore.config import Config  # noqa: PLC0415  # an optional extra, and slow to import

        # STS is called first: three attempts are enough to notice that there is no network.
        retries = {"mode": "standard", "total_max_attempts": 8 if service == "iam" else 3}
        config = Config(retries=retries, connect_timeout=10, read_timeout=20, max_pool_connections=_AT_A_TIME[service])
        with self._lock:
            self._session = self._session or self._new_session()
            return self._session.client(service, region_name=region, config=config, **keys)

    def _new_session(self) -> Any:
        from boto3.session import Session  # noqa: PLC0415  # an optional extra, and slow to import
        from botocore.session import get_session  # noqa: PLC0415  # the same

        session = get_session()
        if self._profile is not None:  # otherwise AWS_PROFILE counts
            session.set_config_variable("profile", self._profile)
        Boto3._loader = Boto3._loader or session.get_component("data_loader")
        session.register_component("data_loader", Boto3._loader)
        return Session(botocore_session=session)


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

    Every method raises `AwsRefusal` for an error that AWS returns, and `Error` without boto3, credentials or network.
    """

    def __init__(self, partition: str, new_client: NewClient, *, lists_roles: bool = False) -> None:
        """Take what makes clients. `lists_roles`: so many roles are wanted that a list of all of them is faster."""
        self._region = _REGIONS.get(partition, "us-east-1")
        self.new_client = new_client
        self._lists_roles = lists_roles
        self._clients: dict[str, Any] = {}
        self._lock = Lock()
        self._slots = {service: asyncio.Semaphore(limit) for service, limit in _AT_A_TIME.items()}
        self._responses: Once[tuple[str, ...], dict[str, Any] | None] = Once()
        self._lists: Once[None, dict[str, Role]] = Once()

    async def caller(self) -> CallerIdentity:
        """Return who the credentials belong to."""
        response = await self._call("sts", "get_caller_identity")
        return CallerIdentity(response["Account"], response["Arn"])

    async def assumed(self, role_arn: str) -> dict[str, str]:
        """Return the keys of a session with another role, as `NewClient` takes them."""
        session = {"RoleSessionName": "terraform-provider-dynatrace-doctor", "DurationSeconds": 900}
        response = await self._call("sts", "assume_role", RoleArn=role_arn, **session)
        found = response["Credentials"]
        mask(found["SecretAccessKey"])
        mask(found["SessionToken"])
        return {
            "aws_access_key_id": found["AccessKeyId"],
            "aws_secret_access_key": found["SecretAccessKey"],
            "aws_session_token": found["SessionToken"],
        }

    async def role(self, name: str) -> Role | None:
        """Return the role with this name (without path) in the account, None if it does not exist."""
        if self._lists_roles:
            with suppress(AwsRefusal):  # without iam:ListRoles, each role is read
                roles = await self._lists.get(None, self._all_roles)
                if name in roles:
                    return roles[name]
        response = await self._get("get_role", RoleName=name)
        return _role(response["Role"]) if response else None

    async def _all_roles(self) -> dict[str, Role]:
        """Return all roles of the account by name, with their trust policies."""
        roles: dict[str, Role] = {}
        marker: dict[str, str] = {}
        while True:
            page = await self._call("iam", "list_roles", MaxItems=_ROLES_PER_PAGE, **marker)
            roles |= {one["RoleName"]: _role(one) for one in page["Roles"]}
            if not page["IsTruncated"]:
                return roles
            marker = {"Marker": page["Marker"]}

    async def provider(self, arn: str) -> OidcProvider | None:
        """Return the OIDC provider, None if it does not exist."""
        response = await self._get("get_open_id_connect_provider", OpenIDConnectProviderArn=arn)
        return OidcProvider(arn, response["Url"], tuple(response["ClientIDList"])) if response else None

    async def _get(self, method: str, **arguments: str) -> dict[str, Any] | None:
        async def read() -> dict[str, Any] | None:
            try:
                return await self._call("iam", method, **arguments)
            except AwsRefusal as refusal:
                if refusal.code == "NoSuchEntity":
                    return None
                raise

        return await self._responses.get((method, *arguments.values()), read)

    async def _call(self, service: str, method: str, **arguments: Any) -> dict[str, Any]:
        async with self._slots[service]:
            return await _in_thread(lambda: self._call_blocking(service, method, arguments))

    def _call_blocking(self, service: str, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
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
            cause = str(failure).rstrip(".")
            if advice := _WITHOUT_CREDENTIALS.get(type(failure).__name__):
                raise Error("No AWS credentials to use", f"{cause}. {advice}") from failure
            advice = "Check the network, the proxy settings and AWS_ENDPOINT_URL."
            raise Error("AWS cannot be reached", f"{cause}. {advice}") from failure
        return response

    def _client(self, service: str) -> Any:
        with self._lock:
            if service not in self._clients:
                self._clients[service] = self.new_client(service, self._region)
            return self._clients[service]


def _role(found: dict[str, Any]) -> Role:
    return Role(found["Arn"], found["AssumeRolePolicyDocument"])


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
