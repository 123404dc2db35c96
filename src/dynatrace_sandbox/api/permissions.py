"""The permissions endpoints of the Settings API over HTTP, on the platform paths only.

The pages write the path as `/v2/settings/objects/{objectId}/permissions`, without the `/api` of the other endpoints;
the SDK and the official provider use the platform path. Source: docs/design/0008-sources.md#settings-permissions-api.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dynatrace_sandbox.api.requests import json_body
from dynatrace_sandbox.api.settings import READING, WRITING, SettingsApi
from dynatrace_sandbox.tenant.access import ALL_USERS, Caller
from dynatrace_sandbox.tenant.objects import Identity
from dynatrace_sandbox.tenant.permissions import Permissions, parse_accessor


class PermissionsApi:
    """The endpoints below `/settings/objects/{id}/permissions`; `settings` identifies the callers."""

    def __init__(self, permissions: Permissions, settings: SettingsApi) -> None:
        self._permissions = permissions
        self._settings = settings

    def routes(self) -> list[Route]:
        """Return the routes, without the base path."""
        every = "/settings/objects/{object_id}/permissions"
        routes = [Route(every, self.get_all, methods=["GET"]), Route(every, self.add, methods=["POST"])]
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

    def _target(self, request: Request, scopes: tuple[str, str]) -> tuple[Caller, str]:
        return self._settings.caller(request, scopes), request.path_params["object_id"]


def _accessor(request: Request) -> Identity:
    if "accessor_type" not in request.path_params:
        return ALL_USERS
    return parse_accessor(request.path_params["accessor_type"], request.path_params["accessor_id"])
