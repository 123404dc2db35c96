"""The platform's Extensions API over HTTP: versions, schemas and monitoring configurations. For platform credentials.

Source: docs/design/0008-sources.md#extensions-api. The classic Extensions API, for API tokens, is not simulated.
"""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Awaitable, Callable, Mapping
from typing import Annotated, Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dynatrace_sandbox.api.requests import json_body
from dynatrace_sandbox.tenant.access import Caller
from dynatrace_sandbox.tenant.credentials import (
    CONFIGURATIONS_READ,
    CONFIGURATIONS_WRITE,
    DEFINITIONS_READ,
    DEFINITIONS_WRITE,
    Credential,
)
from dynatrace_sandbox.tenant.extensions import Extension
from dynatrace_sandbox.tenant.problems import Problem, bad_query

PAGE_SIZE, LARGEST_PAGE = 20, 500
_CURSORS = ("page-key", "next-page-key")
"""Documentation names the first, Dynatrace's own tools send the second. The sandbox takes either."""

_Page = tuple[Annotated[int, msgspec.Meta(ge=1, le=LARGEST_PAGE)], Annotated[int, msgspec.Meta(ge=1)]]
"""What a cursor has: the size of a page, and how many items the pages before had."""

Endpoint = Callable[[Request], Awaitable[Response]]


class ExtensionsApi:
    """The endpoints below `/platform/extensions/v2`. `identify` turns an Authorization header into a credential."""

    def __init__(self, extension: Extension, identify: Callable[[str], Credential]) -> None:
        self._extension = extension
        self._identify = identify

    def routes(self) -> list[Route]:
        """Return the routes, without the base path."""
        one = "/extensions/{name}"
        every, single = f"{one}/monitoring-configurations", f"{one}/monitoring-configurations/{{object_id}}"
        return [
            self._route(one, "GET", self.versions),
            self._route(one, "POST", self.install),
            self._route(f"{one}/environment-configuration", "GET", self.active_version),
            self._route(every, "GET", self.list_configurations),
            self._route(every, "POST", self.create),
            self._route(single, "GET", self.get),
            self._route(single, "PUT", self.update),
            self._route(single, "DELETE", self.delete),
            self._route(f"{one}/{{version}}/schema", "GET", self.schema),
        ]

    def _route(self, path: str, method: str, endpoint: Endpoint) -> Route:
        async def respond(request: Request) -> Response:
            try:
                return await endpoint(request)
            except Problem as problem:
                return JSONResponse(_envelope(problem), problem.code)

        return Route(path, respond, methods=[method])

    async def versions(self, request: Request) -> Response:
        """GET the installed versions."""
        extension, _ = self._found(request, DEFINITIONS_READ)
        items = [{"extensionName": extension.name, "version": version} for version in extension.versions()]
        return JSONResponse({"items": items, "totalCount": len(items)})

    async def install(self, request: Request) -> Response:
        """POST: install a version from the Hub. That the status is 202 is known from a tool of Dynatrace."""
        extension, _ = self._found(request, DEFINITIONS_WRITE)
        version = extension.install(request.query_params.get("version"))
        return JSONResponse({"extensionName": extension.name, "version": version}, 202)

    async def active_version(self, request: Request) -> Response:
        """GET the active version."""
        extension, _ = self._found(request, DEFINITIONS_READ)
        return JSONResponse({"version": extension.active_version()})

    async def schema(self, request: Request) -> Response:
        """GET the schema of a version."""
        extension, _ = self._found(request, DEFINITIONS_READ)
        return JSONResponse(extension.schema(request.path_params["version"]))

    async def list_configurations(self, request: Request) -> Response:
        """GET one page of the monitoring configurations. The parameter `version` is ignored, as in Dynatrace."""
        extension, _ = self._found(request, CONFIGURATIONS_READ)
        size, offset = _page(request.query_params)
        found = extension.configurations()
        end = offset + size
        items = [one.as_json() for one in found[offset:end]]
        following = {"nextPageKey": _cursor(size, end)} if end < len(found) else {}
        return JSONResponse({"items": items, "totalCount": len(found), **following})

    async def create(self, request: Request) -> Response:
        """POST one configuration: 201."""
        extension, caller = self._found(request, CONFIGURATIONS_WRITE)
        created = extension.create(caller, await json_body(request))
        return JSONResponse({"objectId": created.id}, 201)

    async def get(self, request: Request) -> Response:
        """GET one configuration."""
        extension, _ = self._found(request, CONFIGURATIONS_READ)
        return JSONResponse(extension.configuration(request.path_params["object_id"]).as_json())

    async def update(self, request: Request) -> Response:
        """PUT another value: 200."""
        extension, caller = self._found(request, CONFIGURATIONS_WRITE)
        updated = extension.update(caller, request.path_params["object_id"], await json_body(request))
        return JSONResponse({"objectId": updated.id})

    async def delete(self, request: Request) -> Response:
        """DELETE a configuration: 204."""
        extension, _ = self._found(request, CONFIGURATIONS_WRITE)
        extension.delete(request.path_params["object_id"])
        return Response(status_code=204)

    def _found(self, request: Request, scope: str) -> tuple[Extension, Caller]:
        credential = self._identify(request.headers.get("authorization", ""))
        if scope not in credential.scopes:
            raise Problem(403, f"Insufficient permissions. Missing scopes: {scope}")
        name = request.path_params["name"]
        if name != self._extension.name:
            raise Problem(404, f"Extension {name} does not exist.")
        return self._extension, Caller(credential)


def _page(query: Mapping[str, str]) -> tuple[int, int]:
    """Return page size and offset. Raises `Problem` 400."""
    cursor = next((name for name in _CURSORS if name in query), None)
    if cursor is None:
        return _page_size(query.get("page-size", str(PAGE_SIZE))), 0
    if len(query) > 1:
        raise bad_query(cursor, "Must be the only parameter")
    try:
        size, offset = msgspec.json.decode(urlsafe_b64decode(query[cursor]), type=_Page)
    except (ValueError, RecursionError, msgspec.DecodeError) as error:
        raise bad_query(cursor, "Is not a known cursor") from error
    return size, offset


def _page_size(text: str) -> int:
    if not text.isascii() or not text.isdigit() or len(text) > 9 or not 1 <= int(text) <= LARGEST_PAGE:
        raise bad_query("page-size", f"Must be a number from 1 to {LARGEST_PAGE}")
    return int(text)


def _cursor(size: int, offset: int) -> str:
    return urlsafe_b64encode(msgspec.json.encode((size, offset))).decode()


def _envelope(problem: Problem) -> dict[str, Any]:
    """Return the `ErrorEnvelope` of this API: its violations are one level deeper than in the Settings API."""
    violations = [violation.as_json() for violation in problem.violations]
    details = {"details": {"constraintViolations": violations}} if violations else {}
    return {"error": {"code": problem.code, "message": problem.message, **details}}
