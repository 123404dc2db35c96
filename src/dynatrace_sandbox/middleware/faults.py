"""Middleware that applies latency, the request rate and faults."""

from __future__ import annotations

import asyncio
import socket
import struct
from dataclasses import dataclass

from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dynatrace_sandbox.faults import Fault
from dynatrace_sandbox.middleware.journal import is_control
from dynatrace_sandbox.sandbox import Sandbox
from dynatrace_sandbox.tenant.problems import Problem

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
"""`SO_LINGER` with a timeout of 0: closing the socket sends RST."""


class FaultMiddleware:
    """Applies options and faults to the requests to Dynatrace. Requests to the sandbox's own paths pass unchanged."""

    def __init__(self, app: ASGIApp, sandbox: Sandbox) -> None:
        self._app = app
        self._sandbox = sandbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or apply a fault to it."""
        if scope["type"] != "http" or is_control(scope["path"]):
            await self._app(scope, receive, send)
            return
        if self._sandbox.options.latency:
            await asyncio.sleep(self._sandbox.options.latency / 1000)
        if (retry_after := self._sandbox.rate_limit.take()) is not None:
            await _too_many_requests(retry_after)(scope, receive, send)
            return
        fault = self._sandbox.faults.take(scope["method"], scope["path"], scope["query_string"].decode("latin-1"))
        if fault is None:
            await self._app(scope, receive, send)
        else:
            scope.setdefault("state", {})["fault"] = fault.script.kind
            await FaultedRequest(self._app, fault, self._sandbox.clock(), scope, receive, send).run()


def _too_many_requests(retry_after: int) -> Response:
    problem = Problem(429, "The request rate of the sandbox is exceeded.")
    # SaaS environments send no X-RateLimit headers. That they send Retry-After is inferred; a fault can omit it, or
    # send what Managed documents. Source: docs/design/0008-sources.md#rate-limits.
    return JSONResponse(problem.envelope(), 429, {"Retry-After": str(retry_after)})


@dataclass(frozen=True)
class FaultedRequest:
    """One request that a fault applies to."""

    app: ASGIApp
    """What would serve the request."""
    fault: Fault
    now: float
    """When the request came, in seconds since 1970."""
    scope: Scope
    receive: Receive
    send: Send

    async def run(self) -> None:
        """Do what the fault's kind says."""
        script = self.fault.script
        response = await self._act() if script.acts or script.kind in ("disconnect", "truncate") else None
        match script.kind:
            case "respond":
                await self._read_request(response)
                await self._respond(Response(script.body, script.status, script.headers_at(self.now)))
            case "reset":
                await self._read_request(response)
                await self._reset()
            case "hang":
                await asyncio.sleep(script.seconds)
                await self._deliver(response)
            case "hold":
                await self.fault.hold()
                await self._deliver(response)
            case "disconnect" if response:
                await self._send_half(response)
            case "truncate" if response:
                await self._respond(_with_body(response, _first_half(_body(response))))

    async def _act(self) -> list[Message]:
        """Let the server carry out the request, and keep its response back."""
        kept: list[Message] = []

        async def keep(message: Message) -> None:
            kept.append(message)

        await self.app(self.scope, self.receive, keep)
        return kept

    async def _read_request(self, response: list[Message] | None) -> None:
        """Read the request to its end, unless the server has done so."""
        # The client must meet the fault while it waits for the response. While it still sends its body, a closed
        # connection is a different failure for it.
        while response is None and (await self.receive()).get("more_body"):
            pass

    async def _deliver(self, response: list[Message] | None) -> None:
        """Send the response that was kept back, or let the server carry out the request now."""
        if response is None:
            await self.app(self.scope, self.receive, self.send)
        else:
            for message in response:
                await self.send(message)

    async def _respond(self, response: Response) -> None:
        await response(self.scope, self.receive, self.send)

    async def _send_half(self, response: list[Message]) -> None:
        await self.send(response[0])
        await self.send({"type": "http.response.body", "body": _first_half(_body(response)), "more_body": True})
        self._transport().close()
        await self._wait_for_disconnect()

    async def _reset(self) -> None:
        transport = self._transport()
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
        transport.abort()
        await self._wait_for_disconnect()

    def _transport(self) -> asyncio.Transport:
        """Return the connection. In process there is none: raises `ConnectionResetError`, as a client would see it."""
        transport: asyncio.Transport | None = self.scope["state"].get("transport")
        if transport is None:
            raise ConnectionResetError("the sandbox reset the connection")
        return transport

    async def _wait_for_disconnect(self) -> None:
        """Wait until the server has noticed that the connection is closed."""
        # If the application returned earlier, uvicorn would log that it has sent no complete response.
        while (await self.receive())["type"] != "http.disconnect":
            pass


def _body(response: list[Message]) -> bytes:
    return b"".join(message.get("body", b"") for message in response[1:])


def _first_half(body: bytes) -> bytes:
    return body[: len(body) // 2]


def _with_body(response: list[Message], body: bytes) -> Response:
    changed = Response(body, response[0]["status"])
    names = {name for name, _ in changed.raw_headers}
    changed.raw_headers += [(name, text) for name, text in response[0]["headers"] if name not in names]
    return changed
