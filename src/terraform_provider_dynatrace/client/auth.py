"""The three ways to say who asks: API token, platform token, OAuth client. Each puts its header on requests itself."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from types import MappingProxyType
from typing import Any, ClassVar

import httpx2

from terraform_provider_dynatrace.client import responses as answers
from terraform_provider_dynatrace.client.apis import SETTINGS, Api
from terraform_provider_dynatrace.client.body import receive
from terraform_provider_dynatrace.client.errors import DynatraceError, NotAuthenticated, UnexpectedResponse
from terraform_provider_dynatrace.client.responses import Access, Answer, Call
from terraform_provider_dynatrace.environment import EnvironmentUrls

# Source: the page of the resource, and the Settings API's own pages.
_CLASSIC_SCOPES: Mapping[Access, str] = MappingProxyType(
    {"read": "settings.read", "write": "settings.write", "admin": "settings.write"}
)


class Credential(httpx2.Auth):
    """Who asks.

    `kind`, `source` ("DYNATRACE_API_TOKEN"), `page` and `scopes` are how messages name it. `gives_owner`: objects
    created with it belong to it and are private; without, they have no owner and are public. It never shows its secret.
    """

    kind: ClassVar[str]
    gives_owner: ClassVar[bool]

    def __init__(self, source: str, page: str, scopes: Mapping[Access, str]) -> None:
        self.source = source
        self.page = page
        self.scopes = scopes

    def api(self, environment: EnvironmentUrls) -> str:
        """Return the base URL of the API that takes this credential."""
        return environment.classic_api

    def for_api(self, api: Api) -> Credential:
        """Return the same credential for another API of the platform's. Raises `TypeError` for an API token."""
        raise TypeError(f"{self.kind}s have no access to platform APIs: {api.scopes}")

    def lacks(self, access: Access) -> bool:
        """Return whether it is known, without a request that needs it, that the credential has no such access."""
        del access
        return False

    def __repr__(self) -> str:
        return f"<{type(self).__name__} from {self.source}>"


class ApiToken(Credential):
    """A classic access token `dt0c01.…`, made for one environment."""

    kind = "API token"
    gives_owner = False

    def __init__(self, token: str, *, source: str, environment: EnvironmentUrls) -> None:
        super().__init__(source, f"https://{environment.tenant}/ui/access-tokens", _CLASSIC_SCOPES)
        self._header = f"Api-Token {token}"

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        request.headers["Authorization"] = self._header
        yield request


class PlatformToken(Credential):
    """A platform token `dt0s16.…`, which acts for the user who made it."""

    kind = "platform token"
    gives_owner = True

    def __init__(self, token: str, *, source: str, api: Api = SETTINGS) -> None:
        super().__init__(source, "https://myaccount.dynatrace.com/platformTokens", api.scopes)
        self._token = token
        self._api = api
        self._header = f"Bearer {token}"

    def api(self, environment: EnvironmentUrls) -> str:
        return self._api.base(environment)

    def for_api(self, api: Api) -> PlatformToken:
        return PlatformToken(self._token, source=self.source, api=api)

    def auth_flow(self, request: httpx2.Request) -> Generator[httpx2.Request, httpx2.Response, None]:
        request.headers["Authorization"] = self._header
        yield request


