"""The Settings API over HTTP: the same endpoints on the classic and on the platform paths.

Source: Settings API 2.0. Permissions are on the platform paths only: see `permissions_api`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dynatrace_sandbox.api.requests import json_body
from dynatrace_sandbox.tenant.access import Caller
from dynatrace_sandbox.tenant.credentials import (
    OBJECTS_ADMIN,
    OBJECTS_READ,
    OBJECTS_WRITE,
    READ,
    SCHEMAS_READ,
    WRITE,
    Credential,
)
from dynatrace_sandbox.tenant.environment import Environment
from dynatrace_sandbox.tenant.problems import Problem, Violation
from dynatrace_sandbox.tenant.queries import parse_fields, parse_flag, parse_list_query
from dynatrace_sandbox.tenant.tokens import require

READING, WRITING, _SCHEMAS = (READ, OBJECTS_READ), (WRITE, OBJECTS_WRITE), (READ, SCHEMAS_READ)
MOST_ITEMS = 1000
"""How many objects one POST may have. Dynatrace documents no limit; this one keeps the sandbox responsive."""


class SettingsApi:
    """The endpoints below one base path; `identify` turns an Authorization header into a credential or a 401."""

    def __init__(self, environment: Environment, identify: Callable[[str], Credential]) -> None:
        self._environment = environment
        self._identify = identify

    def routes(self) -> list[Route]:
        """Return the routes, without the base path."""
        return [
            Route("/settings/objects", self.list_objects, methods=["GET"]),
            Route("/settings/objects", self.create_objects, methods=["POST"]),
            Route("/settings/objects/{object_id}", self.get_object, methods=["GET"]),
            Route("/settings/objects/{object_id}", self.update_object, methods=["PUT"]),
            Route("/settings/objects/{object_id}", self.delete_object, methods=["DELETE"]),
            Route("/settings/schemas", self.list_schemas, methods=["GET"]),
            Route("/settings/schemas/{schema_id}", self.get_schema, methods=["GET"]),
        ]

    def caller(self, request: Request, scopes: tuple[str, str], *, admin: bool | None = None) -> Caller:
        """Return who calls, after checking the scope and the right to `adminAccess`. Raises `Problem` 401 or 403."""
        credential = self._identify(request.headers.get("authorization", ""))
        require(credential, *scopes)
        wanted = parse_flag(request.query_params, "adminAccess") if admin is None else admin
        if wanted and OBJECTS_ADMIN not in credential.scopes:
            raise Problem(403, f"Insufficient permissions. Missing scopes: {OBJECTS_ADMIN}")
        return Caller(credential, admin=wanted)

    async def list_objects(self, request: Request) -> Response:
        """GET /settings/objects: one page of what the caller may read."""
        query = parse_list_query(request.query_params)
        caller = self.caller(request, READING, admin=query.admin_access)
        for schema_id in query.schema_ids:
            self._environment.schema(schema_id)
        objects = self._environment.visible(caller)
        return JSONResponse(query.page(objects, lambda one: self._environment.shown(caller, one)))

    async def create_objects(self, request: Request) -> Response:
        """POST /settings/objects: each element for itself, no rollback between them."""
        caller = self.caller(request, WRITING)
        validate_only = parse_flag(request.query_params, "validateOnly")
        body = await json_body(request)
        if not isinstance(body, list):
            raise Problem(400, "Constraints violated.", Violation("", "Must be an array of settings objects"))
        if len(body) > MOST_ITEMS:
            raise Problem(400, f"The sandbox accepts at most {MOST_ITEMS} settings objects in a request.")
        items = [await self._create(caller, item, index, validate_only) for index, item in enumerate(body)]
        return JSONResponse(items, _common_status([item["code"] for item in items]))

    async def _create(self, caller: Caller, item: Any, index: int, validate_only: bool) -> dict[str, Any]:  # noqa: FBT001
        try:
            return await self._environment.create(caller, item, index, validate_only=validate_only)
        except Problem as problem:
            return problem.item(item.get("value") if isinstance(item, dict) else None)

    async def get_object(self, request: Request) -> Response:
        """GET /settings/objects/{id}: by default every field."""
        caller = self.caller(request, READING)
        item = self._environment.shown(caller, self._environment.readable(caller, request.path_params["object_id"]))
        wanted = parse_fields(request.query_params) if "fields" in request.query_params else tuple(item)
        return JSONResponse({name: item[name] for name in wanted if item.get(name) is not None})

    async def update_object(self, request: Request) -> Response:
        """PUT /settings/objects/{id}: a new value, with optimistic locking when an update token is sent."""
        caller = self.caller(request, WRITING)
        require(caller.credential, READ, OBJECTS_READ)
        validate_only = parse_flag(request.query_params, "validateOnly")
        body = await json_body(request)
        object_id = request.path_params["object_id"]
        try:
            value, token = _update(body)
            done = await self._environment.update(caller, object_id, value, token, validate_only=validate_only)
        except Problem as problem:
            if problem.code == 403:
                raise
            invalid = body.get("value") if isinstance(body, dict) and problem.code == 400 else None
            return JSONResponse(problem.item(invalid), problem.code)
        return JSONResponse(done)

    async def delete_object(self, request: Request) -> Response:
        """DELETE /settings/objects/{id}: 204."""
        caller = self.caller(request, WRITING)
        token = request.query_params.get("updateToken")
        self._environment.delete(caller, request.path_params["object_id"], token)
        return Response(status_code=204)

    async def list_schemas(self, request: Request) -> Response:
        """GET /settings/schemas: the ids and versions."""
        self.caller(request, _SCHEMAS)
        names = ("schemaId", "displayName")
        schemas = self._environment.schemas.values()
        items = [{name: one[name] for name in names} | {"latestSchemaVersion": one["version"]} for one in schemas]
        return JSONResponse({"items": items, "totalCount": len(items)})

    async def get_schema(self, request: Request) -> Response:
        """GET /settings/schemas/{id}: the schema as this tenant has it."""
        self.caller(request, _SCHEMAS)
        return JSONResponse(self._environment.schema(request.path_params["schema_id"]))


def _update(body: Any) -> tuple[Any, str | None]:
    """Return value and update token of a `SettingsObjectUpdate`. Raises `Problem` 400."""
    if not isinstance(body, dict) or body.get("value") is None:
        raise Problem(400, "Constraints violated.", Violation("value", "Must not be null"))
    token = body.get("updateToken")
    if not isinstance(token, str | None):
        raise Problem(400, "Constraints violated.", Violation("updateToken", "Must be of type text"))
    return body["value"], token


def _common_status(codes: list[int]) -> int:
    """Return the status of an array answer: the one all items share, else 207."""
    return codes[0] if len(set(codes)) == 1 else 207 if codes else 200
