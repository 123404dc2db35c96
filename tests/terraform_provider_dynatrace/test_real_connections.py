"""Failures that only a real socket has: nobody listens, no such name, a wrong certificate, a connection cut short."""

from __future__ import annotations

import asyncio
import os
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from terraform_plugin.tls import new_identity
from terraform_provider_dynatrace.client import Client, Options
from terraform_provider_dynatrace.credentials import ApiToken
from terraform_provider_dynatrace.environment import Environment
from terraform_provider_dynatrace.errors import DynatraceError, Unreachable

from .far_end import SECRET, Time

FINE = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n{"fine": true}'
NO_RETRIES = Options(max_retries=0)

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def ask(url: str, options: Options = NO_RETRIES) -> object:
    environment = Environment.parse(url)
    token = ApiToken(SECRET, origin="DYNATRACE_API_TOKEN", environment=environment)
    async with Client(environment, token, options, pause=Time().pause) as client:
        return await client.request("GET", "/settings/objects", access="read")


@asynccontextmanager
async def serving(serve: Serve, context: ssl.SSLContext | None = None) -> AsyncIterator[str]:
    """Serve on a free port of localhost for the length of the block; give the URL."""
    async with await asyncio.start_server(serve, "localhost", 0, ssl=context) as server:
        port = server.sockets[0].getsockname()[1]
        yield f"{'https' if context else 'http'}://localhost:{port}"


def answering(*answers: bytes) -> Serve:
    """Return a server that gives these bytes to one connection after the other, and closes it."""
    waiting = list(answers)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(waiting.pop(0) if len(waiting) > 1 else waiting[0])
        await writer.drain()
        writer.close()

    return serve


@pytest.fixture
def self_signed(tmp_path: Path) -> ssl.SSLContext:
    """A server's side of TLS with a certificate that nobody knows."""
    identity = new_identity()
    file = tmp_path / "identity.pem"
    key = identity.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(key + identity.pem.encode())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


def test_a_certificate_that_nobody_knows_is_refused(self_signed: ssl.SSLContext) -> None:
    """Before the token is sent; the message says what can be done."""

    async def story() -> None:
        async with serving(answering(FINE), self_signed) as url:
            await ask(url, Options())

    with pytest.raises(Unreachable, match="SSL_CERT_FILE") as caught:
        asyncio.run(story())

    assert caught.value.attempt == 0


def test_a_certificate_that_the_system_knows_is_accepted(tmp_path: Path, self_signed: ssl.SSLContext) -> None:
    """The store is the system's, or what SSL_CERT_FILE names; a process of its own has its own environment."""
    script = (
        "import asyncio, sys; from tests.terraform_provider_dynatrace.test_real_connections import ask; "
        "print(asyncio.run(ask(sys.argv[1])))"
    )

    async def story() -> tuple[bytes, bytes]:
        async with serving(answering(FINE), self_signed) as url:
            process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-c", script, url),
                env={**os.environ, "SSL_CERT_FILE": str(tmp_path / "identity.pem")},
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.PIPE,
                cwd=Path(__file__).parents[2],
            )
            return await process.communicate()

    assert asyncio.run(story()) == (b"{'fine': True}\n", b"")


def test_a_laboratory_may_do_without_verification(self_signed: ssl.SSLContext) -> None:
    """DYNATRACE_HTTP_INSECURE."""

    async def story() -> object:
        async with serving(answering(FINE), self_signed) as url:
            return await ask(url, Options(insecure=True))

    assert asyncio.run(story()) == {"fine": True}


def test_a_tenant_that_is_down_is_named() -> None:
    """After the retries, with what to check."""

    async def story() -> None:
        async with serving(answering(FINE)) as url:
            pass
        await ask(url, Options(max_retries=2))

    with pytest.raises(Unreachable, match="nothing accepts connections there") as caught:
        asyncio.run(story())

    assert "attempt 3" in caught.value.detail
    assert "dt_env_url" in caught.value.detail


def test_a_name_that_does_not_exist_is_not_tried_again() -> None:
    """A mistyped environment is reported at once. The name is one that no name server may know (RFC 6761)."""
    with pytest.raises(Unreachable, match=r"abc12345\.invalid cannot be reached") as caught:
        asyncio.run(ask("https://abc12345.invalid"))

    assert "is not known" in caught.value.detail


@pytest.mark.parametrize("cut", [0, 10, 60, len(FINE) - 5])
def test_an_answer_cut_short_is_asked_for_again(cut: int) -> None:
    """Wherever it breaks off: in the status line, the headers or the body."""

    async def story() -> object:
        async with serving(answering(FINE[:cut], FINE)) as url:
            return await ask(url, Options(max_retries=1))

    assert asyncio.run(story()) == {"fine": True}


@pytest.mark.parametrize(
    "noise", [b"\x00\xff" * 100, b"SSH-2.0-OpenSSH_9.6\r\n", b"HTTP/1.1 999999 X\r\n\r\n", b"x" * 200_000]
)
def test_what_does_not_speak_http_is_an_error(noise: bytes) -> None:
    """Another service on that port."""

    async def story() -> None:
        async with serving(answering(noise)) as url:
            await ask(url)

    with pytest.raises(DynatraceError):
        asyncio.run(story())
