"""Mutual TLS with certificates for one run: only the Terraform that started this process is served.

Source: go-plugin's AutoMTLS (docs/design/0008-sources.md#go-plugin). Each side makes a certificate for one run and
gives it to the other: Terraform in the variable PLUGIN_CLIENT_CERT, the provider in the handshake line. No other is
trusted.
"""

from __future__ import annotations

import base64
import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from msgspec import Struct

from terraform_plugin.diagnostics import Error
from terraform_plugin.server.certificate import private_key, self_signed

PIPES = os.path.isdir("/dev/fd")  # noqa: PTH112  # everywhere but on Windows
"""Whether a file can be a pipe."""


class Identity(Struct, frozen=True):
    """A private key and the certificate (DER) for it, signed with itself. The key is not shown by `repr`."""

    key: Ed25519PrivateKey
    certificate: bytes

    def __repr__(self) -> str:
        return f"Identity(certificate={self.certificate!r})"

    @property
    def announcement(self) -> str:
        """The certificate as field 5 of the handshake line wants it: DER in base64 without the padding."""
        return base64.b64encode(self.certificate).rstrip(b"=").decode("ascii")

    @property
    def pem(self) -> str:
        return ssl.DER_cert_to_PEM_cert(self.certificate)


def new_identity() -> Identity:
    """Return a fresh key with a certificate for the DNS name localhost."""
    key = Ed25519PrivateKey.generate()
    return Identity(key, self_signed(key))


def server_context(identity: Identity, client_certificate: str, folder: Path, *, pipes: bool = PIPES) -> ssl.SSLContext:
    """Return a context that presents `identity` and only accepts a client with the key of `client_certificate` (PEM).

    `folder` is private to this user; nothing is left in it. Raises `Error` if `client_certificate` is not one.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_REQUIRED
    context.set_alpn_protocols(["h2"])
    load_identity(context, identity, folder, pipes=pipes)
    try:
        context.load_verify_locations(cadata=client_certificate)
    except (ssl.SSLError, ValueError) as error:
        raise Error(
            "Invalid client certificate",
            f"The variable PLUGIN_CLIENT_CERT does not hold a certificate in PEM form ({error}). Terraform sets it for "
            "the providers that it starts; nothing else should set it.",
        ) from error
    return context


def load_identity(context: ssl.SSLContext, identity: Identity, folder: Path, *, pipes: bool = PIPES) -> None:
    """Let `context` show `identity`.

    Python's ssl takes a key from a file only. The key itself never reaches a disk: where a file can be a pipe, it is
    one; elsewhere what is in the file is encrypted with a password that exists nowhere but in this process.
    """
    if pipes:
        with _pipe(identity.pem) as certificate, _pipe(_pem(identity.key)) as key:
            context.load_cert_chain(certificate, key)
    else:
        _load_through_a_file(context, identity, folder)


@contextmanager
def _pipe(text: str) -> Iterator[str]:
    """Make a file that holds `text`, which is shorter than any system's pipe, and can be read once."""
    reading, writing = os.pipe()
    try:
        with os.fdopen(writing, "w") as file:
            file.write(text)
        yield f"/dev/fd/{reading}"
    finally:
        os.close(reading)


def _pem(key: Ed25519PrivateKey) -> str:
    text = base64.encodebytes(private_key(key)).decode("ascii")
    return f"-----BEGIN PRIVATE KEY-----\n{text}-----END PRIVATE KEY-----\n"


def _load_through_a_file(context: ssl.SSLContext, identity: Identity, folder: Path) -> None:
    from cryptography.hazmat.primitives.serialization import (  # noqa: PLC0415  # not where there are pipes
        BestAvailableEncryption,
        Encoding,
        PrivateFormat,
    )

    password = os.urandom(32)
    key = identity.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password))
    path = folder / "identity.pem"
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(identity.pem.encode("ascii") + key)
        context.load_cert_chain(path, password=password)
    finally:
        path.unlink(missing_ok=True)
