"""The design page about threats says the truth about the tests."""

import ast
import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PAGE = (HERE.parent / "docs" / "design" / "0007-threat-model.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in PAGE.splitlines() if re.match(r"\| \d", line)]


def names_in(file: Path) -> set[str]:
    return {
        node.name
        for node in ast.parse(file.read_text()).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def test_every_threat_has_an_attacker_and_an_answer() -> None:
    """Numbered in order; whoever attacks is described, and everybody described attacks."""
    attackers = set(re.findall(r"^- \*\*(A\d)\*\*", PAGE, re.MULTILINE))

    assert [int(number) for number, *_ in ROWS] == list(range(1, len(ROWS) + 1))
    assert {one for _, who, *_ in ROWS for one in who.split(", ")} == attackers
    assert all(threat and done for _, _, threat, done, _ in ROWS)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_every_answer_has_tests_that_exist(row: list[str]) -> None:
    """By file and name."""
    named = re.findall(r"`([\w/]+\.py)::(\w+)`", row[4])

    assert named
    assert [name for file, name in named if name not in names_in(HERE / file)] == []
