"""The body of a response, read to its end, or to the point from which on it would only fill the memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from terraform_provider_dynatrace.client.errors import UnexpectedResponse

if TYPE_CHECKING:
    import httpx2

    from terraform_provider_dynatrace.client.responses import Request

MAX_BYTES = 16 << 20  # decompressed; a page of 500 objects is well under one megabyte


async def read_body(request: Request, response: httpx2.Response) -> bytes:
    """Return the whole body of the response to `request`, and close it. Raises `UnexpectedResponse` if it is too large.

    The HTTP library decompresses a megabyte at a time, so that a small response cannot become a huge one unnoticed.
    """
    body = bytearray()
    try:
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > MAX_BYTES:
                raise UnexpectedResponse(
                    "The response is too large",
                    f"{request} returned more than {MAX_BYTES >> 20} MB. Check {request.url}, and that no proxy "
                    "changes its responses.",
                    status=response.status_code,
                    outcome_unknown=request.method != "GET",
                )
    finally:
        await response.aclose()
    return bytes(body)
