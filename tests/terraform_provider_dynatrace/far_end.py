"""The remote side of a client in tests: scripted responses, and a clock that moves only during pauses."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import httpx2
import msgspec

from terraform_provider_dynatrace.client.auth import ApiToken, Credential
from terraform_provider_dynatrace.client.client import Client, Connection, Options
from terraform_provider_dynatrace.config.connect import options
from terraform_provider_dynatrace.environment import EnvironmentUrls
from tests.virtual_time import LoopTime

SECRET = "dt0c01.PUBLICPART.SECRETPART"
ENVIRONMENT = EnvironmentUrls.parse("https://abc12345.live.dynatrace.com")
USUAL = options({})
"""The defaults of the provider's arguments."""
API_TOKEN = ApiToken(SECRET, source="DYNATRACE_API_TOKEN", environment=ENVIRONMENT)

Step = httpx2.Response | Exception | Callable[[httpx2.Request], Awaitable[httpx2.Response]]


class Time:
    """Seconds that pass only in pauses; `waited` has every pause."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.waited: list[float] = []

    def clock(self) -> float:
        return self.now

    async def pause(self, seconds: float) -> None:
        self.waited.append(seconds)
        self.now += seconds


class FarEnd(httpx2.AsyncBaseTransport):
    """Returns the responses (or raises the exceptions) of `steps`, one for each request, and then repeats the last."""

    def __init__(self, *steps: Step) -> None:
        self.steps = list(steps)
        self.requests: list[httpx2.Request] = []

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        await request.aread()
        self.requests.append(request)
        step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
        if isinstance(step, Exception):
            raise step
        if isinstance(step, httpx2.Response):
            return httpx2.Response(step.status_code, headers=step.headers.raw, content=step.content)
        return await step(request)

    def bodies(self) -> list[Any]:
        """Return the JSON of every request, None where there was none."""
        return [msgspec.json.decode(request.content) if request.content else None for request in self.requests]


def json(body: Any, status: int = 200, headers: dict[str, str] | None = None) -> httpx2.Response:
    return httpx2.Response(status, content=msgspec.json.encode(body), headers=headers)


def refusal(
    status: int, message: str, *violations: tuple[str, str], headers: dict[str, str] | None = None
) -> httpx2.Response:
    """Return the object form of an error, as the Settings API writes it."""
    found = [{"path": path, "message": text, "parameterLocation": "PAYLOAD_BODY"} for path, text in violations]
    error = {"code": status, "message": message} | ({"constraintViolations": found} if found else {})
    return json({"error": error}, status, headers)


def client_of(
    far_end: httpx2.AsyncBaseTransport,
    time: Time | LoopTime | None = None,
    credential: Credential = API_TOKEN,
    environment: EnvironmentUrls = ENVIRONMENT,
    options: Options = USUAL,
) -> Client:
    """Return a client of this far end whose waiting takes no time and has no jitter."""
    time = time or Time()
    connection = Connection(
        environment, options, transport=far_end, clock=time.clock, pause=time.pause, chance=lambda: 1.0
    )
    return Client(connection, credential)
