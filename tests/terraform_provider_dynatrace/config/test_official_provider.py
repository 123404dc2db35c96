"""What every argument and variable of the official provider means, and where this provider differs on purpose.

Source: docs/design/0008-sources.md#official-provider.
"""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest

from terraform_plugin import Error
from terraform_provider_dynatrace.client.auth import OAuthClient
from terraform_provider_dynatrace.config.arguments import ARGUMENTS, read_settings
from terraform_provider_dynatrace.config.connect import connect
from terraform_provider_dynatrace.config.tenant import Tenant
from tests.terraform_provider_dynatrace.far_end import FarEnd, client_of, json

URL = "https://abc12345.live.dynatrace.com"
API_TOKEN = "dt0c01.PUBLIC.SECRET"
PLATFORM_TOKEN = "dt0s16.PUBLIC.SECRET"

VARIABLES = {
    "dt_env_url": ["DYNATRACE_ENV_URL", "DT_ENV_URL", "DYNATRACE_ENVIRONMENT_URL", "DT_ENVIRONMENT_URL"],
    "dt_api_token": ["DYNATRACE_API_TOKEN", "DT_API_TOKEN"],
    "dt_cluster_api_token": ["DYNATRACE_CLUSTER_API_TOKEN", "DT_CLUSTER_API_TOKEN"],
    "dt_cluster_url": ["DYNATRACE_CLUSTER_URL", "DT_CLUSTER_URL"],
    "client_id": ["DT_CLIENT_ID", "DYNATRACE_CLIENT_ID"],
    "account_id": ["DT_ACCOUNT_ID", "DYNATRACE_ACCOUNT_ID"],
    "client_secret": ["DT_CLIENT_SECRET", "DYNATRACE_CLIENT_SECRET"],
    "iam_client_id": ["IAM_CLIENT_ID", "DYNATRACE_IAM_CLIENT_ID", "DT_IAM_CLIENT_ID"],
    "iam_account_id": ["IAM_ACCOUNT_ID", "DYNATRACE_IAM_ACCOUNT_ID", "DT_IAM_ACCOUNT_ID"],
    "iam_client_secret": ["IAM_CLIENT_SECRET", "DYNATRACE_IAM_CLIENT_SECRET", "DT_IAM_CLIENT_SECRET"],
    "iam_endpoint_url": [
        *("IAM_ENDPOINT_URL", "DYNATRACE_IAM_ENDPOINT_URL", "DT_IAM_ENDPOINT_URL"),
        *("DYNATRACE_ENDPOINT_URL", "DT_ENDPOINT_URL"),
    ],
    "iam_token_url": [
        *("IAM_TOKEN_URL", "DYNATRACE_IAM_TOKEN_URL", "DT_IAM_TOKEN_URL"),
        *("DYNATRACE_TOKEN_URL", "DT_TOKEN_URL"),
    ],
    "automation_client_id": ["AUTOMATION_CLIENT_ID", "DYNATRACE_AUTOMATION_CLIENT_ID", "DT_AUTOMATION_CLIENT_ID"],
    "automation_client_secret": [
        *("AUTOMATION_CLIENT_SECRET", "DYNATRACE_AUTOMATION_CLIENT_SECRET", "DT_AUTOMATION_CLIENT_SECRET"),
    ],
    "automation_token_url": [
        *("AUTOMATION_TOKEN_URL", "DT_AUTOMATION_TOKEN_URL", "DYNATRACE_AUTOMATION_TOKEN_URL"),
    ],
    "automation_env_url": [
        *("AUTOMATION_ENVIRONMENT_URL", "DT_AUTOMATION_ENVIRONMENT_URL", "DYNATRACE_AUTOMATION_ENVIRONMENT_URL"),
        *("DYNATRACE_AUTOMATION_ENV_URL", "DT_AUTOMATION_ENV_URL"),
    ],
    "platform_token": ["DYNATRACE_PLATFORM_TOKEN", "DT_PLATFORM_TOKEN"],
}
"""The variables of each argument, in the official order.

In the official provider `automation_*` and `iam_*` end with the variables of `client_id`, `client_secret` and
`account_id`. Here the order of the arguments has the same effect: `CLIENT_IDS` and so on.
"""

