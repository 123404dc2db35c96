"""The one door to AWS: boto3, called in threads so that the event loop goes on."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from terraform_plugin import Error
from terraform_provider_aws_iam.errors import AwsError, not_reached, refused


@dataclass(frozen=True)
class AwsSettings:
    """The provider's arguments. What is None is boto3's to find: environment, shared files, role of the machine.

    `endpoints` are URLs by service ("iam", "sts"); `unknown` names arguments that are known only after apply.
    """

    region: str | None = None
    access_key: str | None = None
    secret_key: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    profile: str | None = None
    endpoints: Mapping[str, str] = field(default_factory=dict)
    unknown: Sequence[str] = ()


class Aws:
    """Calls IAM and STS. Raises `AwsError`. boto3 is imported at the first call: a plan often needs none."""

    def __init__(self, settings: AwsSettings) -> None:
        self._settings = settings
        self._clients: dict[str, Any] = {}
        self._lock = threading.Lock()

    async def iam(self, call: str, **arguments: Any) -> dict[str, Any]:
        """Return IAM's answer to a call by boto3's name: `await aws.iam("get_role", RoleName="x")`."""
        return await asyncio.to_thread(self._call, "iam", call, arguments)

    async def sts(self, call: str, **arguments: Any) -> dict[str, Any]:
        """Return STS's answer to a call by boto3's name."""
        return await asyncio.to_thread(self._call, "sts", call, arguments)

    async def find(self, call: str, **arguments: Any) -> dict[str, Any] | None:
        """Return IAM's answer, or None if there is no such thing."""
        try:
            return await self.iam(call, **arguments)
        except AwsError as failure:
            if failure.code == "NoSuchEntity":
                return None
            raise

    async def list_all(self, call: str, key: str, **arguments: Any) -> list[Any]:
        """Return what is under `key` on every page of a list in IAM; of a thing that is gone, nothing."""
        items: list[Any] = []
        page: dict[str, Any] | None = {"Marker": ""}
        while page and "Marker" in page:
            marker = {"Marker": page["Marker"]} if page["Marker"] else {}
            page = await self.find(call, **arguments, **marker)
            items += page[key] if page else []
        return items

    def close(self) -> None:
        """Close what connections are open."""
        for client in self._clients.values():
            client.close()

    def _call(self, service: str, call: str, arguments: Mapping[str, Any]) -> dict[str, Any]:
        client = self._client(service, call)
        from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 loaded with boto3, at the first call

        name = client.meta.method_to_api_mapping[call]
        try:
            answer: dict[str, Any] = getattr(client, call)(**arguments)
        except ClientError as failure:
            raise refused(service, name, failure.response) from failure
        except BotoCoreError as failure:
            raise not_reached(name, failure) from failure
        return answer

    def _client(self, service: str, call: str) -> Any:
        if self._settings.unknown:
            names = ", ".join(self._settings.unknown)
            raise Error(
                "AWS cannot be asked yet",
                f"{call} needs the provider's {names}, known only after apply. Apply what they depend on first.",
            )
        with self._lock:
            if service not in self._clients:
                self._clients[service] = _new_client(self._settings, service)
            return self._clients[service]


def _new_client(settings: AwsSettings, service: str) -> Any:
    try:
        from boto3.session import Session  # noqa: PLC0415 a third of a second that a start need not pay
    except ImportError as failure:
        advice = "Install it beside this provider: pip install 'terraform-provider-dynatrace[aws]'"
        raise Error("boto3 is not installed", advice) from failure
    from botocore.config import Config  # noqa: PLC0415
    from botocore.exceptions import BotoCoreError  # noqa: PLC0415

    logging.getLogger("botocore").setLevel(logging.INFO)  # its debug lines hold signed requests
    try:
        session = Session(
            aws_access_key_id=settings.access_key,
            aws_secret_access_key=settings.secret_key,
            aws_session_token=settings.token,
            profile_name=settings.profile,
        )
        return session.client(
            service,
            region_name=settings.region or session.region_name or "us-east-1",  # IAM is global, signing wants a name
            endpoint_url=settings.endpoints.get(service),
            config=Config(retries={"mode": "standard", "total_max_attempts": 5}, connect_timeout=10, read_timeout=60),
        )
    except (BotoCoreError, ValueError) as failure:  # ValueError: an endpoint that is no URL
        raise not_reached(service.upper(), failure) from failure
