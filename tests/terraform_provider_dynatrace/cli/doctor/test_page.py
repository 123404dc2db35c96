"""The HTML page: what is in it, and where it is written. tests/browser/test_doctor_page.py opens it in a browser."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from terraform_plugin import Error
from terraform_plugin.masking import mask
from terraform_provider_dynatrace.cli.doctor.monitoring import Monitored
from terraform_provider_dynatrace.cli.doctor.page import check_target, page, write_page

from .overviews import FAILED, FOLLOWS, NOT_CHECKED, PASSED, ROLE, WARNING, overview, row

VOID = {"meta", "input", "wbr", "br"}
HOSTILE = "</title></script><script>alert(1)</script><img src=x onerror=alert(1)>\"'&\x1b\u202e\ud800"


class Elements(HTMLParser):
    """Collects the elements of a page, its texts, and checks that every element is closed where it was opened."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert self._open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.found if name == tag]

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.texts))


def test_the_page_shows_every_connection_with_what_fails_and_how_to_correct_it() -> None:
    """The worst first; what only follows from another finding is left out."""
    monitored = Monitored("enabled", '"production" (ID), enabled, uses this connection')
    rows = [row("works", PASSED, owner="", monitored=monitored), row("broken", PASSED, FAILED, FOLLOWS)]

    shown = Elements(page(overview(*rows, row("open", PASSED, WARNING))))

    assert [cell["data-label"] for cell in shown.all("td")[:6] if "data-label" in cell] == [
        *("Verdict", "Kind", "Consumers", "Role", "Owner", "Monitoring")
    ]
    text = shown.text
    assert text.index("broken") < text.index("open web identity") < text.index("works")
    assert "Failed: The condition holds It does not <really>. Write another." in text
    assert "ID and 1 check that passed ID-broken The role exists" in text
    assert "Correct what failed above" not in text
    assert "Warning, not ensured: Only this connection can use the role Others can. Add a condition." in text
    assert '"production" (ID), enabled, uses this connection' in text
    assert "checked 26 November 2026, 00:00 UTC" in text
    assert "1 fails 2 ok 1 lets others in" in text
    assert ROLE in text.replace(": ", ":").replace("/ ", "/")


def test_the_same_reason_is_shown_once_for_all_that_were_not_checked() -> None:
    """Each row links to it. A reason that one connection has is in its row."""
    other = NOT_CHECKED.__class__(NOT_CHECKED.outcome, "No statement denies it", "It may.", "Look.")

    shown = Elements(
        page(overview(row("a", NOT_CHECKED), row("b", NOT_CHECKED), row("c", other), unreadable=["No ID."]))
    )

    assert [link["href"] for link in shown.all("a")] == ["#reason-1", "#reason-1"]
    assert [item["id"] for item in shown.all("li") if "id" in item] == ["reason-1"]
    assert "2 connections Not checked: The role can be read It cannot. Log in." in shown.text
    assert "A connection could not be read No ID." in shown.text
    assert shown.text.count("No statement denies it") == 1


@pytest.mark.parametrize("field", ["name", "connection_id", "kind", "consumers", "owner", "role_arn", "monitored"])
def test_text_from_elsewhere_is_never_markup(field: str) -> None:
    """Whoever names a connection, a role or a configuration must not control the page."""
    value = {"consumers": [HOSTILE], "monitored": Monitored("enabled", HOSTILE)}.get(field, HOSTILE)
    plain = Elements(page(overview(row("a", FAILED))))

    hostile = page(overview(row(**{"name": "a", field: value}), unreadable=[HOSTILE]))  # type: ignore[arg-type]
    shown = Elements(hostile)

    assert len(shown.all("script")) == len(plain.all("script")) == 1
    assert shown.all("img") == []
    assert not any(name.startswith("on") for _, attributes in shown.found for name in attributes)
    assert not {"\x1b", "\u202e", "\ud800"} & set(hostile)
    assert "\\u001b\\u202e\\ud800" in hostile


def test_the_policy_of_the_page_allows_its_own_style_and_script_only() -> None:
    """The hashes are those of the elements, and nothing is loaded."""
    text = page(overview(row("a", FAILED)))
    [policy] = [meta["content"] or "" for meta in Elements(text).all("meta") if "http-equiv" in meta]

    for name in ("style", "script"):
        [content] = re.findall(rf"<{name}>(.*?)</{name}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{name}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; ")
    assert {"src", "style"} & {name for _, attributes in Elements(text).found for name in attributes} == set()
    assert "http://" not in text
    assert "url(" not in text


def test_a_page_of_no_connections_is_a_page() -> None:
    """It says so, without an empty table and without a filter for it."""
    shown = Elements(page(overview(unreadable=["No ID."])))

    assert "No AWS connections that the credential may read." in shown.text
    assert "A connection could not be read No ID." in shown.text
    assert [shown.all(name) for name in ("table", "input", "script")] == [[], [], []]


def test_a_page_of_one_connection_has_no_order() -> None:
    """Its ID is shown also if no check passed."""
    text = Elements(page(overview(row("broken", FAILED)))).text

    assert "1 connection. Verdict" in text
    assert "ID ID-broken" in text


def test_the_page_is_written_in_one_step_and_masked(tmp_path: Path) -> None:
    """Also over a page that this command wrote earlier."""
    mask("a-secret-of-dynatrace")
    path = tmp_path / "report.html"

    for name in ("first", "a-secret-of-dynatrace"):
        check_target(path)
        write_page(path, overview(row(name, PASSED)))

    text = path.read_text()
    assert "a-secret-of-dynatrace" not in text
    assert "(sensitive value)" in text
    assert [one.name for one in tmp_path.iterdir()] == ["report.html"]


def test_what_this_command_did_not_write_is_not_overwritten(tmp_path: Path) -> None:
    """A configuration, a folder, a link, a pipe; and a folder that does not exist is not created."""
    (tmp_path / "main.tf").write_text("resource")
    (tmp_path / "link.html").symlink_to(tmp_path / "main.tf")
    (tmp_path / "dangling.html").symlink_to(tmp_path / "nowhere")
    os.mkfifo(tmp_path / "pipe.html")
    reasons = {
        "main.tf": "this command did not write it",
        "link.html": "not a regular file",
        "dangling.html": "not a regular file",
        "pipe.html": "not a regular file",
        ".": "not a regular file",
        "new/report.html": "There is no folder",
    }

    for name, reason in reasons.items():
        with pytest.raises(Error, match="Cannot write the HTML page") as caught:
            check_target(tmp_path / name)
        assert reason in caught.value.detail
        assert str(tmp_path / name) in caught.value.detail
    assert (tmp_path / "main.tf").read_text() == "resource"


def test_a_failure_to_write_is_named(tmp_path: Path) -> None:
    """The folder was removed in the meantime, and a file is in its place."""
    (tmp_path / "file").write_text("")

    with pytest.raises(Error, match="Cannot write the HTML page"):
        write_page(tmp_path / "file" / "report.html", overview())
