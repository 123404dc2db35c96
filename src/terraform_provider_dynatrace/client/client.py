"""The client of Dynatrace's API: sends requests, retries those that may be retried, and returns values or errors."""

from __future__ import annotations

import asyncio
import logging
import math
import random
import time
from contextlib import contextmanager
from functools import cached_property
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Self, TypeVar, overload

import httpx2
import msgspec
from msgspec import Struct

from terraform_plugin.hidden_modules import hide_module
from terraform_plugin.log import TRACE
from terraform_plugin.stopping import Stopped
from terraform_plugin.stopping import pause as _pause
from terraform_provider_dynatrace.client import responses
from terraform_provider_dynatrace.client.body import read_body
from terraform_provider_dynatrace.client.errors import DynatraceError, Throttled, UnexpectedResponse
from terraform_provider_dynatrace.client.json import Json
from terraform_provider_dynatrace.client.limiter import Limiter
from terraform_provider_dynatrace.client.proxies import proxy_of, uses_proxy
from terraform_provider_dynatrace.client.responses import Access, Request, Response
from terraform_provider_dynatrace.client.retry import Idempotency, Policy, pause_after, retry_after
from terraform_provider_dynatrace.client.tls import tls_context
from terraform_provider_dynatrace.client.transport_errors import unreachable
from terraform_provider_dynatrace.deadline import ADVICE, OutOfTime, remaining
from terraform_provider_dynatrace.environment import is_readable_by_others

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping

    from terraform_provider_dynatrace.client.auth import Credential
    from terraform_provider_dynatrace.environment import EnvironmentUrls

logger = logging.getLogger(__name__)
_WARN_AFTER = 10.0
"""Seconds of an outage after which the log has a warning."""
T = TypeVar("T")


class Options(Struct, frozen=True):
    """How requests are sent."""

    max_retries: int | None
    """How often a request is retried; None: as long as the operation has time, see `retry.Policy`."""
    request_timeout: float
    """Seconds that one request and its response may take."""
    max_concurrency: int
    """How many requests are sent at the same time."""
    insecure: bool = False
    """Whether any TLS certificate is accepted."""
    user_agent: str = "terraform-provider-dynatrace"


class Connection:
    """What the clients of one environment share: connections, the limiter, and the policy for retries.

    `transport` replaces the network in tests; `clock`, `pause` and `chance` replace time and chance.
    """

    def __init__(  # noqa: PLR0913 -- where and how, and what tests replace; keywords only
        self,
        environment: EnvironmentUrls,
        options: Options,
        *,
        transport: httpx2.AsyncBaseTransport | None = None,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], Awaitable[None]] = _pause,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.environment = environment
        self.options = options
        self.pause = pause
        self.chance = chance
        self.policy = Policy(max_retries=options.max_retries)
        self.limiter = Limiter(options.max_concurrency, clock=clock, pause=pause)
        self.answered: set[str] = set()
        """The hosts that have sent a response, whatever it was: their names and ports are right."""
        self.is_outage_logged = False
        """Whether the log has a warning about the present outage, which all requests share."""
        self.clock = clock
        self._transport = transport
        self.clients: dict[tuple[bool, bool, bool], httpx2.AsyncClient] = {}

    def http(self, urls: Collection[str]) -> httpx2.AsyncClient:
        """Return the HTTP client for these URLs, made at its first use.

        Most of its cost is reading the certificates of the system: one for `http://` only, as for a sandbox, does
        without them. One for URLs that are reached directly does not look at proxies. Without TLS, connections to
        another machine are used for one request only: whoever is on the way could send a second response with the first
        one, which the HTTP library would take for the response to the next request. Raises `Error` for certificates or
        proxies that cannot be used.
        """
        tls = any(url.startswith("https:") for url in urls)
        proxied = self._transport is None and uses_proxy(urls)
        reused = not any(map(is_readable_by_others, urls))
        kind = (tls, proxied, reused)
        if kind not in self.clients:
            with hide_module("h2"):  # HTTP/2 is a third of what httpx2 imports to send, and this provider never uses it
                import httpcore2  # noqa: F401, PLC0415  # with the first request
            options = self.options
            self.clients[kind] = httpx2.AsyncClient(
                verify=tls_context(needed=tls, insecure=options.insecure),
                transport=self._transport,
                trust_env=proxied,
                timeout=httpx2.Timeout(options.request_timeout, connect=min(options.request_timeout, 15.0)),
                limits=httpx2.Limits(
                    max_connections=options.max_concurrency,
                    max_keepalive_connections=options.max_concurrency if reused else 0,
                ),
                headers={"User-Agent": options.user_agent, "Accept": "application/json"},
            )
            # No cookies: a session would belong to one credential, and several share these connections.
            self.clients[kind].cookies.jar.set_policy(DefaultCookiePolicy(allowed_domains=()))
        return self.clients[kind]

    async def aclose(self) -> None:
        """Close the connections."""
        for http in self.clients.values():
            await http.aclose()


