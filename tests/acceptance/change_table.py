"""What someone else changes between a plan and its apply, and what happens.

`test_changes` tries every cell, `fault_page` prints them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

OURS = ("rename", "set the role ARN", "set permissions", "give to another owner", "delete")
"""What Terraform will do, planned before the other change."""

SINCE_PLAN, SINCE_READ = "since the plan", "since our read"
COLUMNS = (*((ours, since) for ours in OURS[:4] for since in (SINCE_PLAN, SINCE_READ)), (OURS[4], SINCE_PLAN))
"""A deletion reads nothing before."""

GONE = "The settings object HERE does not exist"
NOT_THERE = "Not found in Dynatrace"
OTHER_ARN = "The connection already has another role ARN"
NOT_OURS = "The platform token is not allowed to write this"
MORE = "Permissions outside the plan were revoked"


@dataclass(frozen=True)
class Cell:
    """`error` and `warning` are summaries, or "". `kept`: what somebody else wrote is there afterwards.

    Without an error, what we were about to do is done.
    """

    error: str = ""
    kept: bool = True
    warning: str = ""


DONE = Cell()
OVER = Cell(kept=False)
DELETED = Cell(kept=False)


def everywhere(cell: Cell, others: Mapping[tuple[str, str], Cell] | None = None) -> Mapping[tuple[str, str], Cell]:
    """Return the same cell for each of our writes, `others` for those named; a deletion deletes everything."""
    return {column: DELETED if column[0] == "delete" else cell for column in COLUMNS} | dict(others or {})


ROWS: Mapping[str, Mapping[tuple[str, str], Cell]] = {
    "deleted": everywhere(
        Cell(NOT_THERE),
        {
            ("rename", SINCE_PLAN): Cell(GONE),
            ("set the role ARN", SINCE_PLAN): Cell(GONE),
            ("delete", SINCE_PLAN): DONE,
        },
    ),
    "renamed": everywhere(DONE, {("rename", SINCE_PLAN): OVER, ("rename", SINCE_READ): OVER}),
    "the same role ARN set": everywhere(DONE),
    "another role ARN set": everywhere(
        DONE, {("set the role ARN", since): Cell(OTHER_ARN) for since in (SINCE_PLAN, SINCE_READ)}
    ),
    "somebody given access": everywhere(DONE, {("set permissions", SINCE_PLAN): Cell(kept=False, warning=MORE)}),
    "given to another owner": everywhere(
        DONE, {("give to another owner", since): Cell(NOT_OURS) for since in (SINCE_PLAN, SINCE_READ)}
    ),
    "a property set that the provider does not know": everywhere(DONE),
}
"""What someone else does, and the cell for each of our writes."""
