"""The three kinds of credential, and the header that each puts on requests."""

from __future__ import annotations

import asyncio
import math
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable, Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from terraform_plugin.masking import mask
from terraform_provider_dynatrace.client import responses
from terraform_provider_dynatrace.client.apis import SETTINGS, Api
from terraform_provider_dynatrace.client.errors import NotAuthenticated, UnexpectedResponse
from terraform_provider_dynatrace.client.json import Json
from terraform_provider_dynatrace.client.responses import Access, Request, Response, masked_text
from terraform_provider_dynatrace.deadline import in_time, until

if TYPE_CHECKING:
    from terraform_provider_dynatrace.environment import EnvironmentUrls

# Source: docs/design/0008-sources.md#connection-page, #settings-api.
_CLASSIC_SCOPES: Mapping[Access, str] = MappingProxyType({"read": "settings.read", "write": "settings.write"})

PostForm = Callable[[Request, str, Mapping[str, str]], Awaitable[Response]]
"""Posts a form to a URL and returns the response, whatever its status. Raises `DynatraceError` without one."""


class Credential(ABC):
    """Who sends a request. Neither `repr` nor `str` shows the secret.

    - `kind`, such as "API token", `source`, such as "DYNATRACE_API_TOKEN", and `page`, where one is created: how
      messages name it.
    - `scopes`: which scope each access needs.
    - `gives_owner`: objects created with it belong to its owner and are private. Otherwise they have no owner and are
      public.
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
        return self.lacks_scope(self.scopes[access])

    def lacks_scope(self, scope: str) -> bool:
        """Return whether it is known, without a request that needs it, that the credential does not have a scope."""
        del scope
        return False

    def urls(self, environment: EnvironmentUrls) -> tuple[str, ...]:
        """Return the URLs that a client with this credential sends requests to."""
        return (self.api(environment),)

    @abstractmethod
    async def authorization(self, post_form: PostForm, *, refused: str = "") -> str:
        """Return the value of the `Authorization` header.

        `refused`: a value that Dynatrace has just refused with 401; the same one is returned if there is no other.
        Raises `DynatraceError` for a login that fails.
        """

    def __repr__(self) -> str:
        return f"<{type(self).__name__} from {self.source}>"


class ApiToken(Credential):
    """A classic access token `dt0c01.…`, created in one environment."""

    kind = "API token"
    gives_owner = False

    def __init__(self, token: str, *, source: str, environment: EnvironmentUrls) -> None:
        super().__init__(source, f"https://{environment.tenant}/ui/access-tokens", _CLASSIC_SCOPES)
        self._header = f"Api-Token {token}"

    async def authorization(self, post_form: PostForm, *, refused: str = "") -> str:
        del post_form, refused
        return self._header


class PlatformToken(Credential):
    """A platform token `dt0s16.…`, which acts within the permissions of its user."""

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

    async def authorization(self, post_form: PostForm, *, refused: str = "") -> str:
        del post_form, refused
        return self._header


class OAuthClient(Credential):
    """An OAuth client `dt0s02.…`, which exchanges its secret for access tokens that live for some minutes.

    One access token serves the whole process. `clock` counts seconds. Source:
    docs/design/0008-sources.md#oauth-clients, and #rfcs: 6749 4.4.
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
        self._header = ""
        self._renew_at = -math.inf
        self._login: asyncio.Future[str] | None = None
        self._logins = list(api.logins)

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

    def lacks_scope(self, scope: str) -> bool:
        """Return whether the login has refused the scope."""
        return bool(self._header) and scope not in self._logins[0].split()

    def urls(self, environment: EnvironmentUrls) -> tuple[str, ...]:
        return (*super().urls(environment), self.token_url)

    async def authorization(self, post_form: PostForm, *, refused: str = "") -> str:
        """Return the header with the access token; log in if there is none, or it is about to expire or was refused.

        Whoever comes during a login waits for it and shares its outcome, so that fifty requests are one login, and a
        login that is down is not asked fifty times in a row.
        """
        if self._header != refused and self._clock() < self._renew_at:
            return self._header
        if self._login is None:
            self._login = asyncio.ensure_future(self._log_in(post_form))
            self._login.add_done_callback(self._logged_in)
        # Shielded: the operation that came first may be cancelled, the others still need the token.
        return await in_time(asyncio.shield(self._login))

    def _logged_in(self, login: asyncio.Future[str]) -> None:
        self._login = None
        if not login.cancelled():
            login.exception()  # noqa: LOG004 -- no logger; marks the failure as seen: everyone who waited may be gone

    async def _log_in(self, post_form: PostForm) -> str:
        url = urlsplit(self.token_url)
        request = Request("POST", url.netloc, url.path, "read", self, _WHERE_TO_LOG_IN)
        with until(math.inf):  # for all who wait, also for those whose operation has more time than the first one's
            while True:
                response = await post_form(request, self.token_url, self._form())
                code, description = _oauth_error(response)
                if code != "invalid_scope" or len(self._logins) == 1:
                    break
                del self._logins[0]  # the client does not have all of these scopes
        if response.status in (400, 401, 403):
            raise NotAuthenticated(
                "The login issues no access token to the OAuth client",
                self._refusal(request, response.status, code, description),
                status=response.status,
            )
        if response.status in (404, 405, 410):
            raise UnexpectedResponse(
                "There is no login at this URL",
                f"{request} at {request.host} returned {response.status}. Check {request.url}.",
                status=response.status,
            )
        return self._keep(request, responses.value(request, response, _AccessToken))

    def _form(self) -> Mapping[str, str]:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.client_id,
            "client_secret": self._client_secret,
            "scope": self._logins[0],
        }
        return form | ({"resource": f"urn:dtaccount:{self._account_id}"} if self._account_id else {})

    def _keep(self, request: Request, found: _AccessToken) -> str:
        token = found.access_token
        mask(token)
        if not token or not token.isascii() or not token.isprintable() or " " in token:
            raise UnexpectedResponse(
                "The login returned no access token",
                f"{request} at {request.host} returned 200 without a usable access_token. Check {request.url}.",
                status=200,
            )
        seconds = found.seconds()
        self._header = f"Bearer {token}"
        # A lifetime of less than a second or so is used once, by those who wait for this login.
        self._renew_at = self._clock() + seconds - min(_MARGIN, seconds / 5)
        return self._header

    def _refusal(self, request: Request, status: int, code: str, description: str) -> str:
        words = f" ({description.rstrip('.')})" if description else ""
        return (
            f"{request} at {request.host} returned {status}: {code or 'no explanation'}{words}. The client ID or "
            f"secret from {self.source} is mistyped, or the client was deleted, lacks the scopes "
            f"{self.scopes['read']} and {self.scopes['write']}, or belongs to another stage. Create clients in "
            f"{self.page}."
        )


