"""Reading a request's body as Dynatrace does, and writing its answers."""

from __future__ import annotations

import json
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dynatrace_sandbox.tenant.problems import Problem

LARGEST_BODY = 1024 * 1024
"""Bytes. Source: Settings API 2.0, limits."""


async def json_body(request: Request) -> Any:
    """Return the JSON in a request's body. Raises `Problem` 415, 413 or 400."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        raise Problem(415, f"Unsupported media type '{kind}'. Use application/json.")
    text = await limited_body(request)
    try:
        parsed = json.loads(text, parse_constant=_no_constant)
        json.dumps(parsed, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise Problem(400, "Could not map JSON: the request body is not valid JSON.") from error
    return parsed


async def limited_body(request: Request) -> bytes:
    """Return a request's body. Raises `Problem` 413 beyond a megabyte."""
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > LARGEST_BODY:
            raise Problem(413, f"The request body must not exceed {LARGEST_BODY} bytes.")
        chunks.append(chunk)
    return b"".join(chunks)


def _no_constant(name: str) -> None:
    raise ValueError(name)


async def answer_problem(_: Request, problem: Exception) -> Response:
    """Answer with the error envelope of a `Problem`."""
    assert isinstance(problem, Problem)
    return JSONResponse(problem.envelope(), problem.code)


async def answer_http_exception(_: Request, error: Exception) -> Response:
    """Answer an unknown path or method in Dynatrace's form instead of plain text."""
    assert isinstance(error, HTTPException)
    envelope = Problem(error.status_code, f"HTTP {error.status_code} {error.detail}").envelope()
    return JSONResponse(envelope, error.status_code, error.headers)
