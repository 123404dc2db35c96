"""AWS for the tests of the doctor: moto's server, or one that always returns the same response."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Lock, Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import httpx2
from boto3.session import Session
from botocore.config import Config

from terraform_provider_dynatrace.cli.doctor.accounts import Accounts, Source
from terraform_provider_dynatrace.cli.doctor.aws_session import NewClient
from terraform_provider_dynatrace.cli.doctor.iam import Iam


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None: ...  # noqa: A002  # the standard library's name


def client_at(url: str) -> NewClient:
    """Return what makes clients of an AWS at `url`; they ask once."""

    session = Session(aws_access_key_id="test", aws_secret_access_key="test")
    lock = Lock()  # a session must not be used by two threads

    def new_client(service: str, region: str, **keys: str) -> Any:
        config = Config(retries={"total_max_attempts": 1}, proxies={})
        with lock:
            return session.client(service, region_name=region, endpoint_url=url, config=config, **keys)

    return new_client


def iam_at(url: str) -> Callable[[str], Iam]:
    """Return what gives the door to IAM in a partition, at `url`."""
    return lambda partition: Iam(partition, client_at(url))


def accounts_at(url: str) -> Accounts:
    """Return the accounts that one caller reaches, at `url`."""
    return accounts_with(client_at(url))


def accounts_with(new_client: NewClient) -> Accounts:
    return Accounts([Source("The caller", new_client)])


@contextmanager
def refusing(code: str, message: str) -> Iterator[str]:
    """Serve an AWS that refuses everything with an error code; give its URL."""

    def application(_: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        return _refuse(start_response, "403 Forbidden", code, message)

    with _serving(application) as url:
        yield url


@contextmanager
def responding(body: str, status: str = "200 OK") -> Iterator[str]:
    """Serve an AWS with one response to everything; give its URL.

    `{token}` in the body stands for the session token that it got.
    """

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        start_response(status, [("Content-Type", "text/xml")])
        return [body.replace("{token}", environ.get("HTTP_X_AMZ_SECURITY_TOKEN", "")).encode()]

    with _serving(application) as url:
        yield url


@contextmanager
def throttling(aws_url: str, times: int) -> Iterator[str]:
    """Serve the AWS at `aws_url`, which throttles so many requests first; give its URL."""
    left = iter(range(times))

    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        if next(left, None) is not None:
            return _refuse(start_response, "400 Bad Request", "Throttling", "Rate exceeded")
        body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
        headers = {
            "Authorization": environ["HTTP_AUTHORIZATION"],
            "Content-Type": environ["CONTENT_TYPE"],
            "X-Amz-Date": environ["HTTP_X_AMZ_DATE"],
        }
        response = httpx2.post(aws_url, content=body, headers=headers, trust_env=False)
        start_response("200 OK", [("Content-Type", "text/xml")])
        return [response.raise_for_status().content]

    with _serving(application) as url:
        yield url


def _refuse(start_response: Callable[..., Any], status: str, code: str, message: str) -> Iterable[bytes]:
    text = f"<ErrorResponse><Error><Code>{code}</Code><Message>{message}</Message></Error></ErrorResponse>"
    start_response(status, [("Content-Type", "text/xml")])
    return [text.encode()]


@contextmanager
def _serving(application: Any) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, application, handler_class=Quiet)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
