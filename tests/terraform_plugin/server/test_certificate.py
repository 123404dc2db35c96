"""The certificate, as cryptography and OpenSSL read it."""

import datetime as dt

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, load_der_private_key
from cryptography.x509.oid import ExtendedKeyUsageOID, SignatureAlgorithmOID

from terraform_plugin.server.certificate import private_key, self_signed


def made() -> tuple[Ed25519PrivateKey, x509.Certificate]:
    key = Ed25519PrivateKey.generate()
    return key, x509.load_der_x509_certificate(self_signed(key))


def test_it_is_signed_with_its_own_key() -> None:
    """The signature is right, whatever the lengths in it."""
    key, certificate = made()

    assert certificate.public_key() == key.public_key()
    assert certificate.signature_algorithm_oid == SignatureAlgorithmOID.ED25519
    certificate.verify_directly_issued_by(certificate)


def test_it_is_for_localhost() -> None:
    """Go checks only the alternative name."""
    _, certificate = made()

    assert certificate.version is x509.Version.v3
    assert certificate.subject == certificate.issuer
    assert certificate.subject.rfc4514_string() == "CN=localhost"
    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert names.get_values_for_type(x509.DNSName) == ["localhost"]


def test_it_can_be_used_by_servers_clients_and_as_its_own_authority() -> None:
    """CA, key usages and purposes as go-plugin has them."""
    extensions = made()[1].extensions

    constraints = extensions.get_extension_for_class(x509.BasicConstraints)
    assert (constraints.critical, constraints.value) == (True, x509.BasicConstraints(ca=True, path_length=None))
    usage = extensions.get_extension_for_class(x509.KeyUsage)
    assert (usage.critical, usage.value) == (
        True,
        x509.KeyUsage(
            digital_signature=True,
            content_commitment=False,
            key_encipherment=True,
            data_encipherment=False,
            key_agreement=True,
            key_cert_sign=True,
            crl_sign=False,
            encipher_only=False,
            decipher_only=False,
        ),
    )
    purposes = [*extensions.get_extension_for_class(x509.ExtendedKeyUsage).value]
    assert purposes == [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]


def test_it_is_valid_from_half_a_minute_ago_for_a_year() -> None:
    """Clocks of two processes can differ slightly."""
    certificate = made()[1]
    now = dt.datetime.now(dt.UTC)

    assert certificate.not_valid_before_utc <= now - dt.timedelta(seconds=30)
    assert certificate.not_valid_after_utc - certificate.not_valid_before_utc == dt.timedelta(days=365, seconds=30)


def test_no_serial_number_is_used_twice() -> None:
    """Positive, and of 16 bytes."""
    numbers = {made()[1].serial_number for _ in range(20)}

    assert len(numbers) == 20
    assert all(number.bit_length() == 121 for number in numbers)


def test_every_byte_is_as_der_has_it() -> None:
    """Go refuses what is written in more bytes than needed; serial numbers and signatures that begin with 0 occur."""
    for _ in range(300):
        der = self_signed(Ed25519PrivateKey.generate())
        certificate = x509.load_der_x509_certificate(der)

        certificate.verify_directly_issued_by(certificate)
        assert certificate.public_bytes(Encoding.DER) == der


def test_the_private_key_is_read_back() -> None:
    """The key that TLS gets is the same."""
    key, _ = made()
    read = load_der_private_key(private_key(key), None)

    assert isinstance(read, Ed25519PrivateKey)
    assert read.private_bytes_raw() == key.private_bytes_raw()
