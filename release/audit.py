"""`make audit`: whether a vulnerability is known of anything that requirements.txt pins.

pip-audit asks. Where it gets no answer, one that was shipped with the source (`audit.json`) counts for a month. The
exit status is 0 if everything was answered and nothing is vulnerable, 1 if something is, 2 if something has no answer:
"nothing found" and "could not look" are not the same, and pip-audit says the first for both.
"""

from __future__ import annotations

import argparse
import datetime as dt
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
from msgspec import Struct
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
COUNTS_FOR = dt.timedelta(days=30)
"""How long a shipped answer is one."""

CLEAN, VULNERABLE, UNKNOWN = 0, 1, 2
"""Exit statuses."""


class Vulnerability(Struct, frozen=True):
    """What is known: its id, its other names, and the versions without it."""

    id: str
    aliases: list[str] = []
    fix_versions: list[str] = []


Answers = Mapping[str, Sequence[Vulnerability]]
"""What is known of a pin ("name==version"). One that is not among them was not answered."""


class Report(Struct, frozen=True):
    """Answers, and the day on which they were given."""

    asked: dt.date
    answers: dict[str, list[Vulnerability]]


class Verdict(Struct, frozen=True):
    """What came out: vulnerabilities by pin, pins without an answer, and how many answers came from the report."""

    vulnerable: dict[str, Sequence[Vulnerability]]
    unanswered: list[str]
    shipped: int

    @property
    def status(self) -> int:
        """The exit status."""
        return VULNERABLE if self.vulnerable else UNKNOWN if self.unanswered else CLEAN


class _Audited(Struct, frozen=True):
    """A line of pip-audit's JSON. With a `skip_reason` there was no answer."""

    name: str
    version: str = ""
    vulns: list[Vulnerability] = []
    skip_reason: str = ""


class _PipAudit(Struct, frozen=True):
    dependencies: list[_Audited]


def pins(requirements: str) -> list[str]:
    """Return "name==version" for everything that a requirements file pins, on whatever platform."""
    lines = (line.removesuffix("\\").strip() for line in requirements.splitlines() if "==" in line)
    found = (Requirement(line) for line in lines if not line.startswith(("#", "--")))
    return sorted(f"{one.name}{one.specifier}" for one in found)


def answers_in(printed: bytes) -> dict[str, list[Vulnerability]]:
    """Return what pip-audit's JSON answers. Raises `msgspec.MsgspecError` if that is no JSON of its."""
    audited = msgspec.json.decode(printed, type=_PipAudit).dependencies
    return {f"{one.name}=={one.version}": one.vulns for one in audited if not one.skip_reason}


def judge(wanted: Sequence[str], live: Answers, report: Report, today: dt.date) -> Verdict:
    """Return what is known of the pins `wanted`: by what was answered now, else by a report that is not too old."""
    shipped = report.answers if today - report.asked <= COUNTS_FOR else {}
    known = {pin: live.get(pin, shipped.get(pin)) for pin in wanted}
    return Verdict(
        {pin: found for pin, found in known.items() if found},
        [pin for pin, found in known.items() if found is None],
        sum(pin in shipped and pin not in live for pin in wanted),
    )


def ask(wanted: Sequence[str], *options: str) -> tuple[dict[str, list[Vulnerability]], str]:
    """Return what pip-audit answers, called with further `options`, and its last words where it could not ask."""
    with tempfile.TemporaryDirectory(prefix="audit-") as folder:
        requirements = Path(folder, "requirements.txt")
        requirements.write_text("\n".join(wanted) + "\n", encoding="utf-8")
        ended = subprocess.run(  # noqa: S603  # the arguments are ours
            [sys.executable, "-m", "pip_audit", "--requirement", requirements, "--no-deps", "--disable-pip",
             "--format=json", "--progress-spinner=off", f"--cache-dir={folder}/cache", *options],
            capture_output=True,
            check=False,
        )  # fmt: skip
    try:
        return answers_in(ended.stdout), ""
    except msgspec.MsgspecError:
        return {}, (ended.stderr.decode(errors="replace").strip().splitlines() or ["it said nothing"])[-1]


def told(verdict: Verdict, report: Report, count: int, trouble: str) -> Iterator[str]:
    """Yield what a person should read, in lines: of `count` pins, and why some were not answered."""
    for pin, found in verdict.vulnerable.items():
        for one in found:
            names = ", ".join((one.id, *one.aliases))
            yield f"{pin}: {names}; mended in {', '.join(one.fix_versions) or 'no release yet'}"
    if verdict.shipped:
        yield f"{verdict.shipped} of {count} answers are of {report.asked}, from release/audit.json."
    if missing := len(verdict.unanswered):
        yield f"COULD NOT CHECK {missing} of {count}: {_shortened(verdict.unanswered)}."
        yield f"pip-audit got no answer{': ' + trouble if trouble else ''}. Run this where its service is reached."
    if fine := count - missing - len(verdict.vulnerable):
        yield f"Of {'the other ' if fine < count else ''}{fine} no vulnerability is known."


def _shortened(names: Sequence[str], most: int = 10) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"


def main(arguments: Sequence[str], root: Path = ROOT) -> int:
    """Ask, say what came out, and return the exit status."""
    parser = argparse.ArgumentParser(prog="make audit", description="Looks for vulnerabilities of what is pinned.")
    parser.add_argument("--write", action="store_true", help="ship these answers with the source: release/audit.json")
    own, options = parser.parse_known_args(arguments)
    wanted = pins((root / "requirements.txt").read_text(encoding="utf-8"))
    shipped = root / "release" / "audit.json"
    today = dt.datetime.now(dt.UTC).date()
    live, trouble = ask(wanted, *options)
    if own.write:
        shipped.write_bytes(msgspec.json.format(msgspec.json.encode(Report(today, live)), indent=1) + b"\n")
    report = msgspec.json.decode(shipped.read_bytes(), type=Report)
    verdict = judge(wanted, live, report, today)
    sys.stdout.write("".join(f"{line}\n" for line in told(verdict, report, len(wanted), trouble)))
    return verdict.status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
