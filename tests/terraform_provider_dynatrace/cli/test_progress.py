"""The progress of an export: bars on a terminal, lines in a log."""

import io

from terraform_plugin.output import Output
from terraform_provider_dynatrace.cli.progress import Bars, Lines, reporter


class Terminal(io.StringIO):
    """An output that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_elsewhere_than_on_a_terminal_there_are_plain_lines() -> None:
    """One when a step begins, one with what came of it; no control character."""
    output = io.StringIO()
    report = reporter(Output(output))

    with report.step("Reading", 3) as step:
        step.advance(2)
        step.advance(1, 3)
    with report.step("Running terraform init"):
        pass

    assert isinstance(report, Lines)
    assert output.getvalue() == "Reading …\nReading: 3 of 3.\nRunning terraform init …\n"


def test_on_a_terminal_there_is_a_bar() -> None:
    """With what is done and what there is, also if that is known later only."""
    output = Terminal()
    report = reporter(Output(output))

    with report.step("Reading") as step:
        step.advance(500, 3000)
        step.advance(2500, 3000)

    assert isinstance(report, Bars)
    assert step.done == 3000
    assert "Reading" in output.getvalue()
    assert "3000/3000" in output.getvalue()
