"""Which credential is used: the table of what was given."""

from __future__ import annotations

from decimal import Decimal

import pytest

from terraform_plugin.diagnostics import Error, Path
from terraform_provider_dynatrace.config.arguments import read_settings
from terraform_provider_dynatrace.config.credentials import Credentials, select_credentials
from tests.terraform_provider_dynatrace.far_end import ENVIRONMENT

API = {"dt_api_token": "dt0c01.PUBLIC.SECRET"}
PLATFORM = {"platform_token": "dt0s16.PUBLIC.SECRET"}
OAUTH = {"client_id": "dt0s02.PUBLIC", "client_secret": "dt0s02.PUBLIC.SECRET"}
AUTOMATION = {f"automation_{name}": text for name, text in OAUTH.items()}
IAM = {f"iam_{name}": text for name, text in OAUTH.items()}
PREFERRED = {"oauth_preference": "true"}


def merged(*given: dict[str, str]) -> dict[str, str | bool | int | Decimal | None]:
    return {name: text for some in given for name, text in some.items()}


def selected(*given: dict[str, str], environ: dict[str, str] | None = None) -> Credentials:
    return select_credentials(read_settings(merged(*given), environ or {}), ENVIRONMENT)


@pytest.mark.parametrize(
    ("given", "settings", "permissions", "owner"),
    [
        ([API], "API token", None, False),
        ([API, PREFERRED], "API token", None, False),
        ([PLATFORM], "platform token", "platform token", True),
        ([OAUTH], "OAuth client", "OAuth client", True),
        ([AUTOMATION], "OAuth client", "OAuth client", True),
        ([IAM], "OAuth client", "OAuth client", True),
        ([API, PLATFORM], "API token", "platform token", False),
        ([API, OAUTH], "API token", "OAuth client", False),
        ([API, PLATFORM, PREFERRED], "platform token", "platform token", True),
        ([API, OAUTH, PREFERRED], "OAuth client", "OAuth client", True),
        ([PLATFORM, OAUTH], "platform token", "platform token", True),
        ([API, PLATFORM, OAUTH, PREFERRED], "platform token", "platform token", True),
    ],
)
def test_what_is_used_for_what(
    given: list[dict[str, str]],
    settings: str,
    permissions: str | None,
    owner: bool,  # noqa: FBT001 -- a table
) -> None:
    """The API token wins unless OAuth is preferred; permissions always need platform credentials."""
    found = selected(*given)

    assert found.settings.kind == settings
    assert (found.platform.kind if found.platform else None) == permissions
    assert found.settings.gives_owner == owner
    assert found.platform_credentials_unused == (permissions is not None and not owner)


def test_a_platform_token_that_is_set_twice_is_used() -> None:
    """Also if one of the arguments is dt_api_token."""
    twice = selected(PLATFORM, {"dt_api_token": PLATFORM["platform_token"]})
    assert (twice.settings.kind, twice.settings.gives_owner) == ("platform token", True)


def test_a_missing_credential_names_a_variable_that_looks_like_it() -> None:
    """Without its value, which may be the secret."""
    with pytest.raises(Error) as caught:
        select_credentials({}, ENVIRONMENT, {"DYNATRACE_TOKEN": "dt0c01.PUBLIC.hunter2"})
    assert "DYNATRACE_TOKEN is set, but is not read: did you mean DYNATRACE_API_TOKEN?" in caught.value.detail
    assert "hunter2" not in str(caught.value)


def test_the_log_reads_why() -> None:
    """One sentence: which, from where, because of what."""
    assert selected(API, OAUTH).reason == (
        "Using the API token from the argument dt_api_token, because platform credentials are not preferred."
    )
    assert (
        selected(OAUTH).reason == "Using the OAuth client from the argument client_id, because there is no API token."
    )


def test_nothing_given_says_everything_that_could_be() -> None:
    """All three kinds with their arguments, variables and scopes."""
    with pytest.raises(Error) as caught:
        selected()

    for word in ("DYNATRACE_API_TOKEN", "DYNATRACE_PLATFORM_TOKEN", "DT_CLIENT_ID", "settings:objects:write"):
        assert word in caught.value.detail


