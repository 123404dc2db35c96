"""Diagnostics -> the protocol's messages, and exceptions -> errors.

Source: protocol messages `Diagnostic` and `AttributePath` (docs/design/0008-sources.md#plugin-protocol).
"""

from __future__ import annotations

import logging
from collections.abc import Iterator

from terraform_plugin._protocol import tfplugin6_pb2 as pb
from terraform_plugin.diagnostics import Diagnostic, Error, Key, Path, Severity, readable
from terraform_plugin.log import masked

logger = logging.getLogger(__name__)


def diagnostic_message(diagnostic: Diagnostic) -> pb.Diagnostic:
    """Return the message; secrets are masked."""
    return pb.Diagnostic(
        severity=pb.Diagnostic.ERROR if diagnostic.severity is Severity.ERROR else pb.Diagnostic.WARNING,
        summary=shown(diagnostic.summary),
        detail=shown(diagnostic.detail),
        attribute=path_message(diagnostic.path) if diagnostic.path else None,
    )


def shown(text: str) -> str:
    """Return the text as the user may see it: secrets masked, control characters and broken Unicode replaced."""
    return readable(masked(text)).encode("utf-8", "replace").decode()


def path_message(path: Path) -> pb.AttributePath:
    """Return the message of a path."""
    return pb.AttributePath(steps=[_step(step) for step in path])


def _step(step: str | int) -> pb.AttributePath.Step:
    if isinstance(step, int):
        return pb.AttributePath.Step(element_key_int=step)
    if isinstance(step, Key):
        return pb.AttributePath.Step(element_key_string=shown(step))
    return pb.AttributePath.Step(attribute_name=shown(step))


def errors_in(failure: BaseException, operation: str) -> Iterator[Error]:
    """Yield the errors that the user should see: each `Error` in `failure`, and one for each unexpected exception.

    `operation` is what failed, for example "cloud_server: ApplyResourceChange". The traceback of an unexpected
    exception is written to the log.
    """
    if isinstance(failure, BaseExceptionGroup):
        for inner in failure.exceptions:
            yield from errors_in(inner, operation)
    elif isinstance(failure, Error):
        yield failure
    else:
        logger.error("%s failed unexpectedly", operation, exc_info=failure)
        yield Error(
            f"{operation} failed unexpectedly",
            f"{type(failure).__name__}: {failure}. This is a bug in the provider. Please report it with the traceback: "
            "run the same command with TF_LOG=error to see it. Everything that was done before the failure is in the "
            "state.",
        )
