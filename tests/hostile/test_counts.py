"""How many hostile inputs one run of the tests generates."""

import re
from pathlib import Path

from tests.hostile.inputs import COUNTS


def test_a_run_generates_at_least_10000_hostile_inputs() -> None:
    """Of each kind there is a test, and together they are enough; the property tests beside them do not count."""
    tests = "".join(file.read_text() for file in Path(__file__).parent.glob("test_*.py"))
    used = re.findall(r'^@generated\("([\w ]+)"\)$', tests, re.MULTILINE)

    assert set(used) == COUNTS.keys()
    assert sum(COUNTS[kind] for kind in used) >= 10_000
