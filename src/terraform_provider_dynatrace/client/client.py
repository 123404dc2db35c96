"""The one door to HTTP: sends, repeats what may be repeated, and gives back values or errors."""

from __future__ import annotations

import asyncio
import itertools
import logging
import random
import time
from contextlib import contextmanager
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any, Self, TypeVar

import httpx2
import msgspec
from msgspec import Struct

from terraform_plugin.log import TRACE
from terraform_plugin.stopping import Stopped
from terraform_plugin.stopping import pause as _pause
from terraform_provider_dynatrace.client import responses as answers
from terraform_provider_dynatrace.client.body import receive
from terraform_provider_dynatrace.client.errors import DynatraceError, Throttled, UnexpectedResponse
from terraform_provider_dynatrace.client.limiter import Limiter
from terraform_provider_dynatrace.client.responses import Access, Answer, Call
from terraform_provider_dynatrace.client.retry import Policy, Repeat, pause_after
from terraform_provider_dynatrace.client.tls import SystemTrust
from terraform_provider_dynatrace.client.transport_errors import unreachable
from terraform_provider_dynatrace.deadline import ADVICE, OutOfTime, remaining

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping

    from terraform_provider_dynatrace.client.auth import Credential
    from terraform_provider_dynatrace.environment import EnvironmentUrls

log = logging.getLogger(__name__)
T = TypeVar("T")


class Options(Struct, frozen=True):
    """How to talk: `request_timeout` in seconds for one request and its answer; `insecure`: no TLS verification."""

    max_retries: int = 5
    request_timeout: float = 60.0
    max_concurrency: int = 10
    insecure: bool = False
    user_agent: str = "terraform-provider-dynatrace"


_USUAL = Options()


