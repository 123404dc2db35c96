"""Middleware through which faults strike: too many requests, slowness, mishaps below HTTP."""

from __future__ import annotations

import asyncio
import json
import socket
import struct
from typing import Any

from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dynatrace_sandbox.faults import Fault
from dynatrace_sandbox.middleware.journal import CONTROL_PATH
from dynatrace_sandbox.sandbox import Sandbox
from dynatrace_sandbox.tenant.problems import Problem

_LINGER_NOT = struct.pack("ii", 1, 0)


class Striking:
    """Slows down, throttles and spoils requests as the sandbox's options and faults say."""

    def __init__(self, app: ASGIApp, sandbox: Sandbox) -> None:
        self._app = app
        self._sandbox = sandbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or let a fault have it."""
        if scope["type"] != "http" or scope["path"].startswith(CONTROL_PATH):
            await self._app(scope, receive, send)
            return
        if self._sandbox.options.latency:
            await asyncio.sleep(self._sandbox.options.latency / 1000)
        wait = self._sandbox.rate_limit.take()
        asked = scope["method"], scope["path"], scope["query_string"].decode("latin-1")
        fault = self._sandbox.faults.striking(*asked) if wait is None else None
        if wait is not None:
            await _too_many(wait)(scope, receive, send)
        elif fault is None:
            await self._app(scope, receive, send)
        else:
            scope.setdefault("state", {})["fault"] = fault.script.kind
            await _Victim(self._app, fault, self._sandbox.clock(), scope, receive, send).suffer()


def _too_many(wait: int) -> Response:
    problem = Problem(429, "Too many requests. The limit of this environment is reached for now.")
    return _json(429, problem.envelope(), {"Retry-After": str(wait)})


def _json(status: int, body: Any, headers: dict[str, str]) -> Response:
    return Response(json.dumps(body), status, headers, media_type="application/json")


class _Victim:
    """One request that a fault strikes."""

    def __init__(  # noqa: PLR0913, PLR0917 ASGI's three and what they meet
        self, app: ASGIApp, fault: Fault, now: float, scope: Scope, receive: Receive, send: Send
    ) -> None:
        self._app, self._fault, self._now = app, fault, now
        self._scope, self._receive, self._send = scope, receive, send

    async def suffer(self) -> None:
        script = self._fault.script
        answer = await self._act() if script.acts or script.kind in ("half", "truncate") else None
        match script.kind:
            case "answer":
                await self._hear_out(answer)
                await self._respond(Response(script.body, script.status, script.headers_at(self._now)))
            case "reset":
                await self._hear_out(answer)
                await self._reset()
            case "hang":
                await asyncio.sleep(script.seconds)
                await self._deliver(answer)
            case "hold":
                await self._fault.hold()
                await self._deliver(answer)
            case "half" if answer:
                await self._half(answer)
            case "truncate" if answer:
                await self._respond(_with_body(answer, _first_half(_body(answer))))

    async def _act(self) -> list[Message]:
        """Let the server do its work, and keep its answer back."""
        kept: list[Message] = []

        async def keep(message: Message) -> None:
            kept.append(message)

        await self._app(self._scope, self._receive, keep)
        return kept

    async def _hear_out(self, answer: list[Message] | None) -> None:
        """Read what the client has to say, unless the server has: it must meet the mishap when it waits, not before."""
        while answer is None and (await self._receive()).get("more_body"):
            pass

    async def _deliver(self, answer: list[Message] | None) -> None:
        """Send the answer that was kept back, or let the server act only now."""
        if answer is None:
            await self._app(self._scope, self._receive, self._send)
        else:
            for message in answer:
                await self._send(message)

    async def _respond(self, response: Response) -> None:
        await response(self._scope, self._receive, self._send)

    async def _half(self, answer: list[Message]) -> None:
        await self._send(answer[0])
        await self._send({"type": "http.response.body", "body": _first_half(_body(answer)), "more_body": True})
        self._transport().close()
        await self._gone()

    async def _reset(self) -> None:
        transport = self._transport()
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)
        transport.abort()
        await self._gone()

    def _transport(self) -> asyncio.Transport:
        """Return the connection; a test in process has none, and gets the error that the other end would see."""
        transport: asyncio.Transport | None = self._scope["state"].get("transport")
        if transport is None:
            raise ConnectionResetError("the sandbox broke the connection")
        return transport

    async def _gone(self) -> None:
        """Wait until the server has noticed that the connection is closed, lest it send an error of its own."""
        while (await self._receive())["type"] != "http.disconnect":
            pass


def _body(answer: list[Message]) -> bytes:
    return b"".join(message.get("body", b"") for message in answer[1:])


def _first_half(body: bytes) -> bytes:
    return body[: len(body) // 2]


def _with_body(answer: list[Message], body: bytes) -> Response:
    response = Response(body, answer[0]["status"])
    names = {name for name, _ in response.raw_headers}
    response.raw_headers += [(name, text) for name, text in answer[0]["headers"] if name not in names]
    return response
