"""From a failure of the HTTP library's to an error of ours: the only place where these are translated."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING

import httpx2

from terraform_provider_dynatrace.client.errors import OUTAGE, Retry, Unreachable

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

# A host that has not responded yet may be the wrong one, so it is not waited for as long as one that has. If it refuses
# connections, the port is probably wrong, but a local program may also be restarting.
_FIRST_CONTACT = Retry(transient=True)
_FIRST_CONTACT_REFUSED = Retry(transient=True, seconds=10)
_MALFORMED = Retry(transient=True, seconds=10)  # another try may be complete, but this is not an outage
_UNKNOWN_NAME = Retry()  # the name of a host that has responded is right: the name server is in trouble


def unreachable(  # noqa: PLR0913 -- what is known of the request; keywords only
    request: Request, cause: Exception, *, seconds: float, more_time: str, has_answered: bool, proxy: str | None = None
) -> Unreachable:
    """Return the error for a request without a response.

    `seconds` is the time that the response could take, `more_time` names the setting that gives it more.
    `has_answered`: the host has responded to an earlier request of this process, so its name and port are right.
    `proxy` names the setting of the proxy that the request was sent through.
    """
    what, advice, retry = _explanation(request.host, cause, seconds, proxy)
    if has_answered and retry is not _MALFORMED and (retry.transient or retry is _UNKNOWN_NAME):
        retry = OUTAGE
    return Unreachable(
        f"{request.host} cannot be reached",
        f"{request} got no response: {what}. "
        f"{advice.format(more_time=more_time, url=request.url, proxies=_proxies(proxy))}",
        retry=retry,
        outcome_unknown=request.method != "GET" and not isinstance(cause, _NOT_SENT),
    )


def _proxies(proxy: str | None) -> str:
    return f"{proxy} and NO_PROXY" if proxy else "HTTPS_PROXY if a proxy is required"


_Explanation = tuple[str, str, Retry]
"""What happened, what to do, and for how long a retry makes sense if the host has not responded yet."""


def _explanation(host: str, cause: Exception, seconds: float, proxy: str | None) -> _Explanation:
    for failure in _chain(cause):
        if isinstance(failure, ssl.SSLError) and (found := _no_tls(failure, proxy)):
            return found
        if isinstance(failure, OSError) and (found := _no_connection(failure, host, proxy)):
            return found
    if isinstance(cause, httpx2.UnsupportedProtocol | httpx2.LocalProtocolError | httpx2.InvalidURL):
        # Not in the library's words: they show the header that cannot be sent, with the credential in it.
        return f"it cannot be sent ({type(cause).__name__})", _NAME, Retry()
    if isinstance(cause, TimeoutError | httpx2.TimeoutException):
        return f"it took longer than {seconds:.4g} seconds", _SLOW, _FIRST_CONTACT
    if isinstance(cause, httpx2.ProxyError):
        retry = Retry() if _words(cause).startswith("407") else _FIRST_CONTACT_REFUSED
        return f"the proxy refused it ({_words(cause)})", _PROXY, retry
    if isinstance(cause, httpx2.DecodingError):
        return f"its response cannot be decompressed ({_words(cause)})", _CHANGED, _MALFORMED
    if isinstance(cause, httpx2.RemoteProtocolError) and not any(part in str(cause) for part in _CUT_SHORT):
        return f"what came back is not HTTP ({_words(cause)})", _CHANGED, _MALFORMED
    return f"the connection failed ({_words(cause)})", _DOWN, _FIRST_CONTACT


def _no_tls(failure: ssl.SSLError, proxy: str | None) -> _Explanation | None:
    """Explain a failure of TLS that another attempt would probably meet, too."""
    if isinstance(failure, ssl.SSLCertVerificationError):
        what = f"its certificate is not trusted ({failure.verify_message.rstrip('.')})"
        return what, _CERTIFICATES.get(failure.verify_code, _CERTIFICATE), Retry()
    if failure.reason != "WRONG_VERSION_NUMBER":  # OpenSSL's name for a response that is not TLS
        return None
    return "what came back is not TLS", _PLAIN_PROXY if proxy else _PLAIN, _MALFORMED


def _no_connection(failure: OSError, host: str, proxy: str | None) -> _Explanation | None:
    """Explain a failure of the system's while connecting, to the proxy if there is one: it resolves the host's name."""
    if isinstance(failure, socket.gaierror):
        retry = _FIRST_CONTACT if failure.errno == socket.EAI_AGAIN else _UNKNOWN_NAME
        if proxy:
            return f"the host name of the proxy ({proxy}) is not known", _PROXY, retry
        return f"the host name {host} is not known", _NAME, retry
    if isinstance(failure, ConnectionRefusedError):
        if proxy:
            return f"nothing accepts connections at the proxy ({proxy})", _PROXY, _FIRST_CONTACT_REFUSED
        return "nothing accepts connections there", _DOWN, _FIRST_CONTACT_REFUSED
    return None


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
_WRONG_NAME = "It was issued for another host: check {url}."
_CERTIFICATES = {  # by the verification errors of OpenSSL
    10: "The operator of this host has to renew it, or the clock of this machine is wrong.",  # expired
    62: _WRONG_NAME,  # host name
    64: _WRONG_NAME,  # IP address
}
_NAME = "Check {url} and the name server."
_DOWN = "Check {url}, the network, and {proxies}."
_SLOW = "Try again later, or raise {more_time}."
_PROXY = "Check {proxies}."
_PLAIN = "Check {url}: its scheme and its port."
_PLAIN_PROXY = "Check {proxies}: for most proxies, the URL begins with http://, also if they forward https://."
_CHANGED = "Check {url}. If it is right, a proxy between here and Dynatrace may have changed the response."
_CUT_SHORT = ("disconnected", "closed connection")  # as the HTTP library writes it
