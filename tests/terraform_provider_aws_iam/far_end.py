"""IAM and STS to test against: moto's server on a free loopback port, and two calls of IAM that moto lacks."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from io import BytesIO
from threading import Thread
from typing import Any
from urllib.parse import parse_qs
from urllib.request import Request, urlopen

from moto.iam.models import iam_backends
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

ACCOUNT = "123456789012"
"""The account that moto pretends to be."""

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Quiet(WSGIRequestHandler):
    """Answers without a line per request on standard error."""

    def log(self, type: str, message: str, *args: Any) -> None: ...  # noqa: A002  # werkzeug's name


def with_client_ids(application: Wsgi) -> Wsgi:
    """Return the application with AddClientIDToOpenIDConnectProvider and RemoveClientIDFromOpenIDConnectProvider."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = BytesIO(body)
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        action = form.get("Action", "")
        if "ClientID" not in form:
            return application(environ, start_response)
        provider = iam_backends[ACCOUNT]["aws"].get_open_id_connect_provider(form["OpenIDConnectProviderArn"])
        others = [client_id for client_id in provider.client_id_list if client_id != form["ClientID"]]
        provider.client_id_list = [*others, form["ClientID"]] if action.startswith("Add") else others
        start_response("200 OK", [("Content-Type", "text/xml")])
        return [f"<{action}Response><ResponseMetadata/></{action}Response>".encode()]

    return answer


@contextmanager
def moto_server() -> Iterator[str]:
    """Serve, and give the URL."""
    application = with_client_ids(DomainDispatcherApplication(create_backend_app))
    server = make_server("127.0.0.1", 0, application, threaded=True, request_handler=Quiet)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def forget_everything(url: str) -> None:
    """Make the server as new."""
    with urlopen(Request(f"{url}/moto-api/reset", method="POST")) as answer:  # noqa: S310  # our own http URL
        answer.read()