class Client:
    """Sends requests to one environment with one credential. Close it with `aclose`, or use it as a context manager."""

    def __init__(self, connection: Connection, credential: Credential) -> None:
        self.connection = connection
        self.credential = credential

    @property
    def pause(self) -> Callable[[float], Awaitable[None]]:
        """How to wait some seconds."""
        return self.connection.pause

    def using(self, credential: Credential) -> Client:
        """Return a client with another credential that shares everything else with this one."""
        return self if credential is self.credential else Client(self.connection, credential)

    async def aclose(self) -> None:
        """Close the connections, also those of clients made by `using`."""
        await self.connection.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    @overload
    async def request(
        self,
        method: str,
        path: str,
        *,
        access: Access,
        query: Mapping[str, str] | None = None,
        body: Json = None,
        idempotency: Idempotency | None = None,
    ) -> Json: ...

    @overload
    async def request(
        self,
        method: str,
        path: str,
        *,
        access: Access,
        query: Mapping[str, str] | None = None,
        body: Json = None,
        idempotency: Idempotency | None = None,
        into: type[T],
    ) -> T: ...

    async def request(  # noqa: PLR0913 -- the parts of a request; keywords only
        self,
        method: str,
        path: str,
        *,
        access: Access,
        query: Mapping[str, str] | None = None,
        body: Json = None,
        idempotency: Idempotency | None = None,
        into: type[T] = Json,
    ) -> T:
        """Send a request and return its JSON response, decoded as `into`; None for an empty one if `into` is `Json`.

        `path` continues the API's base URL, `access` is what the request needs permission for. `idempotency` says when
        it may be retried; without it, a POST is `UNSAFE`, and every other method `IDEMPOTENT`. Source:
        docs/design/0008-sources.md#rfcs, 9110 9.2.2. Raises `DynatraceError`, `Stopped`.
        """
        usual = Idempotency.UNSAFE if method == "POST" else Idempotency.IDEMPOTENT
        return await self._exchange(
            self._build(method, path, query, body),
            access,
            idempotency or usual,
            lambda request, response: responses.value(request, response, into),
        )

    async def send_items(
        self, path: str, body: list[Json], *, query: Mapping[str, str] | None = None, idempotency: Idempotency
    ) -> list[str | DynatraceError]:
        """POST an array and return, for each element, its object ID or its error.

        A temporary failure of a single element is retried like that of a whole request. Raises `DynatraceError` where
        the request as a whole failed, `Stopped`.
        """

        def read(request: Request, response: Response) -> list[str | DynatraceError]:
            found = responses.results(request, response, len(body))
            if len(found) == 1 and isinstance(found[0], DynatraceError) and found[0].retry.transient:
                raise found[0]
            return found

        return await self._exchange(self._build("POST", path, query, body), "write", idempotency, read)

    @cached_property
    def _http(self) -> httpx2.AsyncClient:
        return self.connection.http(self.credential.urls(self.connection.environment))

    def _build(self, method: str, path: str, query: Mapping[str, str] | None, body: Json) -> httpx2.Request:
        content = None if body is None else msgspec.json.encode(body)
        headers = {} if body is None else {"Content-Type": "application/json"}
        url = self.credential.api(self.connection.environment) + path
        try:
            return self._http.build_request(method, url, params=query, content=content, headers=headers)
        except httpx2.InvalidURL as cause:  # an ID of a length that no server takes
            raise UnexpectedResponse("The request cannot be sent", f"{method} {url[:200]}: {cause}") from cause

    async def _exchange(
        self,
        http_request: httpx2.Request,
        access: Access,
        idempotency: Idempotency,
        read: Callable[[Request, Response], T],
    ) -> T:
        url = http_request.url
        environment = self.connection.environment
        configured = f"the environment URL ({environment.source_of(self.credential.api(environment))})"
        request = Request(http_request.method, url.netloc.decode(), url.path, access, self.credential, configured)
        failure: DynatraceError | None = None
        limiter, attempts = self.connection.limiter, Attempts()
        # The slot is held during pauses, too: a server in trouble then gets fewer requests at a time.
        async with limiter.slot():
            while True:
                with failing_with(None if request.method == "GET" else failure):
                    if failure is not None:
                        await self.wait_before_retry(str(request), failure, idempotency, attempts)
                    attempts.sent_at = await limiter.turn()
                    try:
                        result = read(request, await self._send_authorized(request, http_request))
                    except DynatraceError as latest:
                        failure = latest.with_earlier(failure)
                        attempts.note(latest)
                    else:
                        limiter.accepted()
                        self.connection.is_outage_logged = False
                        return result

    async def wait_before_retry(
        self, request: str, failure: DynatraceError, idempotency: Idempotency, attempts: Attempts
    ) -> None:
        """Wait until a request is to be retried; `request` names it in the log. Raises `failure` if it is not to be."""
        connection = self.connection
        elapsed = max(0.0, connection.clock() - attempts.failing_since)
        seconds = pause_after(
            failure,
            connection.policy,
            idempotency=idempotency,
            random=connection.chance,
            throttled=attempts.throttled,
            elapsed=elapsed,
            remaining=remaining(),
        )
        if seconds is None or seconds > connection.policy.longest_pause(remaining()):
            raise _given_up(failure, elapsed, seconds)
        if elapsed + seconds >= _WARN_AFTER and not connection.is_outage_logged:
            connection.is_outage_logged = True
            logger.warning(
                "%s has been failing for %.0f seconds (%s). The next attempt is in %.0f seconds; max_retries and "
                "operation_timeout limit how long it is retried",
                *(request, elapsed, failure.summary, seconds),
            )
        logger.info("%s failed (%s); retrying in %.1f seconds", request, failure.summary, seconds)
        if isinstance(failure, Throttled):
            connection.limiter.back_off(seconds, attempts.sent_at)  # which then decides when to send it
        else:
            await connection.pause(seconds)

    async def _send_authorized(self, request: Request, http_request: httpx2.Request) -> Response:
        """Send a request with its credential, and once more if the access token is refused and can be renewed."""
        authorization = await self._authorization()
        response = await self._send(request, http_request, authorization)
        if response.status == 401:
            renewed = await self._authorization(refused=authorization)
            if renewed != authorization:
                response = await self._send(request, http_request, renewed)
        # Here, and not where it is sent, because a login is never logged: its response is a credential.
        if logger.isEnabledFor(TRACE):
            bodies = {"request": _text(http_request.content), "response": _text(response.body)}
            logger.log(TRACE, "%s in full", request, extra=bodies)
        return response

    async def _authorization(self, *, refused: str = "") -> str:
        try:
            return await self.credential.authorization(self._post_form, refused=refused)
        except DynatraceError as failure:
            # What needed the token was not sent, or was refused: whatever became of the login, it had no effect.
            raise failure.replace(outcome_unknown=False) from failure.__cause__

    async def _post_form(self, request: Request, url: str, form: Mapping[str, str]) -> Response:
        return await self._send(request, self._http.build_request("POST", url, data=form))

    async def _send(self, request: Request, http_request: httpx2.Request, authorization: str = "") -> Response:
        """Send a request once and return its response, whatever its status. Raises `DynatraceError` without one."""
        if authorization:
            http_request.headers["Authorization"] = authorization
        start = time.perf_counter()
        timeout = self.connection.options.request_timeout
        seconds = min(timeout, max(remaining(), 1.0))
        try:
            async with asyncio.timeout(seconds):
                found = await self._http.send(http_request, stream=True)
                body = await read_body(request, found)
        except (httpx2.RequestError, TimeoutError) as cause:
            logger.debug("%s %s: no response (%s)", request, request.host, type(cause).__name__)
            more_time = "request_timeout" if seconds == timeout else ADVICE
            has_answered = request.host in self.connection.answered
            raise unreachable(
                request,
                cause,
                seconds=seconds,
                more_time=more_time,
                has_answered=has_answered,
                proxy=proxy_of(str(http_request.url)),
            ) from cause
        self.connection.answered.add(request.host)
        logger.debug("%s %d in %.0f ms", request, found.status_code, (time.perf_counter() - start) * 1000)
        headers = dict(found.headers)
        return Response(found.status_code, headers, body, retry_after(headers, time.time()))


