"""The provider's arguments, and the environment variables behind them: the table, and what is read by it."""

from __future__ import annotations

from decimal import Decimal

import pytest

from terraform_plugin.diagnostics import Error, Path
from terraform_provider_dynatrace.config.arguments import (
    ARGUMENTS,
    MAX_CONCURRENCY,
    MAX_RETRIES,
    OAUTH_PREFERENCE,
    OPERATION_TIMEOUT,
    REQUEST_TIMEOUT,
    VALIDATE_AT_PLAN,
    Argument,
    Quantity,
    QuantityWithDefault,
    Switch,
    Url,
    read_settings,
    readable_url,
)

URLS = [argument for argument in ARGUMENTS.values() if isinstance(argument, Url)]
QUANTITIES = [argument for argument in ARGUMENTS.values() if isinstance(argument, QuantityWithDefault)]
SWITCHES = [argument for argument in ARGUMENTS.values() if isinstance(argument, Switch)]


@pytest.mark.parametrize("argument", ARGUMENTS.values(), ids=lambda argument: argument.name)
def test_the_first_variable_that_is_set_wins(argument: Argument) -> None:
    """The order of the table counts, not the order in the environment."""
    environ = {variable: f"from {variable}" for variable in reversed(argument.variables)}

    assert read_settings({}, environ)[argument.name].value == f"from {argument.variables[0]}"


def test_an_argument_wins_over_the_environment() -> None:
    """The setting also says where it is from."""
    found = read_settings({"dt_env_url": "https://a.example.com"}, {"DT_ENV_URL": "https://b.example.com"})

    assert (found["dt_env_url"].value, found["dt_env_url"].source) == (
        "https://a.example.com",
        "the argument dt_env_url",
    )


@pytest.mark.parametrize("empty", [None, "", "  "])
def test_an_empty_argument_leaves_it_to_the_environment(empty: str | None) -> None:
    """Empty text counts as not set, in the provider block and in variables."""
    found = read_settings({"dt_api_token": empty}, {"DYNATRACE_API_TOKEN": "", "DT_API_TOKEN": "token\n"})

    assert (found["dt_api_token"].value, found["dt_api_token"].source) == ("token", "DT_API_TOKEN")


def test_an_argument_that_is_not_set_is_missing() -> None:
    """Without argument and variable there is no entry."""
    assert read_settings({}, {"PATH": "/bin"}) == {}


def test_zero_and_false_count_as_set() -> None:
    """They are values, unlike empty text."""
    found = read_settings({"max_retries": 0, "validate_at_plan": False}, {})

    assert {name: setting.value for name, setting in found.items()} == {"max_retries": "0", "validate_at_plan": "false"}


def test_the_value_of_a_setting_is_never_shown() -> None:
    """Its value can be a secret."""
    assert "hunter2" not in repr(read_settings({"client_secret": "hunter2"}, {}))


def test_every_token_and_every_secret_is_sensitive() -> None:
    """In the table and in the schema, and nothing else is."""
    secrets = {name for name in ARGUMENTS if name.endswith(("_token", "_secret"))}

    assert {name for name, argument in ARGUMENTS.items() if argument.sensitive} == secrets
    assert {name for name, argument in ARGUMENTS.items() if argument.attribute().sensitive} == secrets


@pytest.mark.parametrize("argument", ARGUMENTS.values(), ids=lambda argument: argument.name)
def test_the_documentation_names_variables_limits_and_default(argument: Argument) -> None:
    """They are generated from the table."""
    description = argument.attribute().description

    assert all(f"`{variable}`" in description for variable in argument.variables)
    if isinstance(argument, Quantity):
        assert f"From {argument.least} to {argument.most} {argument.unit}." in description
    if isinstance(argument, QuantityWithDefault):
        assert f" Default: `{argument.default:g}`." in description
    if isinstance(argument, Switch):
        assert f"Default: `{str(argument.default).lower()}`." in description


@pytest.mark.parametrize(("value", "on"), [(True, True), (False, False), ("TRUE", True), ("0", False), (" t\n", True)])
def test_a_switch_is_on_or_off(value: str | bool, on: bool) -> None:  # noqa: FBT001 -- a table
    """As an argument, and as the text of a variable."""
    assert OAUTH_PREFERENCE.read(read_settings({"oauth_preference": value}, {})) == on
    assert VALIDATE_AT_PLAN.read(read_settings({}, {"DYNATRACE_VALIDATE_AT_PLAN": str(value)})) == on


@pytest.mark.parametrize("argument", SWITCHES, ids=lambda argument: argument.name)
def test_a_switch_that_is_not_set_has_its_default(argument: Switch) -> None:
    """As the documentation says."""
    assert argument.read({}) == argument.default


