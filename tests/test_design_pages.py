"""The tables of the design pages are whole, and the tests that they name exist."""

import ast
import re
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
DESIGN = TESTS.parent / "docs" / "design"
FOLDERS = {
    "0002-protocol-traps.md": TESTS / "terraform_plugin",
    "0004-found-at-plan.md": TESTS / "acceptance",
    "0007-threat-model.md": TESTS,
    "0011-security-review.md": TESTS,
    "0012-cases.md": TESTS,
    "0013-settings-api.md": TESTS,
}
"""The pages whose tables name a test in each row, and the folder that their paths are relative to."""
TEST = re.compile(r"`([\w/]+\.py)::(\w+)`")


def text_of(page: str) -> str:
    return (DESIGN / page).read_text(encoding="utf-8")


def rows_of(page: str) -> list[list[str]]:
    """Return the cells of each row of a page's table, without its header."""
    [table] = re.findall(r"^\| [^\n]+ \|\n\| ---[^\n]+\n((?:\|[^\n]+\n)+)", text_of(page), re.MULTILINE)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()]


def defined_in(file: Path) -> set[str]:
    """Return the names of the tests in a file."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return {node.name for node in tree.body if isinstance(node, kinds) and node.name.startswith("test_")}


@pytest.mark.parametrize("page", FOLDERS)
def test_every_row_is_whole_and_names_a_test(page: str) -> None:
    """No cell of a table is empty, and the last one of each row names a test by file and name."""
    rows = rows_of(page)

    assert rows
    assert [row for row in rows if not all(row) or not TEST.search(row[-1])] == []


@pytest.mark.parametrize("page", FOLDERS)
def test_every_test_that_a_page_names_exists(page: str) -> None:
    """In a table or in the text: each `file.py::name` is a test in that file."""
    named = set(TEST.findall(text_of(page)))

    assert {(file, name) for file, name in named if name not in defined_in(FOLDERS[page] / file)} == set()


@pytest.mark.parametrize("page", ["0002-protocol-traps.md", "0007-threat-model.md"])
def test_rows_are_numbered_in_order(page: str) -> None:
    """Pitfalls and threats have numbers, without a gap, that other texts can cite."""
    rows = rows_of(page)

    assert [number for number, *_ in rows] == [str(number) for number in range(1, len(rows) + 1)]


def test_the_protocols_pitfalls_are_as_many_as_the_page_says() -> None:
    """The first paragraph of the page of pitfalls says how many the table has."""
    [count] = re.findall(r"(\d+) pitfalls", text_of("0002-protocol-traps.md"))

    assert len(rows_of("0002-protocol-traps.md")) == int(count)


def test_every_attacker_of_the_threat_model_is_described_and_attacks() -> None:
    """Whoever a threat names is on the list of attackers, and everybody on the list is named by a threat."""
    attackers = set(re.findall(r"^- \*\*(A\d)\*\*", text_of("0007-threat-model.md"), re.MULTILINE))

    assert {one for _, who, *_ in rows_of("0007-threat-model.md") for one in who.split(", ")} == attackers


def test_the_architecture_lists_every_design_page() -> None:
    """A reader who begins there finds all others."""
    listed = re.findall(r"^\| \[\d+\]\(([\w.-]+)\)", text_of("0001-architecture.md"), re.MULTILINE)

    assert listed == sorted(path.name for path in DESIGN.glob("*.md") if not path.name.startswith("0001"))


def test_the_points_that_tests_name_are_on_the_page_of_the_settings_api() -> None:
    """A docstring that begins with `A1:` or `B5:` is about a row of that page."""
    named = {
        point
        for file in (TESTS / "dynatrace_sandbox").rglob("test_*.py")
        for points in re.findall(r'^    """((?:[ABC]\d+(?:, )?)+)[:.]', file.read_text(encoding="utf-8"), re.MULTILINE)
        for point in points.split(", ")
    }

    assert named
    assert named <= {point for point, *_ in rows_of("0013-settings-api.md")}