CLIENT_IDS = [*VARIABLES["automation_client_id"], *VARIABLES["client_id"], *VARIABLES["iam_client_id"]]
CLIENT_SECRETS = [*VARIABLES["automation_client_secret"], *VARIABLES["client_secret"], *VARIABLES["iam_client_secret"]]
ACCOUNT_IDS = [*VARIABLES["iam_account_id"], *VARIABLES["account_id"]]
TOKEN_URLS = [*VARIABLES["automation_token_url"], *VARIABLES["iam_token_url"]]

OAUTH = {"client_id": "dt0s02.ARGUMENT", "client_secret": "dt0s02.ARGUMENT.SECRET"}
AUTOMATION = {"automation_client_id": "dt0s02.B", "automation_client_secret": "dt0s02.B.SECRET"}
IAM = {"iam_client_id": "dt0s02.C", "iam_client_secret": "dt0s02.C.SECRET"}
OAUTH_VARIABLES = {"DT_CLIENT_ID": "dt0s02.A", "DT_CLIENT_SECRET": "dt0s02.A.SECRET"}
AUTOMATION_VARIABLES = {"AUTOMATION_CLIENT_ID": "dt0s02.B", "AUTOMATION_CLIENT_SECRET": "dt0s02.B.SECRET"}
IAM_VARIABLES = {"IAM_CLIENT_ID": "dt0s02.C", "IAM_CLIENT_SECRET": "dt0s02.C.SECRET"}


def connected(arguments: dict[str, str] | None = None, environ: dict[str, str] | None = None) -> Tenant:
    """Return the tenant of a provider block and an environment, with the URL of an environment if there is none."""
    return connect(read_settings({"dt_env_url": URL} | (arguments or {}), environ or {}))


def oauth_client(arguments: dict[str, str] | None = None, environ: dict[str, str] | None = None) -> OAuthClient:
    """Return the OAuth client that the provider uses."""
    client = connected(arguments, environ).credentials.settings
    assert isinstance(client, OAuthClient)
    return client


async def login(arguments: dict[str, str] | None = None, environ: dict[str, str] | None = None) -> dict[str, str]:
    """Return the form with which the OAuth client logs in."""
    far_end = FarEnd(json({"access_token": "eyJACCESSTOKEN", "expires_in": 300}), json({}))
    await client_of(far_end, credential=oauth_client(arguments, environ)).request("GET", "/", access="read")
    return dict(parse_qsl(far_end.requests[0].content.decode()))


@pytest.mark.parametrize("name", VARIABLES)
def test_an_argument_has_the_official_variables_in_the_official_order(name: str) -> None:
    """A configuration of the official provider stays valid, and means the same."""
    assert list(ARGUMENTS[name].variables) == VARIABLES[name]


@pytest.mark.parametrize("first", range(len(CLIENT_IDS)), ids=CLIENT_IDS.__getitem__)
async def test_the_client_id_is_the_first_that_is_set(first: int) -> None:
    """automation_*, then client_*, then iam_*: another client would be another owner, or lack a scope."""
    environ = {name: f"dt0s02.{name}" for name in CLIENT_IDS[first:]} | {"DT_CLIENT_SECRET": "secret"}

    assert (await login(environ=environ))["client_id"] == f"dt0s02.{CLIENT_IDS[first]}"


@pytest.mark.parametrize("first", range(len(CLIENT_SECRETS)), ids=CLIENT_SECRETS.__getitem__)
async def test_the_client_secret_is_the_first_that_is_set(first: int) -> None:
    """In the same order, and independently of the ID: the two may be in different arguments."""
    environ = {name: f"dt0s02.ID.{name}" for name in CLIENT_SECRETS[first:]} | {"DT_CLIENT_ID": "dt0s02.ID"}

    assert (await login(environ=environ))["client_secret"] == f"dt0s02.ID.{CLIENT_SECRETS[first]}"


@pytest.mark.parametrize("first", range(len(ACCOUNT_IDS)), ids=ACCOUNT_IDS.__getitem__)
async def test_the_account_is_the_first_that_is_set(first: int) -> None:
    """iam_account_id comes first. An ID may already have the prefix of its URN."""
    prefix = "urn:dtaccount:" if first % 2 else ""
    environ = {name: f"{prefix}{name}" for name in ACCOUNT_IDS[first:]}

    assert (await login(OAUTH, environ))["resource"] == f"urn:dtaccount:{ACCOUNT_IDS[first]}"


