"""AWS to examine: moto's server, or one that always gives the same answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

from boto3.session import Session
from botocore.config import Config

from terraform_provider_dynatrace.cli.doctor.iam import Iam, NewClient


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None: ...  # noqa: A002  # the standard library's name


def client_at(url: str) -> NewClient:
    """Return what makes clients of an AWS at `url`; they ask once."""

    def new_client(service: str, region: str) -> Any:
        session = Session(aws_access_key_id="test", aws_secret_access_key="test")
        config = Config(retries={"total_max_attempts": 1}, proxies={})
        return session.client(service, region_name=region, endpoint_url=url, config=config)

    return new_client


def iam_at(url: str) -> Callable[[str], Iam]:
    """Return what gives the door to IAM in a partition, at `url`."""
    return lambda partition: Iam(partition, client_at(url))


@contextmanager
def refusing(code: str, message: str) -> Iterator[str]:
    """Serve an AWS that refuses everything with an error code; give its URL."""
    text = f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"

    def application(_: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response("403 Forbidden", [("Content-Type", "text/xml")])
        return [text.encode()]

    server = make_server("127.0.0.1", 0, application, handler_class=Quiet)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