class _AccessToken(Struct, frozen=True):
    """A successful login. Source: docs/design/0008-sources.md#rfcs, 6749 5.1."""

    access_token: str
    expires_in: Json = None

    def seconds(self) -> float:
        """Return the lifetime; what is not a lifetime counts as the usual one."""
        lifetime = self.expires_in
        return lifetime if type(lifetime) in (int, float) and 0 < lifetime < _LONGEST_LIFETIME else _USUAL_LIFETIME


class _OAuthError(Struct, frozen=True):
    """A login that failed. Source: docs/design/0008-sources.md#rfcs, 6749 5.2."""

    error: str = ""
    error_description: str = ""


_WHERE_TO_LOG_IN = (
    "the token URL (the argument automation_token_url or iam_token_url; by default, that of the environment's stage)"
)
_USUAL_LIFETIME = 300.0  # seconds; docs/design/0008-sources.md#oauth-clients
_LONGEST_LIFETIME = 1e6
_MARGIN = 30.0  # seconds before the end, so that a token does not expire on its way


def _oauth_error(response: Response) -> tuple[str, str]:
    """Return the error code ("invalid_client", …) and its description, or two empty texts."""
    try:
        found = msgspec.convert(responses.json_or_none(response.body), _OAuthError)
    except msgspec.ValidationError:
        return "", ""
    return masked_text(found.error), masked_text(found.error_description)
