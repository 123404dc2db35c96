"""The requests of the Extensions API, as they are sent."""

from __future__ import annotations

from functools import reduce

import httpx2
import pytest

from terraform_provider_dynatrace.client.apis import EXTENSION_DEFINITIONS, MONITORING_CONFIGURATIONS
from terraform_provider_dynatrace.client.auth import OAuthClient, PlatformToken
from terraform_provider_dynatrace.client.errors import UnexpectedResponse
from terraform_provider_dynatrace.extensions.api import ExtensionsApi
from terraform_provider_dynatrace.extensions.model import Listing
from tests.terraform_provider_dynatrace.far_end import ENVIRONMENT, FarEnd, client_of, json, refusal

NAME = "com.dynatrace.extension.da-aws"
BASE = f"https://abc12345.apps.dynatrace.com/platform/extensions/v2/extensions/{NAME}"
TOKEN = PlatformToken("dt0s16.PUBLIC.SECRET", source="DYNATRACE_PLATFORM_TOKEN")

DEEP: dict[str, object] = reduce(lambda inner, _: {"deep": inner}, range(110), {})  # 100 levels are read


def item(object_id: str) -> dict[str, object]:
    return {"objectId": object_id, "scope": "integration-aws", "value": {}, "modificationInfo": {}}


def api(far_end: httpx2.AsyncBaseTransport) -> ExtensionsApi:
    client = client_of(far_end, credential=TOKEN.for_api(MONITORING_CONFIGURATIONS))
    return ExtensionsApi(client, client.using(TOKEN.for_api(EXTENSION_DEFINITIONS)), NAME)


async def test_requests_go_to_the_platform() -> None:
    """One object in a POST, only the value in a PUT."""
    far_end = FarEnd(json({"objectId": "A"}, 201), json({}), httpx2.Response(204), json(item("A")))
    extensions = api(far_end)

    assert await extensions.create("integration-aws", {"enabled": True}) == "A"
    await extensions.put("A/B", {"enabled": False})
    await extensions.delete("A")
    found = await extensions.get("A")

    assert found
    assert (found.object_id, found.scope) == ("A", "integration-aws")
    assert [f"{request.method} {request.url}" for request in far_end.requests] == [
        f"POST {BASE}/monitoring-configurations",
        f"PUT {BASE}/monitoring-configurations/A%2FB",
        f"DELETE {BASE}/monitoring-configurations/A",
        f"GET {BASE}/monitoring-configurations/A",
    ]
    assert far_end.bodies()[:2] == [
        {"scope": "integration-aws", "value": {"enabled": True}},
        {"value": {"enabled": False}},
    ]
    assert {request.headers["authorization"] for request in far_end.requests} == {"Bearer dt0s16.PUBLIC.SECRET"}


@pytest.mark.parametrize("depth", [100, 600, 900, 5000])
async def test_a_value_that_is_nested_too_deeply_is_an_error(depth: int) -> None:
    """It could be read, but not be changed."""
    body = b'{"objectId":"A","scope":"integration-aws","value":{"deep":%s%s}}' % (b"[" * depth, b"]" * depth)
    extensions = api(FarEnd(httpx2.Response(200, content=body)))

    with pytest.raises(UnexpectedResponse):
        await extensions.get("A")


@pytest.mark.parametrize("parameter", ["page-key", "next-page-key"])
@pytest.mark.parametrize("field", ["nextPageKey", "next-page-key"])
async def test_pages_are_found_under_either_name_of_their_key(parameter: str, field: str) -> None:
    """Sources disagree. A server that ignores a parameter returns the first page again."""
    pages = {None: ("A", "key B"), "key B": ("B", "key C"), "key C": ("C", None)}

    async def serve(request: httpx2.Request) -> httpx2.Response:
        object_id, key = pages[request.url.params.get(parameter)]
        return json({"items": [item(object_id)], "totalCount": 3} | ({field: key} if key else {}))

    far_end = FarEnd(serve)

    assert [one.object_id for one in (await api(far_end).list()).configurations] == ["A", "B", "C"]
    assert dict(far_end.requests[0].url.params) == {"page-size": "500"}
    assert all(len(request.url.params) == 1 for request in far_end.requests)


async def test_a_list_that_does_not_end_is_given_up() -> None:
    """The same page under both names."""
    with pytest.raises(UnexpectedResponse, match="does not end"):
        await api(FarEnd(json({"items": [item("A")], "nextPageKey": "again"}))).list()