class Attempts(Struct):
    """What is known of the attempts at one request so far. Moments are those of the connection's clock."""

    sent_at: float = 0.0
    """When the last one was sent."""
    throttled: int = 0
    """How many were refused because of their rate."""
    failing_since: float = math.inf
    """When the first one was sent of those that failed otherwise, without a refusal in between."""

    def note(self, failure: DynatraceError) -> None:
        """Note how the last one failed."""
        if isinstance(failure, Throttled):
            self.throttled += 1
            self.failing_since = math.inf
        else:
            self.failing_since = min(self.failing_since, self.sent_at)


@contextmanager
def failing_with(failure: DynatraceError | None) -> Iterator[None]:
    """Raise `failure`, of the attempt before, if waiting ends early and the server may have carried out the request.

    That there may be an object which is not in the state matters more to the user than why it was not tried again.
    """
    try:
        yield
    except (OutOfTime, Stopped) as early:
        if failure is None or not failure.outcome_unknown:
            raise
        raise failure.with_note(f"{early.summary}: it was not retried.") from early


def _given_up(failure: DynatraceError, elapsed: float, pause: float | None) -> DynatraceError:
    """Return a failure that also says why it is not retried. `pause`: seconds that exceed the time that is left."""
    if failure.attempts > 1:
        since = f", {elapsed:.0f} seconds after the first" if elapsed >= 1 else ""
        failure = failure.with_note(f"This was attempt {failure.attempts}{since}.")
    if pause is None:
        return failure
    if remaining() == math.inf:
        return failure.with_note(f"The server asks to wait {pause:.0f} seconds. Try again after that time.")
    if failure.retry.after is not None:
        return failure.with_note(
            f"The server asks to wait {failure.retry.after:.0f} seconds, but the operation only has {remaining():.0f} "
            f"seconds left. To allow more, raise {ADVICE}."
        )
    return failure.with_note(f"There is no time left to retry it. To allow more, raise {ADVICE}.")


def _text(body: bytes) -> str:
    return body.decode("utf-8", "replace")