@pytest.mark.parametrize("first", range(len(TOKEN_URLS)), ids=TOKEN_URLS.__getitem__)
def test_the_token_url_is_the_first_that_is_set(first: int) -> None:
    """automation_token_url, then iam_token_url, with the variables of each."""
    environ = {name: f"https://sso.example.com/{name}" for name in TOKEN_URLS[first:]}

    assert oauth_client(OAUTH, environ).token_url == f"https://sso.example.com/{TOKEN_URLS[first]}"


@pytest.mark.parametrize(
    ("url", "token_url"),
    [
        ("https://abc12345.live.dynatrace.com", "https://sso.dynatrace.com/sso/oauth2/token"),
        ("https://abc12345.apps.dynatrace.com", "https://sso.dynatrace.com/sso/oauth2/token"),
        ("https://abc12345.sprint.dynatracelabs.com", "https://sso-sprint.dynatracelabs.com/sso/oauth2/token"),
        ("https://abc12345.dev.apps.dynatracelabs.com", "https://sso-dev.dynatracelabs.com/sso/oauth2/token"),
        ("https://managed.example.com/e/abc12345", "https://sso.dynatrace.com/sso/oauth2/token"),
    ],
)
def test_without_a_token_url_the_environment_decides(url: str, token_url: str) -> None:
    """By its stage; a host that is not Dynatrace's counts as production."""
    assert oauth_client(OAUTH | {"dt_env_url": url}).token_url == token_url


@pytest.mark.parametrize(
    ("url", "classic", "platform"),
    [
        *(
            (url, "https://abc12345.live.dynatrace.com", "https://abc12345.apps.dynatrace.com")
            for url in (
                "https://abc12345.live.dynatrace.com",
                "https://abc12345.live.dynatrace.com/",
                " https://abc12345.apps.dynatrace.com ",
            )
        ),
        (
            "https://abc12345.sprint.apps.dynatracelabs.com",
            "https://abc12345.sprint.dynatracelabs.com",
            "https://abc12345.sprint.apps.dynatracelabs.com",
        ),
        (
            "https://abc12345.dev.dynatracelabs.com",
            "https://abc12345.dev.dynatracelabs.com",
            "https://abc12345.dev.apps.dynatracelabs.com",
        ),
        *((url, url, url) for url in ("https://managed.example.com/e/abc12345", "http://127.0.0.1:8085")),
    ],
)
def test_either_form_of_an_environment_url_is_enough(url: str, classic: str, platform: str) -> None:
    """Each API is called at its own host; a host that is not Dynatrace's serves both."""
    environment = connected({"dt_env_url": url, "dt_api_token": API_TOKEN}).environment

    assert environment.classic_api == f"{classic}/api/v2"
    assert environment.platform_api == f"{platform}/platform/classic/environment-api/v2"


@pytest.mark.parametrize(
    ("arguments", "environ", "source"),
    [
        (OAUTH | AUTOMATION, {}, "the argument automation_client_id"),
        (OAUTH | IAM, {}, "the argument client_id"),
        (AUTOMATION | IAM, {}, "the argument automation_client_id"),
        (OAUTH | AUTOMATION | IAM, {}, "the argument automation_client_id"),
        ({}, OAUTH_VARIABLES | AUTOMATION_VARIABLES, "AUTOMATION_CLIENT_ID"),
        ({}, OAUTH_VARIABLES | IAM_VARIABLES, "DT_CLIENT_ID"),
        ({}, AUTOMATION_VARIABLES | IAM_VARIABLES, "AUTOMATION_CLIENT_ID"),
        ({}, IAM_VARIABLES, "IAM_CLIENT_ID"),
        (OAUTH, AUTOMATION_VARIABLES, "AUTOMATION_CLIENT_ID"),
        (OAUTH, IAM_VARIABLES, "the argument client_id"),
        (IAM, OAUTH_VARIABLES, "DT_CLIENT_ID"),
        (AUTOMATION, OAUTH_VARIABLES, "the argument automation_client_id"),
        ({"client_id": "dt0s02.A"}, {"DT_CLIENT_SECRET": "dt0s02.A.SECRET"}, "the argument client_id"),
    ],
)
def test_the_oauth_client_is_the_official_one(arguments: dict[str, str], environ: dict[str, str], source: str) -> None:
    """Arguments and variables together: an argument wins over the variables of the same argument only."""
    assert oauth_client(arguments, environ).source == source


