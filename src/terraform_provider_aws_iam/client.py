"""Requests to AWS: botocore, called in threads so that the event loop continues."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from terraform_plugin import Error
from terraform_plugin.masking import mask
from terraform_plugin.validators import shortened
from terraform_provider_aws_iam.errors import error_response, no_response, not_configured, unexpected_response

_MAX_PAGES = 1000
"""Pages of a list: a hundred thousand items, far more than the quotas of an account allow."""


@dataclass(frozen=True)
class AwsSettings:
    """The arguments of the provider block. botocore finds what is None: in variables, shared files or the machine."""

    region: str | None = None
    access_key: str | None = None
    secret_key: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    profile: str | None = None
    endpoints: Mapping[str, str] = field(default_factory=dict)
    """URLs by service ("iam", "sts")."""
    assume_roles: Sequence[Mapping[str, Any]] = ()
    """The arguments of STS AssumeRole, for each role; each is assumed with the credentials of the one before."""
    default_tags: Mapping[str, str] = field(default_factory=dict)
    """Tags of all resources that have tags."""
    unknown: Sequence[str] = ()
    """The names of arguments that are only known after apply."""


class Aws:
    """Calls IAM and STS. Raises `AwsError`. botocore is imported for the first request: a plan often sends none."""

    def __init__(self, settings: AwsSettings) -> None:
        self.default_tags = settings.default_tags
        self.unknown = settings.unknown
        self._settings = settings
        self._lock = threading.Lock()
        self._session: Any = None
        self._region = ""
        self._masked: Any = None
        self._clients: dict[str, Any] = {}

    async def iam(self, call: str, **arguments: Any) -> dict[str, Any]:
        """Return IAM's response to a call with botocore's name: `await aws.iam("get_role", RoleName="x")`."""
        return await asyncio.to_thread(self._call, "iam", call, arguments)

    async def sts(self, call: str, **arguments: Any) -> dict[str, Any]:
        """Return STS's response to a call with botocore's name."""
        return await asyncio.to_thread(self._call, "sts", call, arguments)

    async def find(self, call: str, **arguments: Any) -> dict[str, Any] | None:
        """Return IAM's response, or None if the object does not exist."""
        try:
            return await self.iam(call, **arguments)
        except Error as failure:
            if getattr(failure, "code", None) == "NoSuchEntity":
                return None
            raise

    async def list_all(self, call: str, key: str, **arguments: Any) -> list[Any]:
        """Return the items under `key` on all pages of a list in IAM; none if the object does not exist."""
        items: list[Any] = []
        marker: dict[str, str] = {}
        for _ in range(_MAX_PAGES):
            page = await self.find(call, **arguments, **marker)
            items += page[key] if page else []
            if not page or "Marker" not in page:
                return items
            if page["Marker"] == marker.get("Marker"):
                break
            marker = {"Marker": page["Marker"]}
        raise unexpected_response(call, "the list does not end")

    async def partition(self) -> Mapping[str, Any]:
        """Return AWS's description of the partition that the region is in, with the region under "region".

        It is part of botocore, so no request is sent.
        """
        return await asyncio.to_thread(self._partition)

    def close(self) -> None:
        """Close the open connections."""
        for client in self._clients.values():
            client.close()

    def _call(self, service: str, call: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        client = self._client(service, call)
        name = client.meta.method_to_api_mapping[call]
        with _translated(service, name):
            self._register_secrets()
            response: dict[str, Any] = getattr(client, call)(**arguments)
        return response

    def _register_secrets(self) -> None:
        """Mask the credentials that sign the next request. Those of a role or a login change while we run."""
        if credentials := self._session.get_credentials():
            frozen = credentials.get_frozen_credentials()
            if frozen != self._masked:
                mask(frozen.secret_key or "")
                mask(frozen.token or "")
                self._masked = frozen

    def _partition(self) -> Mapping[str, Any]:
        session, region = self._configured("The region")
        partitions: list[dict[str, Any]] = session.get_data("endpoints")["partitions"]
        found = (one for one in partitions if region in one["regions"])
        return {**next(found, partitions[0]), "region": region}  # the first is AWS's main one, for a new region

    def _client(self, service: str, call: str) -> Any:
        session, region = self._configured(call)
        with self._lock, _configuration():
            if service not in self._clients:
                self._clients[service] = _new_client(session, service, region, self._settings)
            return self._clients[service]

    def _configured(self, what: str) -> tuple[Any, str]:
        """Return botocore's session, and the region. `what` is the subject of the error if they are not known yet."""
        if self.unknown:
            raise Error(
                "AWS provider not configured yet",
                f"{what} needs the provider's {', '.join(self.unknown)}, which are only known after apply. Apply the "
                "resources that they depend on first.",
            )
        with self._lock:
            if self._session is None:
                self._session, self._region = _new_session(self._settings)
            return self._session, self._region


@contextmanager
def _translated(service: str, call: str) -> Iterator[None]:
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415  # see Aws
    from botocore.parsers import ResponseParserError  # noqa: PLC0415  # see Aws

    try:
        yield
    except ClientError as failure:
        # Credentials of a role are requested when the first other request is signed.
        name = failure.operation_name or call
        raise error_response("sts" if name == "AssumeRole" else service, name, failure.response) from failure
    except (ResponseParserError, LookupError, RecursionError) as failure:
        # Not XML, or other elements. botocore itself raises LookupError for those that it expects.
        raise unexpected_response(call, shortened(f"{type(failure).__name__}: {failure}")) from failure
    except (BotoCoreError, ValueError, OSError) as failure:  # OSError: a file that a profile names cannot be read
        raise no_response(call, failure) from failure


@contextmanager
def _configuration() -> Iterator[None]:
    """Translate what botocore finds wrong with credentials, profile, region or endpoints before the first request."""
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415  # see Aws

    try:
        yield
    except (BotoCoreError, ValueError, OSError) as failure:  # ValueError: an endpoint that is not a URL
        raise not_configured(failure) from failure


def _new_session(settings: AwsSettings) -> tuple[Any, str]:
    """Return botocore's session with the credentials of the settings, and the region."""
    try:
        from botocore.session import Session  # noqa: PLC0415  # takes 0.2 s
    except ImportError as failure:
        advice = f"Install it into the Python environment of this provider: {sys.executable} -m pip install boto3"
        raise Error("boto3 is not installed", advice) from failure

    logging.getLogger("botocore").setLevel(logging.INFO)  # its debug lines contain signed requests
    with _configuration():
        session = Session(profile=settings.profile)
        session.register("before-send", _mask_token)
        if settings.access_key or settings.secret_key:
            _check_key(settings)
            session.set_credentials(settings.access_key, settings.secret_key, settings.token)
        # botocore does not read AWS_REGION, which hashicorp/aws does. IAM is global, but a signature needs a region.
        region = settings.region or os.environ.get("AWS_REGION") or session.get_config_variable("region") or "us-east-1"
        for arguments in settings.assume_roles:
            sts = _new_client(session, "sts", region, settings)
            session = Session(profile=settings.profile)
            session.register("before-send", _mask_token)
            session.register_component("credential_provider", _Role(sts, arguments))
    return session, region


def _check_key(settings: AwsSettings) -> None:
    """Raise botocore's error for one half of an access key, which it would sign requests with."""
    from botocore.exceptions import PartialCredentialsError  # noqa: PLC0415  # see Aws

    for name in ("access_key", "secret_key"):
        if not getattr(settings, name):
            raise PartialCredentialsError(provider="the provider block", cred_var=name)


def _mask_token(request: Any, **_: Any) -> None:
    """Mask the session token of a request before it is sent: AWS repeats it in the error SignatureDoesNotMatch."""
    if token := request.headers.get("X-Amz-Security-Token"):
        mask(token if isinstance(token, str) else token.decode())


def _new_client(session: Any, service: str, region: str, settings: AwsSettings) -> Any:
    from botocore.config import Config  # noqa: PLC0415  # see Aws

    return session.create_client(
        service,
        region_name=region,
        endpoint_url=settings.endpoints.get(service),
        config=Config(retries={"mode": "standard", "total_max_attempts": 5}, connect_timeout=10, read_timeout=60),
    )


class _Role:
    """Takes the place of botocore's search for credentials: those of an assumed role, renewed before they expire."""

    def __init__(self, sts: Any, arguments: Mapping[str, Any]) -> None:
        self._sts = sts
        self._arguments = arguments

    def load_credentials(self) -> Any:
        from botocore.credentials import DeferredRefreshableCredentials  # noqa: PLC0415  # see Aws

        return DeferredRefreshableCredentials(refresh_using=self._assume, method="assume-role")

    def _assume(self) -> dict[str, str]:
        credentials = self._sts.assume_role(**self._arguments)["Credentials"]
        return {
            "access_key": credentials["AccessKeyId"],
            "secret_key": credentials["SecretAccessKey"],
            "token": credentials["SessionToken"],
            "expiry_time": credentials["Expiration"].isoformat(),
        }
