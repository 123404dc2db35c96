"""What Terraform reads on a provider's stderr: one JSON line for each record, without secrets."""

import io
import json
import logging
import math
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from terraform_plugin.log import OFF, TRACE, LineHandler, level_of, line_of
from terraform_plugin.masking import MASK, Secrets

SECRET = "dt0c01.PUBLICPART.SECRETSECRETSECRETSECRET"


class Log:
    """A logger of its own, and what it wrote."""

    def __init__(self, level: int = TRACE) -> None:
        self.stream = io.StringIO()
        self.secrets = Secrets()
        self.logger = logging.Logger("a.module", level)  # noqa: LOG001  # one that no other test shares
        self.logger.addHandler(LineHandler(self.stream, self.secrets))

    @property
    def line(self) -> dict[str, Any]:
        lines = self.stream.getvalue().splitlines()
        assert len(lines) == 1
        return dict(json.loads(lines[0]))


@pytest.fixture
def log() -> Log:
    return Log()


@pytest.mark.parametrize(
    ("environment", "level"),
    [
        ({}, OFF),
        ({"TF_LOG": ""}, OFF),
        ({"TF_LOG": "off"}, OFF),
        ({"TF_LOG": "trace"}, TRACE),
        ({"TF_LOG": "JSON"}, TRACE),
        ({"TF_LOG": "no such level"}, TRACE),
        ({"TF_LOG": "DEBUG"}, logging.DEBUG),
        ({"TF_LOG": "info"}, logging.INFO),
        ({"TF_LOG": "Warn"}, logging.WARNING),
        ({"TF_LOG": "ERROR"}, logging.ERROR),
        ({"TF_LOG": "TRACE", "TF_LOG_PROVIDER": "WARN"}, logging.WARNING),
        ({"TF_LOG_PROVIDER": "WARN", "TF_LOG_PROVIDER_AWS_IAM": "DEBUG"}, logging.DEBUG),
        ({"TF_LOG_PROVIDER_OTHER": "DEBUG"}, OFF),
    ],
)
def test_terraforms_variables_choose_the_level(environment: dict[str, str], level: int) -> None:
    """The more specific variable takes precedence; an unknown level is trace, as in Terraform."""
    assert level_of("aws-iam", environment) == level


