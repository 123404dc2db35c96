"""Whether vulnerabilities are known: found, none found, and could not look are three different answers."""

import datetime as dt
import json
import re
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import msgspec
import pytest

from release.audit import CLEAN, ROOT, UNKNOWN, VULNERABLE, Report, Vulnerability, answers_in, judge, main, pins

TODAY = dt.date(2026, 11, 24)
BAD = Vulnerability("PYSEC-0000-1", ["CVE-0000-1"], ["1.1"])
REQUIREMENTS = """\
# made by a lock
good==1.0 \\
    --hash=sha256:00
other==2.0 ; sys_platform == 'win32' \\
    --hash=sha256:11
"""


class Osv(BaseHTTPRequestHandler):
    """The service that pip-audit asks: it knows one vulnerability, of `bad`. Source: OSV's API, POST /v1/query."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        known: dict[str, Any] = {"vulns": [affected()]} if asked["package"]["name"] == "bad" else {}
        body = json.dumps(known).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Tests print nothing."""


def affected() -> dict[str, Any]:
    fixed = {"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "1.1"}]}
    package = {"name": "bad", "ecosystem": "PyPI"}
    return {
        "id": "PYSEC-0000-1",
        "aliases": ["CVE-0000-1"],
        "summary": "made up",
        "published": "2026-01-01T00:00:00Z",
        "affected": [{"package": package, "ranges": [fixed]}],
    }


@pytest.fixture
def service() -> Iterator[list[str]]:
    """The options with which pip-audit asks a service that runs here."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Osv)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield ["--vulnerability-service=osv", f"--osv-url=http://127.0.0.1:{server.server_address[1]}/v1/query"]
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A checkout with two pins and a report without answers."""
    (tmp_path / "release").mkdir()
    (tmp_path / "requirements.txt").write_text(REQUIREMENTS)
    (tmp_path / "release" / "audit.json").write_text('{"asked": "2026-01-01", "answers": {}}')
    return tmp_path


def test_what_is_not_vulnerable_is_clean(root: Path, service: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """All packages were checked, for every platform."""
    assert main(service, root) == CLEAN
    assert capsys.readouterr().out == "No known vulnerabilities in 2.\n"


def test_what_is_vulnerable_is_named(root: Path, service: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """With the IDs of the vulnerabilities and the release that fixes them."""
    (root / "requirements.txt").write_text(f"{REQUIREMENTS}bad==1.0 \\\n    --hash=sha256:22\n")

    assert main(service, root) == VULNERABLE
    assert capsys.readouterr().out == (
        "bad==1.0: PYSEC-0000-1, CVE-0000-1; fixed in 1.1\nNo known vulnerabilities in the other 2.\n"
    )


def test_an_unreachable_service_does_not_count_as_no_vulnerabilities(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The output says that nothing was checked."""
    status = main(["--vulnerability-service=osv", "--osv-url=http://127.0.0.1:1/v1/query"], root)

    assert status == UNKNOWN
    said = capsys.readouterr().out
    assert "COULD NOT CHECK 2 of 2: good==1.0, other==2.0.\n" in said
    assert "No known vulnerabilities" not in said


def test_shipped_answers_are_used_if_the_service_cannot_be_reached(
    root: Path, service: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """They count where the service cannot be reached, and are shown with their date."""
    main([*service, "--write"], root)
    capsys.readouterr()

    assert main(["--vulnerability-service=osv", "--osv-url=http://127.0.0.1:1/v1/query"], root) == CLEAN
    assert "2 of 2 answers are from release/audit.json (20" in capsys.readouterr().out


def test_a_skipped_package_counts_as_not_checked() -> None:
    """pip-audit itself ends with status 0 and "No known vulnerabilities found" in these cases."""
    reason = "Dependency not found and could not be audited: b (1.0)"
    printed = {"dependencies": [{"name": "a", "version": "1.0", "vulns": []}, {"name": "b", "skip_reason": reason}]}

    assert answers_in(json.dumps(printed).encode()) == {"a==1.0": []}


@pytest.mark.parametrize(
    ("live", "shipped", "asked", "status"),
    [
        ({"a==1": []}, {}, TODAY, CLEAN),
        ({"a==1": [BAD]}, {}, TODAY, VULNERABLE),
        ({}, {}, TODAY, UNKNOWN),
        ({"b==1": []}, {"b==1": []}, TODAY, UNKNOWN),
        ({}, {"a==1": []}, TODAY - dt.timedelta(days=30), CLEAN),
        ({}, {"a==1": [BAD]}, TODAY, VULNERABLE),
        ({}, {"a==1": []}, TODAY - dt.timedelta(days=31), UNKNOWN),
        ({"a==1": []}, {"a==1": [BAD]}, TODAY, CLEAN),
        ({"a==1": [BAD]}, {"a==1": []}, TODAY, VULNERABLE),
    ],
)
def test_a_current_answer_takes_precedence_and_an_old_one_does_not_count(
    live: dict[str, list[Vulnerability]], shipped: dict[str, list[Vulnerability]], asked: dt.date, status: int
) -> None:
    """Vulnerabilities in old releases are found every week."""
    assert judge(["a==1"], live, Report(asked, shipped), TODAY).status == status


def test_one_vulnerability_weighs_more_than_anything_unknown() -> None:
    """Both are shown, and the exit status is the one of the vulnerability."""
    verdict = judge(["a==1", "b==1"], {"a==1": [BAD]}, Report(TODAY, {}), TODAY)

    assert (verdict.status, [*verdict.vulnerable], verdict.unanswered) == (VULNERABLE, ["a==1"], ["b==1"])


def test_every_pinned_package_is_checked() -> None:
    """Hashes, comments and platforms are not part of a pin."""
    assert pins(REQUIREMENTS) == ["good==1.0", "other==2.0"]
    locked = (ROOT / "requirements.txt").read_text()
    assert len(pins(locked)) == len(re.findall(r"^\S+==", locked, re.MULTILINE)) > 80


def test_a_long_list_of_unchecked_packages_is_shortened(capsys: pytest.CaptureFixture[str], root: Path) -> None:
    """All of them usually have the same cause."""
    (root / "requirements.txt").write_text("".join(f"many{number}==1.0 \\\n" for number in range(12)))

    main(["--vulnerability-service=osv", "--osv-url=http://127.0.0.1:1/v1/query"], root)

    assert "COULD NOT CHECK 12 of 12: many0==1.0, many10==1.0, many11==1.0, " in (said := capsys.readouterr().out)
    assert " and 2 more.\n" in said


def test_the_report_that_is_shipped_can_be_read() -> None:
    """Its date is not in the future, and it has one answer for each pin."""
    shipped = msgspec.json.decode((ROOT / "release" / "audit.json").read_bytes(), type=Report)

    assert shipped.asked <= dt.datetime.now(dt.UTC).date()
    assert [pin for pin in shipped.answers if "==" not in pin] == []
