"""The command line as people type it, and how commands end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from threading import Thread
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, make_server

import pytest

from terraform_plugin.command_line import two_dashes
from terraform_provider_dynatrace import __version__
from terraform_provider_dynatrace.cli.main import run

DOCTOR = [
    (["doctor", "aws", "--all", "production"], "leave out CONNECTION"),
    (["doctor", "aws", "--all", "--role-arn", "x"], "--role-arn is the role of one connection"),
    (["doctor", "aws", "production", "--json"], "--json can only be combined with --all"),
    (["doctor", "aws", "production", "--html", "x"], "--html can only be combined with --all"),
    (["doctor", "aws", "--all", "--html", ""], "pass the name of a file with --html"),
    (["doctor", "aws"], "or --all"),
]
TOKEN = "dt0c01.ABCDEFGHIJKLMNOPQRSTUVWX." + "SECRET" * 10


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None: ...  # noqa: A002  # the standard library's name


@pytest.fixture
def echo() -> Iterator[str]:
    """Serve an environment whose errors repeat the request's credential; give its URL."""

    def application(variables: dict[str, Any], start_response: Any) -> list[bytes]:
        start_response("400 Bad Request", [("Content-Type", "application/json")])
        said = f"request had {variables.get('HTTP_AUTHORIZATION')}"
        return [f'{{"error": {{"code": 400, "message": "{said}"}}}}'.encode()]

    server = make_server("127.0.0.1", 0, application, handler_class=_Quiet)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("word", ["help", "-help", "--help", "-h"])
def test_help_is_what_people_type(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    """With no dash, one or two."""
    assert run([word], {}) == 0
    assert "install" in capsys.readouterr().out


@pytest.mark.parametrize("word", ["version", "-version", "--version"])
def test_version_is_what_people_type(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    """It is the only thing on stdout."""
    assert run([word], {}) == 0
    assert capsys.readouterr().out == f"{__version__}\n"


@pytest.mark.parametrize("word", ["export", "-export", "--export"])
def test_export_is_what_people_type(word: str, capsys: pytest.CaptureFixture[str]) -> None:
    """The official provider has the one with a dash."""
    assert run([word, "-help"], {}) == 0
    assert "-import-state" in capsys.readouterr().out


def test_flags_of_commands_may_have_one_dash(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As all flags of Terraform."""
    assert run(["install", "-dir", str(tmp_path), "-source", "example.com/a/dynatrace"], {}) == 0
    assert "Installed example.com/a/dynatrace" in capsys.readouterr().out


def test_only_long_flags_get_a_second_dash() -> None:
    """A value may begin with a dash, and a flag may have one letter."""
    words = ["-flat", "--ref", "-v", "-", "-1", "name", "--", "a-b"]

    assert two_dashes(words) == ["--flat", "--ref", "-v", "-", "-1", "name", "--", "a-b"]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ([], "COMMAND"),
        (["exprot"], "exprot"),
        (["doctor"], "WHAT"),
        (["doctor", "aws"], "CONNECTION"),
        *DOCTOR,
        (["doctor", "aws", "--all", "--assume-role", "doctor"], "must contain {account}"),
        (["-export", "-falt"], "Did you mean -flat?"),
        (["-export", "-source"], "expected one argument"),
        (["-export", "dynatrace_dashboard"], "cannot be exported"),
        (["install", "-dri", "x"], "-dri"),
        (["install", "-source", "nonsense"], "HOST/NAMESPACE/TYPE"),
        (["install", "-version", "one"], "MAJOR.MINOR.PATCH"),
    ],
)
def test_a_command_line_that_is_not_understood_ends_with_64(
    words: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """What is wrong is on stderr. 2 is a result of `doctor`."""
    assert run(words, {}) == 64
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    "words",
    [["-export", "-preview"], ["-export", "-v", "-preview"], ["doctor", "aws", "x"], ["doctor", "aws", "--all"]],
)
def test_no_command_shows_a_secret(words: list[str], echo: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A server or a proxy may repeat the request in its error."""
    assert run(words, {"DYNATRACE_ENV_URL": echo, "DYNATRACE_API_TOKEN": TOKEN}) == 1

    shown = capsys.readouterr()
    assert "request had Api-Token (sensitive value)" in shown.err
    assert "SECRET" not in shown.out + shown.err


def test_an_unexpected_failure_is_one_message(capsys: pytest.CaptureFixture[str]) -> None:
    """The traceback is in the log only."""
    assert run(["install", "-dir", "a\0b"], {}) == 1

    shown = capsys.readouterr()
    assert shown.err.startswith("Error: The command failed unexpectedly\n\nValueError: ")
    assert "Traceback" not in shown.out + shown.err


def test_the_log_has_the_traceback_of_an_unexpected_failure(capsys: pytest.CaptureFixture[str]) -> None:
    """With TF_LOG, as for the provider itself."""
    assert run(["install", "-dir", "a\0b"], {"TF_LOG": "error"}) == 1
    assert '"traceback": "Traceback' in capsys.readouterr().err


def test_an_interrupt_and_sigterm_are_the_same(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is open is closed, and the exit status is that of an interrupt."""
    before = signal.getsignal(signal.SIGTERM)
    fifo = tmp_path / ".dynatrace-export.json"
    os.mkfifo(fifo)

    def interrupt() -> None:
        with fifo.open("w"):  # the export is reading its manifest
            os.kill(os.getpid(), signal.SIGTERM)

    thread = Thread(target=interrupt)
    thread.start()
    environ = {
        "DYNATRACE_ENV_URL": "http://127.0.0.1:9",
        "DYNATRACE_API_TOKEN": TOKEN,
        "DYNATRACE_TARGET_FOLDER": str(tmp_path),
    }
    status = run(["-export"], environ)
    thread.join()

    assert (status, capsys.readouterr().err) == (130, "Interrupted.\n")
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_output_into_a_closed_pipe_ends_quietly(tmp_path: Path, unbuffered: str) -> None:
    """`install | head -1` in a shell, and in a container with PYTHONUNBUFFERED."""
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as stdout:
        ended = subprocess.run(
            [sys.executable, "-m", "terraform_provider_dynatrace", "install", "--dir", str(tmp_path)],
            env=os.environ | {"PYTHONUNBUFFERED": unbuffered},
            stdout=stdout,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize("package", ["terraform_provider_dynatrace", "terraform_provider_aws_iam"])
def test_a_person_without_a_command_reads_how_to_list_them(package: str) -> None:
    """Without arguments, the program is what Terraform starts."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
    command = [sys.executable, "-m", package]

    ended = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)

    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.endswith("To list them, pass --help.\n")


def test_debug_may_have_one_dash() -> None:
    """It serves until Ctrl-C."""
    command = [sys.executable, "-u", "-m", "terraform_provider_dynatrace", "-debug"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = next(line for line in process.stdout if "TF_REATTACH_PROVIDERS" in line)
        process.send_signal(signal.SIGINT)
        process.communicate()

    assert "terraform.local/dynatrace/dynatrace" in line
