"""Print `docs/design/0003-faults.md` from the fault table: `python -m tests.acceptance.fault_page`."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from types import ModuleType

from tests.acceptance import change_table as changes
from tests.acceptance import (
    test_hostile_names,
    test_interrupts,
    test_operation_timeout,
    test_rate_limit,
    test_several_at_once,
)
from tests.acceptance.fault_table import COLUMNS, ROWS, STORIES, Cell, Story

_HEAD = """# 0003 Faults, and what is left after them

Printed by `python -m tests.acceptance.fault_page` from the table that `tests/acceptance/test_faults.py` tries cell by
cell, so nothing stands here that was not seen. Do not edit it by hand.

## What the client does

Each fault strikes the request of its column once, unless it says more, with the default `max_retries` of 5. A cell says
what came of it, how often the request was sent, and how many seconds were waited in between: at most, since up to half
of a pause that the server did not ask for is jitter. What is done is done once: afterwards there is one new object
after a POST, the new name after a PUT, no object after a DELETE. After an error nothing has changed, unless the cell
says that the server acted; the error of such a POST names the external id by which the object is found.
"""
_TERRAFORM = """
## What Terraform's user sees

The same faults under commands of the real Terraform: how often the struck request was sent, how many seconds the
provider waited in between (at most, as above), and the name of the connection in Dynatrace and in the state then.
"""
_STORY = ("fault", "during", "outcome", "requests", "waiting time", "in Dynatrace", "in the state")
_CHANGES = """
## When somebody else was faster

What somebody else does to the connection while Terraform is about to write to it: after the plan, or between what the
provider reads for the write and the write itself (`tests/acceptance/test_changes.py`). Done means that what was planned
is done; after an error nothing of it is. A deletion reads nothing before, and what it deletes is gone with everything.
"""
_BEYOND = """
## Beyond one request

Interrupts and kills, servers that allow little or answer nothing, several runs at once, hostile names: the tests, in
their own words.
"""
_MODULES = (test_interrupts, test_operation_timeout, test_rate_limit, test_several_at_once, test_hostile_names)


def page() -> str:
    """Return the whole page."""
    faults = ((name, *(_cell(row.cells[column]) for column in COLUMNS)) for name, row in ROWS.items())
    client = _table(("fault", *COLUMNS), faults)
    stories = _table(_STORY, map(_story, STORIES))
    others = ((theirs, *(_change(row[column]) for column in changes.COLUMNS)) for theirs, row in changes.ROWS.items())
    elsewhere = _table(("somebody else", *map(", ".join, changes.COLUMNS)), others)
    return f"{_HEAD}\n{client}{_TERRAFORM}\n{stories}{_CHANGES}\n{elsewhere}{_BEYOND}\n{_beyond()}"


def _beyond() -> str:
    tests = ((module, test) for module in _MODULES for name, test in vars(module).items() if name.startswith("test_"))
    rows = ((_words(test.__name__), " ".join(str(test.__doc__).split()), _file(module)) for module, test in tests)
    return _table(("what", "what comes of it", "where"), rows)


def _words(name: str) -> str:
    return name.removeprefix("test_").replace("_", " ")


def _file(module: ModuleType) -> str:
    return f"`{module.__name__.rpartition('.')[2]}.py`"


def _cell(cell: Cell) -> str:
    acted = ", but the server acted" if cell.acted else ""
    outcome = f"error: {cell.error}{acted}" if cell.error else "done"
    return f"{outcome}; {_times(cell.requests)}, {cell.seconds:g} s"


def _change(cell: changes.Cell) -> str:
    outcome = f"error: {cell.error}" if cell.error else "done"
    warning = f", with the warning: {cell.warning}" if cell.warning else ""
    return f"{outcome}; {'theirs is kept' if cell.kept else 'theirs is gone'}{warning}"


def _times(count: int) -> str:
    return {0: "never arrived", 1: "sent once", 2: "sent twice"}.get(count, f"sent {count} times")


def _story(story: Story) -> Iterable[str]:
    outcome = f"error: {story.error}" if story.error else "done"
    during = f"{story.command} ({story.credentials})"
    there = (story.dynatrace or "nothing", story.state or "nothing")
    return (story.fault, during, outcome, str(story.requests), f"{story.seconds:g} s", *there)


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    lines = [list(head), *(list(row) for row in rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    sys.stdout.write(page())
