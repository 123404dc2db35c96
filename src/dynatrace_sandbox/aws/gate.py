"""The WSGI application in front of moto's services: which requests reach them, and for which AWS account.

As in LocalStack, an access key ID of 12 digits is the ID of the account that the request is for. Each account begins
empty. The keys of an assumed role belong to the account of the role, and every other key to `ACCOUNT`.
Source: docs/design/0008-sources.md#several-accounts.
"""

from __future__ import annotations

import io
import re
import threading
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs
from xml.sax.saxutils import escape

from dynatrace_sandbox.loopback import refusal

ACCOUNT = "123456789012"
"""The account of all access keys that name no other."""

SERVICES = ("iam", "sts")
"""The services of moto that are loaded and served."""

MOST_ACCOUNTS = 100
"""How many accounts a sandbox has, in each of which requests can create things."""

LARGEST_BODY = 1024 * 1024
"""Bytes of a request. IAM's largest document, a policy, has 6,144 characters."""

_SIGNED_FOR = re.compile(
    rf"AWS4-HMAC-SHA256 Credential=(?P<key>[^/,\s]+)/\d+/[\w-]+/(?P<service>{'|'.join(SERVICES)})/aws4_request\b"
)
_ACCOUNT_ID = re.compile(r"\d{12}", re.ASCII)
_UNSIGNED_ACTIONS = ("AssumeRoleWithWebIdentity", "AssumeRoleWithSAML")
"""The actions of STS that take no signature. Source: docs/design/0008-sources.md#iam-api."""
_ACCOUNT_HEADER = "HTTP_X_MOTO_ACCOUNT_ID"
"""The header by which moto takes an account, as WSGI names it. From outside it is dropped."""

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Wsgi = Callable[[Environ, StartResponse], Iterable[bytes]]


class Accounts:
    """The accounts to which requests were sent since the last reset, `MOST_ACCOUNTS` at most."""

    def __init__(self) -> None:
        self._ids = {ACCOUNT}
        self._lock = threading.Lock()

    def admit(self, account: str) -> bool:
        """Return whether the account exists; the first request for an account makes it exist, if there is room."""
        with self._lock:
            if account not in self._ids and len(self._ids) == MOST_ACCOUNTS:
                return False
            self._ids.add(account)
            return True

    def ids(self) -> list[str]:
        """Return the 12-digit IDs of all accounts."""
        with self._lock:
            return sorted(self._ids)

    def reset(self) -> None:
        """Keep `ACCOUNT` only."""
        with self._lock:
            self._ids = {ACCOUNT}


class Gate:
    """The WSGI application in front of moto's services.

    moto's own server dispatches to some 160 services and to `/moto-api`, which can write files, send requests to other
    addresses and run code from a template. Here a request reaches IAM or STS, or nothing: no other service is imported.
    """

    def __init__(self, services: Mapping[str, Wsgi], accounts: Accounts) -> None:
        self._services = services
        self._accounts = accounts

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
        if not (length.isascii() and length.isdigit()):
            return _error(start_response, "411 Length Required", "MissingContentLength", "Content-Length is missing.")
        if len(length) > len(str(LARGEST_BODY)) or int(length) > LARGEST_BODY:
            message = f"The request body must not exceed {LARGEST_BODY} bytes."
            return _error(start_response, "413 Content Too Large", "RequestEntityTooLarge", message)
        body = environ["wsgi.input"].read(int(length))
        name, key = _addressee(environ.get("HTTP_AUTHORIZATION", ""), body)
        service = self._services.get(name)
        if service is None:
            message = "The sandbox serves IAM and STS only."
            return _error(start_response, "403 Forbidden", "AccessDeniedException", message)
        forwarded = environ | {"wsgi.input": io.BytesIO(body)}
        forwarded.pop(_ACCOUNT_HEADER, None)
        if _ACCOUNT_ID.fullmatch(key):
            if not self._accounts.admit(key):
                message = f"The sandbox has at most {MOST_ACCOUNTS} accounts. Use one of them, or reset the sandbox."
                return _error(start_response, "403 Forbidden", "AccessDeniedException", message)
            forwarded[_ACCOUNT_HEADER] = key
        return service(forwarded, start_response)


def _addressee(authorization: str, body: bytes) -> tuple[str, str]:
    """Return the service that a request is signed for, and the access key ID.

    Without a signature it is "sts" for an action that takes none, else "". The key is "" then.
    """
    if authorization:
        signed = _SIGNED_FOR.match(authorization)
        return (signed["service"], signed["key"]) if signed else ("", "")
    actions = parse_qs(body.decode("latin-1"), max_num_fields=1000).get("Action", [])
    return ("sts" if len(actions) == 1 and actions[0] in _UNSIGNED_ACTIONS else ""), ""


def _error(start_response: StartResponse, status: str, code: str, message: str) -> Iterable[bytes]:
    start_response(status, [("Content-Type", "text/xml")])
    return [error_body(code, message).encode()]


def error_body(code: str, message: str) -> str:
    """Return the XML of an error that AWS's clients can read."""
    error = f"<Error><Type>Sender</Type><Code>{code}</Code><Message>{escape(message)}</Message></Error>"
    return f"<ErrorResponse>{error}<RequestId>sandbox</RequestId></ErrorResponse>"
