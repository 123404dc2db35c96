"""Failures of real sockets: a closed port, an unknown host name, a wrong certificate, a broken connection."""

from __future__ import annotations

import asyncio
import gzip
import os
import ssl
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from msgspec.structs import replace

from terraform_plugin.server.tls import new_identity
from terraform_plugin.testing import in_process
from terraform_provider_dynatrace.client.auth import ApiToken
from terraform_provider_dynatrace.client.client import Client, Connection, Options
from terraform_provider_dynatrace.client.errors import DynatraceError, Unreachable
from terraform_provider_dynatrace.environment import EnvironmentUrls
from terraform_provider_dynatrace.provider import DynatraceProvider
from tests.relay import pass_on
from tests.tls_front import Authority

from .far_end import SECRET, USUAL, Time

FINE = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 14\r\n\r\n{"fine": true}'
NO_RETRIES = replace(USUAL, max_retries=0)

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def ask(url: str, options: Options = NO_RETRIES) -> object:
    [found] = await ask_often(url, options, times=1)
    return found


async def ask_often(url: str, options: Options = NO_RETRIES, times: int = 2) -> list[object]:
    environment = EnvironmentUrls.parse(url)
    token = ApiToken(SECRET, source="DYNATRACE_API_TOKEN", environment=environment)
    async with Client(Connection(environment, options, pause=Time().pause), token) as client:
        return [await client.request("GET", "/settings/objects", access="read") for _ in range(times)]


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
    """The TLS context of a server with an untrusted certificate."""
    identity = new_identity()
    file = tmp_path / "identity.pem"
    key = identity.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    file.write_bytes(key + identity.pem.encode())
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


async def test_an_untrusted_certificate_is_refused(self_signed: ssl.SSLContext) -> None:
    """An untrusted certificate is refused before the token is sent; the error says what can be done."""
    async with serving(answering(FINE), self_signed) as url:
        with pytest.raises(Unreachable, match="SSL_CERT_FILE") as caught:
            await ask(url, USUAL)

    assert caught.value.attempts == 1


@pytest.mark.parametrize(("listed", "printed"), [(True, b"{'fine': True}\n"), (False, b"")])
async def test_a_certificate_must_list_its_host_name(
    tmp_path: Path,
    listed: bool,  # noqa: FBT001 -- a column of the table
    printed: bytes,
) -> None:
    """The common name alone does not count, even if it is that of the host and the authority is trusted."""
    authority = Authority(tmp_path)
    async with serving(answering(FINE), authority.context("localhost", listed=listed)) as url:
        found, errors = await ask_elsewhere(url, SSL_CERT_FILE=str(authority.file))

    assert found == printed
    assert (b"certificate is not valid for 'localhost'" in errors) is not listed


async def ask_elsewhere(url: str, *, question: str = "ask", **variables: str) -> tuple[bytes, bytes]:
    """Ask in a process of its own, which has its own environment; return what it printed, and its errors."""
    script = (
        f"import asyncio, sys; from tests.terraform_provider_dynatrace.test_real_connections import {question}; "
        f"print(asyncio.run({question}(sys.argv[1])))"
    )
    inherited = {name: text for name, text in os.environ.items() if not name.lower().endswith("_proxy")}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", script, url),
        env=inherited | variables,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        cwd=Path(__file__).parents[2],
    )
    return await process.communicate()


async def test_a_certificate_that_the_system_knows_is_accepted(tmp_path: Path, self_signed: ssl.SSLContext) -> None:
    """The store is the system's, or what SSL_CERT_FILE names."""
    async with serving(answering(FINE), self_signed) as url:
        assert await ask_elsewhere(url, SSL_CERT_FILE=str(tmp_path / "identity.pem")) == (b"{'fine': True}\n", b"")


@pytest.mark.parametrize(("no_proxy", "through"), [("", True), ("elsewhere.example", True), ("localhost", False)])
async def test_a_proxy_is_used_unless_the_host_is_excepted(
    tmp_path: Path,
    self_signed: ssl.SSLContext,
    no_proxy: str,
    through: bool,  # noqa: FBT001 -- a column of the table
) -> None:
    """HTTPS_PROXY and NO_PROXY; the certificate is checked through the tunnel, and the proxy never sees the token."""
    seen: list[bytes] = []

    async with serving(answering(FINE), self_signed) as url, serving(tunnel(seen)) as proxy:
        certificate = str(tmp_path / "identity.pem")
        assert await ask_elsewhere(url, HTTPS_PROXY=proxy, NO_PROXY=no_proxy, SSL_CERT_FILE=certificate) == (
            b"{'fine': True}\n",
            b"",
        )
    assert [request.partition(b" ")[0] for request in seen] == [b"CONNECT"] * through
    assert SECRET.encode() not in b"".join(seen)


