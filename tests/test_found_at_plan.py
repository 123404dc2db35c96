"""The design page about what is found at plan says the truth about the tests."""

import ast
import re
from pathlib import Path

import pytest

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "design" / "0004-found-at-plan.md"
NAMED = re.findall(r"`(\w+\.py)::(\w+)`", PAGE.read_text())
ROWS = [line for line in PAGE.read_text().splitlines() if line.startswith("| ") and not line.startswith("| ---")][1:]


def test_every_line_has_a_test() -> None:
    """Each of the table has one, in its last column."""
    assert len(ROWS) > 10
    assert [row for row in ROWS if not re.search(r"`\w+\.py::\w+` \|$", row)] == []


@pytest.mark.parametrize(("file", "name"), sorted(set(NAMED)))
def test_every_test_that_is_named_exists(file: str, name: str) -> None:
    """By file and name."""
    tree = ast.parse((HERE / "acceptance" / file).read_text())

    assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
