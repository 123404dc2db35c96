"""The Access tokens API over HTTP: what an API token is. It is for API tokens, like the rest of `/api/v2`.

Source: docs/design/0008-sources.md#token-lookup.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dynatrace_sandbox.api.requests import json_body
from dynatrace_sandbox.sandbox import Sandbox
from dynatrace_sandbox.tenant.credentials import OWNER, Credential
from dynatrace_sandbox.tenant.problems import Problem


class ApiTokensApi:
    """The endpoints below `/api/v2/apiTokens`."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._tokens = sandbox.tokens
        self._metadata = _metadata_by_token(sandbox.credentials.values(), sandbox.clock())

    def routes(self) -> list[Route]:
        """Return the routes, without the base path."""
        return [Route("/apiTokens/lookup", self.look_up, methods=["POST"])]

    async def look_up(self, request: Request) -> Response:
        """POST /apiTokens/lookup: the metadata of the API token in the body; 404 without a body for an unknown one."""
        self._tokens.classic(request.headers.get("authorization", ""))
        body = await json_body(request)
        token = body.get("token") if isinstance(body, dict) else None
        if not isinstance(token, str):
            raise Problem(400, "The request body must be an object with the text 'token'.")
        metadata = self._metadata.get(token)
        return Response(status_code=404) if metadata is None else JSONResponse(metadata)


def _metadata_by_token(credentials: Iterable[Credential], now: float) -> dict[str, dict[str, Any]]:
    """Return the `ApiToken` of each API token of this environment by its secret. They were created just now."""
    created = datetime.fromtimestamp(now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {one.secret: _metadata(one, created) for one in credentials if one.kind == "api-token" and _is_here(one)}


def _metadata(token: Credential, created: str) -> dict[str, Any]:
    metadata = {
        "id": token.public,
        "name": token.name,
        "enabled": token.status != "disabled",
        "personalAccessToken": False,
        "owner": OWNER.id,
        "creationDate": created,
        "scopes": sorted(token.scopes),
    }
    return metadata | ({"expirationDate": created} if token.status == "expired" else {})


def _is_here(credential: Credential) -> bool:
    return credential.status != "other-environment"
