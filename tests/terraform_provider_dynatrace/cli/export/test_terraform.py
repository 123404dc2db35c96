"""What Terraform is run for; the runs themselves are acceptance tests."""

from pathlib import Path
from typing import Any

import pytest

from terraform_plugin import Error
from terraform_provider_dynatrace.cli.export.terraform import Terraform, find_binary, imports, other_changes


def change(*actions: str, **more: Any) -> dict[str, Any]:
    return {"address": "dynatrace_aws_connection.a", "change": {"actions": [*actions], **more}}


@pytest.mark.parametrize(
    ("plan", "count", "others"),
    [
        ({}, 0, []),
        ({"resource_changes": [change("no-op", importing={"id": "x"}), change("no-op")]}, 1, []),
        ({"resource_changes": [change("read")]}, 0, []),
        ({"resource_changes": [change("create")]}, 0, ["  dynatrace_aws_connection.a: create"]),
        (
            {"resource_changes": [change("update", importing={"id": "x"})]},
            1,
            ["  dynatrace_aws_connection.a: update"],
        ),
        (
            {"resource_changes": [change("delete", "create")]},
            0,
            ["  dynatrace_aws_connection.a: delete and create"],
        ),
        ({"output_changes": {"x": {"actions": ["create"]}}}, 0, ["  output x: create"]),
        ({"output_changes": {"x": {"actions": ["no-op"]}}}, 0, []),
    ],
)
def test_a_plan_is_imports_or_something_else(plan: dict[str, Any], count: int, others: list[str]) -> None:
    """An import that also changes something is something else."""
    assert (imports(plan), [*other_changes(plan)]) == (count, others)


def command(folder: Path, name: str, script: str) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_terraform_is_found_where_the_environment_says(tmp_path: Path) -> None:
    """$TERRAFORM first, then terraform, then tofu, on the PATH."""
    tofu = command(tmp_path, "tofu", "")

    assert find_binary({"PATH": str(tmp_path)}) == str(tofu)
    assert find_binary({"PATH": str(tmp_path), "TERRAFORM": str(tofu)}) == str(tofu)
    assert find_binary({"PATH": str(tmp_path / "empty")}) is None
    terraform = command(tmp_path, "terraform", "")
    assert find_binary({"PATH": str(tmp_path)}) == str(terraform)


def test_the_error_of_a_failed_command_has_the_output_of_terraform(tmp_path: Path) -> None:
    """And what to do next."""
    failing = command(tmp_path, "failing", "echo from stdout; echo from stderr >&2; exit 1")

    with pytest.raises(Error) as caught:
        Terraform(tmp_path, str(failing), {}).init()

    assert caught.value.summary == f"terraform init failed in {tmp_path}"
    assert caught.value.detail.startswith("from stdout\nfrom stderr\n")
    assert "terraform-provider-dynatrace install" in caught.value.detail
