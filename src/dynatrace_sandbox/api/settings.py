"""The Settings API over HTTP: the same endpoints on the classic and on the platform paths.

Source: docs/design/0008-sources.md#settings-api, one entry for each page. `api.permissions` has the permissions
endpoints.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dynatrace_sandbox.api.requests import json_body
from dynatrace_sandbox.tenant.access import Caller
from dynatrace_sandbox.tenant.credentials import OBJECTS_READ, OBJECTS_WRITE, READ, SCHEMAS_READ, WRITE, Credential
from dynatrace_sandbox.tenant.environment import Environment, Write, check_version
from dynatrace_sandbox.tenant.problems import Problem, bad_query, violated
from dynatrace_sandbox.tenant.queries import parse_fields, parse_flag, parse_list_query
from dynatrace_sandbox.tenant.tokens import require

READING, WRITING, _SCHEMAS = (READ, OBJECTS_READ), (WRITE, OBJECTS_WRITE), (READ, SCHEMAS_READ)
"""The scope of an API token and the scope of platform credentials for each kind of request."""

MOST_ITEMS = 1000
"""How many objects one POST may have. Dynatrace documents no limit; this one keeps the sandbox responsive."""

_ONLY_IN_LISTS = ("modificationInfo",)
_SCHEMA_FIELDS = frozenset(
    {"schemaId", "displayName", "maturity", "latestSchemaVersion", "multiObject", "ordered", "ownerBasedAccessControl"}
)
_DEFAULT_SCHEMA_FIELDS = ("schemaId", "displayName", "latestSchemaVersion")


class SettingsApi:
    """The endpoints below one base path.

    `identify` returns the credential in an Authorization header, or raises `Problem` 401.
    """

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

    @property
    def schema_ids(self) -> Collection[str]:
        """The schemas that the environment has."""
        return self._environment.schemas.keys()

    def caller(self, request: Request, scopes: tuple[str, str], *, admin_access: bool | None = None) -> Caller:
        """Return who sends a request, after checking the scope. Raises `Problem` 401 or 403.

        `admin_access` is given for a page of a list, whose cursor has the parameter.
        """
        credential = self._identify(request.headers.get("authorization", ""))
        require(credential, *scopes)
        if admin_access is None:
            admin_access = parse_flag(request.query_params, "adminAccess")
        return Caller(credential, admin_access)

    async def list_objects(self, request: Request) -> Response:
        """GET /settings/objects: one page of the objects that the caller may read."""
        query = parse_list_query(request.query_params)
        caller = self.caller(request, READING, admin_access=query.admin_access)
        for schema_id in query.schema_ids:
            self._environment.schema(schema_id)
        if unknown := set(query.scopes) - self._environment.scopes:
            raise Problem(404, f"There is no scope {', '.join(sorted(unknown))}.")
        objects = self._environment.visible(caller)
        return JSONResponse(query.page(objects, lambda one: self._environment.as_json(caller, one)))

    async def create_objects(self, request: Request) -> Response:
        """POST /settings/objects: each element on its own, without a rollback between them."""
        caller = self.caller(request, WRITING)
        write = _write(request)
        body = await json_body(request)
        if not isinstance(body, list):
            raise violated("", "Must be an array of settings objects")
        if len(body) > MOST_ITEMS:
            raise Problem(400, f"The sandbox accepts at most {MOST_ITEMS} settings objects in a request.")
        # A 403 is an envelope for the whole request, so it must be found before anything is saved.
        self._environment.check_permissions(caller, body)
        items = [await self._create(caller, item, index, write) for index, item in enumerate(body)]
        return JSONResponse(items, _common_status([item["code"] for item in items]))

    async def _create(self, caller: Caller, item: Any, index: int, write: Write) -> dict[str, Any]:
        await asyncio.sleep(0)  # let other requests in between a thousand elements
        try:
            return await self._environment.create(caller, item, index, write)
        except Problem as problem:
            return problem.item(item.get("value") if isinstance(item, dict) else None)

    async def get_object(self, request: Request) -> Response:
        """GET /settings/objects/{id}: every field. The page has no parameter `fields`, so it has no effect."""
        caller = self.caller(request, READING)
        settings_object = self._environment.readable(caller, request.path_params["object_id"])
        item = self._environment.as_json(caller, settings_object)
        shown = {name: part for name, part in item.items() if part is not None and name not in _ONLY_IN_LISTS}
        return JSONResponse(shown)

    async def update_object(self, request: Request) -> Response:
        """PUT /settings/objects/{id}: a new value, with optimistic locking if an update token is sent."""
        caller = self.caller(request, WRITING)
        require(caller.credential, READ, OBJECTS_READ)
        write = _write(request)
        body = await json_body(request)
        object_id = request.path_params["object_id"]
        try:
            value, token = self._parse_update(object_id, body)
            return JSONResponse(await self._environment.update(caller, object_id, value, token, write))
        except Problem as problem:
            invalid = body.get("value") if isinstance(body, dict) and problem.code == 400 else None
            return _item_response(problem, invalid)

    def _parse_update(self, object_id: str, body: Any) -> tuple[Any, str | None]:
        """Return value and update token of a `SettingsObjectUpdate`. Raises `Problem` 400."""
        if not isinstance(body, dict) or body.get("value") is None:
            raise violated("value", "Must not be null")
        for name in ("updateToken", "schemaVersion", "insertAfter", "insertBefore"):
            if not isinstance(body.get(name), str | None):
                raise violated(name, "Must be of type text")
        if settings_object := self._environment.store.get(object_id):
            check_version(self._environment.schema(settings_object.schema_id), body.get("schemaVersion"))
        return body["value"], body.get("updateToken")

    async def delete_object(self, request: Request) -> Response:
        """DELETE /settings/objects/{id}: 204.

        The page has no parameter `validateOnly`, which dtctl sends. To ignore it would delete what was to be validated.
        """
        caller = self.caller(request, WRITING)
        if "validateOnly" in request.query_params:
            return _item_response(bad_query("validateOnly", "Is not supported for DELETE"))
        token = request.query_params.get("updateToken")
        try:
            self._environment.delete(caller, request.path_params["object_id"], token)
        except Problem as problem:
            return _item_response(problem)
        return Response(status_code=204)

    async def list_schemas(self, request: Request) -> Response:
        """GET /settings/schemas: every schema with the requested fields. The page names no default fields."""
        self.caller(request, _SCHEMAS)
        fields = parse_fields(request.query_params, _SCHEMA_FIELDS, _DEFAULT_SCHEMA_FIELDS)
        schemas = [{**one, "latestSchemaVersion": one["version"]} for one in self._environment.schemas.values()]
        items = [{name: schema[name] for name in fields} for schema in schemas]
        return JSONResponse({"items": items, "totalCount": len(items)})

    async def get_schema(self, request: Request) -> Response:
        """GET /settings/schemas/{id}: the newest version of a schema, or the one that `schemaVersion` names."""
        self.caller(request, _SCHEMAS)
        schema = self._environment.schema(request.path_params["schema_id"])
        version = request.query_params.get("schemaVersion")
        if version is None or version == schema["version"]:
            return JSONResponse(schema)
        older = self._environment.versions.get((schema["schemaId"], version))
        if older is None:
            raise Problem(404, f"There is no version {version} of the schema {schema['schemaId']}.")
        return JSONResponse(older)


def _write(request: Request) -> Write:
    query = request.query_params
    return Write(parse_flag(query, "validateOnly"), parse_flag(query, "repairInput"))


def _item_response(problem: Problem, invalid_value: Any = None) -> Response:
    """Return the response to a failed PUT or DELETE: a `SettingsObjectResponse`, except for 403, an envelope."""
    if problem.code == 403:
        raise problem
    return JSONResponse(problem.item(invalid_value), problem.code)


def _common_status(codes: list[int]) -> int:
    """Return the status of a POST: the one that all elements share, else 207. That of an empty array is inferred."""
    return codes[0] if len(set(codes)) == 1 else 207 if codes else 200
