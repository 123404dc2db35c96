"""Only requests for this machine are answered: a web page must not reach the sandbox under a name of its own."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

_KNOWN = frozenset({"127.0.0.1", "localhost"})


class KnownHosts:
    """Refuses a Host header other than 127.0.0.1 or localhost with 421."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] == "http" and not _is_known(Headers(scope=scope).get("host", "")):
            refusal = PlainTextResponse("This server is only known as 127.0.0.1 or localhost.\n", 421)
            await refusal(scope, receive, send)
        else:
            await self._app(scope, receive, send)


def _is_known(host: str) -> bool:
    return host.partition(":")[0].lower() in _KNOWN
