"""`make audit`: checks everything that requirements.txt pins for known vulnerabilities.

It runs pip-audit. For a package without an answer, the answer shipped with the source (`audit.json`) is used for 30
days. The exit status is 0 if everything was answered and nothing is vulnerable, 1 if something is vulnerable, and 2 if
something could not be checked. pip-audit does not distinguish the last case: it reports "No known vulnerabilities
found" for it, too.
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
"""How long a shipped answer is valid."""

CLEAN, VULNERABLE, UNKNOWN = 0, 1, 2
"""Exit statuses."""


class Vulnerability(Struct, frozen=True):
    """A known vulnerability: its ID, other names for it, and the versions that fix it."""

    id: str
    aliases: list[str] = []
    fix_versions: list[str] = []


Answers = Mapping[str, Sequence[Vulnerability]]
"""The vulnerabilities of each pin ("name==version"). A pin that is missing was not answered."""


class Report(Struct, frozen=True):
    """Answers, and the day on which they were requested."""

    asked: dt.date
    answers: dict[str, list[Vulnerability]]


class Verdict(Struct, frozen=True):
    """The result: vulnerabilities by pin, pins without an answer, and the number of answers from the report."""

    vulnerable: dict[str, Sequence[Vulnerability]]
    unanswered: list[str]
    shipped: int

    @property
    def status(self) -> int:
        """The exit status."""
        return VULNERABLE if self.vulnerable else UNKNOWN if self.unanswered else CLEAN


class _Audited(Struct, frozen=True):
    """One entry of pip-audit's JSON. An entry with a `skip_reason` is not an answer."""

    name: str
    version: str = ""
    vulns: list[Vulnerability] = []
    skip_reason: str = ""


class _PipAudit(Struct, frozen=True):
    dependencies: list[_Audited]


def pins(requirements: str) -> list[str]:
    """Return "name==version" for everything that a requirements file pins, for all platforms."""
    lines = (line.removesuffix("\\").strip() for line in requirements.splitlines() if "==" in line)
    found = (Requirement(line) for line in lines if not line.startswith(("#", "--")))
    return sorted(f"{one.name}{one.specifier}" for one in found)


def answers_in(printed: bytes) -> dict[str, list[Vulnerability]]:
    """Return the answers in pip-audit's JSON. Raises `msgspec.MsgspecError` if it is not JSON of pip-audit."""
    audited = msgspec.json.decode(printed, type=_PipAudit).dependencies
    return {f"{one.name}=={one.version}": one.vulns for one in audited if not one.skip_reason}


def judge(wanted: Sequence[str], live: Answers, report: Report, today: dt.date) -> Verdict:
    """Return the result for the pins `wanted`: live answers first, otherwise those of a report that is still valid."""
    shipped = report.answers if today - report.asked <= COUNTS_FOR else {}
    known = {pin: live.get(pin, shipped.get(pin)) for pin in wanted}
    return Verdict(
        {pin: found for pin, found in known.items() if found},
        [pin for pin, found in known.items() if found is None],
        sum(pin in shipped and pin not in live for pin in wanted),
    )


def ask(wanted: Sequence[str], *options: str) -> tuple[dict[str, list[Vulnerability]], str]:
    """Run pip-audit with additional `options`. Return its answers, or its last line of output if it could not ask."""
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
        return {}, (ended.stderr.decode(errors="replace").strip().splitlines() or ["no output"])[-1]


def told(verdict: Verdict, report: Report, count: int, trouble: str) -> Iterator[str]:
    """Yield the lines to print for `count` pins. `trouble` says why pip-audit could not ask."""
    for pin, found in verdict.vulnerable.items():
        for one in found:
            names = ", ".join((one.id, *one.aliases))
            yield f"{pin}: {names}; fixed in {', '.join(one.fix_versions) or 'no release yet'}"
    if verdict.shipped:
        yield f"{verdict.shipped} of {count} answers are from release/audit.json ({report.asked})."
    if missing := len(verdict.unanswered):
        yield f"COULD NOT CHECK {missing} of {count}: {_shortened(verdict.unanswered)}."
        yield f"pip-audit got no answer{': ' + trouble if trouble else ''}. Run this where its service can be reached."
    if fine := count - missing - len(verdict.vulnerable):
        yield f"No known vulnerabilities in {'the other ' if fine < count else ''}{fine}."


def _shortened(names: Sequence[str], most: int = 10) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"


def main(arguments: Sequence[str], root: Path = ROOT) -> int:
    """Run pip-audit, print the result, and return the exit status."""
    parser = argparse.ArgumentParser(prog="make audit", description="Checks pinned versions for known vulnerabilities.")
    parser.add_argument("--write", action="store_true", help="write the answers to release/audit.json")
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
