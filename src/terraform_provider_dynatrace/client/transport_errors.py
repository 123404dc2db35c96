"""From a failure of the HTTP library's to an error of ours: the only place where these are translated."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING

import httpx2

from terraform_provider_dynatrace.client.errors import Retry, Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from terraform_provider_dynatrace.client.responses import Request

# Failures before the first byte of the request was sent.
_NOT_SENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
    httpx2.LocalProtocolError,
)


def unreachable(request: Request, cause: Exception, *, seconds: float, more_time: str) -> Unreachable:
    """Return the error for a request without a response.

    `seconds` is the time that the response could take, `more_time` names the setting that gives it more.
    """
    what, advice, transient = _explanation(request.host, cause, seconds)
    return Unreachable(
        f"{request.host} cannot be reached",
        f"{request} got no response: {what}. {advice.format(more_time=more_time)}",
        retry=Retry(transient=transient),
        outcome_unknown=request.method != "GET" and not isinstance(cause, _NOT_SENT),
    )


def _explanation(host: str, cause: Exception, seconds: float) -> tuple[str, str, bool]:
    """Return what happened, what to do, and whether it may be temporary."""
    for failure in _chain(cause):
        if isinstance(failure, ssl.SSLCertVerificationError):
            what = f"its certificate is not trusted ({failure.verify_message.rstrip('.')})"
            return what, _CERTIFICATES.get(failure.verify_code, _CERTIFICATE), False
        if isinstance(failure, socket.gaierror):
            return f"the host name {host} is not known", _NAME, failure.errno == socket.EAI_AGAIN
        if isinstance(failure, ConnectionRefusedError):
            return "nothing accepts connections there", _DOWN, True
    if isinstance(cause, httpx2.UnsupportedProtocol | httpx2.LocalProtocolError | httpx2.InvalidURL):
        # Not in the library's words: they show the header that cannot be sent, with the credential in it.
        return f"it cannot be sent ({type(cause).__name__})", _NAME, False
    if isinstance(cause, TimeoutError | httpx2.TimeoutException):
        return f"it took longer than {seconds:.4g} seconds", _SLOW, True
    if isinstance(cause, httpx2.ProxyError):
        return f"the proxy refused it ({_words(cause)})", _PROXY, True
    return f"the connection failed ({_words(cause)})", _DOWN, True


def _chain(failure: BaseException | None) -> Iterator[BaseException]:
    """Yield a failure and everything that caused it, groups included."""
    while failure is not None:
        yield failure
        if isinstance(failure, BaseExceptionGroup):
            for inner in failure.exceptions:
                yield from _chain(inner)
        failure = failure.__cause__ or failure.__context__


def _words(failure: Exception) -> str:
    return str(failure) or type(failure).__name__


_CERTIFICATE = (
    "If a proxy replaces certificates, add its authority to the system's certificate store or set SSL_CERT_FILE."
)
_WRONG_NAME = "It was issued for another host: check the environment URL (argument dt_env_url)."
_CERTIFICATES = {  # by the verification errors of OpenSSL
    10: "The operator of this host has to renew it, or the clock of this machine is wrong.",  # expired
    62: _WRONG_NAME,  # host name
    64: _WRONG_NAME,  # IP address
}
_NAME = "Check the environment URL (argument dt_env_url) and the name server."
_DOWN = "Check the environment URL (argument dt_env_url), the network, and HTTPS_PROXY if a proxy is required."
_SLOW = "Try again later, or raise {more_time}."
_PROXY = "Check HTTPS_PROXY and NO_PROXY."