@pytest.mark.parametrize(
    ("level", "name"), [(TRACE, "trace"), (10, "debug"), (20, "info"), (30, "warn"), (40, "error"), (50, "error")]
)
def test_a_record_is_one_line_that_go_plugin_reads(log: Log, level: int, name: str) -> None:
    """Level, message and module are strings, the time has six digits and a Z, extras are fields."""
    log.logger.log(level, "created %s\nand more", "it", extra={"id": "a-1", "status": 201, "ok": True, "none": None})

    line = log.line
    assert line["@level"] == name
    assert line["@message"] == "created it\nand more"
    assert line["@module"] == "a.module"
    assert re.fullmatch(r"test_log\.py:\d+", line["@caller"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z", line["@timestamp"])
    assert (line["id"], line["status"], line["ok"], line["none"]) == ("a-1", 201, True, None)


@pytest.mark.parametrize(
    ("created", "text"),
    [
        (0.0, "1970-01-01T00:00:00.000000Z"),
        (1.9999999, "1970-01-01T00:00:02.000000Z"),
        (951782400.000001, "2000-02-29T00:00:00.000001Z"),
    ],
)
def test_the_time_is_utc_to_the_microsecond(created: float, text: str) -> None:
    """Go's layout 2006-01-02T15:04:05.000000Z07:00; any other form makes the line plain text at debug."""
    record = logging.makeLogRecord({"msg": "m", "levelno": 20, "created": created})

    assert json.loads(line_of(record))["@timestamp"] == text


def test_extras_cannot_replace_what_go_plugin_asserts(log: Log) -> None:
    """A `@message` that is not a string makes Terraform panic."""
    log.logger.info("message", extra={"@message": 5, "@level": None, "@timestamp": 1})

    assert (log.line["@message"], log.line["@level"]) == ("message", "info")


def test_what_json_has_not_becomes_text(log: Log) -> None:
    """A field may be any object."""
    log.logger.info("message", extra={"path": Path("x"), "body": {"a": [1]}, "raw": b"\xff", "rate": math.nan})

    assert (log.line["path"], log.line["body"], log.line["raw"]) == ("x", {"a": [1]}, r"b'\xff'")
    assert log.line["rate"] == "nan"


def test_an_exception_is_two_fields(log: Log) -> None:
    """Its type and message, and its traceback, which belongs in the log."""
    try:
        raise ValueError("no such thing")  # noqa: TRY301  # caught below
    except ValueError:
        log.logger.exception("could not read")

    assert log.line["error"] == "ValueError: no such thing"
    assert log.line["traceback"].startswith("Traceback (most recent call last):\n")


@pytest.mark.parametrize(
    "extra",
    [
        {"body": "x" * 200_000},
        {"body": "ü" * 40_000},
        {f"field_{number}": "x" * 1_000 for number in range(300)},
        {f"field_{number}": "x" for number in range(20_000)},
        {"number": 10**4000},
    ],
    ids=["long", "escaped", "several", "countless", "digits"],
)
def test_a_line_stays_below_64_kib(log: Log, extra: dict[str, Any]) -> None:
    """Terraform splits longer lines. The line says how much was cut."""
    log.logger.info("x" * 100_000, extra=extra)

    assert len(log.stream.getvalue().encode()) < 65_536
    assert log.line["@message"].endswith(" more characters)")


def test_secrets_are_masked_in_every_part_of_a_line(log: Log) -> None:
    """In the message, in fields and their names, in an exception and its traceback."""
    log.secrets.mask(SECRET)
    try:
        raise ValueError(SECRET)  # noqa: TRY301  # caught below
    except ValueError:
        fields = {"request": SECRET, "headers": {"authorization": [SECRET], SECRET: 1}}
        log.logger.exception("sent %s", SECRET, extra=fields)

    output = log.stream.getvalue()
    assert output.count(MASK) >= 6
    assert "SECRETSECRET" not in output


def test_a_secret_is_masked_before_a_long_text_is_cut(log: Log) -> None:
    """The part of a secret that is left would not be recognized."""
    log.secrets.mask(SECRET)
    log.logger.info("%s", "x" * (60_000 - 40) + SECRET, extra={"body": "x" * (60_000 - 40) + SECRET})

    assert "SECRET" not in log.stream.getvalue()


def test_a_number_can_be_a_secret(log: Log) -> None:
    """A pin passed as a number is masked like its text."""
    log.secrets.mask("123456")
    log.logger.info("pin", extra={"pin": 123456, "other": 123})

    assert (log.line["pin"], log.line["other"]) == (MASK, 123)


def test_a_call_with_wrong_arguments_is_one_line(log: Log) -> None:
    """Python would print a traceback to stderr."""
    log.logger.info("%d things", "no number")

    assert log.line["@message"] == "a log record that cannot be formatted"
    assert log.line["error"] == "TypeError"


def test_a_closed_stream_is_not_an_error(log: Log) -> None:
    """Terraform may be gone already."""
    log.stream.close()

    log.logger.info("nobody reads this")

    assert log.stream.closed


def run(code: str, **environment: str) -> list[dict[str, Any]]:
    """Run code in a process that logs as the provider `example`, and return the lines on its stderr."""
    program = f"""
import asyncio, gc, logging, os, sys, threading, warnings
from terraform_plugin.log import start
from terraform_plugin.masking import mask
start("example", os.environ, sys.stderr, ["ours"])
{code}"""
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)
    assert done.stdout == ""
    return [json.loads(line) for line in done.stderr.splitlines()]


IN_THE_LOOP = """
async def main():
    asyncio.get_running_loop().call_soon(lambda: 1 / 0)
    await asyncio.sleep(0)
asyncio.run(main())"""


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("raise ValueError('token-1')", "uncaught exception"),
        ("t = threading.Thread(target=lambda: 1 / 0); t.start(); t.join()", "uncaught exception"),
        ("class A:\n  def __del__(self): 1 / 0\nA(); gc.collect()", "uncaught exception"),
        ("warnings.warn('token-1')", "UserWarning"),
        (IN_THE_LOOP, "Exception in callback"),
    ],
    ids=["main", "thread", "destructor", "warning", "loop"],
)
def test_an_uncaught_exception_is_one_line(code: str, message: str) -> None:
    """Nothing reaches stderr raw: a person would read it, unmasked."""
    lines = run(f"mask('token-1')\n{code}", TF_LOG="trace")

    assert len(lines) == 1
    assert message in lines[0]["@message"]
    assert "token-1" not in json.dumps(lines)


def test_nothing_is_formatted_when_logging_is_off() -> None:
    """Without TF_LOG an argument's `str` is never asked for, at any level."""
    code = "class A:\n  def __str__(self): print('formatted')\nlogging.critical('%s', A())\nlogging.info('%s', A())"

    assert run(code) == []


def test_other_libraries_only_log_warnings_and_errors() -> None:
    """They write headers, cookies and bodies at lower levels, and a new version may use another name."""
    code = """
for name in ("httpcore2.http11", "httpx2", "botocore.endpoint", "asyncio", "h2", "any"):
    logging.getLogger(name).debug("header")
    logging.getLogger(name).info("header")
logging.getLogger("any").warning("theirs")
logging.getLogger("ours.client").debug("ours")
logging.getLogger("terraform_plugin.rpc").log(5, "ours")
"""
    lines = run(code, TF_LOG="trace")

    assert [line["@message"] for line in lines] == ["theirs", "ours", "ours"]
