"""TLS that trusts what the system trusts, and reads that only when the first connection wants it.

Reading the certificate store takes as long as starting half of this provider; a plan that sends nothing, or speaks to
a stand-in without TLS, does without.
"""

from __future__ import annotations

import ssl
from functools import cached_property
from typing import Any, Self

import httpx2


class SystemTrust(ssl.SSLContext):
    """The HTTP library's own default context (system store, SSL_CERT_FILE, SSL_CERT_DIR), made at the first handshake.

    Until then, and in everything but the handshake, it is a context that trusts nobody.
    """

    def __new__(cls) -> Self:
        return super().__new__(cls, ssl.PROTOCOL_TLS_CLIENT)

    def __init__(self) -> None:
        self._protocols: list[str] = []

    def set_alpn_protocols(self, alpn_protocols: Any) -> None:
        """Note the protocols for the handshake."""
        self._protocols = list(alpn_protocols)

    @cached_property
    def _real(self) -> ssl.SSLContext:
        return httpx2.create_ssl_context()

    def wrap_bio(self, *arguments: Any, **options: Any) -> ssl.SSLObject:
        """Begin a handshake. asyncio and anyio do it this way."""
        self._real.set_alpn_protocols(self._protocols)
        return self._real.wrap_bio(*arguments, **options)

    def wrap_socket(self, *arguments: Any, **options: Any) -> ssl.SSLSocket:
        """Begin a handshake on a socket."""
        self._real.set_alpn_protocols(self._protocols)
        return self._real.wrap_socket(*arguments, **options)
