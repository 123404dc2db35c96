"""Log records as the JSON lines that Terraform understands, without a secret in them.

Terraform reads a provider's stderr and shows it under TF_LOG. Source: go-plugin's reading of hclog lines: `@level`,
`@message`, `@timestamp` with exactly six digits, anything else becomes a field; 64 KiB a line at most.
"""

from __future__ import annotations

import base64
import json
import logging
import math
import re
import sys
import threading
import time
import traceback
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, TextIO

TRACE = 5
OFF = logging.CRITICAL + 10
MASK = "(sensitive value)"

_LEVELS = {"trace": TRACE, "json": TRACE, "debug": 10, "info": 20, "warn": 30, "error": 40, "off": OFF}
_LONGEST_LINE = 60_000
_SHORTEST_BASE64 = 8  # less of it may be part of any text
_NOT_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_TALKATIVE = ("hpack", "h2", "asyncio", "httpcore", "urllib3", "botocore")  # they log headers and bodies at debug


class Secrets:
    """What must not be shown, in each form it may be written in."""

    def __init__(self) -> None:
        self._forms: set[str] = set()
        self._pattern: re.Pattern[str] | None = None

    def mask(self, secret: str) -> None:
        """Hide `secret` from now on. An empty one hides nothing."""
        forms = {form for form in _forms(secret.strip()) if form}
        if not forms <= self._forms:
            self._forms |= forms
            self._pattern = re.compile("|".join(map(re.escape, sorted(self._forms, key=len, reverse=True))))

    def masked(self, text: str) -> str:
        """Return `text` with "(sensitive value)" instead of each secret."""
        return self._pattern.sub(MASK, text) if self._pattern else text


_secrets = Secrets()
mask = _secrets.mask
masked = _secrets.masked


def _forms(secret: str) -> Iterator[str]:
    """Yield the secret as it is, and as JSON, Python, a URL and base64 (alone or inside more) would write it."""
    yield secret
    yield from (json.dumps(secret)[1:-1], json.dumps(secret, ensure_ascii=False)[1:-1], repr(secret)[1:-1])
    in_url = re.sub(rb"[^A-Za-z0-9_.~-]", lambda found: b"%%%02X" % ord(found[0]), secret.encode()).decode()
    yield from (in_url, in_url.replace("%20", "+"), re.sub("%..", lambda found: found[0].lower(), in_url))
    for before in range(3):
        raw = b"\0" * before + secret.encode()
        for encoded in (base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()):
            whole = encoded[(0, 2, 3)[before] : len(encoded) - (0, 3, 2)[len(raw) % 3]]
            yield whole if len(whole) >= _SHORTEST_BASE64 else ""


def level_of(name: str, environment: Mapping[str, str]) -> int:
    """Return the level to log at for the provider `name`; `OFF` where Terraform would show nothing.

    Source: Terraform's TF_LOG and TF_LOG_PROVIDER, of which an unknown value means trace, and its SDKs'
    TF_LOG_PROVIDER_NAME.
    """
    variables = (f"TF_LOG_PROVIDER_{name.upper().replace('-', '_')}", "TF_LOG_PROVIDER", "TF_LOG")
    chosen = next((environment[variable] for variable in variables if environment.get(variable)), "off")
    return _LEVELS.get(chosen.lower(), TRACE)


def line_of(record: logging.LogRecord, secrets: Secrets = _secrets) -> str:
    """Return the record as one line of JSON (no line break in it or after it)."""
    message = record.getMessage()
    fields = {name: value for name, value in vars(record).items() if name not in _NOT_FIELDS}
    fields |= _exception_fields(record)
    for longest in (_LONGEST_LINE, 8_000, 800, 80):
        line = _line(record, message, fields, secrets, longest)
        if len(line) <= _LONGEST_LINE:
            return line
    return _line(record, message, {}, secrets, 8_000)


def _line(record: logging.LogRecord, message: str, fields: Mapping[str, Any], secrets: Secrets, longest: int) -> str:
    shown = {name: _shown(value, secrets, longest) for name, value in fields.items()}
    return json.dumps(
        shown
        | {
            "@level": _level_name(record.levelno),
            "@message": _shortened(secrets.masked(message), longest),
            "@timestamp": _timestamp(record.created),
            "@module": record.name,
            "@caller": f"{record.filename}:{record.lineno}",
        }
    )


def _shown(value: Any, secrets: Secrets, longest: int) -> Any:
    """Return a field's value: what JSON has of its own stays, anything else becomes text."""
    if isinstance(value, Mapping):
        return {secrets.masked(str(name)): _shown(part, secrets, longest) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_shown(part, secrets, longest) for part in value]
    text = str(value)
    hidden = secrets.masked(text)
    number = isinstance(value, int) or (isinstance(value, float) and math.isfinite(value))
    if value is None or (number and hidden == text and len(text) < longest):
        return value
    return _shortened(hidden, longest)


def _shortened(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}... ({len(text) - longest} more characters)"


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
    """Writes each record as one line to `stream`; whatever goes wrong with that stays in the line, or is dropped."""

    def __init__(self, stream: TextIO, secrets: Secrets = _secrets) -> None:
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
            return  # Terraform is gone, or has closed the pipe: nobody reads this


def start(name: str, environment: Mapping[str, str], stream: TextIO, root: logging.Logger | None = None) -> None:
    """Send every record of this process to `stream`, at the level that `environment` asks of the provider `name`.

    With logging off, no record is made at all. Warnings and exceptions that nobody caught become records, too.
    """
    root = root or logging.getLogger()
    root.handlers[:] = [LineHandler(stream)]
    root.setLevel(level_of(name, environment))
    for talkative in _TALKATIVE:
        logging.getLogger(talkative).setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
    sys.excepthook = _uncaught
    sys.unraisablehook = lambda found: _uncaught(found.exc_type, found.exc_value, found.exc_traceback)
    threading.excepthook = lambda found: _uncaught(found.exc_type, found.exc_value, found.exc_traceback)


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    error = error or kind()
    logging.getLogger(__name__).error("uncaught exception", exc_info=(kind, error.with_traceback(trace), trace))
