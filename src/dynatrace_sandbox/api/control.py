"""The control path `/sandbox`: what exists, what was asked, and how the sandbox behaves. For tests and for people."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from dynatrace_sandbox.api.requests import json_body
from dynatrace_sandbox.faults import Fault, parse_script
from dynatrace_sandbox.sandbox import Sandbox
from dynatrace_sandbox.tenant.credentials import Credential
from dynatrace_sandbox.tenant.objects import SettingsObject
from dynatrace_sandbox.tenant.problems import Problem, bad_query


class Control:
    """The endpoints below `/sandbox`. They need no credential: the server listens on this machine only."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[Route]:
        """Return the routes, without `/sandbox`."""
        return [
            Route("/", self.info, methods=["GET"]),
            Route("/credentials", self.credentials, methods=["GET"]),
            Route("/objects", self.objects, methods=["GET"]),
            Route("/requests", self.requests, methods=["GET"]),
            Route("/aws", self.aws, methods=["GET"]),
            Route("/faults", self.list_faults, methods=["GET"]),
            Route("/faults", self.add_fault, methods=["POST"]),
            Route("/faults", self.clear_faults, methods=["DELETE"]),
            Route("/faults/{number:int}", self.get_fault, methods=["GET"]),
            Route("/faults/{number:int}/release", self.release_fault, methods=["POST"]),
            Route("/tokens", self.revoke_tokens, methods=["DELETE"]),
            Route("/options", self.configure, methods=["PATCH"]),
            Route("/reset", self.reset, methods=["POST"]),
        ]

    async def info(self, _: Request) -> Response:
        """GET: how this sandbox behaves, and where its AWS side is."""
        return JSONResponse({"options": asdict(self._sandbox.options), "awsUrl": self._sandbox.iam.url})

    async def credentials(self, _: Request) -> Response:
        """GET every credential by name, with its secret: they are worth nothing elsewhere."""
        return JSONResponse({name: describe(one) for name, one in self._sandbox.credentials.items()})

    async def objects(self, _: Request) -> Response:
        """GET every settings object, whoever owns it, with its accessors."""
        return JSONResponse([_object(one) for one in self._sandbox.environment.store])

    async def requests(self, request: Request) -> Response:
        """GET the journal; `method` and `path` select, `count` waits until there are that many."""
        wanted = request.query_params
        method, path = wanted.get("method", "*"), wanted.get("path", "*")
        return JSONResponse(await self._sandbox.journal.wait_for(method, path, _count(request, "count")))

    async def aws(self, _: Request) -> Response:
        """GET roles, OIDC providers, and the tries to assume a role with what was decided and why."""
        roles, providers = await asyncio.to_thread(self._sandbox.iam.inventory)
        return JSONResponse(
            {
                "roles": [{"arn": one.role.arn, "trustPolicy": one.role.trust_policy} for one in roles],
                "providers": [asdict(one) for one in providers],
                "decisions": [asdict(attempt) for attempt in self._sandbox.assumption.attempts],
            }
        )

    async def list_faults(self, _: Request) -> Response:
        """GET the faults with their counts."""
        return JSONResponse([fault.as_json() for fault in self._sandbox.faults.all()])

    async def add_fault(self, request: Request) -> Response:
        """POST a fault, in the form of `faults.Script`; answers with its id."""
        try:
            fault = self._sandbox.faults.add(parse_script(await json_body(request)))
        except ValueError as error:
            raise Problem(400, str(error)) from error
        return JSONResponse(fault.as_json(), 201)

    async def clear_faults(self, _: Request) -> Response:
        """DELETE every fault; what they hold goes on."""
        self._sandbox.faults.clear()
        return Response(status_code=204)

    async def get_fault(self, request: Request) -> Response:
        """GET one fault; `holding` waits until it holds that many requests."""
        fault = self._fault(request)
        await fault.wait_until_holding(_count(request, "holding"))
        return JSONResponse(fault.as_json())

    async def release_fault(self, request: Request) -> Response:
        """POST: let what the fault holds go on; it strikes no more."""
        self._fault(request).release()
        return Response(status_code=204)

    def _fault(self, request: Request) -> Fault:
        number = request.path_params["number"]
        fault = self._sandbox.faults.get(number)
        if fault is None:
            raise Problem(404, f"There is no fault {number}.")
        return fault

    async def revoke_tokens(self, _: Request) -> Response:
        """DELETE every OAuth access token that was given out, as when an administrator revokes them."""
        self._sandbox.tokens.revoke()
        return Response(status_code=204)

    async def configure(self, request: Request) -> Response:
        """PATCH options of a running sandbox: a JSON object of numbers."""
        try:
            self._sandbox.configure(await json_body(request))
        except (TypeError, ValueError, AttributeError) as error:
            raise Problem(400, str(error)) from error
        return JSONResponse(asdict(self._sandbox.options))

    async def reset(self, _: Request) -> Response:
        """POST: forget objects, requests, roles and providers, and go back to the first options."""
        self._sandbox.reset()
        await asyncio.to_thread(self._sandbox.iam.reset)
        return Response(status_code=204)


def _count(request: Request, name: str) -> int:
    text = request.query_params.get(name, "0")
    if not text.isascii() or not text.isdigit():
        raise bad_query(name, "Must be a number")
    return int(text)


def describe(one: Credential) -> dict[str, Any]:
    """Return a credential with its secret, its scopes and its owner, as JSON."""
    user = {"userId": one.user.id, "groups": sorted(one.user.groups)} if one.user else {}
    client = {"clientId": one.public, "accountId": one.account} if one.kind == "oauth" else {}
    return {"kind": one.kind, "secret": one.secret, "scopes": sorted(one.scopes)} | user | client


def _object(one: SettingsObject) -> dict[str, Any]:
    accessors = [{"type": kind, "id": name, "permissions": list(may)} for (kind, name), may in one.accessors.items()]
    return one.as_json([]) | {"accessors": accessors}
