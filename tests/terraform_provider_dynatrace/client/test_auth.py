"""Each credential has its own request header; an OAuth client logs in first, once for all requests."""

from __future__ import annotations

import asyncio
from urllib.parse import parse_qs

import httpx2
import pytest

from terraform_provider_dynatrace.client.auth import OAuthClient, PlatformToken
from terraform_provider_dynatrace.client.errors import (
    NotAuthenticated,
    ServerFault,
    UnexpectedResponse,
    Unreachable,
)
from terraform_provider_dynatrace.client.retry import Idempotency
from tests.terraform_provider_dynatrace.far_end import API_TOKEN, SECRET, FarEnd, Step, Time, client_of, json

TOKEN_URL = "https://sso.dynatrace.com/sso/oauth2/token"


class Login(httpx2.AsyncBaseTransport):
    """Returns the responses of `logins` at the login, and accepts the tokens of `good` at the API."""

    def __init__(self, *logins: Step, good: set[str] | None = None) -> None:
        self.login = FarEnd(*logins)
        self.api = FarEnd(json({}))
        self.good = good

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        if request.url.host == "sso.dynatrace.com":
            return await self.login.handle_async_request(request)
        found = await self.api.handle_async_request(request)
        token = request.headers["Authorization"].removeprefix("Bearer ")
        return found if self.good is None or token in self.good else json({"error": {"code": 401}}, 401)

    def forms(self) -> list[dict[str, list[str]]]:
        return [parse_qs(request.content.decode()) for request in self.login.requests]


HALF = httpx2.Response(200, content=b'{"access_token": "T', headers={"content-type": "application/json"})


def token(text: str, expires_in: object = 300) -> httpx2.Response:
    return json({"access_token": text, "expires_in": expires_in, "token_type": "Bearer", "scope": "…"})


def oauth(time: Time, account_id: str | None = None) -> OAuthClient:
    return OAuthClient(
        "dt0s02.PUBLIC",
        "dt0s02.PUBLIC.HUSHHUSH",
        token_url=TOKEN_URL,
        source="DT_CLIENT_ID",
        account_id=account_id,
        clock=time.clock,
    )


async def ask(login: Login, credential: OAuthClient, time: Time, times: int = 1) -> None:
    async with client_of(login, time, credential) as client:
        await asyncio.gather(
            *(
                client.request("GET", "/settings/objects", access="read", idempotency=Idempotency.IDEMPOTENT)
                for _ in range(times)
            )
        )


def authorizations(requests: list[httpx2.Request]) -> list[str]:
    return [request.headers["Authorization"] for request in requests]


async def test_an_api_token_goes_to_the_classic_api() -> None:
    """An API token is sent to the classic API with the scheme `Api-Token`."""
    far_end = FarEnd(json({}))

    await client_of(far_end).request("GET", "/settings/objects", access="read")

    assert str(far_end.requests[0].url) == "https://abc12345.live.dynatrace.com/api/v2/settings/objects"
    assert authorizations(far_end.requests) == [f"Api-Token {SECRET}"]


async def test_a_platform_token_goes_to_the_platform_api() -> None:
    """A platform token is sent to the platform API as a bearer token."""
    far_end = FarEnd(json({}))
    credential = PlatformToken("dt0s16.PUBLIC.SECRET", source="DT_PLATFORM_TOKEN")

    await client_of(far_end, credential=credential).request("GET", "/settings/objects", access="read")

    assert str(far_end.requests[0].url) == (
        "https://abc12345.apps.dynatrace.com/platform/classic/environment-api/v2/settings/objects"
    )
    assert authorizations(far_end.requests) == ["Bearer dt0s16.PUBLIC.SECRET"]


async def test_an_oauth_client_logs_in_once_however_many_wait() -> None:
    """Fifty requests at the same time make one token request."""
    time, login = Time(), Login(token("T1"))

    await ask(login, oauth(time), time, times=50)

    assert len(login.login.requests) == 1
    assert authorizations(login.api.requests) == ["Bearer T1"] * 50


async def test_the_login_follows_the_client_credentials_grant() -> None:
    """RFC 6749 4.4: a form with id, secret, scopes; the account where it is known."""
    time, login = Time(), Login(token("T1"))

    await ask(login, oauth(time, account_id="1234"), time)

    [form] = login.forms()
    assert form["grant_type"] == ["client_credentials"]
    assert form["client_id"] == ["dt0s02.PUBLIC"]
    assert form["client_secret"] == ["dt0s02.PUBLIC.HUSHHUSH"]
    assert form["resource"] == ["urn:dtaccount:1234"]
    assert {"settings:objects:read", "settings:objects:write"} <= set(form["scope"][0].split())


async def test_a_token_is_renewed_before_it_expires() -> None:
    """An access token is renewed 30 seconds before it expires, or after four fifths of a short life."""
    time, login = Time(), Login(token("T1", 300), token("T2", 10), token("T3"))
    credential = oauth(time)

    for seconds in (0, 269, 2, 7, 2):
        time.now += seconds
        await ask(login, credential, time)

    assert authorizations(login.api.requests) == [f"Bearer {name}" for name in ("T1", "T1", "T2", "T2", "T3")]


