"""From the HTTP library's connection failures to our one error: the one place where they are translated."""

from __future__ import annotations

import socket
import ssl
from typing import TYPE_CHECKING

import httpx2

from terraform_provider_dynatrace.client.errors import Unreachable

if TYPE_CHECKING:
    from collections.abc import Iterator

    from terraform_provider_dynatrace.client.responses import Call

# Failures before the first byte of the request was sent.
_NOT_SENT = (
    httpx2.ConnectError,
    httpx2.ConnectTimeout,
    httpx2.PoolTimeout,
    httpx2.ProxyError,
    httpx2.UnsupportedProtocol,
    httpx2.LocalProtocolError,
)


def unreachable(  # noqa: PLR0913 -- what is known of the failure; keywords only
    call: Call, cause: Exception, *, host: str, seconds: float, longer: str, own: bool
) -> Unreachable:
    """Return the error for a request that got no answer.

    `host` is whom we talked to, `seconds` the time an answer may take, `longer` what gives it more. `own` is false if
    not the request itself failed but the login before it, so that the request was never sent.
    """
    what, advice, transient = _explanation(cause, host, seconds)
    return Unreachable(
        f"{host} cannot be reached",
        f"{call} got no answer: {what}. {advice.format(longer=longer)}",
        transient=transient,
        outcome_unknown=own and call.method != "GET" and not isinstance(cause, _NOT_SENT),
    )


def _explanation(cause: Exception, host: str, seconds: float) -> tuple[str, str, bool]:
    """Return what happened, what to do, and whether it may pass by itself."""
    for failure in _chain(cause):
        if isinstance(failure, ssl.SSLCertVerificationError):
            what = f"its certificate is not trusted ({failure.verify_message.rstrip('.')})"
            return what, _CERTIFICATES.get(failure.verify_code, _CERTIFICATE), False
        if isinstance(failure, socket.gaierror):
            return f"the name {host} is not known", _NAME, failure.errno == socket.EAI_AGAIN
        if isinstance(failure, ConnectionRefusedError):
            return "nothing accepts connections there", _DOWN, True
    if isinstance(cause, httpx2.UnsupportedProtocol | httpx2.LocalProtocolError | httpx2.InvalidURL):
        return f"it cannot be sent ({_words(cause)})", _NAME, False
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
    "If a proxy replaces certificates, add its authority to the system's certificate store or name it in SSL_CERT_FILE."
)
_WRONG_NAME = "It belongs to another host: check the environment URL (argument dt_env_url)."
_CERTIFICATES = {  # by the verification errors of OpenSSL
    10: "It has to be renewed by whoever runs this host, or the clock of this machine is wrong.",  # expired
    62: _WRONG_NAME,  # host name
    64: _WRONG_NAME,  # IP address
}
_NAME = "Check the environment URL (argument dt_env_url) and the name server."
_DOWN = "Check the environment URL (argument dt_env_url), the network, and HTTPS_PROXY if a proxy is needed."
_SLOW = "Try again later, or raise {longer}."
_PROXY = "Check HTTPS_PROXY and NO_PROXY."
