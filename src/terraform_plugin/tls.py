"""TLS both ways: a throw-away certificate for this process, and nobody served but the peer Terraform announced.

Source: go-plugin's AutoMTLS. Each side makes a certificate for one run and gives it to the other: Terraform's comes in
the variable PLUGIN_CLIENT_CERT, ours goes back in the handshake line. Nothing is trusted but these two.
"""

from __future__ import annotations

import base64
import datetime as dt
import os
import ssl
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from terraform_plugin.diagnostics import Error

_CLOCKS_DIFFER = dt.timedelta(seconds=30)
_LIFETIME = dt.timedelta(days=365)
_NAME = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
_PURPOSES = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
_KEY_USAGE = x509.KeyUsage(
    digital_signature=True,
    content_commitment=False,
    key_encipherment=True,
    data_encipherment=False,
    key_agreement=True,
    key_cert_sign=True,
    crl_sign=False,
    encipher_only=False,
    decipher_only=False,
)


@dataclass(frozen=True)
class Identity:
    """A private key and the certificate for it, signed with itself. The key is not shown by `repr`."""

    key: ec.EllipticCurvePrivateKey
    certificate: x509.Certificate

    def __repr__(self) -> str:
        return f"Identity({self.certificate.fingerprint(hashes.SHA256()).hex()})"

    @property
    def announcement(self) -> str:
        """The certificate as field 5 of the handshake line wants it: DER in base64 without the padding."""
        return base64.b64encode(self.certificate.public_bytes(Encoding.DER)).rstrip(b"=").decode("ascii")

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode("ascii")


def new_identity(curve: ec.EllipticCurve | None = None) -> Identity:
    """Return a fresh key on `curve` (P-256, the quickest, by default) with a certificate for DNS name localhost.

    Source: what Go's TLS client demands of a server certificate, and what go-plugin puts into its own.
    """
    key = ec.generate_private_key(curve or ec.SECP256R1())
    now = dt.datetime.now(dt.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(_NAME)
        .issuer_name(_NAME)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_DIFFER)
        .not_valid_after(now + _LIFETIME)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(_KEY_USAGE, critical=True)
        .add_extension(x509.ExtendedKeyUsage(_PURPOSES), critical=False)
    )
    return Identity(key, builder.sign(key, hashes.SHA256()))


def server_context(identity: Identity, client_certificate: str, folder: Path) -> ssl.SSLContext:
    """Return a context that shows `identity` and serves only who holds the key of `client_certificate` (PEM).

    `folder` is private to this user; nothing is left in it. Raises `Error` if that is no certificate.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.verify_mode = ssl.CERT_REQUIRED
    context.set_alpn_protocols(["h2"])
    load_identity(context, identity, folder)
    try:
        context.load_verify_locations(cadata=client_certificate)
    except (ssl.SSLError, ValueError) as error:
        raise Error(
            "Invalid client certificate",
            f"The variable PLUGIN_CLIENT_CERT does not hold a certificate in PEM form ({error}). Terraform sets it for "
            "the providers it starts; nothing else should.",
        ) from error
    return context


def load_identity(context: ssl.SSLContext, identity: Identity, folder: Path) -> None:
    """Let `context` show `identity`.

    Python's ssl takes a key from a file only. That file is encrypted with a password which exists nowhere but in this
    process, can be read by this user alone, and is gone when this returns: the key itself never reaches a disk.
    """
    password = os.urandom(32)
    key = identity.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password))
    path = folder / "identity.pem"
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(identity.pem.encode("ascii") + key)
        context.load_cert_chain(path, password=password)
    finally:
        path.unlink(missing_ok=True)
