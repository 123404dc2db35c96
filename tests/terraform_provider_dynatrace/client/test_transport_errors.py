"""The errors for failed connections."""

from __future__ import annotations

import math
import socket
import ssl

import httpx2
import pytest

from terraform_provider_dynatrace.client.responses import Request
from terraform_provider_dynatrace.client.transport_errors import unreachable
from tests.terraform_provider_dynatrace.far_end import API_TOKEN

REQUEST = Request("PUT", "abc12345.live.dynatrace.com", "/api/v2/x", "write", API_TOKEN)


def caused(failure: Exception, cause: BaseException) -> Exception:
    failure.__cause__ = cause
    return failure


def untrusted(code: int) -> ssl.SSLCertVerificationError:
    """Return what OpenSSL's verification error of this number becomes."""
    failure = ssl.SSLCertVerificationError(1, "certificate verify failed")
    failure.verify_code, failure.verify_message = code, "in OpenSSL's words"
    return failure


def failed_handshake(reason: str) -> ssl.SSLError:
    """Return what OpenSSL's error with this reason becomes."""
    failure = ssl.SSLError(1, f"[SSL: {reason}] in OpenSSL's words")
    failure.reason = reason
    return failure


@pytest.mark.parametrize(
    ("cause", "words", "transient_and_sent"),
    [
        (caused(httpx2.ConnectError("x"), socket.gaierror(socket.EAI_NONAME, "x")), "is not known", (False, False)),
        (caused(httpx2.ConnectError("x"), socket.gaierror(socket.EAI_AGAIN, "x")), "is not known", (True, False)),
        (caused(httpx2.ConnectError("x"), ConnectionRefusedError()), "nothing accepts", (True, False)),
        (
            caused(httpx2.ConnectError("x"), ExceptionGroup("all", [OSError(), ConnectionRefusedError()])),
            "nothing accepts",
            (True, False),
        ),
        (caused(httpx2.ConnectError("x"), untrusted(20)), "SSL_CERT_FILE", (False, False)),
        (caused(httpx2.ConnectError("x"), untrusted(10)), "renew it", (False, False)),
        (caused(httpx2.ConnectError("x"), untrusted(62)), "dt_env_url", (False, False)),
        (caused(httpx2.ConnectError("x"), failed_handshake("WRONG_VERSION_NUMBER")), "is not TLS", (True, False)),
        (caused(httpx2.ConnectError("x"), failed_handshake("UNEXPECTED_EOF")), "the connection failed", (True, False)),
        (httpx2.ConnectTimeout("x"), "longer than 60 seconds", (True, False)),
        (httpx2.ReadTimeout("x"), "raise request_timeout", (True, True)),
        (httpx2.ReadTimeout("x"), "longer than 60 seconds", (True, True)),
        (TimeoutError(), "longer than 60 seconds", (True, True)),
        (httpx2.ProxyError("407 Proxy Authentication Required"), "HTTPS_PROXY", (False, False)),
        (httpx2.ProxyError("503 Service Unavailable"), "HTTPS_PROXY", (True, False)),
        (httpx2.UnsupportedProtocol("x"), "cannot be sent", (False, False)),
        (httpx2.RemoteProtocolError("server disconnected"), "server disconnected", (True, True)),
        (httpx2.ReadError(""), "ReadError", (True, True)),
    ],
)
def test_each_failure_says_what_happened_and_what_to_do(
    cause: Exception, words: str, transient_and_sent: tuple[bool, bool]
) -> None:
    """The error also says whether it may be temporary, and whether the server may have seen the request."""
    found = unreachable(REQUEST, cause, seconds=60, more_time="request_timeout", has_answered=False)

    assert words in found.detail
    assert (found.retry.transient, found.outcome_unknown) == transient_and_sent
    assert "PUT /api/v2/x got no response" in found.detail


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        (socket.gaierror(socket.EAI_NONAME, "x"), "the host name of the proxy (HTTPS_PROXY) is not known"),
        (ConnectionRefusedError(), "nothing accepts connections at the proxy (HTTPS_PROXY)"),
        (failed_handshake("WRONG_VERSION_NUMBER"), "NO_PROXY: for most proxies, the URL begins with http://"),
        (ConnectionResetError(), "the connection failed"),
    ],
)
def test_a_proxy_that_cannot_be_reached_is_called_a_proxy(cause: OSError, words: str) -> None:
    """The error is about the proxy, and not about the host of the environment; it names the variables."""
    failure = caused(httpx2.ConnectError("x"), cause)

    found = unreachable(
        REQUEST, failure, seconds=60, more_time="request_timeout", has_answered=False, proxy="HTTPS_PROXY"
    )

    assert words in found.detail
    assert "HTTPS_PROXY and NO_PROXY" in found.detail


def test_a_read_never_acts() -> None:
    """The outcome of a read is never unknown."""
    request = Request("GET", "abc12345.live.dynatrace.com", "/api/v2/x", "read", API_TOKEN)
    cause = httpx2.ReadError("")

    found = unreachable(request, cause, seconds=60, more_time="request_timeout", has_answered=False)

    assert not found.outcome_unknown


@pytest.mark.parametrize(
    ("cause", "first_contact", "later"),
    [
        (caused(httpx2.ConnectError("x"), ConnectionRefusedError()), 10, math.inf),
        (caused(httpx2.ConnectError("x"), socket.gaierror(socket.EAI_NONAME, "x")), None, math.inf),
        (caused(httpx2.ConnectError("x"), socket.gaierror(socket.EAI_AGAIN, "x")), 120, math.inf),
        (httpx2.ConnectTimeout("x"), 120, math.inf),
        (httpx2.ReadError("reset"), 120, math.inf),
        (httpx2.RemoteProtocolError("Server disconnected without sending a response."), 120, math.inf),
        (httpx2.RemoteProtocolError("illegal status line"), 10, 10),
        (httpx2.DecodingError("Error -3"), 10, 10),
        (caused(httpx2.ConnectError("x"), failed_handshake("WRONG_VERSION_NUMBER")), 10, 10),
        (caused(httpx2.ConnectError("x"), untrusted(18)), None, None),
        (httpx2.LocalProtocolError("x"), None, None),
    ],
)
def test_a_host_that_has_answered_is_waited_for_as_long_as_there_is_time(
    cause: Exception, first_contact: float | None, later: float | None
) -> None:
    """One that has not may be the wrong one: some seconds, or none where the next attempt cannot be different."""

    def seconds(*, has_answered: bool) -> float | None:
        retry = unreachable(REQUEST, cause, seconds=60, more_time="x", has_answered=has_answered).retry
        return retry.seconds if retry.transient else None

    assert (seconds(has_answered=False), seconds(has_answered=True)) == (first_contact, later)
