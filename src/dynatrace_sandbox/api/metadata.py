"""The platform's metadata over HTTP: where the environment's classic API is. For platform credentials.

Source: docs/design/0008-sources.md#classic-environment-domain.
"""

from __future__ import annotations

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dynatrace_sandbox.tenant.credentials import APPS_RUN, Credential
from dynatrace_sandbox.tenant.tokens import require


class MetadataApi:
    """The endpoints below `/platform/metadata/v1`. `identify` turns an Authorization header into a credential."""

    def __init__(self, identify: Callable[[str], Credential]) -> None:
        self._identify = identify

    def routes(self) -> list[Route]:
        """Return the routes, without the base path."""
        return [Route("/classic-environment-domain", self.classic_environment_domain, methods=["GET"])]

    async def classic_environment_domain(self, request: Request) -> Response:
        """GET the URL to which requests with API tokens go. In the sandbox, both kinds of requests have one URL."""
        require(self._identify(request.headers.get("authorization", "")), "", APPS_RUN)
        return JSONResponse({"domain": f"http://{request.url.netloc}"})
