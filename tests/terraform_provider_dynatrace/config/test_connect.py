"""From arguments to a tenant."""

import logging
from importlib.metadata import version

import pytest

from terraform_plugin.diagnostics import Error, collect_warnings
from terraform_provider_dynatrace.aws.connection import SCHEMA_ID
from terraform_provider_dynatrace.client.errors import NotFound
from terraform_provider_dynatrace.config.arguments import read_settings
from terraform_provider_dynatrace.config.connect import connect, environment_urls, options
from tests.terraform_provider_dynatrace.far_end import FarEnd, client_of, json


def test_requests_say_which_release_sends_them() -> None:
    """Dynatrace's support can see it in the User-Agent."""
    assert options({}).user_agent == f"terraform-provider-dynatrace/{version('terraform-provider-dynatrace')}"


def test_two_configurations_share_nothing() -> None:
    """Provider blocks of one process, in debug mode, share no connections, limits, tokens, names or objects."""
    settings = read_settings(
        {"dt_env_url": "https://abc12345.live.dynatrace.com", "client_id": "dt0s02.X", "client_secret": "dt0s02.X.Y"},
        {},
    )

    first, second = connect(settings), connect(settings)

    for one, other in (
        (first.client, second.client),
        (first.client.connection, second.client.connection),
        (first.client.connection.limiter, second.client.connection.limiter),
        (first.client.credential, second.client.credential),
        (first.settings(SCHEMA_ID), second.settings(SCHEMA_ID)),
        (first.settings(SCHEMA_ID)._cache, second.settings(SCHEMA_ID)._cache),
        (first.permissions, second.permissions),
    ):
        assert one is not other


def test_permissions_share_the_connections_of_everything_else() -> None:
    """They use the same HTTP connections, whichever credential they need."""
    given = {
        "dt_env_url": "https://abc12345.live.dynatrace.com",
        "dt_api_token": "dt0c01.PUBLICPART.SECRETPART",
        "platform_token": "dt0s16.PUBLICPART.SECRETPART",
    }

    tenant = connect(read_settings(given, {}))

    assert tenant.permissions is tenant.permissions
    assert tenant.permissions.client.credential is tenant.credentials.platform
    assert tenant.permissions.client.connection is tenant.client.connection


@pytest.mark.parametrize(("insecure", "said"), [("true", ["DYNATRACE_HTTP_INSECURE"]), ("false", []), ("", [])])
def test_the_log_warns_where_certificates_are_not_verified(
    caplog: pytest.LogCaptureFixture, insecure: str, said: list[str]
) -> None:
    """And names the argument or variable."""
    variables = {"DYNATRACE_ENV_URL": "https://abc12345.live.dynatrace.com", "DYNATRACE_API_TOKEN": "dt0c01.X.Y"}

    connect(read_settings({}, variables | {"DYNATRACE_HTTP_INSECURE": insecure}))

    warned = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    assert ["TLS certificates are not verified" in text for text in warned] == [True] * len(said)
    assert [word for word in said if word not in str(warned)] == []


@pytest.mark.parametrize(
    ("arguments", "environ", "classic", "platform"),
    [
        (
            {"dt_env_url": "https://one.example.com"},
            {},
            'the argument dt_env_url, which is "https://one.example.com"',
            'the argument dt_env_url, which is "https://one.example.com"',
        ),
        (
            {},
            {"DT_ENV_URL": "https://one.example.com", "DT_AUTOMATION_ENV_URL": "https://two.example.com"},
            'DT_ENV_URL, which is "https://one.example.com"',
            'DT_AUTOMATION_ENV_URL, which is "https://two.example.com"',
        ),
        (
            {},
            {"DT_AUTOMATION_ENV_URL": "https://two.example.com"},
            'DT_AUTOMATION_ENV_URL, which is "https://two.example.com"',
            'DT_AUTOMATION_ENV_URL, which is "https://two.example.com"',
        ),
    ],
)
def test_messages_know_where_a_url_is_from(
    arguments: dict[str, str], environ: dict[str, str], classic: str, platform: str
) -> None:
    """For each API, the argument or the variable and its value."""
    found = environment_urls(read_settings(arguments, environ))

    assert (found.source_of(found.classic_api), found.source_of(found.platform_api)) == (classic, platform)