@pytest.mark.parametrize("value", ["ture", "yes", "on", "no", "2"])
@pytest.mark.parametrize("argument", SWITCHES, ids=lambda argument: argument.name)
def test_a_switch_that_is_neither_true_nor_false_is_an_error(argument: Switch, value: str) -> None:
    """The official provider reads it as false. The owner of connections can depend on it."""
    with pytest.raises(Error, match=f'{argument.variables[0]} must be true or false, got "{value}"') as caught:
        argument.read(read_settings({}, {argument.variables[0]: value}))

    assert caught.value.path == Path(argument.name)


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        (MAX_RETRIES, 0),
        (MAX_RETRIES, 100),
        (REQUEST_TIMEOUT, 1),
        (REQUEST_TIMEOUT, Decimal("2.5")),
        (REQUEST_TIMEOUT, 3600),
        (OPERATION_TIMEOUT, 86400),
        (MAX_CONCURRENCY, 1),
        (MAX_CONCURRENCY, 100),
    ],
)
def test_a_number_within_its_limits_is_valid(argument: Quantity, value: int | Decimal) -> None:
    """In the provider block and in a variable."""
    assert list(argument.validate(value, Path(argument.name))) == []
    assert argument.read(read_settings({argument.name: value}, {})) == float(value)
    assert argument.read(read_settings({}, {argument.variables[0]: f" {value}\n"})) == float(value)


@pytest.mark.parametrize(
    ("argument", "value"),
    [
        (MAX_RETRIES, -1),
        (MAX_RETRIES, 101),
        (MAX_RETRIES, Decimal("0.5")),
        (MAX_RETRIES, 10**400),
        (REQUEST_TIMEOUT, 0),
        (REQUEST_TIMEOUT, Decimal("3600.1")),
        (OPERATION_TIMEOUT, Decimal("0.5")),
        (MAX_CONCURRENCY, 0),
        (MAX_CONCURRENCY, 101),
    ],
)
def test_a_number_outside_its_limits_is_an_error(argument: Quantity, value: int | Decimal) -> None:
    """`terraform validate` reports it in the provider block; both errors are at the argument and name the limits."""
    [mistake] = argument.validate(value, Path(argument.name))

    with pytest.raises(Error) as caught:
        argument.read(read_settings({}, {argument.variables[0]: str(value)}))

    for error in (mistake, caught.value):
        assert error.path == Path(argument.name)
        assert f"from {argument.least} to {argument.most}" in error.detail
        assert len(error.detail) < 600


@pytest.mark.parametrize("text", ["many", "nan", "inf", "-inf", "1e999", "0x10", "5 s"])
def test_a_variable_that_is_not_a_number_is_an_error(text: str) -> None:
    """The message has the variable and its value."""
    with pytest.raises(Error, match="Invalid request_timeout") as caught:
        REQUEST_TIMEOUT.read(read_settings({}, {"DYNATRACE_REQUEST_TIMEOUT": text}))

    assert caught.value.detail == (
        f'DYNATRACE_REQUEST_TIMEOUT must be a number of seconds from 1 to 3600, got "{text}".'
    )


@pytest.mark.parametrize("argument", QUANTITIES, ids=lambda argument: argument.name)
def test_a_default_is_within_its_limits(argument: QuantityWithDefault) -> None:
    """Configuring the default changes nothing."""
    assert argument.read(read_settings({}, {argument.variables[0]: f"{argument.default:g}"})) == argument.read({})


@pytest.mark.parametrize("argument", URLS, ids=lambda argument: argument.name)
def test_an_invalid_url_is_an_error_at_its_own_argument(argument: Url) -> None:
    """`terraform validate` reports it in the provider block; the message has the value without what is secret in it."""
    text = "https://someone:hunter2@sso.example.com"
    [mistake] = argument.validate(text, Path(argument.name))

    with pytest.raises(Error, match=f"Invalid {argument.title}") as caught:
        argument.read(read_settings({}, {argument.variables[-1]: text}))

    for error in (mistake, caught.value):
        assert error.path == Path(argument.name)
        assert argument.example in error.detail
        assert "hunter2" not in str(error)
    assert mistake.detail.startswith(f'{argument.name} must be a URL, got "https://…@sso.example.com".')
    assert caught.value.detail.startswith(f'{argument.variables[-1]} must be a URL, got "https://…@sso.example.com".')


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("abc12345.live.dynatrace.com", "abc12345.live.dynatrace.com"),
        (
            "https://abc12345.live.dynatrace.com/e/1?api-token=hunter2#hunter2",
            "https://abc12345.live.dynatrace.com/e/1",
        ),
        ("https://someone:hunter2@example.com/x", "https://…@example.com/x"),
        ("https://someone:hunter2/hunter2@example.com", "https://…@example.com"),
        ("dt0c01.PUBLIC.hunter2", "dt0c01.…"),
        (" dt0s16.PUBLIC.hunter2", "dt0s16.…"),
        ("x" * 300, "x" * 200 + "…"),
    ],
)
def test_a_message_shows_a_url_without_its_secrets(text: str, shown: str) -> None:
    """A wrong value often is a token, or a URL with a password in it."""
    assert readable_url(text) == shown


@pytest.mark.parametrize("argument", URLS, ids=lambda argument: argument.name)
def test_the_examples_of_urls_are_valid(argument: Url) -> None:
    """They can be copied."""
    for example in argument.example.split(" or "):
        assert list(argument.validate(example, Path(argument.name))) == []
        assert argument.read(read_settings({argument.name: example}, {})) == example


def test_only_a_tenant_url_may_be_a_host_name_alone() -> None:
    """It is part of audiences; requests are sent to the other URLs."""
    refused = {argument.name for argument in URLS if list(argument.validate("abc12345.apps.dynatrace.com", Path()))}

    assert refused == {argument.name for argument in URLS} - {"tenant_url"}
