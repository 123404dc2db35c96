"""How the command of a program ends."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from terraform_plugin import Error
from terraform_plugin.command_line import USAGE, Parser, UsageError, exit_status
from terraform_plugin.output import Output


def raising(failure: BaseException) -> Callable[[], int]:
    def command() -> int:
        raise failure

    return command


@pytest.mark.parametrize(
    ("command", "status", "written"),
    [
        (lambda: 0, 0, ""),
        (lambda: 2, 2, ""),
        (raising(Error("Failed", "The reason.")), 1, "Error: Failed\n\nThe reason.\n"),
        (raising(UsageError("Unknown flag", "Its name.")), USAGE, "Error: Unknown flag\n\nIts name.\n"),
        (raising(SystemExit(0)), 0, ""),
        (raising(SystemExit("text")), 1, ""),
        (raising(KeyboardInterrupt()), 130, "Interrupted.\n"),
    ],
)
def test_every_end_has_its_exit_status(command: Callable[[], int], status: int, written: str) -> None:
    """Errors are written, and a mistake in the command line differs from a result."""
    stream = io.StringIO()

    assert exit_status(command, Output(stream)) == status
    assert stream.getvalue() == written


@pytest.mark.parametrize("words", [["--unknown"], ["check", "--unknown"], ["check", "more"], []])
def test_a_mistake_ends_with_the_usage_and_its_own_status(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Also in the arguments of a command."""
    parser = Parser(prog="program")
    parser.add_subparsers(required=True, metavar="COMMAND").add_parser("check")

    assert exit_status(lambda: len(vars(parser.parse_args(words))), Output(io.StringIO())) == USAGE
    shown = capsys.readouterr().err
    assert shown.startswith("usage: program")
    assert "error: " in shown