class OAuthClient(Credential):
    """An OAuth client `dt0s02.…`: trades its secret for tokens that live some minutes.

    One token serves the whole process: it is fetched by whoever needs it first while all others wait, again shortly
    before it expires, and once more when Dynatrace answers 401. Raises `DynatraceError` out of the request that needed
    the token. `clock` counts seconds. Source: RFC 6749 4.4, docs.dynatrace.com "OAuth clients".
    """

    kind = "OAuth client"
    gives_owner = True

    def __init__(  # noqa: PLR0913 -- what an OAuth client is made of; keywords only
        self,
        client_id: str,
        client_secret: str,
        *,
        token_url: str,
        source: str,
        account_id: str | None = None,
        api: Api = SETTINGS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(source, "Account Management > Identity & access management > OAuth clients", api.scopes)
        self._api = api
        self.client_id = client_id
        self._client_secret = client_secret
        self.token_url = token_url
        self._account_id = account_id
        self._clock = clock
        self._renewing = asyncio.Lock()
        self._token = ""
        self._serial = 0
        self._renew_at = -math.inf
        self._wanted_scopes = list(api.logins)

    def api(self, environment: EnvironmentUrls) -> str:
        return self._api.base(environment)

    def for_api(self, api: Api) -> OAuthClient:
        return OAuthClient(
            self.client_id,
            self._client_secret,
            token_url=self.token_url,
            source=self.source,
            account_id=self._account_id,
            api=api,
            clock=self._clock,
        )

    def lacks(self, access: Access) -> bool:
        """Return whether the login has refused the scope for this access."""
        return bool(self._token) and self.scopes[access] not in self._wanted_scopes[0].split()

    async def async_auth_flow(self, request: httpx2.Request) -> AsyncGenerator[httpx2.Request, httpx2.Response]:
        refused = -1
        for _ in range(2):
            async with self._renewing:
                while self._serial == refused or self._clock() >= self._renew_at:
                    answer = yield self._token_request(request)
                    self._take(await self._received(answer))
                refused = self._serial
            request.headers["Authorization"] = f"Bearer {self._token}"
            response = yield request
            if response.status_code != 401:
                return

    def _token_request(self, wanting: httpx2.Request) -> httpx2.Request:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self._client_secret,
            "scope": self._wanted_scopes[0],
        }
        if self._account_id:
            form["resource"] = f"urn:dtaccount:{self._account_id}"
        headers = {"Accept": "application/json", "User-Agent": wanting.headers.get("User-Agent", "")}
        return httpx2.Request("POST", self.token_url, data=form, headers=headers, extensions=_timeouts(wanting))

    @staticmethod
    async def _received(response: httpx2.Response) -> Answer:
        try:
            answer = await receive(response, f"The login at {response.url.netloc.decode()}")
        except DynatraceError as failure:
            failure.outcome_unknown = False
            raise
        response._content = answer.body  # noqa: SLF001 -- httpx2 reads the answers of an auth flow itself, once more
        return answer

    def _take(self, answer: Answer) -> None:
        """Keep the token of an answer. Raises `DynatraceError` if it holds none; what needed it was never sent."""
        try:
            self._read_token(answer)
        except DynatraceError as failure:
            failure.outcome_unknown = False
            raise

    def _read_token(self, answer: Answer) -> None:
        url = httpx2.URL(self.token_url)
        call = Call("POST", url.netloc.decode(), url.path, "read", self)
        found = _oauth_error(answer)
        if found == "invalid_scope" and len(self._wanted_scopes) > 1:
            del self._wanted_scopes[0]
            return
        if answer.status in (400, 401, 403):
            raise NotAuthenticated("The login gives no token to the OAuth client", self._refusal(call, answer, found))
        self._keep(call, answers.value(call, answer))

    def _keep(self, call: Call, found: Any) -> None:
        token = found.get("access_token") if isinstance(found, dict) else None
        if not isinstance(token, str) or not token or not (token.isprintable() and token.isascii()):
            raise UnexpectedResponse(
                "The login's answer holds no token", f"{call} at {call.host} answered without one."
            )
        lifetime = found.get("expires_in")
        seconds = lifetime if type(lifetime) in (int, float) and 0 < lifetime < _LONGEST_LIFETIME else _USUAL_LIFETIME
        self._token = token
        self._serial += 1
        self._renew_at = self._clock() + seconds - min(_MARGIN, seconds / 5)

    def _refusal(self, call: Call, answer: Answer, found: str) -> str:
        body = answers.parsed(answer.body)
        words = answers.text(body.get("error_description")) if isinstance(body, dict) else ""
        description = f" ({words.rstrip('.')})" if words else ""
        return (
            f"{call} at {call.host} answered {answer.status}: {found or 'no explanation'}{description}. The client id "
            f"or secret that {self.source} belongs to is mistyped, or the client was deleted, lacks the scopes "
            f"{self.scopes['read']} and {self.scopes['write']}, or belongs to another stage. Clients are made in "
            f"{self.page}."
        )


_USUAL_LIFETIME = 300.0  # seconds; docs.dynatrace.com
_LONGEST_LIFETIME = 1e6
_MARGIN = 30.0  # seconds before the end, so that a token does not expire on its way


def _timeouts(request: httpx2.Request) -> dict[str, Any]:
    return {name: value for name, value in request.extensions.items() if name == "timeout"}


def _oauth_error(answer: Answer) -> str:
    """Return the error code of RFC 6749 5.2 ("invalid_client", …), or ""."""
    found = answers.parsed(answer.body)
    code = found.get("error") if isinstance(found, dict) else ""
    return answers.text(code)
