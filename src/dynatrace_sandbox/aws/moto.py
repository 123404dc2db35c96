"""IAM and STS of one AWS account, held by moto on a loopback port.

moto keeps what IAM would keep and serves boto3 and Terraform over real HTTP. Its STS evaluates no trust policy, so
`trust` decides who may assume a role.
"""

from __future__ import annotations

import io
import os
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from urllib.parse import parse_qs

from dynatrace_sandbox.aws.managed_policies import add_managed_policies
from dynatrace_sandbox.aws.trust import OidcProvider, Role
from dynatrace_sandbox.loopback import HOST, listening_socket, refusal

ACCOUNT = "123456789012"
"""The account that moto simulates."""

SERVICES = ("iam", "sts")
"""The services of moto that are loaded and served."""

LARGEST_BODY = 1024 * 1024
"""Bytes of a request. IAM's largest document, a policy, has 6,144 characters."""

_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
_SIGNED_FOR = re.compile(rf"AWS4-HMAC-SHA256 Credential=[^/,\s]+/\d+/[\w-]+/({'|'.join(SERVICES)})/aws4_request\b")
_ROLE_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)
_UNSIGNED_ACTIONS = ("AssumeRoleWithWebIdentity", "AssumeRoleWithSAML")
"""The actions of STS that take no signature. Source: docs/design/0008-sources.md#iam-api."""

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Wsgi = Callable[[Environ, StartResponse], Iterable[bytes]]


@dataclass(frozen=True)
class FoundRole:
    """A role, and when it was created."""

    role: Role
    """Its ARN and its trust policy."""
    created: datetime
    """With a time zone."""


class Iam(Protocol):
    """The AWS side, as the simulated environment and the control path use it. Every method may block."""

    url: str
    """Where IAM and STS are served."""

    def role(self, arn: str) -> FoundRole | None:
        """Return the role with exactly this ARN, or None."""

    def providers(self, arn: str) -> list[OidcProvider]:
        """Return the OIDC providers in the partition and account of an ARN."""

    def inventory(self) -> tuple[list[FoundRole], list[OidcProvider]]:
        """Return every role and every OIDC provider of the standard partition."""

    def reset(self) -> None:
        """Delete every role and provider."""


class Moto:
    """moto's IAM and STS. The port listens at once; requests wait there while moto is imported."""

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
        """Stop serving and close the port; an import that is still running is not waited for."""
        with self._lock:
            self._stopped = True
        if self._server:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
        self._socket.close()

    def reset(self) -> None:
        """Delete every role and provider."""
        if self._server is None:  # until then no request has reached moto
            return
        from moto.core.base_backend import BackendDict  # noqa: PLC0415 see `_serve`
        from moto.core.model_instances import reset_model_data  # noqa: PLC0415 see `_serve`

        BackendDict.reset()
        reset_model_data()

    def role(self, arn: str) -> FoundRole | None:
        """Return the role with exactly this ARN, or None."""
        client, name = self._client(arn), arn.rpartition("/")[2]
        if client is None or not _ROLE_NAME.fullmatch(name):  # Dynatrace's pattern also accepts an ARN without a name
            return None
        try:
            found = client.get_role(RoleName=name)["Role"]
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
        application = Gate(_load_services())
        from moto.moto_server.werkzeug_app import MotoRequestHandler  # noqa: PLC0415 two seconds: on this thread only
        from werkzeug.serving import make_server  # noqa: PLC0415 comes with moto

        class Quiet(MotoRequestHandler):
            def log(self, type: str, message: str, *args: Any) -> None: ...  # noqa: A002 werkzeug's name

        with self._lock:
            if self._stopped:
                return
            self._server = make_server(
                HOST,
                self.port,
                application,
                threaded=True,
                request_handler=Quiet,
                fd=self._socket.fileno(),
            )
        self._server.serve_forever(poll_interval=0.05)


