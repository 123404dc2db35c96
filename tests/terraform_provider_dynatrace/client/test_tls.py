"""TLS that trusts what the system trusts, read late. What a handshake refuses is in test_real_connections."""

from __future__ import annotations

import ssl

from terraform_provider_dynatrace.client.tls import SystemTrust


def test_nothing_is_read_before_the_first_handshake() -> None:
    """Making a client costs no certificate store."""
    context = SystemTrust()
    context.set_alpn_protocols(["http/1.1"])

    assert context.get_ca_certs() == []
    assert "_real" not in vars(context)


def test_by_itself_it_trusts_nobody() -> None:
    """Whoever uses it in another way than a handshake is refused, not let through."""
    context = SystemTrust()

    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname


def test_a_handshake_verifies_host_and_certificate() -> None:
    """With the HTTP library's default context."""
    context = SystemTrust()
    context.set_alpn_protocols(["http/1.1"])

    handshake = context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="example.com")

    assert handshake.context.verify_mode is ssl.CERT_REQUIRED
    assert handshake.context.check_hostname
    assert handshake.server_hostname == "example.com"
