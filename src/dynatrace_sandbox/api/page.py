"""The sandbox's page over HTTP: the page, its parts that change, its style and script, and what its forms do.

Forms work without the script. That they come from this page is checked where all web pages are refused, see
`loopback.refusal`.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from dataclasses import asdict
from importlib.resources import files
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from dynatrace_sandbox.api.requests import limited_body
from dynatrace_sandbox.faults import parse_script
from dynatrace_sandbox.page import content
from dynatrace_sandbox.page.rendering import page, sections
from dynatrace_sandbox.sandbox import LIMITS, Sandbox
from dynatrace_sandbox.shell import CREDENTIALS, export_script, sandbox_variables
from dynatrace_sandbox.tenant.credentials import CredentialStatus
from dynatrace_sandbox.tenant.problems import Problem
from dynatrace_sandbox.tenant.releases import RELEASES

BASE = "/sandbox/page"

HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "
    "img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    # With no-referrer, browsers would send `Origin: null` with the forms, as pages of others do.
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cache-Control": "no-store",
}
"""The headers of every response. Nothing is loaded or sent elsewhere, and no other page can contain this one."""

_MOST_FIELDS = 100
"""How many fields a form may have; the largest of the page has 7."""

FILES = {"page.css": "text/css", "page.js": "text/javascript", "icon.svg": "image/svg+xml"}
NOTICES = {
    "fault": "The fault is active.",
    "removed": "All faults are removed.",
    "released": "The requests that the fault held go on.",
    "options": "The options are changed.",
    "revoked": "All OAuth access tokens are revoked.",
    "reset": "The sandbox is as it was at its start.",
}
"""What the page says after a form, by the query parameter `done`."""
_STATUSES: dict[CredentialStatus, str] = {
    "valid": "",
    "expired": "expired",
    "disabled": "disabled",
    "other-environment": "of another environment",
}
_KIND_LABELS = {
    "respond": "respond with a status",
    "reset": "reset the connection",
    "hang": "hang, then respond",
    "hold": "hold until released",
    "disconnect": "disconnect within the body",
    "truncate": "truncate the body",
}
"""The kinds of `faults.KINDS` as a narrow list has room for."""
_OPTION_LABELS = {
    "iam_propagation": "Seconds until a new role can be assumed",
    "token_lifetime": "Seconds until an OAuth access token expires",
    "latency": "Milliseconds added to every response",
    "request_rate": "Requests per second before status 429 (0: no limit)",
    "connection_deletion": "Seconds until the connection of a deleted monitoring configuration is gone",
}


class PageApi:
    """The page at `/`, and what belongs to it below `/sandbox/page`."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[Route]:
        """Return the routes, from the root."""
        return [
            Route("/", self.page, methods=["GET"]),
            Route(f"{BASE}/live", self.live, methods=["GET"]),
            Route(f"{BASE}/{{name:str}}", self.file, methods=["GET"]),
            Route(f"{BASE}/faults", self.add_fault, methods=["POST"]),
            Route(f"{BASE}/faults/remove", self.remove_faults, methods=["POST"]),
            Route(f"{BASE}/faults/{{number}}/release", self.release_fault, methods=["POST"]),
            Route(f"{BASE}/options", self.change_options, methods=["POST"]),
            Route(f"{BASE}/tokens/revoke", self.revoke_tokens, methods=["POST"]),
            Route(f"{BASE}/reset", self.reset, methods=["POST"]),
        ]

    async def page(self, request: Request) -> Response:
        """GET the page."""
        return await self._page(request, notice=NOTICES.get(request.query_params.get("done", ""), ""))

    async def live(self, request: Request) -> Response:
        """GET the HTML of the parts that change, by name; 304 if they are as they were."""
        response = JSONResponse(sections(await self._changing()), headers=HEADERS)
        tag = f'"{hashlib.sha256(response.body).hexdigest()}"'
        if request.headers.get("if-none-match") == tag:
            return Response(status_code=304, headers=HEADERS | {"ETag": tag})
        response.headers["ETag"] = tag
        return response

    async def file(self, request: Request) -> Response:
        """GET the style, the script or the icon."""
        name = request.path_params["name"]
        if name not in FILES:
            return Response(status_code=404, headers=HEADERS)
        text = (files("dynatrace_sandbox.page") / "static" / name).read_bytes()
        return Response(text, media_type=FILES[name], headers=HEADERS)

    async def add_fault(self, request: Request) -> Response:
        """POST the form of a new fault."""
        form = await _form(request)

        def add() -> None:
            numbers = {name: _number(form, name) for name in ("times", "status", "seconds")}
            texts = {name: form.get(name, "") for name in ("kind", "method", "path")}
            whole = {name: int(number) if number.is_integer() else number for name, number in numbers.items()}
            self._sandbox.faults.add(parse_script(texts | whole | {"acts": form.get("acts") == "true"}))

        return await self._acted(request, add, done="fault", place="controls")

    async def remove_faults(self, request: Request) -> Response:
        """POST: remove every fault."""
        return await self._acted(request, self._sandbox.faults.clear, done="removed", place="controls")

    async def release_fault(self, request: Request) -> Response:
        """POST: let the requests that a fault holds go on. One that is gone has released them."""
        fault = self._sandbox.faults.get(request.path_params["number"])
        return await self._acted(request, fault.release if fault else lambda: None, done="released", place="controls")

    async def change_options(self, request: Request) -> Response:
        """POST the form of the options."""
        form = await _form(request)

        def change() -> None:
            numbers = {name: _number(form, name) for name in LIMITS}
            self._sandbox.configure(numbers | {"release": form.get("release", "")})

        return await self._acted(request, change, done="options", place="options")

    async def revoke_tokens(self, request: Request) -> Response:
        """POST: revoke every OAuth access token."""
        return await self._acted(request, self._sandbox.tokens.revoke, done="revoked", place="options")

    async def reset(self, request: Request) -> Response:
        """POST: go back to the beginning, on both sides."""
        await asyncio.to_thread(self._sandbox.iam.reset)
        return await self._acted(request, self._sandbox.reset, done="reset", place="connections")

    async def _acted(self, request: Request, act: Callable[[], object], done: str, place: str) -> Response:
        """Do what a form asks for and redirect to the page, or show why that is not possible."""
        try:
            act()
        except ValueError as error:
            return await self._page(request, status=400, problem=str(error))
        # 303, so that reloading the page does not send the form again.
        return RedirectResponse(f"/?done={done}#{place}", 303, HEADERS)

    async def _page(self, request: Request, *, notice: str = "", problem: str = "", status: int = 200) -> Response:
        constant = {
            "options": asdict(self._sandbox.options),
            "option_labels": _OPTION_LABELS,
            "limits": LIMITS,
            "releases": RELEASES,
            "kinds": _KIND_LABELS,
            "aws_url": self._sandbox.iam.url,
            "credentials": self._credentials(f"http://{request.headers['host']}"),
            "main_credentials": len(CREDENTIALS),
            "notice": notice,
            "problem": problem,
        }
        return HTMLResponse(page(constant | await self._changing()), status, HEADERS)

    async def _changing(self) -> dict[str, Any]:
        roles, providers = await asyncio.to_thread(self._sandbox.iam.inventory)
        return {
            "connections": content.connections(self._sandbox),
            "attempts": content.attempts(self._sandbox),
            "requests": content.requests(self._sandbox),
            "request_count": self._sandbox.journal.count,
            "accounts": content.accounts(roles, providers),
            "faults": self._sandbox.faults.all(),
            "most_rows": content.MOST_ROWS,
            "most_open": content.MOST_OPEN,
        }

    def _credentials(self, url: str) -> list[dict[str, Any]]:
        known = {name: credential.as_json() for name, credential in self._sandbox.credentials.items()}
        variables = sandbox_variables(url, self._sandbox.options.tenant, self._sandbox.iam.url)
        return [
            {
                "name": name,
                "status": _STATUSES[credential.status],
                "scopes": sorted(credential.scopes),
                "user": credential.user.id if credential.user else "",
                "lines": export_script(variables, url, known, name, comments=False),
            }
            for name, credential in self._sandbox.credentials.items()
        ]


async def _form(request: Request) -> dict[str, str]:
    """Return the fields of a form by name. Raises `Problem` 413, or 400 for a form that is not the page's."""
    text = (await limited_body(request)).decode("latin-1")
    try:
        return dict(parse_qsl(text, keep_blank_values=True, encoding="utf-8", max_num_fields=_MOST_FIELDS))
    except ValueError as error:
        raise Problem(400, f"A form must have at most {_MOST_FIELDS} fields.") from error


def _number(form: Mapping[str, str], name: str) -> float:
    """Return a number of a form. Raises `ValueError`."""
    text = form.get(name, "")
    try:
        return float(text)
    except ValueError:
        raise ValueError(f"{name} must be a number, got {text[:100]!r}.") from None
