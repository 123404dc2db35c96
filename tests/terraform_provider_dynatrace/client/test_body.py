"""Responses that would fill the memory are cut off, also if they are compressed."""

from __future__ import annotations

import tracemalloc
import zlib
from collections.abc import AsyncIterator, Callable

import httpx2
import pytest

from terraform_provider_dynatrace.client.auth import Credential, OAuthClient
from terraform_provider_dynatrace.client.body import MAX_BYTES
from terraform_provider_dynatrace.client.errors import UnexpectedResponse
from tests.terraform_provider_dynatrace.far_end import API_TOKEN, FarEnd, client_of

SPACES = b" " * (1 << 20)


def endless() -> httpx2.Response:
    """Return an endless response."""

    async def chunks() -> AsyncIterator[bytes]:
        while True:
            yield SPACES

    return httpx2.Response(200, content=chunks())


def bomb() -> httpx2.Response:
    """Return 64 megabytes compressed to 64 kilobytes."""
    packing = zlib.compressobj(wbits=31)
    packed = b"".join(packing.compress(SPACES) for _ in range(64)) + packing.flush()

    async def chunks() -> AsyncIterator[bytes]:
        yield packed

    return httpx2.Response(200, headers={"Content-Encoding": "gzip"}, content=chunks())


def login() -> Credential:
    return OAuthClient("dt0s02.X", "dt0s02.X.Y", token_url="https://sso.dynatrace.com/token", source="test")


@pytest.mark.parametrize("answer", [endless, bomb])
@pytest.mark.parametrize("credential", [lambda: API_TOKEN, login])
async def test_an_endless_response_is_cut_off(
    answer: Callable[[], httpx2.Response], credential: Callable[[], Credential]
) -> None:
    """A response of the API or of the login is read up to a limit; the outcome of a write is then unknown."""
    given = answer()

    async def give(_: httpx2.Request) -> httpx2.Response:
        return given

    tracemalloc.start()
    try:
        async with client_of(FarEnd(give), credential=credential()) as client:
            with pytest.raises(UnexpectedResponse, match="more than 16 MB") as caught:
                await client.request("POST", "/x", access="write", body={})
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 3 * MAX_BYTES
    assert caught.value.outcome_unknown == (credential() is API_TOKEN)


@pytest.mark.parametrize("body", [b"[" * 1_000_000, b'{"a":' * 1_000_000, b"[" * 900 + b"]" * 900])
async def test_a_response_of_any_depth_is_read_or_refused(body: bytes) -> None:
    """A million brackets result in an error, and not in a crash of the interpreter."""
    async with client_of(FarEnd(httpx2.Response(200, content=body))) as client:
        if len(body) > 2000:
            with pytest.raises(UnexpectedResponse, match="did not return JSON"):
                await client.request("GET", "/x", access="read")
        else:
            assert isinstance(await client.request("GET", "/x", access="read"), list)
