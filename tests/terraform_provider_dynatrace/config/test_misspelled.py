"""Variables whose names look like those of the provider."""

import pytest

from terraform_plugin.diagnostics import Error
from terraform_provider_dynatrace.config.arguments import ARGUMENTS
from terraform_provider_dynatrace.config.connect import connect
from terraform_provider_dynatrace.config.misspelled import misspelled

URL = "https://abc12345.live.dynatrace.com"


@pytest.mark.parametrize(
    ("variable", "value", "meant"),
    [
        ("DYNATRACE_URL", URL, "DYNATRACE_ENV_URL"),
        ("DT_URL", URL, "DT_ENV_URL"),
        ("DYNATRACE_ENVIROMENT_URL", URL, "DYNATRACE_ENVIRONMENT_URL"),
        ("dynatrace_env_url", URL, "DYNATRACE_ENV_URL"),
        ("DYNATRACE_TOKEN", "dt0c01.A.B", "DYNATRACE_API_TOKEN"),
        ("DYNATRACE_PLATFORMTOKEN", "dt0s16.A.B", "DYNATRACE_PLATFORM_TOKEN"),
        ("DT_APITOKEN", "dt0c01.A.B", "DT_API_TOKEN"),
        ("DT_CLIENTID", "dt0s02.A", "DT_CLIENT_ID"),
        ("DT_CLIENT_SECRT", "dt0s02.A.B", "DT_CLIENT_SECRET"),
    ],
)
def test_a_similar_name_is_reported(variable: str, value: str, meant: str) -> None:
    """With the variable that was probably meant."""
    sentence = misspelled({variable: value}, ARGUMENTS.values())
    assert f"{variable} is set" in sentence
    assert sentence.endswith(f"did you mean {meant}?")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("DYNATRACE_ENV_URL", URL),
        ("DYNATRACE_SOURCE_ENV_URL", URL),
        ("DYNATRACE_PARALLEL", "1"),
        ("DT_TENANT", "abc12345"),
        ("PATH", "/usr/bin"),
        ("DYNATRACE_URL", ""),
        ("DT_SOMETHING_ELSE", "x"),
    ],
)
def test_other_variables_are_not(variable: str, value: str) -> None:
    """Variables that are read, belong to other programs, or are empty."""
    assert misspelled({variable: value}, ARGUMENTS.values()) == ""


def test_a_url_is_shown_and_a_secret_is_not() -> None:
    """A value of any other form may be the secret itself."""
    shown = misspelled({"DYNATRACE_URL": "https://me:hunter2@abc.example.com?hunter2"}, ARGUMENTS.values())
    assert 'DYNATRACE_URL is set to "https://…@abc.example.com"' in shown
    assert "hunter2" not in shown + misspelled({"DT_APITOKEN": "hunter2"}, ARGUMENTS.values())


def test_a_missing_url_names_the_variable_that_is_set() -> None:
    """The next step is to rename it."""
    with pytest.raises(Error, match="Missing environment URL") as caught:
        connect({}, {"DYNATRACE_URL": URL})
    assert "did you mean DYNATRACE_ENV_URL?" in caught.value.detail
