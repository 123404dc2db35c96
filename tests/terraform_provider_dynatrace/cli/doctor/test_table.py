"""The table that a person reads."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.console import Console

from terraform_plugin.masking import mask
from terraform_plugin.output import Output
from terraform_provider_dynatrace.cli.doctor.monitoring import Monitored
from terraform_provider_dynatrace.cli.doctor.table import console_of, print_overview
from terraform_provider_dynatrace.cli.doctor.verdicts import Overview

from .overviews import FAILED, FOLLOWS, NOT_CHECKED, PASSED, ROLE, WARNING, overview, row

EVERYTHING = overview(
    row("works", PASSED, kind="role_based_auth", owner="", monitored=Monitored("enabled", "enabled, it says")),
    row("broken", FAILED, FOLLOWS),
    row("open", PASSED, WARNING),
    *(row(f"unseen-{number}", NOT_CHECKED, role_arn="") for number in range(7)),
    unreadable=["It has no ID."],
)


class Terminal(StringIO):
    def isatty(self) -> bool:
        return True


def printed(reported: Overview, width: int) -> str:
    output = StringIO()
    print_overview(Console(file=output, width=width), reported)
    return output.getvalue()


def test_a_wide_terminal_shows_everything() -> None:
    """One line for each connection, the worst first."""
    lines = printed(EVERYTHING, 200).splitlines()

    assert lines[0].split() == ["connection", "kind", "consumers", "role", "ARN", "owner", "monitoring"]
    owner = "user b6f63432-7e46-565b-8c44-24c61b578b52"
    assert lines[2].split() == f"FAIL broken web identity APP:dynatrace.aws.connector {ROLE} {owner}".split()
    assert lines[3].split() == f"? unseen-0 web identity APP:dynatrace.aws.connector none {owner}".split()
    assert lines[10].startswith("warn  open ")
    assert lines[11].split() == f"ok works role based APP:dynatrace.aws.connector {ROLE} none enabled".split()


@pytest.mark.parametrize("width", [40, 60, 80, 100, 120, 140])
def test_no_line_of_the_table_is_longer_than_the_terminal(width: int) -> None:
    """A narrow one gets fewer columns, and a note about those left out."""
    *table, note = printed(EVERYTHING, width).split("\n\n")[0].splitlines()

    assert max(map(len, table)) <= width
    assert len(table) == 12
    assert note.startswith("Left out for lack of space: ")
    assert "consumers" in note


def test_a_very_narrow_terminal_gets_names_on_several_lines() -> None:
    """Nothing is cut off."""
    text = printed(overview(row("n" * 50, PASSED)), 30)

    assert text.count("n") >= 50
    assert max(map(len, text.partition("Left out")[0].splitlines())) <= 30


def test_a_long_name_does_not_cost_the_other_columns() -> None:
    """It takes several lines instead, and is complete."""
    text = printed(overview(row("n" * 100, PASSED), row("short", PASSED)), 120)

    assert text.splitlines()[0].split() == ["connection", "kind", "account", "owner", "ID", "monitoring"]
    assert text.partition("Left out")[0].count("n" * 20) == 5


def test_the_reasons_follow_the_table() -> None:
    """The same reason is given once for all connections that have it."""
    text = printed(EVERYTHING, 200)

    assert f"\nbroken\n      {ROLE}\nFAIL  The condition holds\n      It does not <really>.\n      -> Write" in text
    assert "Correct what failed above" not in text
    assert "\nunseen-0, unseen-1, unseen-2, unseen-3, unseen-4 and 2 more\n?     The role can be read\n" in text
    assert "\nwarn  Only this connection can use the role\n      Others can.\n      -> Add a condition.\n" in text
    assert "\n?     A connection could not be read: It has no ID.\n" in text
    assert text.endswith("10 connections: 1 fails, 7 not checked, 2 ok. 1 lets others in.\n")


def test_without_connections_there_is_no_table() -> None:
    """One sentence says so."""
    assert printed(overview(), 80) == "No AWS connections that the credential may read.\n"


def test_a_name_cannot_control_the_terminal_or_use_markup() -> None:
    """Names come from the environment: what is in one is shown, not interpreted."""
    text = printed(overview(row("\x1b[2J[red]a[/red]\n\u202eb", FAILED)), 200)

    assert "\\x1b[2J[red]a[/red]\\n\\u202eb" in text
    assert "\x1b" not in text


@pytest.mark.parametrize(
    ("stream", "environ", "coloured"),
    [
        (StringIO, {}, False),
        (Terminal, {}, True),
        (Terminal, {"NO_COLOR": "1"}, False),
        (Terminal, {"NO_COLOR": ""}, True),
    ],
)
def test_colour_is_only_for_terminals_of_people_who_want_it(
    stream: type[StringIO], environ: dict[str, str], *, coloured: bool
) -> None:
    """NO_COLOR counts if it is not empty (https://no-color.org)."""
    written = stream()
    print_overview(console_of(Output(written), {"TERM": "xterm"} | environ), overview(row("a", FAILED)))

    assert ("\x1b[1;31m" in written.getvalue()) is coloured


def test_lines_of_a_file_are_whole() -> None:
    """Whoever reads a file or a pipe wants no columns left out."""
    written = StringIO()
    print_overview(console_of(Output(written), {}), overview(row("n" * 300, PASSED)))

    assert "n" * 300 in written.getvalue()
    assert "Left out" not in written.getvalue()


@pytest.mark.parametrize("width", [40, 100, 300])
def test_a_secret_is_masked_before_a_narrow_column_breaks_it_into_lines(width: int) -> None:
    """A server may repeat the credential that it was sent, in the name of a connection for example."""
    token = "dt0s16.PUBLICPART.SECRETPARTSECRETPARTSECRETPARTSECRETPARTSECRETPARTSECRETPART"
    mask(token)

    text = printed(overview(row(f"production {token}", PASSED), row("second", PASSED)), width)

    assert "SECRET" not in text
    assert "(sensitive" in text
    assert "second" in text
