"""The page of sources has every anchor that code and documentation cite."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "design" / "0008-sources.md"
ANCHORS = re.findall(r'<a id="([^"]+)"></a>\n### ', PAGE.read_text(encoding="utf-8"))


def test_every_anchor_that_is_cited_exists() -> None:
    """In the page itself, in code, tests and scripts, and in the other pages."""
    files = [
        file for folder in ("src", "tests", "benchmarks", "release", "docs") for file in (ROOT / folder).rglob("*")
    ]
    cited = [
        (file.name, anchor)
        for file in (*files, ROOT / "CONTRIBUTING.md")
        if file.suffix in {".py", ".md", ".json"}
        for anchor in re.findall(r"0008-sources\.md#([\w-]+)", file.read_text(encoding="utf-8"))
    ]
    cited += [(PAGE.name, anchor) for anchor in re.findall(r"\]\(#([\w-]+)\)", PAGE.read_text(encoding="utf-8"))]

    assert cited != []
    assert [citation for citation in cited if citation[1] not in ANCHORS] == []


def test_every_source_is_dated_and_has_one_anchor() -> None:
    """Each entry has an anchor of its own and says which version was read, or when."""
    entries = re.split(r"\n### ", PAGE.read_text(encoding="utf-8"))[1:]
    dated = r"\d+\.\d+|20\d\d|\[\d{4}\]"

    assert len(set(ANCHORS)) == len(ANCHORS) == len(entries)
    assert [entry.splitlines()[0] for entry in entries if not re.search(dated, entry)] == []