async def test_a_managed_url_without_its_environment_is_named() -> None:
    """github.com/dynatrace-oss/terraform-provider-dynatrace/issues/248: the path /e/ENV is easily forgotten."""
    environment = environment_urls(read_settings({}, {"DYNATRACE_ENV_URL": "https://managed.example.com"}))
    client = client_of(FarEnd(json({"error": {"code": 404, "message": "Not Found"}}, 404)), environment=environment)

    with pytest.raises(NotFound) as caught:
        await client.request("GET", "/settings/objects", access="read")

    assert 'DYNATRACE_ENV_URL, which is "https://managed.example.com"' in caught.value.detail
    assert "deleted" not in caught.value.detail


@pytest.mark.parametrize(
    ("environ", "summaries"),
    [
        ({"DYNATRACE_ENV_URL": "https://abc12345.live.dynatrace.com"}, []),
        ({"DYNATRACE_ENV_URL": "http://127.0.0.1:8085"}, []),
        ({"DYNATRACE_ENV_URL": "http://managed.example.com/e/1"}, ["Credentials are sent unencrypted"]),
        (
            {"DYNATRACE_ENV_URL": "https://abc12345.live.dynatrace.com", "DYNATRACE_HTTP_INSECURE": "true"},
            ["TLS certificates are not verified"],
        ),
    ],
)
def test_a_connection_that_others_can_read_is_a_warning(environ: dict[str, str], summaries: list[str]) -> None:
    """On the screen, and not only in the log."""
    with collect_warnings() as warnings:
        connect(read_settings({}, environ | {"DYNATRACE_API_TOKEN": "dt0c01.X.YZZZZ"}))

    assert [warning.summary for warning in warnings] == summaries


API_TOKEN, PLATFORM_TOKEN = "dt0c01.PUBLICPART.SECRETPART", "dt0s16.PUBLICPART.SECRETPART"
URL = "https://abc12345.live.dynatrace.com"


@pytest.mark.parametrize(
    ("given", "environ", "says"),
    [
        (
            {"dt_api_token": API_TOKEN, "admin_access": True},
            {},
            (
                "the argument admin_access is true, and the API token from the argument dt_api_token is used, which "
                "cannot have the scope settings:objects:admin. Set a platform token"
            ),
        ),
        (
            {"dt_api_token": API_TOKEN, "platform_token": PLATFORM_TOKEN},
            {"DYNATRACE_ADMIN_ACCESS": "true"},
            (
                "DYNATRACE_ADMIN_ACCESS is true, and the API token from the argument dt_api_token is used, which "
                "cannot have the scope settings:objects:admin. Platform credentials are configured, too: to use them, "
                "set oauth_preference = true"
            ),
        ),
    ],
)
def test_admin_access_is_refused_with_an_api_token(
    given: dict[str, object], environ: dict[str, str], says: str
) -> None:
    """API tokens have no user, so no request is sent."""
    with pytest.raises(Error, match="admin_access requires platform credentials") as refused:
        connect(read_settings({"dt_env_url": URL, **given}, environ))

    assert says in refused.value.detail
    assert str(refused.value.path) == "admin_access"


@pytest.mark.parametrize(
    ("given", "on"),
    [
        ({"admin_access": True}, True),
        ({"admin_access": True, "dt_api_token": API_TOKEN, "oauth_preference": True}, True),
        ({"admin_access": False}, False),
        ({}, False),
    ],
)
def test_admin_access_holds_for_objects_and_permissions(given: dict[str, object], on: bool) -> None:  # noqa: FBT001
    """One argument for all requests of the Settings API."""
    tenant = connect(read_settings({"dt_env_url": URL, "platform_token": PLATFORM_TOKEN, **given}, {}))

    assert tenant.admin_access == on
    assert tenant.settings(SCHEMA_ID).api.admin_access == on
    assert tenant.permissions._demanded == on
