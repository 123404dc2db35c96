"""Two throw-away certificates, each trusted by the other side only: real handshakes, over memory."""

import asyncio
import base64
import ssl
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from terraform_plugin.diagnostics import Error
from terraform_plugin.grpc.server import GrpcServer
from terraform_plugin.server.listener import listen_in
from terraform_plugin.server.tls import Identity, new_identity, server_context
from terraform_plugin.testing.client_certificate import ClientCertificate, new_client_certificate


def client_context(server: Identity, folder: Path, client: ClientCertificate | None) -> ssl.SSLContext:
    """What Terraform uses: only the server's own certificate is trusted, the host name is localhost."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.load_verify_locations(cadata=server.pem)
    context.set_alpn_protocols(["h2"])
    if client:
        client.load(context, folder)
    return context


class Ends:
    """A client and a server that talk TLS through memory."""

    def __init__(self, client: ssl.SSLContext, server: ssl.SSLContext) -> None:
        up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.client = client.wrap_bio(down, up, server_hostname="localhost")
        self.server = server.wrap_bio(up, down, server_side=True)

    def shake_hands(self) -> None:
        """Raises `ssl.SSLError` of the end that refuses. TLS 1.3: the client may believe it is through before that."""
        steps = [self.client.do_handshake, self.server.do_handshake] * 2
        while steps:
            attempt(steps.pop(0))
        self.server.do_handshake()
        self.client.do_handshake()


def attempt(step: Callable[[], None]) -> None:
    try:
        step()
    except ssl.SSLWantReadError:
        return


def test_each_identity_is_fresh() -> None:
    """No key is used twice."""
    one, other = new_identity(), new_identity()

    assert one.key.private_bytes_raw() != other.key.private_bytes_raw()
    assert one.certificate != other.certificate


def test_the_announcement_is_unpadded_base64() -> None:
    """Go's base64.RawStdEncoding refuses padding; what it decodes to is the certificate."""
    identities = [new_identity() for _ in range(8)]

    for identity in identities:
        assert "=" not in identity.announcement
        der = base64.b64decode(identity.announcement + "=" * (-len(identity.announcement) % 4))
        assert der == identity.certificate


def test_repr_shows_no_key() -> None:
    """An identity may end up in a traceback in the log."""
    identity = new_identity()

    assert repr(identity) == f"Identity(certificate={identity.certificate!r})"


@pytest.mark.parametrize("pipes", [True, False], ids=["through pipes", "through a file"])
@pytest.mark.parametrize("curve", [ec.SECP521R1(), ec.SECP256R1()])
def test_the_announced_client_is_served(tmp_path: Path, curve: ec.EllipticCurve, *, pipes: bool) -> None:
    """P-521 is what Terraform's Go makes. Both sides agree on HTTP/2 and at least TLS 1.2."""
    server, client = new_identity(), new_client_certificate(curve)
    ends = Ends(client_context(server, tmp_path, client), server_context(server, client.pem, tmp_path, pipes=pipes))

    ends.shake_hands()

    assert ends.server.getpeercert(binary_form=True) == ssl.PEM_cert_to_DER_cert(client.pem)
    assert ends.server.selected_alpn_protocol() == ends.client.selected_alpn_protocol() == "h2"
    assert ends.client.version() in ("TLSv1.2", "TLSv1.3")


@pytest.mark.parametrize("known", [False, True], ids=["no certificate", "another certificate"])
def test_anyone_else_is_refused(tmp_path: Path, *, known: bool) -> None:
    """A peer without the announced certificate does not get through the handshake."""
    server, announced = new_identity(), new_client_certificate()
    stranger = new_client_certificate() if known else None
    ends = Ends(client_context(server, tmp_path, stranger), server_context(server, announced.pem, tmp_path))

    with pytest.raises(ssl.SSLError, match=r"PEER_DID_NOT_RETURN_A_CERTIFICATE|CERTIFICATE_VERIFY_FAILED"):
        ends.shake_hands()


def test_tls_1_1_is_refused(tmp_path: Path) -> None:
    """TLS 1.2 is the oldest version that is accepted."""
    identity = new_identity()

    assert server_context(identity, identity.pem, tmp_path).minimum_version == ssl.TLSVersion.TLSv1_2


@pytest.mark.parametrize("pipes", [True, False], ids=["through pipes", "through a file"])
def test_nothing_is_left_on_disk(tmp_path: Path, *, pipes: bool) -> None:
    """The file from which ssl reads the encrypted key is removed, also if the other certificate is invalid."""
    identity = new_identity()
    server_context(identity, identity.pem, tmp_path, pipes=pipes)
    with pytest.raises(Error):
        server_context(identity, "no certificate", tmp_path, pipes=pipes)

    assert list(tmp_path.iterdir()) == []


def test_no_pipe_is_left_open(tmp_path: Path) -> None:
    """The pipe of the key's password is closed."""
    identity = new_identity()
    open_before = set(Path("/dev/fd").iterdir())

    server_context(identity, identity.pem, tmp_path)

    assert set(Path("/dev/fd").iterdir()) == open_before


@pytest.mark.parametrize(
    "text", ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"]
)
def test_an_invalid_client_certificate_is_reported(tmp_path: Path, text: str) -> None:
    """The message names the variable."""
    with pytest.raises(Error, match="PLUGIN_CLIENT_CERT"):
        server_context(new_identity(), text, tmp_path)


async def test_a_connection_without_a_handshake_is_closed(tmp_path: Path) -> None:
    """Each one holds a descriptor; a provider with 64 of them would serve nobody else."""
    client = new_client_certificate()
    context = server_context(new_identity(), client.pem, tmp_path)
    server = GrpcServer([])
    listener = listen_in(tmp_path)
    await server.start(listener.socket, context, handshake_timeout=0.01)
    reader, writer = await asyncio.open_unix_connection(listener.address)
    with suppress(ConnectionResetError):
        assert await reader.read() == b""
    writer.close()
    server.close()
