"""The permissions endpoints of the Settings API over HTTP: on the platform paths only.

Source: Settings API 2.0, `/settings/objects/{objectId}/permissions`.
"""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dynatrace_sandbox.api.requests import json_body
from dynatrace_sandbox.api.settings import READING, WRITING, SettingsApi
from dynatrace_sandbox.tenant.access import ALL_USERS, Caller
from dynatrace_sandbox.tenant.objects import Accessor
from dynatrace_sandbox.tenant.permissions import Permissions, accessor_of


class PermissionsApi:
    """The endpoints below `/settings/objects/{id}/permissions`; callers are who the Settings API says they are."""

    def __init__(self, permissions: Permissions, settings: SettingsApi) -> None:
        self._permissions = permissions
        self._settings = settings

    def routes(self) -> list[Route]:
        """Return the routes, without the base path."""
        every = "/settings/objects/{object_id}/permissions"
        routes = [Route(every, self.get_all, methods=["GET"]), Route(every, self.add, methods=["POST"])]
        for one in (f"{every}/all-users", f"{every}/{{accessor_type}}/{{accessor_id}}"):
            routes += [
                Route(one, self.get, methods=["GET"]),
                Route(one, self.update, methods=["PUT"]),
                Route(one, self.remove, methods=["DELETE"]),
            ]
        return routes

    async def get_all(self, request: Request) -> Response:
        """GET the permissions of every accessor; the owner is not among them."""
        return JSONResponse(self._permissions.all(*self._target(request, READING)))

    async def add(self, request: Request) -> Response:
        """POST the permissions of a new accessor: 201."""
        target = self._target(request, WRITING)
        return JSONResponse(await self._permissions.add(*target, await json_body(request)), 201)

    async def get(self, request: Request) -> Response:
        """GET the permissions of one accessor."""
        return JSONResponse(self._permissions.one(*self._target(request, READING), _accessor(request)))

    async def update(self, request: Request) -> Response:
        """PUT other permissions of one accessor."""
        target = self._target(request, WRITING)
        return JSONResponse(await self._permissions.update(*target, _accessor(request), await json_body(request)))

    async def remove(self, request: Request) -> Response:
        """DELETE the permissions of one accessor: 204."""
        await self._permissions.remove(*self._target(request, WRITING), _accessor(request))
        return Response(status_code=204)

    def _target(self, request: Request, scopes: tuple[str, str]) -> tuple[Caller, str]:
        return self._settings.caller(request, scopes), request.path_params["object_id"]


def _accessor(request: Request) -> Accessor:
    if "accessor_type" not in request.path_params:
        return ALL_USERS
    return accessor_of(request.path_params["accessor_type"], request.path_params["accessor_id"])
