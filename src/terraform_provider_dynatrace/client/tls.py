"""Which certificates are trusted."""

from __future__ import annotations

import ssl

import httpx2


def tls_context(*, needed: bool, insecure: bool) -> ssl.SSLContext:
    """Return the TLS context of a client: the system's certificate store, or SSL_CERT_FILE and SSL_CERT_DIR.

    `insecure`: any certificate is accepted. Not `needed`: for a client that only sends to `http://`; no certificate is
    trusted. Reading the certificate store takes 35 ms, as long as a tenth of a plan in a sandbox.
    """
    if insecure:
        return httpx2.create_ssl_context(verify=False)
    return httpx2.create_ssl_context() if needed else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
