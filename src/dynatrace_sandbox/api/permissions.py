"""The endpoints of the Settings API for permissions and owners over HTTP, on the platform paths only.

The pages write the path as `/v2/settings/objects/{objectId}/permissions`, without the `/api` of the other endpoints;
the SDK and the official provider use the platform path. Source: docs/design/0008-sources.md#settings-permissions-api,
#settings-transfer-ownership and #settings-effective-permissions.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dynatrace_sandbox.api.requests import json_body
from dynatrace_sandbox.api.settings import READING, WRITING, SettingsApi
from dynatrace_sandbox.tenant.access import ALL_USERS, Caller
from dynatrace_sandbox.tenant.credentials import READ, SCHEMAS_READ
from dynatrace_sandbox.tenant.effective_permissions import resolve
from dynatrace_sandbox.tenant.objects import Identity
from dynatrace_sandbox.tenant.permissions import Permissions, parse_accessor


class PermissionsApi:
    """The endpoints for accessors, owners and effective permissions; `settings` identifies the callers."""

    def __init__(self, permissions: Permissions, settings: SettingsApi) -> None:
        self._permissions = permissions
        self._settings = settings

    def routes(self) -> list[Route]:
        """Return the routes, without the base path."""
        every = "/settings/objects/{object_id}/permissions"
        routes = [
            Route("/settings/objects/{object_id}:transfer-ownership", self.transfer, methods=["POST"]),
            Route("/settings/effective-permissions:resolve", self.resolve, methods=["POST"]),
            Route(every, self.get_all, methods=["GET"]),
            Route(every, self.add, methods=["POST"]),
        ]
        for accessor in (f"{every}/all-users", f"{every}/{{accessor_type}}/{{accessor_id}}"):
            routes += [
                Route(accessor, self.get, methods=["GET"]),
                Route(accessor, self.update, methods=["PUT"]),
                Route(accessor, self.remove, methods=["DELETE"]),
            ]
        return routes

    async def get_all(self, request: Request) -> Response:
        """GET the permissions of every accessor; the owner is not among them."""
        return JSONResponse(self._permissions.all(*self._target(request, READING)))

    async def add(self, request: Request) -> Response:
        """POST the permissions of a new accessor: 201 with them."""
        target = self._target(request, WRITING)
        return JSONResponse(await self._permissions.add(*target, await json_body(request)), 201)

    async def get(self, request: Request) -> Response:
        """GET the permissions of one accessor."""
        return JSONResponse(self._permissions.get(*self._target(request, READING), _accessor(request)))

    async def update(self, request: Request) -> Response:
        """PUT other permissions of one accessor: 200 without a body."""
        target = self._target(request, WRITING)
        await self._permissions.update(*target, _accessor(request), await json_body(request))
        return Response()

    async def remove(self, request: Request) -> Response:
        """DELETE the permissions of one accessor: 204."""
        await self._permissions.remove(*self._target(request, WRITING), _accessor(request))
        return Response(status_code=204)

    async def transfer(self, request: Request) -> Response:
        """POST a new owner of an object: 204. The page names no scope; that for writing is inferred."""
        target = self._target(request, WRITING)
        await self._permissions.transfer(*target, await json_body(request))
        return Response(status_code=204)

    async def resolve(self, request: Request) -> Response:
        """POST permissions: 200 with whether each of them is granted to the caller."""
        caller = self._settings.caller(request, (READ, SCHEMAS_READ), admin_access=False)
        return JSONResponse(resolve(caller.credential, self._settings.schema_ids, await json_body(request)))

    def _target(self, request: Request, scopes: tuple[str, str]) -> tuple[Caller, str]:
        return self._settings.caller(request, scopes), request.path_params["object_id"]


def _accessor(request: Request) -> Identity:
    if "accessor_type" not in request.path_params:
        return ALL_USERS
    return parse_accessor(request.path_params["accessor_type"], request.path_params["accessor_id"])
