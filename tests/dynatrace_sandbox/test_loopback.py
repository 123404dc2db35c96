"""Loopback only: sockets, and the requests that web pages send."""

import socket

import pytest

from dynatrace_sandbox.loopback import listening_socket, refusal


def test_it_listens_on_loopback_only() -> None:
    """The socket takes a free port, listens at once and does not use Nagle's algorithm."""
    with listening_socket(0) as listening:
        assert listening.getsockname()[0] == "127.0.0.1"
        assert listening.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        with socket.create_connection(listening.getsockname()):
            pass


def test_a_port_in_use_is_named() -> None:
    """The error names the port, and no socket stays open."""
    with listening_socket(0) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(OSError, match=f"cannot listen on 127.0.0.1:{port}: "):
            listening_socket(port)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.1:8085", "localhost", "localhost:1", "LOCALHOST:65535"])
@pytest.mark.parametrize("fetch_site", [None, "none"])
def test_programs_and_typed_addresses_are_served(host: str, fetch_site: str | None) -> None:
    """Programs send neither Origin nor Sec-Fetch-Site; for an address that a person types, browsers send `none`."""
    assert refusal(host, None, fetch_site) is None


@pytest.mark.parametrize(
    "host",
    [
        *(None, "", "example.com", "abc12345.live.dynatrace.com", "127.0.0.1.example.com", "localhost.example.com"),
        *("[::1]", "127.0.0.2", "127.0.0.1:evil", "127.0.0.1:", "127.0.0.1:123456", "user@127.0.0.1", "127.0.0.1 "),
    ],
)
def test_another_host_name_is_misdirected(host: str | None) -> None:
    """421 for a page whose own host name points to this machine."""
    refused = refusal(host, None, None)

    assert refused is not None
    assert refused.status == 421


@pytest.mark.parametrize(
    ("origin", "fetch_site"),
    [
        ("https://evil.example", None),
        ("null", None),
        ("", None),
        ("http://127.0.0.1:8085", "same-origin"),
        (None, "cross-site"),
        (None, "same-site"),
        (None, "same-origin"),
        (None, "anything"),
        ("https://evil.example", "none"),
    ],
)
def test_a_web_page_is_forbidden(origin: str | None, fetch_site: str | None) -> None:
    """Any Origin, and any Sec-Fetch-Site but `none`: 403. Source: docs/design/0008-sources.md#fetch."""
    refused = refusal("127.0.0.1:8085", origin, fetch_site)

    assert refused is not None
    assert refused.status == 403


OWN_ORIGIN = "http://127.0.0.1:8085"


@pytest.mark.parametrize(
    ("origin", "fetch_site"),
    [(None, None), (None, "none"), (None, "same-origin"), (OWN_ORIGIN, "same-origin"), (OWN_ORIGIN, None)],
)
def test_the_sandboxs_own_page_is_served(origin: str | None, fetch_site: str | None) -> None:
    """Where it is allowed: its origin is the scheme, host and port of the request."""
    assert refusal("127.0.0.1:8085", origin, fetch_site, own_page=True) is None


@pytest.mark.parametrize(
    ("origin", "fetch_site"),
    [
        ("https://evil.example", "cross-site"),
        ("https://evil.example", None),
        ("http://127.0.0.1:9999", "same-site"),
        ("http://127.0.0.1:9999", None),
        ("http://localhost:8085", "same-origin"),
        ("https://127.0.0.1:8085", None),
        ("http://127.0.0.1", None),
        ("null", "same-origin"),
        ("", "same-origin"),
        (OWN_ORIGIN, "cross-site"),
        (OWN_ORIGIN, "none"),
        (None, "cross-site"),
        (None, "same-site"),
    ],
)
def test_every_other_page_is_also_forbidden_there(origin: str | None, fetch_site: str | None) -> None:
    """Another port, another name of this machine and another scheme are other origins."""
    refused = refusal("127.0.0.1:8085", origin, fetch_site, own_page=True)

    assert refused is not None
    assert refused.status == 403
