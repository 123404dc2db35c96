"""The list of routes, and what wraps them: the application that uvicorn, or a test in process, runs."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import Mount, Route

from .control import Control
from .hosts import KnownHosts
from .permissions_api import PermissionsApi
from .problems import Problem
from .recording import Recording
from .requests import answer_http_exception, answer_problem
from .sandbox import Sandbox
from .settings_api import SettingsApi
from .sign_on import SignOn
from .striking import Striking

CLASSIC = "/api/v2"
PLATFORM = "/platform/classic/environment-api/v2"


def create_app(sandbox: Sandbox) -> Starlette:
    """Return the ASGI application of a sandbox: the Settings API, single sign-on, the issuer, and `/sandbox`."""
    classic = SettingsApi(sandbox.environment, sandbox.tokens.classic)
    platform = SettingsApi(sandbox.environment, sandbox.tokens.platform)
    routes: list[Mount | Route] = [
        Mount(CLASSIC, routes=classic.routes()),
        Mount(PLATFORM, routes=[*platform.routes(), *PermissionsApi(sandbox.permissions, platform).routes()]),
        Mount("/sandbox", routes=Control(sandbox).routes()),
        *SignOn(sandbox.tokens, sandbox.issuer).routes(),
    ]
    return Starlette(
        routes=routes,
        middleware=[
            Middleware(KnownHosts),
            Middleware(Recording, sandbox=sandbox),
            Middleware(Striking, sandbox=sandbox),
        ],
        exception_handlers={Problem: answer_problem, HTTPException: answer_http_exception},
    )