async def test_a_second_response_in_one_packet_is_not_the_response_to_the_next_request() -> None:
    """Without TLS, a proxy that others share could send one."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError):  # the client has closed the connection
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(FINE + FINE.replace(b"fine", b"evil"))
        writer.close()

    async with serving(serve) as proxy:
        printed, _ = await ask_elsewhere("http://elsewhere.example", question="ask_often", HTTP_PROXY=proxy)

    assert printed == b"[{'fine': True}, {'fine': True}]\n"


async def test_a_proxy_that_refuses_is_named(self_signed: ssl.SSLContext) -> None:
    """The error of a proxy names the variables to look at, and not the password in them."""
    refusing = answering(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")

    async with serving(answering(FINE), self_signed) as url, serving(refusing) as proxy:
        printed, errors = await ask_elsewhere(url, HTTPS_PROXY=proxy.replace("//", "//somebody:open-sesame@"))
    assert printed == b""
    assert b"HTTPS_PROXY and NO_PROXY" in errors
    assert b"407" in errors
    assert b"open-sesame" not in errors


@pytest.mark.parametrize(
    ("proxy", "says"),
    [
        ("socks5://127.0.0.1:9", b"ALL_PROXY must be the URL of an HTTP proxy"),
        ("http://nobody.invalid:3128", b"the host name of the proxy (ALL_PROXY) is not known"),
    ],
)
async def test_a_proxy_that_cannot_be_used_is_named(proxy: str, says: bytes) -> None:
    """The error is about the variable, and not about the host of the environment; a host in NO_PROXY needs no proxy."""
    async with serving(answering(FINE)) as url:
        _, errors = await ask_elsewhere(url, ALL_PROXY=proxy)
        assert await ask_elsewhere(url, ALL_PROXY=proxy, NO_PROXY="localhost") == (b"{'fine': True}\n", b"")
    assert says in errors


def tunnel(seen: list[bytes]) -> Serve:
    """Return a proxy that opens the requested connections; `seen` gets its requests."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await reader.readuntil(b"\r\n\r\n"))
        host, _, port = seen[-1].split(b" ")[1].decode().rpartition(":")
        inward, outward = await asyncio.open_connection(host, int(port))
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(pass_on(reader, outward), pass_on(inward, writer))

    return serve


@pytest.mark.parametrize(("variables", "works"), [({"DYNATRACE_HTTP_INSECURE": "true"}, True), ({}, False)])
async def test_the_switch_for_laboratories_reaches_the_connection(
    self_signed: ssl.SSLContext,
    variables: dict[str, str],
    works: bool,  # noqa: FBT001 -- a column of the table
) -> None:
    """DYNATRACE_HTTP_INSECURE=true, as Terraform hands it to the provider; without it the plan fails."""
    config = {"name": "production", "role_based_auth": [{"consumers": ["DA"]}]}
    told = b'[{"code": 200}]'
    fine = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(told), told)

    async with serving(answering(fine), self_signed) as url:
        given = {"DYNATRACE_ENV_URL": url, "DYNATRACE_API_TOKEN": SECRET} | variables
        async with in_process(DynatraceProvider(given)) as provider:
            await provider.configure({})
            answer = await provider.plan("dynatrace_aws_connection", config)
            errors = [error.detail for error in answer.errors]
    assert bool(errors) is not works
    assert all("SSL_CERT_FILE" in error for error in errors)


async def test_a_laboratory_may_do_without_verification(self_signed: ssl.SSLContext) -> None:
    """DYNATRACE_HTTP_INSECURE."""
    async with serving(answering(FINE), self_signed) as url:
        assert await ask(url, replace(USUAL, insecure=True)) == {"fine": True}


async def test_a_tenant_that_is_down_is_named() -> None:
    """When all retries have failed, the error says what to check."""
    async with serving(answering(FINE)) as url:
        pass
    with pytest.raises(Unreachable, match="nothing accepts connections there") as caught:
        await ask(url, replace(USUAL, max_retries=2))

    assert "attempt 3" in caught.value.detail
    assert "dt_env_url" in caught.value.detail


async def test_a_name_that_does_not_exist_is_not_tried_again() -> None:
    """A mistyped environment is reported at once. The name is one that no name server may know (RFC 6761)."""
    with pytest.raises(Unreachable, match=r"abc12345\.invalid cannot be reached") as caught:
        await ask("https://abc12345.invalid")

    assert "is not known" in caught.value.detail


@pytest.mark.parametrize("cut", [0, 10, 60, len(FINE) - 5])
async def test_a_request_whose_response_breaks_off_is_retried(cut: int) -> None:
    """A response may break off in the status line, the headers or the body: the request is retried."""
    async with serving(answering(FINE[:cut], FINE)) as url:
        assert await ask(url, replace(USUAL, max_retries=1)) == {"fine": True}


@pytest.mark.parametrize("count", [1, 5, 6, 5000])
@pytest.mark.parametrize("method", ["GET", "POST"])
async def test_any_number_of_content_encodings_is_read_or_an_error(method: str, count: int) -> None:
    """Each layer of compression is work for us: with more than 5 the error says that a write may have been made."""
    body = b'{"fine": true}'
    for _ in range(min(count, 6)):
        body = gzip.compress(body)
    encodings = ", ".join(["gzip"] * count).encode()
    response = b"HTTP/1.1 200 OK\r\nContent-Encoding: %s\r\nContent-Length: %d\r\n\r\n%s" % (encodings, len(body), body)

    async with serving(answering(response)) as url:
        environment = EnvironmentUrls.parse(url)
        token = ApiToken(SECRET, source="DYNATRACE_API_TOKEN", environment=environment)
        async with Client(Connection(environment, NO_RETRIES), token) as client:
            if count <= 5:
                assert await client.request(method, "/x", access="write") == {"fine": True}
            else:
                with pytest.raises(DynatraceError) as caught:
                    await client.request(method, "/x", access="write")
                assert caught.value.outcome_unknown is (method == "POST")


@pytest.mark.parametrize(
    "noise", [b"\x00\xff" * 100, b"SSH-2.0-OpenSSH_9.6\r\n", b"HTTP/1.1 999999 X\r\n\r\n", b"x" * 200_000]
)
async def test_what_does_not_speak_http_is_an_error(noise: bytes) -> None:
    """Another service on the port, which does not speak HTTP, is an error."""
    async with serving(answering(noise)) as url:
        with pytest.raises(DynatraceError):
            await ask(url)
