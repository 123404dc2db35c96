"""An answer read to its end, or to the point from which on it would only fill the memory."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from terraform_provider_dynatrace.client.errors import UnexpectedResponse
from terraform_provider_dynatrace.client.responses import Answer
from terraform_provider_dynatrace.client.retry import requested_pause

if TYPE_CHECKING:
    import httpx2

LARGEST_ANSWER = 16 << 20  # bytes, decompressed; a page of 500 objects is well under one megabyte


async def receive(response: httpx2.Response, what: str) -> Answer:
    """Return the whole response to the request `what`. Raises `UnexpectedResponse` for one that is too large.

    The HTTP library decompresses a megabyte at a time, so that a small answer cannot become a huge one unnoticed.
    """
    body = bytearray()
    try:
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > LARGEST_ANSWER:
                text = _TOO_LARGE.format(what=what)
                raise UnexpectedResponse("Dynatrace's answer is too large", text, outcome_unknown=True)
    finally:
        await response.aclose()
    headers = dict(response.headers)
    return Answer(response.status_code, headers, bytes(body), requested_pause(headers, time.time()))


_TOO_LARGE = (
    f"{{what}} answered with more than {LARGEST_ANSWER >> 20} megabytes. Is it a Dynatrace environment (argument "
    "dt_env_url), or is there a proxy in between?"
)