class Gate:
    """The WSGI application in front of moto's services.

    moto's own server dispatches to some 160 services and to `/moto-api`, which can write files, send requests to other
    addresses and run code from a template. Here a request reaches IAM or STS, or nothing: no other service is imported.
    """

    def __init__(self, services: Mapping[str, Wsgi]) -> None:
        self._services = services

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request."""
        origin, fetch_site = environ.get("HTTP_ORIGIN"), environ.get("HTTP_SEC_FETCH_SITE")
        if refused := refusal(environ.get("HTTP_HOST"), origin, fetch_site):
            start_response(f"{refused.status} {refused.reason}", [("Content-Type", "text/plain")])
            return [refused.message.encode()]
        # A page can send a signed GET as the address of an image, without Origin. The AWS clients send POST.
        if environ["REQUEST_METHOD"] != "POST" or environ["PATH_INFO"] != "/":
            return _error(start_response, "404 Not Found", "UnknownOperationException", "Send POST / with an Action.")
        length = environ.get("CONTENT_LENGTH") or ""
        if not length.isdigit():
            return _error(start_response, "411 Length Required", "MissingContentLength", "Content-Length is missing.")
        if len(length) > len(str(LARGEST_BODY)) or int(length) > LARGEST_BODY:
            message = f"The request body must not exceed {LARGEST_BODY} bytes."
            return _error(start_response, "413 Content Too Large", "RequestEntityTooLarge", message)
        body = environ["wsgi.input"].read(int(length))
        service = self._services.get(_service_of(environ.get("HTTP_AUTHORIZATION", ""), body))
        if service is None:
            message = "The sandbox serves IAM and STS only."
            return _error(start_response, "403 Forbidden", "AccessDeniedException", message)
        return service(environ | {"wsgi.input": io.BytesIO(body)}, start_response)


def _service_of(authorization: str, body: bytes) -> str:
    """Return the service that a request is signed for, or "sts" for an action without a signature; else ""."""
    if authorization:
        signed = _SIGNED_FOR.match(authorization)
        return signed[1] if signed else ""
    actions = parse_qs(body.decode("latin-1"), max_num_fields=1000).get("Action", [])
    return "sts" if len(actions) == 1 and actions[0] in _UNSIGNED_ACTIONS else ""


def _error(start_response: StartResponse, status: str, code: str, message: str) -> Iterable[bytes]:
    """Respond with an error that AWS's clients can read."""
    start_response(status, [("Content-Type", "text/xml")])
    error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error>"
    return [f"<ErrorResponse>{error}<RequestId>sandbox</RequestId></ErrorResponse>".encode()]


def _load_services() -> dict[str, Wsgi]:
    """Import moto's IAM and STS, and return each as a WSGI application."""
    # moto reads its settings when it is imported. Without this one it would answer every origin with CORS headers; the
    # user's own settings could make it record requests into a file of the working directory.
    for name in [name for name in os.environ if name.startswith("MOTO_")]:
        del os.environ[name]
    os.environ["MOTO_DISABLE_GLOBAL_CORS"] = "true"
    from moto.moto_server.werkzeug_app import create_backend_app  # noqa: PLC0415 two seconds: on moto's thread only

    _adapt_iam()
    add_managed_policies()
    _skip_authorization()
    return {name: create_backend_app(name) for name in SERVICES}  # type: ignore[arg-type] # moto's Literal of names


def _adapt_iam() -> None:
    """Add the two actions that moto lacks: adding a client ID to an OIDC provider, and removing one.

    Both succeed when there is nothing to change. Source: docs/design/0008-sources.md#iam-api.
    """
    from moto.core.responses import ActionResult, EmptyResult  # noqa: PLC0415 see `_load_services`
    from moto.iam.responses import IamResponse  # noqa: PLC0415 see `_load_services`

    def change(response: Any, changed: Callable[[list[str], str], list[str]]) -> ActionResult:
        parameter = response._get_param  # noqa: SLF001 how moto's own actions read their parameters
        provider = response.backend.get_open_id_connect_provider(parameter("OpenIDConnectProviderArn"))
        provider.client_id_list = changed(provider.client_id_list, parameter("ClientID"))
        return EmptyResult()

    def add(response: Any) -> ActionResult:
        return change(response, lambda ids, added: ids if added in ids else [*ids, added])

    def remove(response: Any) -> ActionResult:
        return change(response, lambda ids, removed: [other for other in ids if other != removed])

    actions: Any = IamResponse
    actions.add_client_id_to_open_id_connect_provider = add
    actions.remove_client_id_from_open_id_connect_provider = remove


def _skip_authorization() -> None:
    """Leave out moto's check of signatures and identity policies, which accepts everything unless it is switched on."""
    from moto.core.authorization import ActionAuthenticatorMixin  # noqa: PLC0415 see `_load_services`

    # The check imports S3, EventBridge and CloudWatch before it finds that it is switched off.
    mixin: Any = ActionAuthenticatorMixin
    mixin._authenticate_and_authorize_normal_action = lambda _response, _resource="*": None  # noqa: SLF001 no other way


def _found_role(found: Any) -> FoundRole:
    return FoundRole(Role(found["Arn"], found["AssumeRolePolicyDocument"]), found["CreateDate"])


def _providers(client: Any) -> Iterable[OidcProvider]:
    for listed in client.list_open_id_connect_providers()["OpenIDConnectProviderList"]:
        arn = listed["Arn"]
        found = client.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
        yield OidcProvider(arn, found["Url"], tuple(found["ClientIDList"]))
