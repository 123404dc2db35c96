"""Reading a request's body as Dynatrace does, and the responses to failed requests."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dynatrace_sandbox.tenant.problems import Problem

LARGEST_BODY = 1024 * 1024
"""Bytes. Source: docs/design/0008-sources.md#rate-limits, "Payload limit"; the status 413 is inferred."""

DEEPEST_BODY = 200
"""Levels of objects and lists. Dynatrace documents no limit; with this one, each value can be written again."""


async def json_body(request: Request) -> Any:
    """Return the JSON in a request's body. Raises `Problem` 415, 413 or 400."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Problem(415, f"Unsupported media type '{kind}'. Use application/json.")
    text = await limited_body(request)
    try:
        parsed = msgspec.json.decode(text)
    except (UnicodeDecodeError, RecursionError, msgspec.DecodeError) as error:
        raise Problem(400, "Could not map JSON: the request body is not valid JSON.") from error
    _check_depth(parsed)
    return parsed


def _check_depth(value: Any) -> None:
    """Raise `Problem` 400 for values in more than `DEEPEST_BODY` objects and lists."""
    level = [value]
    for _ in range(DEEPEST_BODY):
        parts = [one.values() if isinstance(one, dict) else one for one in level if isinstance(one, dict | list)]
        level = [inner for part in parts for inner in part]
        if not level:
            return
    raise Problem(400, f"Could not map JSON: the request body must not nest deeper than {DEEPEST_BODY} levels.")


async def limited_body(request: Request) -> bytes:
    """Return a request's body. Raises `Problem` 413 beyond `LARGEST_BODY`."""
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > LARGEST_BODY:
            raise Problem(413, f"The request body must not exceed {LARGEST_BODY} bytes.")
        chunks.append(chunk)
    return b"".join(chunks)


async def respond_to_problem(_: Request, problem: Exception) -> Response:
    """Respond with the error envelope of a `Problem`."""
    assert isinstance(problem, Problem)
    return JSONResponse(problem.envelope(), problem.code)


async def respond_to_http_exception(_: Request, error: Exception) -> Response:
    """Respond to an unknown path or method with Dynatrace's error envelope instead of plain text."""
    assert isinstance(error, HTTPException)
    envelope = Problem(error.status_code, f"HTTP {error.status_code} {error.detail}").envelope()
    return JSONResponse(envelope, error.status_code, error.headers)


async def ignore_disconnect(_: Request, __: Exception) -> None:
    """Send no response: the client closed the connection before it had sent the whole request."""