async def test_a_refused_token_is_renewed_once_for_all_requests() -> None:
    """A 401 during an apply results in one login, and no request fails."""
    time, login = Time(), Login(token("OLD"), token("NEW"), good={"NEW"})
    credential = oauth(time)

    await ask(login, credential, time, times=5)

    assert len(login.login.requests) == 2
    assert authorizations(login.api.requests)[-5:].count("Bearer NEW") == 5


async def test_a_token_that_stays_refused_is_an_error() -> None:
    """If the login returns the same token again, as a caching one does, the request fails and is not repeated."""
    time, login = Time(), Login(token("SAMETOKEN"), good=set())

    with pytest.raises(NotAuthenticated, match="OAuth client"):
        await ask(login, oauth(time), time)

    assert len(login.login.requests) == 2


async def test_a_wrong_secret_says_so() -> None:
    """The error has the client, its source, the scopes and where clients are created, but never the secret."""
    time, login = Time(), Login(json({"error": "invalid_client"}, 401))

    with pytest.raises(NotAuthenticated) as caught:
        await ask(login, oauth(time), time)

    for word in ("invalid_client", "DT_CLIENT_ID", "settings:objects:write", "sso.dynatrace.com", "OAuth clients"):
        assert word in caught.value.detail
    assert "HUSHHUSH" not in str(caught.value)
    assert login.api.requests == []


async def test_a_client_without_the_admin_scope_asks_for_less() -> None:
    """Reading and writing suffices for everything except the objects of other owners."""
    time, login = Time(), Login(json({"error": "invalid_scope"}, 400), token("T1"))

    await ask(login, oauth(time), time)

    assert [form["scope"] for form in login.forms()][1] == ["settings:objects:read settings:objects:write"]


async def test_a_client_that_may_only_read_asks_for_that() -> None:
    """That suffices for an export. For a request that writes, the error of Dynatrace names the missing scope."""
    refused = json({"error": "invalid_scope"}, 400)
    time, login = Time(), Login(refused, refused, token("T1"))

    await ask(login, oauth(time), time)

    assert login.forms()[-1]["scope"] == ["settings:objects:read"]
    assert len(login.forms()) == 3


async def test_a_client_without_any_scope_is_an_error() -> None:
    """A client that is granted no scope at all is refused after three attempts."""
    time, login = Time(), Login(json({"error": "invalid_scope"}, 400))

    with pytest.raises(NotAuthenticated, match="invalid_scope"):
        await ask(login, oauth(time), time)

    assert len(login.login.requests) == 3


@pytest.mark.parametrize(
    "fault",
    [json({}, 503), json({}, 429, {"retry-after": "1"}), httpx2.ConnectError("down"), httpx2.ReadError("reset"), HALF],
)
async def test_a_login_that_fails_for_a_moment_is_tried_again(fault: Step) -> None:
    """A login is retried even before a create without external ID, because the create was not sent yet."""
    time, login = Time(), Login(fault, token("T1"))

    async with client_of(login, time, oauth(time)) as client:
        await client.request("POST", "/settings/objects", access="write", body=[], idempotency=Idempotency.UNSAFE)

    assert len(login.login.requests) == 2
    assert len(login.api.requests) == 1


async def test_a_login_that_stays_down_is_an_error_that_names_it() -> None:
    """The error names the login and not Dynatrace's API."""
    time = Time()

    with pytest.raises(Unreachable, match=r"sso\.dynatrace\.com cannot be reached") as unreachable:
        await ask(Login(httpx2.ConnectError("down")), oauth(time), time)
    assert "Check the token URL (the argument automation_token_url or iam_token_url;" in unreachable.value.detail
    with pytest.raises(ServerFault, match="POST /sso/oauth2/token returned 500"):
        await ask(Login(json({}, 500)), oauth(time), time)


@pytest.mark.parametrize("status", [404, 405])
async def test_a_login_that_is_elsewhere_is_an_error_about_its_url(status: int) -> None:
    """Nothing was deleted, and the URL of the environment may be right: the error names the token URL."""
    time = Time()

    with pytest.raises(UnexpectedResponse, match="There is no login at this URL") as caught:
        await ask(Login(json({}, status)), oauth(time), time)

    assert f"sso.dynatrace.com returned {status}. Check the token URL" in caught.value.detail


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"access_token": 7},
        {"access_token": "a\r\nb"},
        {"access_token": ""},
        {"access_token": "a b"},
        {"access_token": "é"},
    ],
)
async def test_a_login_without_a_usable_token_is_unexpected(body: object) -> None:
    """A token that is not a valid header value is not sent."""
    time = Time()

    with pytest.raises(UnexpectedResponse, match=r"returned no access token|in an unknown form"):
        await ask(Login(json(body)), oauth(time), time)


@pytest.mark.parametrize("expires_in", [None, "300", -1, True, 1e400])
async def test_a_life_time_that_is_none_is_taken_as_the_usual(expires_in: object) -> None:
    """The token is used, and renewed in time."""
    time, login = Time(), Login(json({"access_token": "T1", "expires_in": expires_in}))
    credential = oauth(time)

    await ask(login, credential, time)
    time.now += 299
    await ask(login, credential, time)

    assert len(login.login.requests) == 2


def test_no_credential_shows_its_secret() -> None:
    """Neither in repr nor in str."""
    for credential in (API_TOKEN, oauth(Time()), PlatformToken("dt0s16.PUBLIC.SECRETPART", source="x")):
        assert not {"SECRETPART", "HUSHHUSH"} & set(f"{credential!r}{credential}".replace(".", " ").split())
