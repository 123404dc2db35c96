"""Reading a request's body as Dynatrace does, and the responses to failed requests."""

from __future__ import annotations

import json
import math
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dynatrace_sandbox.tenant.problems import Problem

LARGEST_BODY = 1024 * 1024
"""Bytes. Source: docs/design/0008-sources.md#rate-limits, "Payload limit"; the status 413 is inferred."""


async def json_body(request: Request) -> Any:
    """Return the JSON in a request's body. Raises `Problem` 415, 413 or 400."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Problem(415, f"Unsupported media type '{kind}'. Use application/json.")
    text = await limited_body(request)
    try:
        parsed = json.loads(text, parse_constant=_refuse, parse_float=_finite)
        # A lone surrogate passes the parser, but no response could contain it.
        json.dumps(parsed, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise Problem(400, "Could not map JSON: the request body is not valid JSON.") from error
    return parsed


async def limited_body(request: Request) -> bytes:
    """Return a request's body. Raises `Problem` 413 beyond `LARGEST_BODY`."""
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > LARGEST_BODY:
            raise Problem(413, f"The request body must not exceed {LARGEST_BODY} bytes.")
        chunks.append(chunk)
    return b"".join(chunks)


def _refuse(constant: str) -> None:
    """Refuse NaN and Infinity, which Python's parser accepts and JSON does not have."""
    raise ValueError(constant)


def _finite(text: str) -> float:
    """Return a number; refuse 1e999, which would become infinity and could not be written as JSON again."""
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(text)
    return number


async def respond_to_problem(_: Request, problem: Exception) -> Response:
    """Respond with the error envelope of a `Problem`."""
    assert isinstance(problem, Problem)
    return JSONResponse(problem.envelope(), problem.code)


async def respond_to_http_exception(_: Request, error: Exception) -> Response:
    """Respond to an unknown path or method with Dynatrace's error envelope instead of plain text."""
    assert isinstance(error, HTTPException)
    envelope = Problem(error.status_code, f"HTTP {error.status_code} {error.detail}").envelope()
    return JSONResponse(envelope, error.status_code, error.headers)
