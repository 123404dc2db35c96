"""The command: `serve`, `run` and `env`, as processes."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from dynatrace_sandbox.__main__ import main
from dynatrace_sandbox.testing import RunningSandbox, running_sandbox

COMMAND = [sys.executable, "-m", "dynatrace_sandbox"]
ENVIRONMENT = {"PATH": os.environ["PATH"], "AWS_PROFILE": "somebodys", "DT_API_TOKEN": "real", "NO_PROXY": "intranet"}


@pytest.fixture(scope="module")
def served() -> Iterator[RunningSandbox]:
    with running_sandbox() as sandbox:
        yield sandbox


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [*COMMAND, "run", *arguments]
    return subprocess.run(command, env=ENVIRONMENT, check=False, capture_output=True, text=True)


def test_run_gives_the_command_a_sandbox() -> None:
    """Its environment points to both sides and nowhere else, and the sandbox writes nothing to standard output."""
    done = run("--tenant", "xyz98765.apps.dynatrace.com", "--credentials", "oauth", "--", "env")

    variables = dict(line.split("=", 1) for line in done.stdout.splitlines())
    assert done.returncode == 0
    assert variables["DYNATRACE_TENANT_URL"] == "https://xyz98765.apps.dynatrace.com"
    assert variables["DT_CLIENT_ID"].startswith("dt0s02.")
    assert variables["NO_PROXY"] == "127.0.0.1,localhost,intranet"
    assert not {"AWS_PROFILE", "DT_API_TOKEN", "DYNATRACE_API_TOKEN"} & variables.keys()


def test_the_sandbox_serves_while_the_command_runs() -> None:
    """Dynatrace's side and the AWS side."""
    program = (
        "import os, urllib.request as r, boto3\n"
        "print(r.urlopen(os.environ['DYNATRACE_ENV_URL'] + '/sandbox/objects').read().decode())\n"
        "print(boto3.client('iam').list_roles()['Roles'])\n"
    )

    done = run("--", sys.executable, "-c", program)

    assert (done.returncode, done.stdout) == (0, "[]\n[]\n"), done.stderr


@pytest.mark.parametrize(
    ("command", "status"),
    [
        (["true"], 0),
        (["sh", "-c", "exit 3"], 3),
        (["sh", "-c", "kill -TERM $$"], 128 + signal.SIGTERM),
        (["no-such-command"], 127),
        (["/"], 126),
    ],
)
def test_run_has_the_commands_exit_status(command: list[str], status: int) -> None:
    """As in a shell."""
    done = run("--", *command)

    assert done.returncode == status
    assert "Traceback" not in done.stderr


def test_run_passes_a_termination_on() -> None:
    """The command is ended, and its status is that of the signal."""
    command = [*COMMAND, "run", "--", "sh", "-c", "echo started; exec sleep 60"]
    with subprocess.Popen(command, env=ENVIRONMENT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "started\n"

        process.terminate()

        assert process.wait() == 128 + signal.SIGTERM


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_prints_what_to_export_and_stops_at_a_signal(number: signal.Signals) -> None:
    """Exit status 0, nothing on the screen."""
    command = [*COMMAND, "serve", "--port", "0"]
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, env=ENVIRONMENT, text=True, **pipes) as process:  # type: ignore[call-overload]
        assert "simulates Dynatrace and AWS" in process.stdout.readline()

        process.send_signal(number)
        rest, errors = process.stdout.read(), process.stderr.read()

        assert (process.wait(), errors) == (0, "")
        assert "export DYNATRACE_API_TOKEN=dt0c01." in rest


def test_serve_says_when_its_port_is_taken(served: RunningSandbox, capsys: pytest.CaptureFixture[str]) -> None:
    """One line with the port, exit status 1."""
    port = served.url.rpartition(":")[2]

    assert main(["serve", "--port", port]) == 1
    assert f"cannot listen on 127.0.0.1:{port}" in capsys.readouterr().err


def test_env_prints_the_exports_of_a_served_sandbox(served: RunningSandbox, capsys: pytest.CaptureFixture[str]) -> None:
    """The same credentials that the server has."""
    port = served.url.rpartition(":")[2]

    assert main(["env", "--port", port, "--credentials", "platform-token"]) == 0

    lines = capsys.readouterr().out.splitlines()
    assert f"export DYNATRACE_PLATFORM_TOKEN={served.credentials['platform-token']['secret']}" in lines
    assert f"export AWS_ENDPOINT_URL={served.aws_url}" in lines
    assert f"# export DYNATRACE_API_TOKEN={served.credentials['api-token']['secret']}" in lines


def test_env_says_when_nothing_is_served(capsys: pytest.CaptureFixture[str]) -> None:
    """With the command that would serve one; port 9 has no sandbox."""
    assert main(["env", "--port", "9"]) == 1
    assert "Start one with: dynatrace-sandbox serve --port 9" in capsys.readouterr().err


def test_secrets_are_not_logged() -> None:
    """At the most detailed level, standard error has no secret part of a credential."""
    program = (
        "import os, urllib.request as r\n"
        "u, t = os.environ['DYNATRACE_ENV_URL'], os.environ['DYNATRACE_API_TOKEN']\n"
        "q = r.Request(u + '/api/v2/settings/schemas', headers={'Authorization': 'Api-Token ' + t})\n"
        "r.urlopen(q).read()\n"
        "print(t)\n"
    )
    command = [*COMMAND, "run", "--log", "debug", "--", sys.executable, "-c", program]

    done = subprocess.run(command, env=ENVIRONMENT, check=True, capture_output=True, text=True)

    assert "GET /api/v2/settings/schemas: 200 (api-token)" in done.stderr
    assert done.stdout.strip().rpartition(".")[2] not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--latency", "nan"], "latency must be a number from 0 to 60000, got nan."),
        (["--request-rate", "-1"], "request_rate must be a number from 0 to 100000, got -1.0."),
        (["--tenant", "https://abc12345"], "tenant must be a host name in lower case, got 'https://abc12345'."),
        (["--issuer", "token"], "issuer must be https:// and a host name in lower case, got 'token'."),
        (["--port", "65536"], "argument --port: must be a number from 0 to 65535, got 65536"),
        (["--port", "http"], "argument --port: must be a number from 0 to 65535, got http"),
        (["--port", "-1"], "argument --port: must be a number from 0 to 65535, got -1"),
    ],
)
def test_an_invalid_argument_is_named(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 64, without a traceback; the URL of a port and the options follow the same rule."""
    with pytest.raises(SystemExit) as ended:
        main(["serve", *arguments])

    assert ended.value.code == 64
    assert message in capsys.readouterr().err