def test_permissions_without_platform_credentials_are_an_error() -> None:
    """Which says what is missing."""
    with pytest.raises(Error, match="API token") as caught:
        selected(API).for_permissions()

    assert "DYNATRACE_PLATFORM_TOKEN" in caught.value.detail


def test_half_an_oauth_client_says_which_half_is_missing() -> None:
    """Without other credentials, it is an error; with an API token, only where platform credentials are needed."""
    with pytest.raises(Error, match="client_secret is not"):
        selected({"client_id": "dt0s02.PUBLIC"})
    with pytest.raises(Error, match="DT_CLIENT_SECRET is set, but client_id is not"):
        selected(API, environ={"DT_CLIENT_SECRET": "dt0s02.PUBLIC.SECRET"}).for_permissions()


@pytest.mark.parametrize(
    ("given", "argument", "problem"),
    [
        ({"dt_api_token": "dt0s16.PUBLIC.SECRET"}, "dt_api_token", "got a platform token"),
        ({"dt_api_token": "dt0s02.PUBLIC.SECRET"}, "dt_api_token", "got part of an OAuth client"),
        ({"dt_api_token": "Api-Token dt0c01.PUBLIC.SECRET"}, "dt_api_token", "authentication scheme"),
        ({"dt_api_token": "dt0c01.PUBLIC .SECRET"}, "dt_api_token", "white space"),
        ({"dt_api_token": "dt0c01.PUBLIC\r\nSECRET"}, "dt_api_token", "white space"),
        ({"dt_api_token": "dt0c01.P\u00dcBLIC.SECRET"}, "dt_api_token", "other characters"),
        ({"platform_token": "dt0c01.PUBLIC.SECRET"}, "platform_token", "got an API token"),
        ({"platform_token": "Bearer dt0s16.PUBLIC.SECRET"}, "platform_token", "authentication scheme"),
        (OAUTH | {"client_id": "dt0s02.PUBLIC.SECRET"}, "client_id", "got a client secret"),
        (OAUTH | {"client_id": "dt0c01.PUBLIC.SECRET"}, "client_id", "got an API token"),
        (OAUTH | {"client_secret": "dt0s02.PUBLIC"}, "client_secret", "must begin with the client ID"),
        (OAUTH | {"client_secret": "dt0s02.OTHER.SECRET"}, "client_secret", "must begin with the client ID"),
        (OAUTH | {"client_secret": "dt0s16.PUBLIC.SECRET"}, "client_secret", "got a platform token"),
        (API | {"dt_api_token": "dt0s16.PUBLIC.SECRET"}, "dt_api_token", "must be an API token (dt0c01.…), got"),
        (API | {"dt_api_token": "dt0s16.PUBLIC.SECRET"}, "dt_api_token", "To use that, set platform_token instead."),
        (IAM | {"iam_client_secret": "dt0s02.OTHER.SECRET"}, "iam_client_secret", "must begin with"),
    ],
)
def test_a_credential_of_the_wrong_kind_is_recognised(given: dict[str, str], argument: str, problem: str) -> None:
    """At its argument, without the secret, and with the page where the right one is created."""
    with pytest.raises(Error) as caught:
        selected(given)

    assert problem in caught.value.detail
    assert caught.value.path == Path(argument)
    assert "SECRET" not in str(caught.value)


@pytest.mark.parametrize("token", ["abcdefghijklmnopqrstu", "dt0c02.NEWER.FORM", "x"])
def test_an_unknown_form_is_left_to_the_server(token: str) -> None:
    """Old tokens have no prefix, and newer ones may have another."""
    assert selected({"dt_api_token": token}).settings.kind == "API token"


def test_no_credential_shows_its_secret() -> None:
    """Neither in repr nor in str."""
    for given in (API, PLATFORM, OAUTH):
        assert "SECRET" not in f"{selected(given).settings!r} {selected(given).settings}"
