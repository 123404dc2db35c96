"""Arguments and the environment variables behind them."""

from __future__ import annotations

import pytest

from terraform_plugin.diagnostics import Error, Path
from terraform_provider_dynatrace.config.arguments import SENSITIVE, VARIABLES, gather, is_on


@pytest.mark.parametrize(("name", "variables"), VARIABLES.items())
def test_the_first_variable_that_is_set_wins(name: str, variables: tuple[str, ...]) -> None:
    """In the order of the table, whatever the order in the environment."""
    environment = {variable: f"from {variable}" for variable in reversed(variables)}

    assert gather({}, environment)[name].value == f"from {variables[0]}"


def test_an_argument_wins_over_the_environment() -> None:
    """And says where it came from."""
    given = gather({"dt_env_url": "https://a.example.com"}, {"DT_ENV_URL": "https://b.example.com"})["dt_env_url"]

    assert (given.value, given.origin) == ("https://a.example.com", "the argument dt_env_url")


@pytest.mark.parametrize("nothing", [None, "", "  "])
def test_an_empty_argument_leaves_it_to_the_environment(nothing: str | None) -> None:
    """Empty text counts as not set, in both places."""
    given = gather({"dt_api_token": nothing}, {"DYNATRACE_API_TOKEN": "", "DT_API_TOKEN": "token\n"})

    assert (given["dt_api_token"].value, given["dt_api_token"].origin) == ("token", "DT_API_TOKEN")


def test_what_is_not_given_is_missing() -> None:
    """No argument, no variable: no entry."""
    assert gather({}, {"PATH": "/bin"}) == {}


def test_a_given_value_is_never_shown() -> None:
    """It may be a secret."""
    assert "hunter2" not in repr(gather({"client_secret": "hunter2"}, {}))


def test_secrets_are_known_as_such() -> None:
    """Every token and secret is sensitive, nothing else is."""
    assert {name for name in VARIABLES if "token" in name or "secret" in name} - SENSITIVE == {
        "automation_token_url",
        "iam_token_url",
        "token_issuer",
    }


@pytest.mark.parametrize(("text", "on"), [(True, True), (False, False), ("TRUE", True), ("0", False), (None, False)])
def test_switches_are_on_or_off(text: str | bool | None, on: bool) -> None:  # noqa: FBT001 -- a table
    """As an argument or a variable."""
    assert is_on(gather({"oauth_preference": text}, {}), "oauth_preference") == on


def test_a_switch_that_is_neither_is_an_error() -> None:
    """It is not read as off: the owner of connections depends on it."""
    with pytest.raises(Error, match="neither true nor false") as caught:
        is_on(gather({}, {"DYNATRACE_HTTP_OAUTH_PREFERENCE": "ture"}), "oauth_preference")

    assert caught.value.path == Path("oauth_preference")
