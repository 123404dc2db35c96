"""Roles and OIDC providers, held by moto's server on a loopback port: the only file that knows moto.

moto keeps what IAM would keep and answers boto3 and Terraform over real HTTP. Its STS reads no trust policy, so who
may assume a role is decided in `trust`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from dynatrace_sandbox.aws.trust import OidcProvider, Role
from dynatrace_sandbox.loopback import HOST, ask, listening_socket

ACCOUNT = "123456789012"
"""The account that moto pretends to be."""

_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}


@dataclass(frozen=True)
class FoundRole:
    """A role and the moment it was created."""

    role: Role
    created: datetime


class Iam(Protocol):
    """The AWS side, as Dynatrace's side and the control path use it; every method may block."""

    url: str

    def role(self, arn: str) -> FoundRole | None:
        """Return the role of exactly this ARN, or None."""

    def providers(self, arn: str) -> list[OidcProvider]:
        """Return the OIDC providers in the partition and account of an ARN."""

    def inventory(self) -> tuple[list[FoundRole], list[OidcProvider]]:
        """Return every role and every OIDC provider of the standard partition."""

    def reset(self) -> None:
        """Forget every role and provider."""


class Moto:
    """moto's IAM and STS. The port is taken at once, requests wait there while moto is being imported."""

    def __init__(self, port: int = 0) -> None:
        self._socket = listening_socket(port)
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://{HOST}:{self.port}"
        self._server: Any = None
        self._stopped = False
        self._clients: dict[str, Any] = {}
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._serve, name="moto", daemon=True)

    def start(self) -> None:
        """Begin to serve, on a thread of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Stop serving and give the port back; an import that is still under way is left to itself."""
        with self._lock:
            self._stopped = True
        if self._server:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
        self._socket.close()

    def reset(self) -> None:
        """Forget every role and provider."""
        ask(f"{self.url}/moto-api/reset", "POST")

    def role(self, arn: str) -> FoundRole | None:
        """Return the role of exactly this ARN, or None."""
        client = self._client(arn)
        if client is None:
            return None
        try:
            found = client.get_role(RoleName=arn.rpartition("/")[2])["Role"]
        except client.exceptions.NoSuchEntityException:
            return None
        return _found_role(found) if found["Arn"] == arn else None

    def providers(self, arn: str) -> list[OidcProvider]:
        """Return the OIDC providers in the partition and account of an ARN."""
        client = self._client(arn)
        return list(_providers(client)) if client else []

    def inventory(self) -> tuple[list[FoundRole], list[OidcProvider]]:
        """Return every role and every OIDC provider of the standard partition."""
        client = self._client(f"arn:aws:iam::{ACCOUNT}:")
        pages = client.get_paginator("list_roles").paginate()
        return [_found_role(role) for page in pages for role in page["Roles"]], list(_providers(client))

    def _client(self, arn: str) -> Any:
        """Return an IAM client for an ARN's partition, or None: every other account is empty."""
        _, partition, _, _, account, *_ = arn.split(":")
        if account != ACCOUNT:
            return None
        with self._lock:
            if partition not in self._clients:
                self._clients[partition] = self._new_client(_REGIONS[partition])
            return self._clients[partition]

    def _new_client(self, region: str) -> Any:
        from boto3.session import Session  # noqa: PLC0415 half a second that the start of the sandbox need not wait for
        from botocore.config import Config  # noqa: PLC0415 the same

        session = Session(aws_access_key_id="sandbox", aws_secret_access_key="sandbox", region_name=region)  # noqa: S106 moto takes any
        return session.client("iam", endpoint_url=self.url, config=Config(proxies={}))

    def _serve(self) -> None:
        from moto.moto_server.werkzeug_app import (  # noqa: PLC0415 two seconds, while Dynatrace's side already answers
            DomainDispatcherApplication,
            MotoRequestHandler,
            create_backend_app,
        )
        from werkzeug.serving import make_server  # noqa: PLC0415 comes with moto

        _add_client_id_actions()

        class Quiet(MotoRequestHandler):
            def log(self, type: str, message: str, *args: Any) -> None: ...  # noqa: A002 werkzeug's name

        application = only_local_hosts(DomainDispatcherApplication(create_backend_app), self.port)
        with self._lock:
            if self._stopped:
                return
            self._server = make_server(
                HOST, self.port, application, threaded=True, request_handler=Quiet, fd=self._socket.fileno()
            )
        self._server.serve_forever(poll_interval=0.05)


def _add_client_id_actions() -> None:
    """Teach moto the two actions that it lacks: they add and remove an audience of an OIDC provider.

    Both do nothing where there is nothing to do. Source: IAM API, AddClientIDToOpenIDConnectProvider and
    RemoveClientIDFromOpenIDConnectProvider.
    """
    from moto.core.responses import ActionResult, EmptyResult  # noqa: PLC0415 see `_serve`
    from moto.iam.responses import IamResponse  # noqa: PLC0415 see `_serve`

    def change(response: Any, changed: Callable[[list[str], str], list[str]]) -> ActionResult:
        parameter = response._get_param  # noqa: SLF001 how moto's own actions read their parameters
        provider = response.backend.get_open_id_connect_provider(parameter("OpenIDConnectProviderArn"))
        provider.client_id_list = changed(provider.client_id_list, parameter("ClientID"))
        return EmptyResult()

    def add(response: Any) -> ActionResult:
        return change(response, lambda ids, one: ids if one in ids else [*ids, one])

    def remove(response: Any) -> ActionResult:
        return change(response, lambda ids, one: [other for other in ids if other != one])

    actions: Any = IamResponse
    actions.add_client_id_to_open_id_connect_provider = add
    actions.remove_client_id_from_open_id_connect_provider = remove


Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def only_local_hosts(application: Wsgi, port: int) -> Wsgi:
    """Return the application behind a check of the Host header: a web page must not reach it by another name."""
    known = {f"{host}:{port}" for host in ("127.0.0.1", "localhost")}

    def checked(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("HTTP_HOST") in known:
            return application(environ, start_response)
        start_response("421 Misdirected Request", [("Content-Type", "text/plain")])
        return [b"This server is only known as 127.0.0.1 or localhost.\n"]

    return checked


def _found_role(found: Any) -> FoundRole:
    return FoundRole(Role(found["Arn"], found["AssumeRolePolicyDocument"]), found["CreateDate"])


def _providers(client: Any) -> Iterable[OidcProvider]:
    for listed in client.list_open_id_connect_providers()["OpenIDConnectProviderList"]:
        arn = listed["Arn"]
        found = client.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
        yield OidcProvider(arn, found["Url"], tuple(found["ClientIDList"]))
