"""An examination, for a person to read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from terraform_provider_dynatrace.aws.diagnosis import Check
from terraform_provider_dynatrace.aws.trust import Trust, WebIdentity
from terraform_provider_dynatrace.cli.doctor.aws import Examination

_MARKS = {True: ("ok", "green"), False: ("FAIL", "bold red"), None: ("?", "yellow")}
_MARGIN = " " * 6


def show(console: Console, found: Examination) -> None:
    """Print what Dynatrace presents, the check list, and how many checks failed."""
    for label, value in _heading(found):
        _line(console, f"{label:<12}", "bold", value)
    console.print()
    for check in found.checks:
        _show_check(console, check)
    console.print()
    _line(console, *_verdict(found.checks))


def printable(text: str) -> str:
    """Return text that cannot steer a terminal: names come from elsewhere."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _heading(found: Examination) -> Iterator[tuple[str, str]]:
    yield "connection", f"{found.name} ({found.kind.block})"
    yield "id", found.connection_id
    yield "role", found.role_arn
    yield from _presented(found.trust)


def _presented(trust: Trust) -> Iterator[tuple[str, str]]:
    if isinstance(trust, WebIdentity):
        yield "issuer", trust.issuer
        yield "subject", trust.subject
        yield from (("audience", audience) for audience in trust.audiences)
    else:
        yield "principal", trust.principal
        yield "external id", trust.external_id


def _show_check(console: Console, check: Check) -> None:
    mark, style = _MARKS[check.passed]
    _line(console, f"{mark:<{len(_MARGIN)}}", style, check.what)
    if check.why:
        _line(console, _MARGIN, "", check.why)
    if check.next_step:
        _line(console, f"{_MARGIN}-> ", "bold", check.next_step)


def _verdict(checks: Sequence[Check]) -> tuple[str, str, str]:
    failed = sum(check.passed is False for check in checks)
    undecided = sum(check.passed is None for check in checks)
    if failed:
        return f"{failed} of {len(checks)} checks failed. ", "bold red", "Dynatrace cannot assume the role."
    if undecided:
        return f"{undecided} of {len(checks)} checks cannot be decided from here. ", "yellow", "No check failed."
    return f"All {len(checks)} checks passed. ", "bold green", "Dynatrace can assume the role."


def _line(console: Console, label: str, style: str, text: str = "") -> None:
    """Print one line as it is: a cut ARN cannot be copied."""
    console.print(Text.assemble((label, style), printable(text)), soft_wrap=True)