@pytest.mark.parametrize(
    ("arguments", "kind"),
    [
        ({"dt_api_token": API_TOKEN, "client_id": "dt0s02.A", "oauth_preference": "true"}, "API token"),
        ({"dt_api_token": API_TOKEN, "client_secret": "dt0s02.A.SECRET", "oauth_preference": "true"}, "API token"),
        ({"platform_token": PLATFORM_TOKEN, "client_id": "dt0s02.A"}, "platform token"),
    ],
)
def test_an_oauth_client_counts_only_with_its_id_and_its_secret(arguments: dict[str, str], kind: str) -> None:
    """Half of one does not keep another credential from being used; `test_credentials` has the whole order."""
    assert connected(arguments).credentials.settings.kind == kind


@pytest.mark.parametrize(
    ("text", "preferred"),
    [(text, True) for text in ("1", "t", "T", "true", "TRUE", "True")]
    + [(text, False) for text in ("0", "f", "F", "false", "FALSE", "False", "", " ")],
)
def test_the_preference_has_the_official_texts(text: str, preferred: bool) -> None:  # noqa: FBT001  # a table
    """Those that Go reads as a boolean."""
    environ = {"DYNATRACE_HTTP_OAUTH_PREFERENCE": text, "DYNATRACE_API_TOKEN": API_TOKEN}

    used = connected(environ=environ | OAUTH_VARIABLES).credentials.settings.kind

    assert used == ("OAuth client" if preferred else "API token")


def test_difference_a_text_that_is_not_a_boolean_is_refused() -> None:
    """The official provider reads it as false, so that "yes" makes connections public."""
    with pytest.raises(Error, match='DYNATRACE_HTTP_OAUTH_PREFERENCE must be true or false, got "yes"'):
        connected({"dt_api_token": API_TOKEN}, {"DYNATRACE_HTTP_OAUTH_PREFERENCE": "yes"})


def test_difference_an_argument_wins_over_the_variables_of_the_same_argument() -> None:
    """There, DT_CLIENT_ID also stands in for automation_client_id, and wins over client_id in the provider block."""
    assert oauth_client(OAUTH, OAUTH_VARIABLES).source == "the argument client_id"


async def test_difference_an_id_and_its_secret_come_from_variables_with_the_same_prefix() -> None:
    """There, the ID comes from DT_CLIENT_ID and the secret from DYNATRACE_CLIENT_SECRET, which is no client at all."""
    other = {"DYNATRACE_CLIENT_ID": "dt0s02.B", "DYNATRACE_CLIENT_SECRET": "dt0s02.B.SECRET"}

    form = await login(environ=OAUTH_VARIABLES | other)

    assert (form["client_id"], form["client_secret"]) == ("dt0s02.A", "dt0s02.A.SECRET")


@pytest.mark.parametrize("name", VARIABLES["automation_env_url"])
def test_difference_the_platform_url_counts_for_all_platform_requests(name: str) -> None:
    """There, automation_env_url is the URL of permissions only."""
    environment = connected({"platform_token": PLATFORM_TOKEN}, {name: "https://proxy.example.com"}).environment

    assert environment.platform_api == "https://proxy.example.com/platform/classic/environment-api/v2"
    assert environment.classic_api == f"{URL}/api/v2"


def test_difference_the_platform_url_is_enough() -> None:
    """There, a URL of the environment is required."""
    settings = read_settings({}, {"DT_AUTOMATION_ENV_URL": "https://abc12345.apps.dynatrace.com"} | OAUTH_VARIABLES)

    assert connect(settings).environment.classic_api == f"{URL}/api/v2"


@pytest.mark.parametrize(
    "arguments",
    [
        {},
        {"client_id": "dt0s02.A"},
        {"client_secret": "dt0s02.A.SECRET"},
        {"oauth_preference": "true"},
    ],
)
def test_difference_missing_credentials_are_an_error_of_every_plan(arguments: dict[str, str]) -> None:
    """There, they are reported by the first request, so that a new connection can be planned without them."""
    with pytest.raises(Error, match="Missing credentials"):
        connected(arguments)


def test_difference_an_id_and_a_secret_of_two_clients_are_refused() -> None:
    """There, the login reports `invalid_client`. The error here names both variables."""
    with pytest.raises(Error, match="do not match") as caught:
        connected(environ={"AUTOMATION_CLIENT_ID": "dt0s02.B", "DT_CLIENT_SECRET": "dt0s02.A.SECRET"})
    assert "AUTOMATION_CLIENT_ID" in caught.value.detail
    assert "DT_CLIENT_SECRET" in caught.value.detail
