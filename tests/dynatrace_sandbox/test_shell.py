"""Environment variables: which point at a sandbox, and as lines for a shell."""

import subprocess
from typing import Any

import pytest

from dynatrace_sandbox.shell import child_environ, credentials_variables, export_script, sandbox_variables

URL = "http://127.0.0.1:8085"
PLACES = sandbox_variables(URL, "abc12345.apps.dynatrace.com", "http://127.0.0.1:9")
CREDENTIALS: dict[str, dict[str, Any]] = {
    "api-token": {"kind": "api-token", "secret": "dt0c01.A.B"},
    "oauth": {"kind": "oauth", "secret": "dt0s02.A.B", "clientId": "dt0s02.A", "accountId": "account"},
    "platform-token": {"kind": "platform-token", "secret": "dt0s16.A.B"},
}
CLIENT = {"DT_CLIENT_ID", "DT_CLIENT_SECRET", "DT_ACCOUNT_ID", "DYNATRACE_AUTOMATION_TOKEN_URL"}


@pytest.mark.parametrize(
    ("chosen", "names"),
    [
        ("api-token", {"DYNATRACE_API_TOKEN"}),
        ("oauth", CLIENT),
        ("platform-token", {"DYNATRACE_PLATFORM_TOKEN"}),
        ("all", {"DYNATRACE_API_TOKEN", "DYNATRACE_PLATFORM_TOKEN"} | CLIENT),
    ],
)
def test_each_kind_of_credential_has_its_variables(chosen: str, names: set[str]) -> None:
    """One kind at a time, or one of each."""
    assert credentials_variables(URL, CREDENTIALS, chosen).keys() == names


def test_the_token_endpoint_is_the_sandboxs() -> None:
    """OAuth clients log in there."""
    variables = credentials_variables(URL, CREDENTIALS, "oauth")

    assert variables["DYNATRACE_AUTOMATION_TOKEN_URL"] == f"{URL}/sso/oauth2/token"


def test_the_access_key_names_the_aws_account() -> None:
    """The sandbox has many accounts; it prints how to use another one."""
    assert PLACES["AWS_ACCESS_KEY_ID"] == "123456789012"
    assert sandbox_variables(URL, "x", URL, "222222222222")["AWS_ACCESS_KEY_ID"] == "222222222222"
    assert "# For another AWS account, set AWS_ACCESS_KEY_ID" in export_script(PLACES, URL, CREDENTIALS, "all")


def test_an_environment_is_freed_of_what_leads_elsewhere() -> None:
    """Other names of the same settings, AWS profiles and other credentials go; proxies stay, past this machine."""
    before = {"PATH": "/bin", "DT_API_TOKEN": "real", "DYNATRACE_PLATFORM_TOKEN": "real", "AWS_PROFILE": "real"}

    after = child_environ(before | {"NO_PROXY": "intranet"}, PLACES)

    assert after == PLACES | {"PATH": "/bin", "NO_PROXY": "127.0.0.1,localhost,intranet"}


@pytest.mark.parametrize("chosen", ["api-token", "oauth", "platform-token", "all"])
def test_a_shell_understands_the_lines(chosen: str) -> None:
    """Evaluated by sh they set what is chosen, and unset what else the shell had."""
    script = export_script(PLACES, URL, CREDENTIALS, chosen) + "env"
    before = {"AWS_PROFILE": "real", "DT_API_TOKEN": "real", "DYNATRACE_API_TOKEN": "real", "DT_CLIENT_ID": "real"}

    lines = subprocess.run(["/bin/sh", "-c", script], env=before, check=True, capture_output=True, text=True).stdout
    after = dict(line.split("=", 1) for line in lines.splitlines())

    wanted = PLACES | credentials_variables(URL, CREDENTIALS, chosen)
    assert {name: after.get(name) for name in wanted} == wanted
    assert "real" not in after.values()


def test_people_read_the_next_step_and_the_other_kinds() -> None:
    """A comment says how to use the lines; the kinds that are not active stand there as comments."""
    text = export_script(PLACES, URL, CREDENTIALS, "api-token")

    assert '#   eval "$(dynatrace-sandbox env --port 8085)"' in text
    assert "export DYNATRACE_API_TOKEN=dt0c01.A.B\n" in text
    assert "# export DT_CLIENT_SECRET=dt0s02.A.B\n" in text
    assert "# export DYNATRACE_PLATFORM_TOKEN=dt0s16.A.B\n" in text
    assert "# export DYNATRACE_API_TOKEN" not in text
