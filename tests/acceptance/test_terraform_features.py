"""Features of Terraform that people use with this provider: moves, mocks, saved plans, and options of commands."""

import json

import pytest

from dynatrace_sandbox.testing import RunningSandbox
from terraform_plugin.testing import Terraform, TerraformFailed
from tests.acceptance.configurations import connection, role, role_arn

WHOLE = connection() + role() + role_arn()


def test_a_resource_that_moves_into_a_for_each_does_not_change(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """The connection gets a key, and nothing is sent to Dynatrace."""
    terraform.apply(connection())
    before = sandbox.objects()

    moved = connection().replace("{\n", '{\n  for_each = toset(["a"])\n', 1)
    terraform.apply(
        moved
        + """
    moved {
      from = dynatrace_aws_connection.this
      to   = dynatrace_aws_connection.this["a"]
    }
    """
    )

    assert list(terraform.state()) == ['dynatrace_aws_connection.this["a"]']
    assert sandbox.objects() == before


def test_a_resource_that_is_removed_without_destroy_stays_in_dynatrace(
    terraform: Terraform, sandbox: RunningSandbox
) -> None:
    """A `removed` block forgets it."""
    terraform.apply(connection())

    terraform.apply("""
    removed {
      from = dynatrace_aws_connection.this
      lifecycle {
        destroy = false
      }
    }
    """)

    assert (terraform.state(), len(sandbox.objects())) == ({}, 1)
    sandbox.reset()


def test_modules_are_tested_with_mocks_and_without_credentials(terraform: Terraform) -> None:
    """`terraform test` with `mock_provider`: IDs are computed, so a test can set them; functions work as always."""
    terraform.environ = {name: value for name, value in terraform.environ.items() if "DYNATRACE" not in name}
    terraform.init(
        connection()
        + """
    data "dynatrace_aws_connection" "existing" {
      name = "existing"
    }
    output "subject" {
      value = provider::dynatrace::aws_subject(data.dynatrace_aws_connection.existing.id)
    }
    """
    )
    (terraform.folder / "unit.tftest.hcl").write_text("""
    mock_provider "dynatrace" {}
    run "mocked" {
      override_data {
        target = data.dynatrace_aws_connection.existing
        values = { id = "an-id" }
      }
      override_resource {
        target = dynatrace_aws_connection.this
        values = { id = "another-id" }
      }
      assert {
        condition     = output.subject == "dt:connection-id/an-id"
        error_message = "The subject is ${output.subject}."
      }
      assert {
        condition     = dynatrace_aws_connection.this.id == "another-id"
        error_message = "The ID is ${dynatrace_aws_connection.this.id}."
      }
    }
    """)

    assert "1 passed, 0 failed" in terraform.run("test", "-no-color").output


def test_a_token_may_be_ephemeral(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """In an ephemeral variable: it is in no saved plan and in no state, and an apply uses the one that it is given."""
    token = terraform.environ.pop("DYNATRACE_API_TOKEN")
    terraform.environ["TF_VAR_token"] = token
    terraform.init(
        connection()
        + """
    variable "token" {
      type      = string
      ephemeral = true
    }
    provider "dynatrace" {
      dt_api_token = var.token
    }
    """
    )
    terraform.run("plan", "-input=false", "-out=saved")
    shown = json.dumps(terraform.show("saved"))
    another = "dt0c01.ABCDEFGHIJKLMNOPQRSTUVWX." + "A" * 64
    with pytest.raises(TerraformFailed, match="Dynatrace does not accept the API token"):
        terraform.run("apply", "-input=false", "-no-color", f"-var=token={another}", "saved")
    terraform.run("plan", "-input=false", "-out=saved")

    terraform.run("apply", "-input=false", f"-var=token={token}", "saved")

    assert len(sandbox.objects()) == 1
    assert token not in shown + (terraform.folder / "terraform.tfstate").read_text()


@pytest.mark.parametrize(
    "command",
    [
        ["plan", "-refresh-only"],
        ["plan", "-parallelism=1", "-detailed-exitcode"],
        ["plan", "-parallelism=50", "-detailed-exitcode"],
        ["plan", "-target=dynatrace_aws_connection.this", "-detailed-exitcode"],
        ["plan", "-refresh=false", "-detailed-exitcode"],
        ["show"],
        ["graph"],
        ["providers", "schema", "-json"],
        ["state", "list"],
        ["workspace", "new", "other"],
    ],
    ids=" ".join,
)
def test_a_command_changes_nothing(terraform: Terraform, sandbox: RunningSandbox, command: list[str]) -> None:
    """After an apply, no option of a command finds a difference."""
    terraform.apply(WHOLE)
    before = sandbox.objects()

    ended = terraform.run(*command)

    assert command[0] != "plan" or "No changes." in ended.output
    assert sandbox.objects() == before
    if command[0] == "workspace":
        terraform.run("workspace", "select", "default")


def test_a_connection_is_replaced_on_request(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """With `-replace`, connection and role ARN are new, and the next plan is empty."""
    terraform.apply(WHOLE)
    [before] = sandbox.objects()

    terraform.apply(WHOLE, "-replace=dynatrace_aws_connection.this")

    [after] = sandbox.objects()
    assert after["objectId"] != before["objectId"]
    assert after["value"]["awsWebIdentity"]["roleArn"] == before["value"]["awsWebIdentity"]["roleArn"]
