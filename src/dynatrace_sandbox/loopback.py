"""Loopback only: the sockets that listen there, and which HTTP requests may use them."""

from __future__ import annotations

import json
import re
import socket
from dataclasses import dataclass
from typing import Any
from urllib.request import ProxyHandler, Request, build_opener

HOST = "127.0.0.1"
_TIMEOUT = 10
"""Seconds for one request of `get_json`."""

_LOCAL_NAME = re.compile(r"(127\.0\.0\.1|localhost)(:\d{1,5})?", re.IGNORECASE)


@dataclass(frozen=True)
class Refusal:
    """The response to a request that may come from a web page."""

    status: int
    """The HTTP status."""
    reason: str
    """The HTTP reason phrase."""
    message: str
    """The plain text body."""


def listening_socket(port: int) -> socket.socket:
    """Return a socket that listens on loopback; port 0 takes a free one. Raises `OSError`."""
    # asyncio switches Nagle's algorithm off only for sockets with an explicit protocol. Accepted connections inherit
    # the option. With it on, a response in two parts waits 40 ms for the client's delayed acknowledgement.
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        made.bind((HOST, port))
        made.listen(128)
    except OSError as error:
        made.close()
        raise OSError(error.errno, f"cannot listen on {HOST}:{port}: {error.strerror}") from error
    return made


def refusal(host: str | None, origin: str | None, fetch_site: str | None, *, own_page: bool = False) -> Refusal | None:
    """Return how to refuse a request that a web page may have sent, None for a request of a program on this machine.

    `host`, `origin` and `fetch_site` are the headers `Host`, `Origin` and `Sec-Fetch-Site`, None where missing. With
    `own_page`, requests of the page that the sandbox itself serves at this host and port are accepted, too. Every
    listener of the sandbox passes each request through here. Source: docs/design/0008-sources.md#fetch.
    """
    # A page can point a name of its own at 127.0.0.1 (DNS rebinding). The browser then sends that name.
    if host is None or not _LOCAL_NAME.fullmatch(host):
        return Refusal(421, "Misdirected Request", f"Host must be {HOST} or localhost, with or without a port.\n")
    # A page can also name 127.0.0.1 itself. Browsers then add Origin to every POST and every request with CORS, and
    # Sec-Fetch-Site to all others. "none" is an address that a person typed. Programs send neither header.
    if (origin, fetch_site) in ((None, None), (None, "none")):
        return None
    # No other page has this origin: a page at another port of this machine has another one, and is "same-site".
    if own_page and fetch_site in (None, "same-origin") and origin in (None, f"http://{host.lower()}"):
        return None
    return Refusal(403, "Forbidden", "The sandbox accepts no requests from web pages.\n")


def get_json(url: str) -> Any:
    """Return the JSON at an http URL of this machine, without a proxy. Raises `OSError` or `ValueError`."""
    opener = build_opener(ProxyHandler({}))
    with opener.open(Request(url), timeout=_TIMEOUT) as response:  # noqa: S310 an http URL of our own
        return json.load(response)
