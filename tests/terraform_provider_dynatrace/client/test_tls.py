"""Which certificates are trusted. What a handshake refuses is in test_real_connections."""

from __future__ import annotations

import ssl

from terraform_provider_dynatrace.client.client import Client, Connection
from terraform_provider_dynatrace.client.tls import tls_context
from terraform_provider_dynatrace.environment import EnvironmentUrls
from tests.terraform_provider_dynatrace.far_end import API_TOKEN, USUAL, FarEnd, json


def test_certificates_and_host_names_are_verified() -> None:
    """With the system's certificate store, or without any."""
    for needed in (True, False):
        context = tls_context(needed=needed, insecure=False)

        assert context.verify_mode is ssl.CERT_REQUIRED
        assert context.check_hostname
        assert not context.hostname_checks_common_name


def test_a_client_without_tls_reads_no_certificates() -> None:
    """A TLS connection of such a client, for example after a redirect, is refused."""
    assert tls_context(needed=False, insecure=False).get_ca_certs() == []


def test_an_insecure_client_accepts_any_certificate() -> None:
    """For testing only."""
    context = tls_context(needed=True, insecure=True)

    assert context.verify_mode is ssl.CERT_NONE
    assert not context.check_hostname


async def test_nothing_is_read_before_the_first_request() -> None:
    """Configuring the provider costs no certificate store, and a sandbox without TLS never needs one."""
    connection = Connection(EnvironmentUrls.parse("http://127.0.0.1:8085"), USUAL, transport=FarEnd(json({})))
    assert connection.clients == {}

    async with Client(connection, API_TOKEN) as client:
        await client.request("GET", "/x", access="read")

    assert connection.clients.keys() == {(False, False, True)}
