"""Which certificates are trusted."""

from __future__ import annotations

import os
import ssl

import httpx2

from terraform_plugin.diagnostics import Error


def tls_context(*, needed: bool, insecure: bool) -> ssl.SSLContext:
    """Return the TLS context of a client: the system's certificate store, or SSL_CERT_FILE and SSL_CERT_DIR.

    `insecure`: any certificate is accepted. Not `needed`: for a client that only sends to `http://`; no certificate is
    trusted. Reading the certificate store takes 35 ms, as long as a tenth of a plan in a sandbox. Raises `Error` for a
    file or folder of certificates that cannot be read.
    """
    if insecure:
        return httpx2.create_ssl_context(verify=False)
    try:
        context = httpx2.create_ssl_context() if needed else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    except OSError as cause:  # ssl.SSLError is one, too
        names = {name: os.environ[name] for name in ("SSL_CERT_FILE", "SSL_CERT_DIR") if os.environ.get(name)}
        named = " and ".join(f'{name}, which is "{path}"' for name, path in names.items())
        raise Error(
            "The trusted certificates cannot be read",
            f"Reading certificates failed ({cause}). Check {named or 'the certificate store of this system'}.",
        ) from cause
    # Only the names that a certificate lists count (subjectAltName), as for every other TLS client of today, and not
    # its common name, which OpenSSL falls back to.
    context.hostname_checks_common_name = False
    return context