async def test_what_is_not_installed_has_nothing() -> None:
    """A 404 for something optional is not an error."""
    extensions = api(FarEnd(refusal(404, "Extension does not exist.")))

    assert (await extensions.versions(), await extensions.active_version()) == ([], None)
    assert (await extensions.list(), await extensions.get("A")) == (Listing([], []), None)
    await extensions.delete("A")


async def test_versions_and_enumerations() -> None:
    """What has no value is left out."""
    enums = {"R": {"items": [{"value": "us-east-1"}, {"value": ""}, {}]}, "other": {"items": []}}
    far_end = FarEnd(json({"items": [{"version": "1.0.0"}, {}]}), json({"version": "1.0.0"}), json({"enums": enums}))
    extensions = api(far_end)

    assert (await extensions.versions(), await extensions.active_version()) == (["1.0.0"], "1.0.0")
    assert await extensions.enums("1.0.0") == {"R": ["us-east-1"], "other": []}
    assert [str(request.url) for request in far_end.requests] == [
        BASE,
        f"{BASE}/environment-configuration",
        f"{BASE}/1.0.0/schema",
    ]


@pytest.mark.parametrize("body", [{}, [], {"items": {}}, {"items": 1}])
async def test_an_unknown_form_is_an_error(body: object) -> None:
    """A proxy, or another version of the API."""
    with pytest.raises(UnexpectedResponse):
        await api(FarEnd(json(body))).list()


@pytest.mark.parametrize(
    "malformed",
    [
        {"objectId": 1, "scope": "integration-aws", "value": {}},
        {"objectId": "B", "scope": "integration-aws"},
        {"objectId": "B", "scope": "integration-aws", "value": DEEP},
        {},
        None,
        3,
    ],
)
async def test_a_malformed_configuration_costs_itself_and_not_the_list(malformed: object) -> None:
    """It is reported once."""
    listing = await api(FarEnd(json({"items": [item("A"), malformed, item("C"), malformed]}))).list()

    assert [one.object_id for one in listing.configurations] == ["A", "C"]
    assert [text.partition(":")[0] for text in listing.unreadable] == [
        "Dynatrace returned a monitoring configuration in a form that cannot be read"
    ]


async def test_a_page_with_more_configurations_than_asked_for_is_refused() -> None:
    """It would only fill the memory."""
    with pytest.raises(UnexpectedResponse, match="A page has 501 configurations, 500 were asked for"):
        await api(FarEnd(json({"items": [item(str(number)) for number in range(501)]}))).list()


async def test_a_list_of_more_than_64_megabytes_is_refused() -> None:
    """It would only fill the memory."""
    pages = iter(range(1000))

    async def serve(_: httpx2.Request) -> httpx2.Response:
        number = next(pages)
        large = item(str(number)) | {"value": {"large": "x" * (15 << 20)}}
        return json({"items": [large], "nextPageKey": str(number)})

    with pytest.raises(UnexpectedResponse, match="more than 64 MB"):
        await api(FarEnd(serve)).list()
    assert next(pages) == 5


async def test_a_create_without_an_id_may_have_created_something() -> None:
    """The error says so."""
    with pytest.raises(UnexpectedResponse) as caught:
        await api(FarEnd(json({}, 201))).create("integration-aws", {})

    assert caught.value.outcome_unknown


@pytest.mark.parametrize(
    ("refused", "lacks"),
    [(0, False), (1, True)],
)
async def test_an_oauth_client_knows_what_its_login_refused(refused: int, *, lacks: bool) -> None:
    """All scopes are asked for at first, then the one for reading."""
    scopes: list[str] = []

    async def serve(request: httpx2.Request) -> httpx2.Response:
        if request.url.path != "/sso/oauth2/token":
            return json({"items": []})
        scopes.append(httpx2.QueryParams(request.content.decode())["scope"])
        if len(scopes) <= refused:
            return json({"error": "invalid_scope"}, 400)
        return json({"access_token": "eyJACCESSTOKEN", "expires_in": 300})

    oauth = OAuthClient("dt0s02.A", "dt0s02.A.S", token_url=ENVIRONMENT.token_url, source="DT_CLIENT_ID")
    credential = oauth.for_api(MONITORING_CONFIGURATIONS)
    client = client_of(FarEnd(serve), credential=credential)
    assert not credential.lacks("write")

    await ExtensionsApi(client, client, NAME).list()

    assert scopes[0] == "extensions:configurations:read extensions:configurations:write"
    assert scopes[1:] == ["extensions:configurations:read"] * refused
    assert (credential.lacks("read"), credential.lacks("write")) == (False, lacks)
