"""An overview as one HTML page, which can be mailed: it loads nothing, and its script only sorts and filters.

All text is escaped in `_text`. Every other part of the page is a literal of this module or of `page_assets`.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from html import escape
from pathlib import Path

from terraform_plugin import Error
from terraform_plugin.diagnostics import readable
from terraform_plugin.masking import masked
from terraform_provider_dynatrace import __version__
from terraform_provider_dynatrace.aws.diagnosis import Finding, Outcome
from terraform_provider_dynatrace.cli.doctor.monitoring import Monitored
from terraform_provider_dynatrace.cli.doctor.page_assets import SCRIPT, STYLE
from terraform_provider_dynatrace.cli.doctor.verdicts import Overview, Row, Verdict, grouped
from terraform_provider_dynatrace.cli.files import replace

_HEAD = 4096
"""Bytes at the beginning of a file in which a page says what wrote it."""
_GENERATOR = "terraform-provider-dynatrace doctor aws"
_VERDICTS = {Verdict.FAILS: ("fails", "✕"), Verdict.NOT_CHECKED: ("unknown", "?"), Verdict.OK: ("ok", "✓")}
"""The class and the sign of each verdict."""
_OUTCOMES = {Outcome.FAILED: "fails", Outcome.NOT_CHECKED: "unknown", Outcome.WARNING: "warns", Outcome.PASSED: "ok"}
_LABELS = {Outcome.FAILED: "Failed", Outcome.NOT_CHECKED: "Not checked", Outcome.WARNING: "Warning, not ensured"}
_COLUMNS: Sequence[tuple[str, Callable[[Row], str]]] = (
    ("Kind", lambda row: _text(row.kind_in_words)),
    ("Consumers", lambda row: "<br>".join(_code(consumer) for consumer in row.consumers)),
    ("Role", lambda row: _code(row.role_arn) if row.role_arn else "none"),
    ("Owner", lambda row: _text(row.owner) or "none"),
    ("Monitoring", lambda row: _text(_monitoring(row.monitored)) if row.monitored else ""),
)
"""The columns after verdict and name, with the HTML of their cells."""


def check_target(path: Path) -> None:
    """Raise `Error` if a page cannot be written to this path, or would overwrite something that is not such a page."""
    try:
        if path.is_symlink() or (path.exists() and not path.is_file()):
            raise _not_written(path, "It is not a regular file. Choose another name.")
        if path.exists() and _GENERATOR.encode() not in _head(path):
            raise _not_written(
                path, "The file exists, and this command did not write it. Choose another name, or delete the file."
            )
        if not path.parent.is_dir():
            raise _not_written(path, f"There is no folder {path.parent}. Create it first.")
        if not os.access(path.parent, os.W_OK | os.X_OK):
            raise _not_written(path, f"You may not write to the folder {path.parent}.")
    except OSError as failure:
        raise _not_written(path, f"{failure}.") from failure


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEAD)


def write_page(path: Path, overview: Overview) -> None:
    """Write the page in one step. Raises `Error`."""
    try:
        replace(path, masked(page(overview)))
    except OSError as failure:
        raise _not_written(path, f"{failure}.") from failure


def _not_written(path: Path, reason: str) -> Error:
    return Error("Cannot write the HTML page", f"Tried to write {path}. {reason}")


def page(overview: Overview) -> str:
    """Return the page as HTML."""
    rows = overview.ordered()
    reasons = _shared_reasons(rows)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_policy()}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="{_GENERATOR} {_text(__version__)}">
<meta name="referrer" content="no-referrer">
<title>AWS connections of {_text(_host(overview))}</title>
<style>{STYLE}</style>
</head>
<body>
<header>
<h1>AWS connections</h1>
<p class="quiet">{_text(overview.environment)}, checked {_time(overview.checked_at)}</p>
{_numbers(overview)}
</header>
<main>
{_table(rows, reasons) if rows else f"<p>{_text(overview.summary())}</p>"}
{_not_checked(reasons, overview.unreadable)}
</main>
<footer><p>Fails: Dynatrace cannot assume the role. Not checked: something could not be read, so it is not known. Lets
others in: the connection works, but the role trusts more than this connection.</p>
<p>Written by terraform-provider-dynatrace {_text(__version__)}.</p></footer>
{f"<script>{SCRIPT}</script>" if rows else ""}
</body>
</html>
"""


def _text(text: str) -> str:
    """Return text as HTML, without characters that control what is shown, or that a file cannot contain."""
    return escape(readable(text).encode("utf-8", "backslashreplace").decode())


def _code(text: str) -> str:
    """Return an identifier, with places where a line may break: after its separators."""
    return f"<code>{re.sub(r'(?<=[:/])(?=[^:/])', '<wbr>', _text(text))}</code>"


def _policy() -> str:
    """Return the Content-Security-Policy: nothing but this style and this script, each by its hash."""
    style, script = (base64.b64encode(hashlib.sha256(part.encode()).digest()).decode() for part in (STYLE, SCRIPT))
    return (
        f"default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; base-uri 'none'; "
        "form-action 'none'"
    )


def _host(overview: Overview) -> str:
    return overview.environment.rpartition("://")[2]


