"""IAM and STS of several AWS accounts, held by moto on a loopback port.

moto keeps what IAM would keep and serves boto3 and Terraform over real HTTP. Its STS evaluates no trust policy, so
`trust` decides who may assume a role. Only this file, `services` and `managed_policies` know moto.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from dynatrace_sandbox.aws.gate import Accounts, Gate
from dynatrace_sandbox.aws.services import load_services, providers_of, roles_of
from dynatrace_sandbox.aws.trust import OidcProvider, Role
from dynatrace_sandbox.loopback import HOST, listening_socket

_REGIONS = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
_ROLE_NAME = re.compile(r"[\w+=,.@-]{1,64}", re.ASCII)


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
        """Return every role and every OIDC provider of the standard partition, of all accounts."""

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
        self._accounts = Accounts()
        self._clients: dict[tuple[str, str], Any] = {}
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
        self._accounts.reset()

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
        """Return every role and every OIDC provider of the standard partition, of all accounts."""
        if self._server is None:  # until then no request has reached moto, and this must not wait for its import
            return [], []
        # Not over HTTP: the page asks every second, and one account takes several requests.
        ids = self._accounts.ids()
        roles = [FoundRole(role, created) for id_ in ids for role, created in roles_of(id_)]
        return roles, [provider for id_ in ids for provider in providers_of(id_)]

    def _client(self, arn: str) -> Any:
        """Return an IAM client for an ARN's partition and account, or None for an account that nothing was sent to."""
        _, partition, _, _, account, *_ = arn.split(":")
        if account not in self._accounts.ids():
            return None
        with self._lock:
            if (partition, account) not in self._clients:
                self._clients[partition, account] = self._new_client(_REGIONS[partition], account)
            return self._clients[partition, account]

    def _new_client(self, region: str, account: str) -> Any:
        from boto3.session import Session  # noqa: PLC0415 half a second that the start of the sandbox need not wait for
        from botocore.config import Config  # noqa: PLC0415 the same

        session = Session(aws_access_key_id=account, aws_secret_access_key="sandbox", region_name=region)  # noqa: S106 moto takes any
        return session.client("iam", endpoint_url=self.url, config=Config(proxies={}))

    def _serve(self) -> None:
        application = Gate(load_services(), self._accounts)
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


def _found_role(found: Any) -> FoundRole:
    return FoundRole(Role(found["Arn"], found["AssumeRolePolicyDocument"]), found["CreateDate"])


def _providers(client: Any) -> Iterable[OidcProvider]:
    for listed in client.list_open_id_connect_providers()["OpenIDConnectProviderList"]:
        arn = listed["Arn"]
        found = client.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
        yield OidcProvider(arn, found["Url"], tuple(found["ClientIDList"]))
