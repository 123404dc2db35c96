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
    test_outages,
    test_rate_limit,
    test_several_at_once,
)
from tests.acceptance.fault_table import COLUMNS, ROWS, STORIES, Cell, Story

_HEAD = """# 0003 Faults

What happens when a request fails, a process is interrupted, or somebody else changes the same object. This page is
printed by `python -m tests.acceptance.fault_page` from the tables that `tests/acceptance/test_faults.py` tests cell by
cell. Do not edit it by hand.

## What the client does

Each fault affects the request of its column once, unless the row says otherwise. A cell shows the outcome, how often
the request was sent, and how many seconds the client waited between attempts. The seconds are an upper limit: where the
server does not ask for a pause, up to half of it is random.

`max_retries` is not set, so time is the limit. The client of this table has no deadline, like that of `-export`, and
gives up after 2 minutes. In Terraform, it waits for an environment that is not available for as long as the operation
has time. "Connection refused" is at a host that has not responded to any request before.

"POST owner" transfers an object to another owner. "POST configuration" and "PUT configuration" are about a monitoring
configuration. The Extensions API has no external IDs. So if the server may have acted, the client looks for the new
configuration in the list, and sends the POST again only if it is not there.

"Done" means done once: one new object after a POST, the new owner or name after a transfer or a PUT, no object after a
DELETE. After an error, nothing has changed, unless the cell says that the server acted. The error of a POST of a
settings object contains the external ID that identifies the object.
"""
_TERRAFORM = """
## What users of Terraform see

The same faults during commands of the real Terraform: how often the affected request was sent, how many seconds the
provider waited (an upper limit, as above), and the name of the connection in Dynatrace and in the state afterwards.
"""
_STORY = ("fault", "during", "outcome", "requests", "waiting time", "in Dynatrace", "in the state")
_CHANGES = """
## Changes by somebody else

What somebody else does to the connection just before Terraform writes to it: after the plan, or between the read and
the write of the provider (`tests/acceptance/test_changes.py`). "Done" means that the planned change was made; after an
error, no part of it was. A deletion does not read the object first and removes it with all changes.
"""
_BEYOND = """
## Beyond one request

Interrupted and killed processes, outages, servers with low rate limits or without responses, several runs at the same
time, and hostile names. The first two columns are the names and docstrings of the tests.
"""
_MODULES = (
    test_interrupts,
    test_operation_timeout,
    test_outages,
    test_rate_limit,
    test_several_at_once,
    test_hostile_names,
)


def page() -> str:
    """Return the whole page."""
    faults = ((name, *(_cell(row.cells[column]) for column in COLUMNS)) for name, row in ROWS.items())
    client = _table(("fault", *COLUMNS), faults)
    stories = _table(_STORY, map(_story, STORIES))
    others = ((theirs, *(_change(row[column]) for column in changes.COLUMNS)) for theirs, row in changes.ROWS.items())
    elsewhere = _table(("change by somebody else", *map(", ".join, changes.COLUMNS)), others)
    return f"{_HEAD}\n{client}{_TERRAFORM}\n{stories}{_CHANGES}\n{elsewhere}{_BEYOND}\n{_beyond()}"


def _beyond() -> str:
    tests = ((module, test) for module in _MODULES for name, test in vars(module).items() if name.startswith("test_"))
    rows = ((_words(test.__name__), " ".join(str(test.__doc__).split()), _file(module)) for module, test in tests)
    return _table(("situation", "result", "test"), rows)


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
    return f"{outcome}; {'their change is kept' if cell.kept else 'their change is lost'}{warning}"


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
