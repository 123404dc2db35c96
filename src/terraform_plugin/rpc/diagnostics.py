"""Diagnostics -> the protocol's messages, and exceptions -> errors.

Source: protocol messages `Diagnostic` and `AttributePath` (docs/design/0008-sources.md#plugin-protocol).
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Iterable, Iterator

from terraform_plugin._protocol import tfplugin6_pb2 as pb
from terraform_plugin.diagnostics import Diagnostic, Error, Key, Path, Severity
from terraform_plugin.masking import safe_text

logger = logging.getLogger(__name__)


MOST_DIAGNOSTICS = 100
"""Diagnostics of one severity in a response. A broken server may cause one for each of a million objects."""
_LONGEST_SUMMARY = 500
_LONGEST_STEP = 1_000


def diagnostic_messages(diagnostics: Iterable[Diagnostic]) -> list[pb.Diagnostic]:
    """Return the messages: errors first, at most 100 of each severity, and how many more there are."""
    messages: list[pb.Diagnostic] = []
    by_severity: dict[Severity, list[Diagnostic]] = {severity: [] for severity in Severity}
    for diagnostic in diagnostics:
        by_severity[diagnostic.severity].append(diagnostic)
    for severity, group in by_severity.items():
        if len(group) > MOST_DIAGNOSTICS:
            more = len(group) - MOST_DIAGNOSTICS + 1
            noun = "errors" if severity is Severity.ERROR else "warnings"
            detail = f"Only the first {MOST_DIAGNOSTICS - 1} are shown. Correct them and run the same command again."
            group[MOST_DIAGNOSTICS - 1 :] = [Diagnostic(severity, f"{more} more {noun}", detail)]
        messages += map(_diagnostic_message, group)
    return messages


def _diagnostic_message(diagnostic: Diagnostic) -> pb.Diagnostic:
    return pb.Diagnostic(
        severity=pb.Diagnostic.ERROR if diagnostic.severity is Severity.ERROR else pb.Diagnostic.WARNING,
        summary=safe_text(diagnostic.summary, _LONGEST_SUMMARY),
        detail=safe_text(diagnostic.detail),
        attribute=path_message(diagnostic.path) if diagnostic.path else None,
    )


def path_message(path: Path) -> pb.AttributePath:
    """Return the message of a path."""
    return pb.AttributePath(steps=[_step(step) for step in path])


def _step(step: str | int) -> pb.AttributePath.Step:
    if isinstance(step, int):
        return pb.AttributePath.Step(element_key_int=step)
    text = safe_text(step, _LONGEST_STEP)
    if isinstance(step, Key):
        return pb.AttributePath.Step(element_key_string=text)
    return pb.AttributePath.Step(attribute_name=text)


def errors_in(failure: BaseException, subject: str, rpc: str) -> Iterator[Error]:
    """Yield the errors that the user should see: each `Error` in `failure`, and one for each unexpected exception.

    `subject` and `rpc` are what failed, for example "cloud_server" and "ApplyResourceChange". The traceback of an
    unexpected exception is written to the log.
    """
    if isinstance(failure, BaseExceptionGroup):
        for inner in failure.exceptions:
            yield from errors_in(inner, subject, rpc)
    elif isinstance(failure, Error):
        yield failure
    else:
        logger.error("%s: %s failed unexpectedly", subject, rpc, exc_info=failure)
        recorded = " The state contains what the provider had recorded until then."
        yield Error(
            f"{subject}: {rpc} failed unexpectedly",
            f"{_described(failure)}. This is a bug in the provider. Please report it with the traceback: "
            f"run the same command with TF_LOG=error to see it.{recorded if rpc == 'ApplyResourceChange' else ''}",
        )


def _described(failure: BaseException) -> str:
    # An exception's own text may raise, too; traceback copes with that.
    return "".join(traceback.format_exception_only(failure)).strip()
