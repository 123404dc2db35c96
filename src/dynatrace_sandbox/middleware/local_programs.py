"""Middleware that serves programs on this machine and the sandbox's own page, and refuses other web pages."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from dynatrace_sandbox.loopback import refusal
from dynatrace_sandbox.middleware.journal import is_control


class LocalProgramsMiddleware:
    """Refuses what a web page may have sent, on every path: see `loopback.refusal`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it with 421 or 403."""
        if scope["type"] == "http":
            headers = Headers(scope=scope)
            refused = refusal(
                headers.get("host"),
                headers.get("origin"),
                headers.get("sec-fetch-site"),
                own_page=is_control(scope["path"]),  # the page needs nothing of what is simulated
            )
            if refused:
                await PlainTextResponse(refused.message, refused.status)(scope, receive, send)
                return
        await self._app(scope, receive, send)