class Client:
    """Talks to one environment with one credential.

    `transport` replaces the network, `clock`, `pause` and `random` replace time and chance. Close it with `aclose`.
    """

    def __init__(  # noqa: PLR0913 -- the three parts of a client, and what tests replace; keywords only
        self,
        environment: EnvironmentUrls,
        credential: Credential,
        options: Options = _USUAL,
        *,
        transport: httpx2.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], Awaitable[None]] = _pause,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.environment = environment
        self.credential = credential
        self.options = options
        self.pause = pause
        self._chance = chance
        self._policy = Policy(max_retries=options.max_retries)
        self._limiter = Limiter(options.max_concurrency, clock=clock, pause=pause)
        self._http = httpx2.AsyncClient(
            verify=False if options.insecure else SystemTrust(),
            transport=transport,
            timeout=httpx2.Timeout(options.request_timeout, connect=min(options.request_timeout, 15.0)),
            limits=httpx2.Limits(
                max_connections=options.max_concurrency, max_keepalive_connections=options.max_concurrency
            ),
            headers={"User-Agent": options.user_agent, "Accept": "application/json"},
        )
        self._http.cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=()))  # a session is one credential's

    def using(self, credential: Credential) -> Client:
        """Return a client with another credential that shares connections, limiter and options with this one."""
        if credential is self.credential:
            return self
        other = object.__new__(Client)
        other.__dict__.update(self.__dict__, credential=credential)
        return other

    async def aclose(self) -> None:
        """Close the connections, also those of clients made by `using`."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def request(  # noqa: PLR0913 -- the parts of a request; keywords only
        self,
        method: str,
        path: str,
        *,
        access: Access,
        query: Mapping[str, str] | None = None,
        body: Any = None,
        repeat: Repeat = Repeat.ANYTIME,
    ) -> Any:
        """Return the decoded JSON that `method` on `path` (behind the API's base) answers, None for an empty answer.

        `access` says which scope it needs, `repeat` when it may be sent again. Raises `DynatraceError`, `Stopped`.
        """
        return await self._exchange(self._build(method, path, query, body), access, repeat, answers.value)

    async def send_items(
        self, path: str, body: list[Any], *, query: Mapping[str, str] | None = None, repeat: Repeat
    ) -> list[str | DynatraceError]:
        """POST an array and return, for each element, its object id or its failure.

        A single element's failure that may pass is repeated like that of a whole request. Raises `DynatraceError`
        where the request as a whole failed, `Stopped`.
        """

        def read(call: Call, answer: Answer) -> list[str | DynatraceError]:
            found = answers.items(call, answer, len(body))
            if len(found) == 1 and isinstance(found[0], DynatraceError) and found[0].transient:
                raise found[0]
            return found

        return await self._exchange(self._build("POST", path, query, body), "write", repeat, read)

    def _build(self, method: str, path: str, query: Mapping[str, str] | None, body: Any) -> httpx2.Request:
        content = None if body is None else msgspec.json.encode(body)
        headers = {} if body is None else {"Content-Type": "application/json"}
        url = self.credential.api(self.environment) + path
        try:
            return self._http.build_request(method, url, params=query, content=content, headers=headers)
        except httpx2.InvalidURL as cause:  # an id of a length that no server takes
            raise UnexpectedResponse("The request cannot be sent", f"{method} {url[:200]}: {cause}") from cause

    async def _exchange(
        self, request: httpx2.Request, access: Access, repeat: Repeat, read: Callable[[Call, Answer], T]
    ) -> T:
        source = self.environment.source_of(self.credential.api(self.environment))
        call = Call(request.method, request.url.netloc.decode(), request.url.path, access, self.credential, source)
        last: DynatraceError | None = None
        async with self._limiter.place():
            for attempt in itertools.count():
                with _telling(call, last):
                    if last is not None:
                        await self._wait_after(call, last, attempt - 1, repeat)
                    await self._limiter.rested()
                try:
                    return read(call, await self._send(call, request))
                except DynatraceError as failure:
                    failure.outcome_unknown |= last is not None and last.outcome_unknown
                    last = failure
        raise AssertionError  # pragma: no cover -- count() does not end

    async def _wait_after(self, call: Call, failure: DynatraceError, attempt: int, repeat: Repeat) -> None:
        """Wait before `call` is tried again. Raises `failure` if it is not to be."""
        seconds = pause_after(failure, attempt, self._policy, repeat=repeat, random=self._chance)
        failure.attempt = attempt
        if seconds is None or seconds > remaining():
            if attempt:
                failure.detail += f"\n\nThis was attempt {attempt + 1}."
            if seconds is not None:
                failure.detail += f"\n\nThe time for the operation leaves none for another one. It is {ADVICE}."
            raise failure
        log.info("%s failed (%s); again in %.1f seconds", call, failure.summary, seconds)
        if isinstance(failure, Throttled):
            self._limiter.rest(seconds)
        await self.pause(seconds)

    async def _send(self, call: Call, request: httpx2.Request) -> Answer:
        start = time.perf_counter()
        seconds = min(self.options.request_timeout, max(remaining(), 1.0))
        try:
            async with asyncio.timeout(seconds):
                response = await self._http.send(request, auth=self.credential, stream=True)
                answer = await receive(response, str(call))
        except (httpx2.RequestError, TimeoutError) as cause:
            asked = cause.request if isinstance(cause, httpx2.RequestError) else request
            log.debug("%s %s: no answer (%s)", call, asked.url.host, type(cause).__name__)
            host = asked.url.netloc.decode()
            longer = "request_timeout" if seconds == self.options.request_timeout else ADVICE
            raise unreachable(call, cause, host=host, seconds=seconds, longer=longer, own=asked is request) from cause
        log.debug("%s %d in %.0f ms", call, answer.status, (time.perf_counter() - start) * 1000)
        if log.isEnabledFor(TRACE):
            log.log(TRACE, "%s in full", call, extra={"request": _text(request.content), "answer": _text(answer.body)})
        return answer


@contextmanager
def _telling(call: Call, last: DynatraceError | None) -> Iterator[None]:
    """When waiting ends early, raise the failure before it if the server may have acted: users must hear of that."""
    try:
        yield
    except (OutOfTime, Stopped) as early:
        if last is None or not last.outcome_unknown or call.method == "GET":
            raise
        last.detail += f"\n\n{early.summary}: it was not tried again."
        raise last from early


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")
