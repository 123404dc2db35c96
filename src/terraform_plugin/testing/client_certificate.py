"""The certificate that Terraform shows to a provider."""

from __future__ import annotations

import datetime as dt
import ssl
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from msgspec import Struct


class ClientCertificate(Struct, frozen=True):
    """A certificate and its private key, both in PEM form."""

    pem: str
    """The certificate, as Terraform announces it in the variable PLUGIN_CLIENT_CERT."""
    key: str
    """Its private key, not encrypted."""

    def load(self, context: ssl.SSLContext, folder: Path) -> None:
        """Let `context` show the certificate. Python reads it from a file, which is in `folder` for a moment."""
        file = folder / "client.pem"
        file.write_text(self.pem + self.key)
        context.load_cert_chain(file)
        file.unlink()


def new_client_certificate(curve: ec.EllipticCurve | None = None) -> ClientCertificate:
    """Return a certificate for localhost, signed with its own key on `curve`.

    The default is P-521, the curve of go-plugin's AutoMTLS.
    """
    key = ec.generate_private_key(curve or ec.SECP521R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA512())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return ClientCertificate(certificate.public_bytes(pem).decode(), secret.decode())
