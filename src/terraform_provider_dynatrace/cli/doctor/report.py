"""Prints an examination for a person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from rich.console import Console
from rich.text import Text

from terraform_provider_dynatrace.aws.diagnosis import Finding, Outcome
from terraform_provider_dynatrace.aws.trust import Trust, WebIdentity
from terraform_provider_dynatrace.cli.doctor.aws import Examination

_MARKS = {
    Outcome.PASSED: ("ok", "green"),
    Outcome.FAILED: ("FAIL", "bold red"),
    Outcome.WARNING: ("warn", "bold yellow"),
    Outcome.NOT_CHECKED: ("?", "yellow"),
}
_MARGIN = " " * 6


def print_report(console: Console, examination: Examination) -> None:
    """Print what Dynatrace presents, the findings, and what follows from them."""
    for label, value in _heading(examination):
        print_line(console, f"{label:<12}", "bold", value)
    console.print()
    for finding in examination.findings:
        print_finding(console, finding)
    console.print()
    print_line(console, *_conclusion(examination.findings))


def printable(text: str) -> str:
    """Return text without characters that control a terminal: names come from elsewhere."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _heading(examination: Examination) -> Iterator[tuple[str, str]]:
    yield "connection", f"{examination.name} ({examination.authentication.block})"
    yield "id", examination.connection_id
    if examination.access:
        yield "owner", examination.access
    yield "role", examination.role_arn
    yield from _presented(examination.trust)
    if examination.monitoring:
        yield "monitoring", examination.monitoring


def _presented(trust: Trust) -> Iterator[tuple[str, str]]:
    if isinstance(trust, WebIdentity):
        yield "issuer", trust.issuer
        yield "subject", trust.subject
        yield from (("audience", audience) for audience in trust.audiences)
    else:
        yield "principal", trust.principal
        yield "external id", trust.external_id


def print_finding(console: Console, finding: Finding) -> None:
    """Print a finding with its cause and its next step, a line for each."""
    mark, style = _MARKS[finding.outcome]
    print_line(console, f"{mark:<{len(_MARGIN)}}", style, finding.statement)
    if finding.cause:
        print_line(console, _MARGIN, "", finding.cause)
    if finding.next_step:
        print_line(console, f"{_MARGIN}-> ", "bold", finding.next_step)


def _conclusion(findings: Sequence[Finding]) -> tuple[str, str, str]:
    """Return the last line in two parts, the first of them with its style."""
    counts = Counter(finding.outcome for finding in findings)
    failed, unchecked, warnings = (counts[one] for one in (Outcome.FAILED, Outcome.NOT_CHECKED, Outcome.WARNING))
    checks = len(findings) - warnings
    if failed:
        text = f"{failed} of {checks} checks failed. " if checks > 1 else "The only check failed. "
        return text, "bold red", "Dynatrace cannot use this role."
    if unchecked:
        several = f"{unchecked} of {checks} checks could not be made, and none failed. "
        text = several if checks > 1 else "The only check could not be made. "
        return text, "bold yellow", "It is not known whether Dynatrace can use this role."
    passed = f"All {checks} checks passed. " if checks > 1 else "The only check passed. "
    if warnings:
        return passed, "bold yellow", "Dynatrace can use this role, but so can others (see warnings)."
    return passed, "bold green", "Dynatrace can use this role."


def print_line(console: Console, label: str, style: str, text: str = "") -> None:
    """Print one line without wrapping it: a wrapped ARN could not be copied."""
    console.print(Text.assemble((printable(label), style), printable(text)), soft_wrap=True)
