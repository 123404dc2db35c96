"""Log records as the JSON lines that Terraform understands, without secrets.

Terraform reads a provider's stderr and shows it if TF_LOG is set. Source: how go-plugin reads hclog's lines: `@level`,
`@message`, `@timestamp` with exactly six digits, every other key is a field, and at most 64 KiB per line
(docs/design/0008-sources.md#go-plugin).
"""

from __future__ import annotations

import json
import logging
import math
import sys
import threading
import time
import traceback
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, TextIO

from terraform_plugin import masking
from terraform_plugin.masking import Secrets

TRACE = 5
OFF = logging.CRITICAL + 10

_LEVELS = {"trace": TRACE, "json": TRACE, "debug": 10, "info": 20, "warn": 30, "error": 40, "off": OFF}
_LONGEST_LINE = 60_000  # characters; go-plugin reads lines of 64 KiB
_NOT_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def level_of(name: str, environ: Mapping[str, str]) -> int:
    """Return the level to log at for the provider `name`, or `OFF` if Terraform would show nothing.

    Source: Terraform's TF_LOG and TF_LOG_PROVIDER, where an unknown value means trace, and TF_LOG_PROVIDER_NAME of its
    SDKs (docs/design/0008-sources.md#terraform-cli).
    """
    variables = (f"TF_LOG_PROVIDER_{name.upper().replace('-', '_')}", "TF_LOG_PROVIDER", "TF_LOG")
    value = next((environ[variable] for variable in variables if environ.get(variable)), "off")
    return _LEVELS.get(value.lower(), TRACE)


def line_of(record: logging.LogRecord, secrets: Secrets = masking.secrets) -> str:
    """Return the record as one line of JSON, without line breaks."""
    message = record.getMessage()
    fields = {name: value for name, value in vars(record).items() if name not in _NOT_FIELDS}
    fields |= _exception_fields(record)
    # One long field is shortened moderately, many long fields severely. A line that is too long would be cut by
    # go-plugin and shown as text.
    for longest in (_LONGEST_LINE, 8_000, 800, 80):
        line = _line(record, message, fields, secrets, longest)
        if len(line) <= _LONGEST_LINE:
            return line
    return _line(record, message, {}, secrets, 8_000)


def _line(record: logging.LogRecord, message: str, fields: Mapping[str, Any], secrets: Secrets, longest: int) -> str:
    texts = {name: _field(value, secrets, longest) for name, value in fields.items()}
    return json.dumps(
        texts
        | {
            "@level": _level_name(record.levelno),
            "@message": secrets.excerpt(message, longest),
            "@timestamp": _timestamp(record.created),
            "@module": record.name,
            "@caller": f"{record.filename}:{record.lineno}",
        }
    )


def _field(value: Any, secrets: Secrets, longest: int) -> Any:
    """Return a field's value: null, numbers, lists and objects as they are, anything else as text."""
    if isinstance(value, Mapping):
        return {secrets.masked(str(name)): _field(part, secrets, longest) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_field(part, secrets, longest) for part in value]
    text = str(value)
    masked = secrets.excerpt(text, longest)
    number = isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
    return value if value is None or (number and masked == text) else masked


def _exception_fields(record: logging.LogRecord) -> dict[str, str]:
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        return {}
    return {"error": f"{type(error).__name__}: {error}", "traceback": "".join(traceback.format_exception(error))}


def _level_name(level: int) -> str:
    names = ((logging.ERROR, "error"), (logging.WARNING, "warn"), (logging.INFO, "info"), (logging.DEBUG, "debug"))
    return next((name for lowest, name in names if level >= lowest), "trace")


def _timestamp(seconds: float) -> str:
    whole, micro = divmod(round(seconds * 1_000_000), 1_000_000)
    return f"{time.strftime('%Y-%m-%dT%H:%M:%S', time.gmtime(whole))}.{micro:06d}Z"


class LineHandler(logging.Handler):
    """Writes each record as one line to `stream`. It never raises: a record that cannot be formatted becomes a line
    that says so, and one that cannot be written is dropped.
    """

    def __init__(self, stream: TextIO, secrets: Secrets = masking.secrets) -> None:
        super().__init__()
        self._stream = stream
        self._secrets = secrets

    def emit(self, record: logging.LogRecord) -> None:
        try:
            line = line_of(record, self._secrets)
        except Exception as error:  # noqa: BLE001  # the arguments of a log call are anybody's code
            record.msg, record.args = "a log record that cannot be formatted", ()
            record.exc_info = (type(error), error, None)
            line = _line(record, record.msg, {"error": type(error).__name__}, self._secrets, _LONGEST_LINE)
        try:
            self._stream.write(line + "\n")
            self._stream.flush()
        except (OSError, ValueError):
            return  # Terraform has ended, or closed the pipe


def start(
    name: str,
    environ: Mapping[str, str],
    stream: TextIO,
    packages: Sequence[str] = (),
    root: logging.Logger | None = None,
) -> None:
    """Write the log records of this process to `stream`, at the level that `environ` sets for the provider `name`.

    The level is that of this library's loggers and of those below `packages`. Other loggers belong to other libraries,
    which write headers, cookies and bodies at lower levels: of them only warnings and errors are written.

    If logging is off, no record is made at all. Python's warnings, and exceptions that nothing caught, become records.
    """
    level = level_of(name, environ)
    root = root or logging.getLogger()
    root.handlers[:] = [LineHandler(stream)]
    root.setLevel(max(level, logging.WARNING))
    for package in ("terraform_plugin", *packages):
        logging.getLogger(package).setLevel(level)
    logging.captureWarnings(capture=True)
    sys.excepthook = _uncaught
    sys.unraisablehook = lambda hook: _uncaught(hook.exc_type, hook.exc_value, hook.exc_traceback)
    threading.excepthook = lambda hook: _uncaught(hook.exc_type, hook.exc_value, hook.exc_traceback)


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    error = error or kind()
    logging.getLogger(__name__).error("uncaught exception", exc_info=(kind, error.with_traceback(trace), trace))
