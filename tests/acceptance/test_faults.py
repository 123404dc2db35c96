"""The fault table, cell by cell: the real client over real sockets, and the real Terraform for what users see."""

import re
from fnmatch import fnmatchcase
from pathlib import Path

import pytest

from dynatrace_sandbox.testing import RunningSandbox
from terraform_plugin.testing import Terraform, TerraformFailed
from tests.acceptance.configurations import connection
from tests.acceptance.fault_page import page
from tests.acceptance.fault_runs import OPERATIONS, run
from tests.acceptance.fault_table import COLUMNS, ROWS, STORIES, STRUCK, Row, Script, Story

ADDRESS = "dynatrace_aws_connection.this"
PAGE = Path(__file__).parents[2] / "docs" / "design" / "0003-faults.md"
CELLS = [(fault, column) for fault in ROWS for column in COLUMNS]
COMMANDS = {"create": ("apply", "production"), "read": ("plan", "production"), "update": ("apply", "renamed")}


@pytest.mark.parametrize(("fault", "column"), CELLS)
async def test_every_fault_at_every_operation(sandbox: RunningSandbox, fault: str, column: str) -> None:
    """The result, what exists afterwards, the requests and the pauses are those of the table."""
    row, operation = ROWS[fault], OPERATIONS[column]
    cell = row.cells[column]

    happened = await run(sandbox, operation, row.script)

    assert happened.error == cell.error
    assert happened.names == (operation.done if cell.acted or not cell.error else operation.before)
    assert happened.requests == cell.requests
    assert _fits(row, cell.seconds, happened.waited)


def _fits(row: Row, expected: float, waited: float) -> bool:
    """Compare virtual seconds. Until a moment that the server names, real ones pass too."""
    return expected / 2 < waited <= expected if row.moment else waited == pytest.approx(expected)


@pytest.mark.parametrize("story", STORIES, ids=lambda story: f"{story.command}-{story.fault}")
def test_every_story_with_real_terraform(terraform: Terraform, sandbox: RunningSandbox, story: Story) -> None:
    """The result of the command, and what Dynatrace and the state contain afterwards."""
    terraform.environ |= sandbox.environ(story.credentials)
    if story.credentials != "api-token":
        del terraform.environ["DYNATRACE_API_TOKEN"]
    if story.command in ("read", "update", "delete"):
        _run(terraform, "apply", "production")
    struck, script = STRUCK[story.command], ROWS[story.fault].script
    assert script is not None
    before, logged = _count(sandbox, struck), len(terraform.log)
    fault = sandbox.fault(**{**struck, **script})

    errors = _errors(terraform, story)

    assert fault.applied > 0
    assert errors == ([story.error] if story.error else [])
    assert [found["value"]["name"] for found in sandbox.objects()] == ([story.dynatrace] if story.dynatrace else [])
    assert terraform.state().get(ADDRESS, {"name": ""})["name"] == story.state
    assert _count(sandbox, struck) - before == story.requests
    assert (
        story.seconds * 0.4 <= _waited(terraform.log[logged:]) <= story.seconds
    )  # half is jitter, a tenth is rounding
    sandbox.clear_faults()


def _count(sandbox: RunningSandbox, struck: Script) -> int:
    found = sandbox.requests(struck["method"], struck["path"])
    return sum(fnmatchcase(request["query"], struck.get("query", "*")) for request in found)


def _waited(log: str) -> float:
    """Return the seconds that the provider's log says it waited."""
    return round(sum(map(float, re.findall(r"retrying in ([0-9.]+) seconds", log))), 1)


def _errors(terraform: Terraform, story: Story) -> list[str]:
    command, name = COMMANDS.get(story.command, ("apply", "production"))
    try:
        _run(terraform, "destroy" if story.command == "delete" else command, name)
    except TerraformFailed as failed:
        return [error.summary for error in failed.errors]
    return []


def _run(terraform: Terraform, command: str, name: str) -> None:
    terraform.init(connection(name))
    terraform.run(command, "-json", "-input=false", *(() if command == "plan" else ("-auto-approve",)))


def test_the_page_shows_what_was_tried() -> None:
    """docs/design/0003-faults.md is what fault_page prints, and no cell of it is empty."""
    printed = page()

    assert PAGE.read_text(encoding="utf-8") == printed
    assert "|  |" not in printed
    assert all(row.cells.keys() == {*COLUMNS} for row in ROWS.values())
    assert OPERATIONS.keys() == {*COLUMNS}
