"""The list of routes, and what wraps them: the application that uvicorn, or a test in process, runs."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect
from starlette.routing import Mount, Route, Router

from dynatrace_sandbox.api.api_tokens import ApiTokensApi
from dynatrace_sandbox.api.control import ControlApi
from dynatrace_sandbox.api.extensions import ExtensionsApi
from dynatrace_sandbox.api.metadata import MetadataApi
from dynatrace_sandbox.api.page import PageApi
from dynatrace_sandbox.api.permissions import PermissionsApi
from dynatrace_sandbox.api.requests import ignore_disconnect, respond_to_http_exception, respond_to_problem
from dynatrace_sandbox.api.settings import SettingsApi
from dynatrace_sandbox.api.sso import SsoApi
from dynatrace_sandbox.middleware.faults import FaultMiddleware
from dynatrace_sandbox.middleware.journal import JournalMiddleware
from dynatrace_sandbox.middleware.local_programs import LocalProgramsMiddleware
from dynatrace_sandbox.sandbox import Sandbox
from dynatrace_sandbox.tenant.problems import Problem

CLASSIC = "/api/v2"
PLATFORM = "/platform/classic/environment-api/v2"
EXTENSIONS = "/platform/extensions/v2"
METADATA = "/platform/metadata/v1"


def create_app(sandbox: Sandbox) -> Starlette:
    """Return the ASGI application of a sandbox: Dynatrace's APIs, single sign-on, issuer, page, and control path."""
    classic = SettingsApi(sandbox.environment, sandbox.tokens.classic)
    platform = SettingsApi(sandbox.environment, sandbox.tokens.platform)
    routes: list[Mount | Route] = [
        _mount(CLASSIC, [*classic.routes(), *ApiTokensApi(sandbox).routes()]),
        _mount(PLATFORM, [*platform.routes(), *PermissionsApi(sandbox.permissions, platform).routes()]),
        _mount(EXTENSIONS, ExtensionsApi(sandbox.extension, sandbox.tokens.platform).routes()),
        _mount(METADATA, MetadataApi(sandbox.tokens.platform).routes()),
        *PageApi(sandbox).routes(),
        _mount("/sandbox", ControlApi(sandbox).routes()),
        *SsoApi(sandbox.tokens, sandbox.issuer).routes(),
    ]
    return Starlette(
        routes=routes,
        middleware=[
            Middleware(LocalProgramsMiddleware),
            Middleware(JournalMiddleware, sandbox=sandbox),
            Middleware(FaultMiddleware, sandbox=sandbox),
        ],
        exception_handlers={
            Problem: respond_to_problem,
            HTTPException: respond_to_http_exception,
            ClientDisconnect: ignore_disconnect,  # type: ignore[dict-item] # starlette accepts None, its types do not
        },
    )


def _mount(path: str, routes: list[Route]) -> Mount:
    """Return the routes below a path. A path that ends with a slash is 404, not a redirect to the one without."""
    return Mount(path, Router(routes, redirect_slashes=False))
