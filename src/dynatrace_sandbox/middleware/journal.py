"""Middleware that records every request to the Dynatrace side in the journal."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dynatrace_sandbox.journal import Entry
from dynatrace_sandbox.sandbox import Sandbox

CONTROL_PATH = "/sandbox"


def is_control(path: str) -> bool:
    """Return whether a path belongs to the sandbox itself, and not to what it simulates: its page, its control path."""
    return path == "/" or path.startswith(CONTROL_PATH)


class JournalMiddleware:
    """Records each request and its outcome, except those to the sandbox's own paths."""

    def __init__(self, app: ASGIApp, sandbox: Sandbox) -> None:
        self._app = app
        self._sandbox = sandbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and record its outcome."""
        if scope["type"] != "http" or is_control(scope["path"]):
            await self._app(scope, receive, send)
            return
        status: int | None = None
        start = self._sandbox.clock()

        async def observe(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, observe)
        finally:
            await self._sandbox.journal.add(self._entry(scope, status, start))

    def _entry(self, scope: Scope, status: int | None, start: float) -> Entry:
        return Entry(
            method=scope["method"],
            path=scope["path"],
            query=scope["query_string"].decode("latin-1"),
            status=status,
            credential=self._credential_kind(Headers(scope=scope).get("authorization", "")),
            fault=scope.get("state", {}).get("fault"),
            at=start,
            seconds=self._sandbox.clock() - start,
        )

    def _credential_kind(self, authorization: str) -> str:
        if not authorization:
            return "none"
        credential = self._sandbox.tokens.find(authorization)
        return credential.kind if credential else "unknown"
