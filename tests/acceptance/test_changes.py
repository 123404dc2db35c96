"""Changes that someone else makes between a plan and its apply: every cell of the table, and real Terraform."""

import pytest

from dynatrace_sandbox.testing import RunningSandbox
from terraform_plugin.testing import Terraform, TerraformFailed
from tests.acceptance.change_runs import BEFORE, OURS, THEIRS, Facts, run
from tests.acceptance.change_table import COLUMNS, ROWS, Cell
from tests.acceptance.configurations import connection
from tests.acceptance.tenants import OBJECTS, trusting_role, web_identity

CELLS = [(theirs, *column) for theirs in ROWS for column in COLUMNS]


@pytest.mark.parametrize(("theirs", "ours", "since"), CELLS)
async def test_every_change_before_every_write(theirs: str, ours: str, since: str) -> None:
    """The result, the messages, and what exists afterwards are those of the table."""
    cell = ROWS[theirs][ours, since]

    happened = await run(theirs, ours, since)

    assert happened.errors == ([cell.error] if cell.error else [])
    assert happened.warnings == ([cell.warning] if cell.warning else [])
    assert happened.facts == _expected(theirs, ours, cell)


def _expected(theirs: str, ours: str, cell: Cell) -> Facts | None:
    if ours == "delete" or theirs == "deleted":
        return None
    done = {} if cell.error else OURS[ours].facts
    return BEFORE | done | THEIRS[theirs][1] if cell.kept else BEFORE | done


def test_the_table_is_whole() -> None:
    """Every change by someone else is combined with every write."""
    assert ROWS.keys() == THEIRS.keys()
    assert all(row.keys() == {*COLUMNS} for row in ROWS.values())
    assert {ours for ours, _ in COLUMNS} == OURS.keys()


def test_a_saved_plan_does_what_it_planned_and_nothing_else(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """With real Terraform: a role ARN that was set meanwhile stays; a deleted object is not created without a plan."""
    terraform.apply(connection())
    [found] = sandbox.objects()
    path = f"{OBJECTS['api-token']}/{found['objectId']}"

    terraform.plan(connection("renamed"))
    with trusting_role(sandbox) as arn:
        sandbox.call("PUT", path, json={"value": web_identity("production", arn)}).raise_for_status()
        terraform.run("apply", "-json", "plan")
    assert [one["value"] for one in sandbox.objects()] == [web_identity("renamed", arn)]

    terraform.plan(connection("production"))
    sandbox.call("DELETE", path).raise_for_status()
    with pytest.raises(TerraformFailed, match="does not exist"):
        terraform.run("apply", "-json", "plan")
    assert sandbox.objects() == []

    terraform.apply(connection("production"))
    assert [one["value"] for one in sandbox.objects()] == [web_identity("production")]
