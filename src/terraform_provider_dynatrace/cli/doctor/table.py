"""Prints an overview for a person: a table that fits the terminal, and what to do about each connection."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from rich import box
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from terraform_plugin.masking import masked
from terraform_plugin.output import Output
from terraform_provider_dynatrace.cli.doctor.report import print_finding, print_line, printable
from terraform_provider_dynatrace.cli.doctor.verdicts import Overview, Row, Verdict, grouped

_MARKS = {
    Verdict.OK: ("ok", "green"),
    Verdict.FAILS: ("FAIL", "bold red"),
    Verdict.NOT_CHECKED: ("?", "yellow"),
}
_WARNED = ("warn", "bold yellow")
"""The mark of a connection that is ok, and whose role lets others in."""
_UNLIMITED = 100_000
"""Columns where there is no terminal: lines in a file or a pipe are not cut."""
_LONGEST_NAME = 40
"""Columns of a name on a terminal: a longer one takes several lines, instead of the space of all other columns."""
_NAMED = 5
"""How many connections of a group are named."""

_COLUMNS: Mapping[str, Callable[[Row], str]] = {
    "connection": lambda row: row.name,
    "kind": lambda row: row.kind_in_words,
    "consumers": lambda row: ", ".join(row.consumers),
    "account": lambda row: row.account,
    "role ARN": lambda row: row.role_arn or "none",
    "owner": lambda row: row.owner or "none",
    "owner ID": lambda row: _shortened(row.owner) or "none",
    "monitoring": lambda row: row.monitored.state if row.monitored else "",
}
_LAYOUTS = (
    ("connection", "kind", "consumers", "role ARN", "owner", "monitoring"),
    ("connection", "kind", "role ARN", "owner", "monitoring"),
    ("connection", "kind", "account", "owner", "monitoring"),
    ("connection", "kind", "account", "owner ID", "monitoring"),
    ("connection", "account", "owner ID", "monitoring"),
    ("connection", "account"),
)
"""The first that fits is used. The last one always is: its cells take several lines."""


def _shortened(owner: str) -> str:
    """Return an owner with the first 8 digits of its UUID, which people compare."""
    kind, _, identity = owner.partition(" ")
    return f"{kind} {identity[:8]}…" if len(identity) > 12 else owner


def console_of(output: Output, environ: Mapping[str, str]) -> Console:
    """Return a console that uses colour only on a terminal, and not with `NO_COLOR` (https://no-color.org)."""
    return Console(
        file=output.styled(),  # type: ignore[arg-type]  # rich only writes to it
        width=None if output.isatty() else _UNLIMITED,
        no_color=bool(environ.get("NO_COLOR")),
        highlight=False,
    )


def print_overview(console: Console, overview: Overview) -> None:
    """Print the table, the reasons with the next steps, and the numbers."""
    rows = overview.ordered()
    with console:  # written at once: every write looks for secrets, of which each assumed role has two
        if rows:
            print_table(console, rows)
            console.print()
        for group in grouped(rows):
            _print_group(console, group)
        for sentence in overview.unreadable:
            print_line(console, "?     ", "yellow", f"A connection could not be read: {sentence}")
        print_line(console, overview.summary(), "bold")


def print_table(console: Console, rows: Sequence[Row]) -> None:
    """Print one line for each connection; a narrow terminal gets fewer columns, and a note about those left out."""
    cells = _cells(rows)
    longest = _LONGEST_NAME if console.width < _UNLIMITED else None
    tables = [(layout, _table(rows, cells, layout, longest)) for layout in _LAYOUTS]
    layout, table = next((one for one in tables if _natural_width(console, one[1]) <= console.width), tables[-1])
    console.print(table)
    missing = [name for name in _LAYOUTS[0] if name not in layout]
    if missing:
        left_out = ", ".join(missing)
        print_line(console, "", "", f"Left out for lack of space: {left_out}. Pass --json or --html FILE to see them.")


def _natural_width(console: Console, table: Table) -> int:
    return Measurement.get(console, console.options.update(width=_UNLIMITED), table).maximum


def _cells(rows: Sequence[Row]) -> list[dict[str, str]]:
    """Return the texts of each row by column, without secrets: a narrow column would break one into lines.

    All are masked at once: to look for secrets in each by itself would take seconds for a thousand connections.
    """
    texts = [printable(content(row)) for row in rows for content in _COLUMNS.values()]
    shown = iter(masked("\0".join(texts)).split("\0"))
    return [dict(zip(_COLUMNS, shown, strict=False)) for _ in rows]


def _table(
    rows: Sequence[Row], cells: Sequence[Mapping[str, str]], layout: Sequence[str], longest_name: int | None
) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, show_edge=False, padding=(0, 1, 0, 0))
    table.add_column("")
    for name in layout:
        limit = longest_name if name == "connection" else None
        table.add_column(name, overflow="fold", no_wrap=name == "account", max_width=limit)
    for row, texts in zip(rows, cells, strict=True):
        mark = _WARNED if row.warnings and row.verdict is Verdict.OK else _MARKS[row.verdict]
        table.add_row(Text(*mark), *(Text(texts[name]) for name in layout))
    return table


def _print_group(console: Console, group: Sequence[Row]) -> None:
    named = ", ".join(row.name for row in group[:_NAMED])
    more = f" and {len(group) - _NAMED} more" if len(group) > _NAMED else ""
    print_line(console, f"{named}{more}", "bold")
    if len(group) == 1 and group[0].role_arn:
        print_line(console, "      ", "", group[0].role_arn)
    for finding in (*group[0].problems, *group[0].warnings):
        print_finding(console, finding)
    console.print()
