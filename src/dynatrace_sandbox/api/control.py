"""The control path `/sandbox`: what exists, which requests came, and how the sandbox behaves. For tests and people."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dynatrace_sandbox.api.requests import json_body
from dynatrace_sandbox.faults import Fault, parse_script
from dynatrace_sandbox.journal import MOST_ENTRIES
from dynatrace_sandbox.sandbox import Sandbox
from dynatrace_sandbox.tenant.objects import SettingsObject
from dynatrace_sandbox.tenant.problems import Problem, bad_query

LONGEST_WAIT = 60.0
"""Seconds that a GET with `count` or `holding` waits."""


class ControlApi:
    """The endpoints below `/sandbox`. They need no credential: only programs on this machine are served.

    A GET that waits does so for at most `longest_wait` seconds.
    """

    def __init__(self, sandbox: Sandbox, longest_wait: float = LONGEST_WAIT) -> None:
        self._sandbox = sandbox
        self._longest_wait = longest_wait

    def routes(self) -> list[Route]:
        """Return the routes, without `/sandbox`."""
        return [
            Route("/", self.info, methods=["GET"]),
            Route("/credentials", self.credentials, methods=["GET"]),
            Route("/objects", self.objects, methods=["GET"]),
            Route("/configurations", self.configurations, methods=["GET"]),
            Route("/requests", self.requests, methods=["GET"]),
            Route("/aws", self.aws, methods=["GET"]),
            Route("/faults", self.list_faults, methods=["GET"]),
            Route("/faults", self.add_fault, methods=["POST"]),
            Route("/faults", self.clear_faults, methods=["DELETE"]),
            Route("/faults/{number}", self.get_fault, methods=["GET"]),
            Route("/faults/{number}/release", self.release_fault, methods=["POST"]),
            Route("/tokens", self.revoke_tokens, methods=["DELETE"]),
            Route("/options", self.configure, methods=["PATCH"]),
            Route("/reset", self.reset, methods=["POST"]),
        ]

    async def info(self, _: Request) -> Response:
        """GET the options, and the URL of the AWS side."""
        return JSONResponse({"options": asdict(self._sandbox.options), "awsUrl": self._sandbox.iam.url})

    async def credentials(self, _: Request) -> Response:
        """GET every credential by name, with its secret: it has no value anywhere else."""
        return JSONResponse({name: credential.as_json() for name, credential in self._sandbox.credentials.items()})

    async def objects(self, _: Request) -> Response:
        """GET every settings object, whoever owns it, with its accessors."""
        return JSONResponse([_object(settings_object) for settings_object in self._sandbox.environment.store])

    async def configurations(self, _: Request) -> Response:
        """GET every monitoring configuration; none where the extension is not installed."""
        return JSONResponse([one.as_json() for one in self._sandbox.extension.stored()])

    async def requests(self, request: Request) -> Response:
        """GET the journal. `method` and `path` select; with `count`, wait until so many requests have come."""
        query = request.query_params
        method, path, count = query.get("method", "*"), query.get("path", "*"), _count(request, "count")
        waiting = self._sandbox.journal.wait_for(method, path, count, self._longest_wait)
        return JSONResponse(await self._in_time(waiting, f"{count} requests"))

    async def aws(self, _: Request) -> Response:
        """GET roles, OIDC providers, and every attempt to assume a role with AWS's decision and its reason."""
        roles, providers = await asyncio.to_thread(self._sandbox.iam.inventory)
        return JSONResponse(
            {
                "roles": [{"arn": found.role.arn, "trustPolicy": found.role.trust_policy} for found in roles],
                "providers": [asdict(provider) for provider in providers],
                "assume_role_attempts": [asdict(attempt) for attempt in self._sandbox.aws_check.attempts],
            }
        )

    async def list_faults(self, _: Request) -> Response:
        """GET the faults with their counts."""
        return JSONResponse([fault.as_json() for fault in self._sandbox.faults.all()])

    async def add_fault(self, request: Request) -> Response:
        """POST a fault in the form of `faults.FaultScript`; the response has its id."""
        try:
            fault = self._sandbox.faults.add(parse_script(await json_body(request)))
        except ValueError as error:
            raise Problem(400, str(error)) from error
        return JSONResponse(fault.as_json(), 201)

    async def clear_faults(self, _: Request) -> Response:
        """DELETE every fault; the requests they hold go on."""
        self._sandbox.faults.clear()
        return Response(status_code=204)

    async def get_fault(self, request: Request) -> Response:
        """GET one fault. With `holding`, wait until it holds so many requests."""
        fault, count = self._fault(request), _count(request, "holding")
        await self._in_time(fault.wait_until_holding(count, self._longest_wait), f"{count} held requests")
        return JSONResponse(fault.as_json())

    async def release_fault(self, request: Request) -> Response:
        """POST: let the requests that the fault holds go on, and apply it to no further request."""
        self._fault(request).release()
        return Response(status_code=204)

    def _fault(self, request: Request) -> Fault:
        number = request.path_params["number"]
        fault = self._sandbox.faults.get(number)
        if fault is None:
            raise Problem(404, f"There is no fault {number}.")
        return fault

    async def _in_time(self, waiting: Awaitable[Any], what: str) -> Any:
        try:
            return await waiting
        except TimeoutError as error:
            raise Problem(504, f"Waited {self._longest_wait:g} seconds for {what}; fewer came.") from error

    async def revoke_tokens(self, _: Request) -> Response:
        """DELETE every OAuth access token, as when an administrator revokes them."""
        self._sandbox.tokens.revoke()
        return Response(status_code=204)

    async def configure(self, request: Request) -> Response:
        """PATCH options of the running sandbox: a JSON object of numbers, and `release`."""
        changes = await json_body(request)
        if not isinstance(changes, dict):
            raise Problem(400, 'Options must be an object, such as {"latency": 100}.')
        try:
            self._sandbox.configure(changes)
        except ValueError as error:
            raise Problem(400, str(error)) from error
        return JSONResponse(asdict(self._sandbox.options))

    async def reset(self, _: Request) -> Response:
        """POST: delete objects, requests, faults, roles and providers, and go back to the first options."""
        self._sandbox.reset()
        await asyncio.to_thread(self._sandbox.iam.reset)
        return Response(status_code=204)


def _count(request: Request, name: str) -> int:
    text = request.query_params.get(name, "0")
    if not text.isascii() or not text.isdigit() or len(text) > len(str(MOST_ENTRIES)) or int(text) > MOST_ENTRIES:
        raise bad_query(name, f"Must be a number from 0 to {MOST_ENTRIES}")
    return int(text)


def _object(settings_object: SettingsObject) -> dict[str, Any]:
    accessors = [
        {"type": kind, "id": name, "permissions": list(permissions)}
        for (kind, name), permissions in settings_object.accessors.items()
    ]
    return settings_object.as_json() | {"accessors": accessors}