def _time(checked_at: str) -> str:
    shown = datetime.fromisoformat(checked_at).strftime("%d %B %Y, %H:%M UTC").lstrip("0")
    return f'<time datetime="{_text(checked_at)}">{_text(shown)}</time>'


def _numbers(overview: Overview) -> str:
    items = "".join(
        f'<li class="{_VERDICTS[number.verdict][0] if number.verdict else "warns"}"><b>{number.count}</b> '
        f"{number.words}</li>"
        for number in overview.numbers()
    )
    return f'<ul class="counts">{items}</ul>' if items else ""


def _shared_reasons(rows: Sequence[Row]) -> Mapping[str, list[Row]]:
    """Return the groups of connections that were not checked for the same reason, by the ID of its text in the page."""
    groups = [group for group in grouped(rows) if len(group) > 1 and group[0].verdict is Verdict.NOT_CHECKED]
    return {f"reason-{number}": group for number, group in enumerate(groups, 1)}


def _not_checked(reasons: Mapping[str, list[Row]], unreadable: Sequence[str]) -> str:
    """Return why something was not checked, once for all connections that it concerns."""
    items = [
        f'<li class="unknown" id="{reason}"><p><strong>{len(group)} connections</strong></p>'
        f"{''.join(_finding(finding) for finding in (*group[0].problems, *group[0].warnings))}</li>"
        for reason, group in reasons.items()
    ]
    items += [
        f'<li class="unknown"><p><strong>A connection could not be read</strong></p><p>{_text(sentence)}</p></li>'
        for sentence in unreadable
    ]
    if not items:
        return ""
    return f'<h2>Why connections were not checked</h2>\n<ul class="findings">{"".join(items)}</ul>'


def _table(rows: Sequence[Row], reasons: Mapping[str, list[Row]]) -> str:
    names = ("Verdict", "Connection", *(name for name, _ in _COLUMNS))
    heads = "".join(f'<th role="columnheader" scope="col">{name}</th>' for name in names)
    heads = heads.replace('scope="col"', 'scope="col" aria-sort="ascending"', 1)
    caption = "1 connection." if len(rows) == 1 else f"{len(rows)} connections, those that fail first."
    reason_of = {row.connection_id: reason for reason, group in reasons.items() for row in group}
    return f"""\
<p class="filter" hidden><label for="filter">Filter</label><input id="filter" type="search" autocomplete="off"></p>
<p id="status" role="status" class="unseen"></p>
<table role="table">
<caption>{caption}</caption>
<thead role="rowgroup"><tr role="row">{heads}</tr></thead>
{"".join(_connection(row, position, reason_of.get(row.connection_id)) for position, row in enumerate(rows))}</table>"""


def _connection(row: Row, position: int, reason: str | None) -> str:
    name, sign = _VERDICTS[row.verdict]
    word = row.verdict.value
    if row.warnings and row.verdict is Verdict.OK:
        name, sign, word = "warns", "!", "ok, lets others in"
    cells = "".join(_cell(title, content(row)) for title, content in _COLUMNS)
    return (
        '<tbody role="rowgroup">\n<tr role="row">'
        f'<td role="cell" class="verdict {name}" data-key="{position}" data-label="Verdict">'
        f'<div><span aria-hidden="true">{sign}</span>{word}</div></td>'
        f'<th role="rowheader" scope="row" data-label="Connection"><div>{_text(row.name)}</div></th>{cells}</tr>\n'
        f"{_why(row, reason)}</tbody>\n"
    )


def _cell(title: str, content: str) -> str:
    name = title.lower() if content else "empty"
    return f'<td role="cell" class="{name}" data-label="{title}"><div>{content}</div></td>'


def _monitoring(monitored: Monitored) -> str:
    """Return the name of the configuration and what it does; where there is none, one word is enough."""
    return monitored.state if monitored.state in ("none", "not checked") else monitored.text


def _why(row: Row, reason: str | None) -> str:
    """Return the row that explains the verdict, nothing for a connection that is ok."""
    if reason is not None:
        said = f'<a href="#{reason}">Why it was not checked</a>'
    elif row.problems or row.warnings:
        items = (f'<li class="{_OUTCOMES[one.outcome]}">{_finding(one)}</li>' for one in (*row.problems, *row.warnings))
        said = f'<ul class="findings">{"".join(items)}</ul>{_passed(row)}'
    else:
        return ""
    return f'<tr role="row" class="why"><td role="cell" colspan="{len(_COLUMNS) + 2}">{said}</td></tr>\n'


def _finding(finding: Finding) -> str:
    parts = [f"<p>{_LABELS[finding.outcome]}: <strong>{_text(finding.statement)}</strong></p>"]
    if finding.cause:
        parts.append(f"<p>{_text(finding.cause)}</p>")
    if finding.next_step:
        parts.append(f'<p class="mend">{_text(finding.next_step)}</p>')
    return "".join(parts)


def _passed(row: Row) -> str:
    passed = [one for one in row.findings if one.outcome is Outcome.PASSED]
    items = "".join(f"<li>{_text(one.statement)}</li>" for one in passed)
    checks = f" and {len(passed)} check{'' if len(passed) == 1 else 's'} that passed" if passed else ""
    listed = f"<ul>{items}</ul>" if items else ""
    return f"<details><summary>ID{checks}</summary><p>{_code(row.connection_id)}</p>{listed}</details>"
