"""Which environment an export reads, if one shell has variables for two of them."""

from __future__ import annotations

import pytest

from terraform_provider_dynatrace.cli.export.source_environment import (
    VARIABLES,
    environ_for_export,
    settings_for_export,
)

TARGET = {
    "DYNATRACE_ENV_URL": "https://target.live.dynatrace.com",
    "DYNATRACE_AUTOMATION_ENVIRONMENT_URL": "https://target.apps.dynatrace.com",
    "DYNATRACE_API_TOKEN": "target-token",
    "AUTOMATION_CLIENT_ID": "target-client",
    "AUTOMATION_CLIENT_SECRET": "target-secret",
    "HOME": "/home/somebody",
}
SOURCE = {"DYNATRACE_SOURCE_ENV_URL": "https://source.live.dynatrace.com", "DT_SOURCE_PLATFORM_TOKEN": "source-token"}


def values(environ: dict[str, str]) -> dict[str, str]:
    return {name: setting.value for name, setting in settings_for_export(environ).items()}


def test_without_variables_for_the_source_nothing_changes() -> None:
    """The usual variables name the environment to export from."""
    assert values(TARGET)["dt_env_url"] == "https://target.live.dynatrace.com"
    assert environ_for_export(TARGET) == TARGET


def test_the_source_replaces_url_and_credentials_as_a_whole() -> None:
    """Otherwise the API token of the target would take precedence, and would be sent to the source."""
    assert values(TARGET | SOURCE) == {
        "dt_env_url": "https://source.live.dynatrace.com",
        "platform_token": "source-token",
    }


@pytest.mark.parametrize(
    ("source", "url", "token"),
    [
        ({"DT_SOURCE_ENV_URL": "https://source"}, "https://source", "target-token"),
        ({"DT_SOURCE_API_TOKEN": "source-token"}, "https://target.live.dynatrace.com", "source-token"),
        ({"DT_SOURCE_ENV_URL": "  "}, "https://target.live.dynatrace.com", "target-token"),
    ],
)
def test_the_source_may_share_the_url_or_the_credentials(source: dict[str, str], url: str, token: str) -> None:
    """An OAuth client of an account works in all its environments, for example. Blank text counts as not set."""
    found = values(TARGET | source)

    assert (found["dt_env_url"], found["dt_api_token"]) == (url, token)


def test_messages_name_the_variable_for_the_source() -> None:
    """Users look for the value where they set it."""
    found = settings_for_export(TARGET | SOURCE)

    assert found["dt_env_url"].source == "DYNATRACE_SOURCE_ENV_URL"
    assert found["platform_token"].source == "DT_SOURCE_PLATFORM_TOKEN"


def test_terraform_works_on_the_source() -> None:
    """`-import-state` plans with the IDs of the source. Other variables stay."""
    assert environ_for_export(TARGET | SOURCE) == SOURCE | {
        "DYNATRACE_ENV_URL": "https://source.live.dynatrace.com",
        "DYNATRACE_PLATFORM_TOKEN": "source-token",
        "HOME": "/home/somebody",
    }


def test_the_variables_are_those_of_the_official_provider() -> None:
    """In its order: the first one that is set wins."""
    assert {argument.name: variables for argument, variables in VARIABLES.items()} == {
        "dt_env_url": (
            "DYNATRACE_SOURCE_ENV_URL",
            "DT_SOURCE_ENV_URL",
            "DYNATRACE_SOURCE_ENVIRONMENT_URL",
            "DT_SOURCE_ENVIRONMENT_URL",
        ),
        "dt_api_token": ("DYNATRACE_SOURCE_API_TOKEN", "DT_SOURCE_API_TOKEN"),
        "platform_token": ("DYNATRACE_SOURCE_PLATFORM_TOKEN", "DT_SOURCE_PLATFORM_TOKEN"),
        "client_id": ("DT_SOURCE_CLIENT_ID", "DYNATRACE_SOURCE_CLIENT_ID"),
        "client_secret": ("DT_SOURCE_CLIENT_SECRET", "DYNATRACE_SOURCE_CLIENT_SECRET"),
        "account_id": ("DT_SOURCE_ACCOUNT_ID", "DYNATRACE_SOURCE_ACCOUNT_ID"),
    }
