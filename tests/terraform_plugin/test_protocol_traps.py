"""The design page about the protocol's traps says the truth about the tests."""

import ast
import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PAGE = HERE.parents[1] / "docs" / "design" / "0002-protocol-traps.md"
LINES = [line for line in PAGE.read_text().splitlines() if re.match(r"\| \d", line)]
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in LINES]


def names_in(file: Path) -> set[str]:
    return {
        node.name
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def test_every_trap_is_in_the_table() -> None:
    """All 28, in order, each with what makes it impossible."""
    assert [int(number) for number, *_ in ROWS] == list(range(1, 29))
    assert all(trap and construction for _, trap, construction, _ in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_every_trap_has_tests_that_exist(row: list[str]) -> None:
    """By file and name."""
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", row[3])
    assert named
    assert [name for file, name in named if name not in names_in(HERE / file)] == []
