"""Two runs of Terraform for one environment, and two provider blocks with different credentials."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from dynatrace_sandbox.tenant.credentials import OWNER, STRANGER
from dynatrace_sandbox.testing import RunningSandbox
from terraform_plugin.testing import Result, Terraform
from tests.acceptance.configurations import connection
from tests.acceptance.conftest import PROVIDERS

APPLY = ("apply", "-json", "plan")


@pytest.fixture
def other(tmp_path: Path, mirror: Path, terraform: Terraform) -> Iterator[Terraform]:
    """The folder of another user, with the same credential."""
    folder = tmp_path / "other"
    folder.mkdir()
    other = Terraform(folder, mirror, PROVIDERS, terraform.environ)
    yield other
    other.destroy("-refresh=false")


def test_of_two_runs_with_one_name_one_wins(terraform: Terraform, other: Terraform, sandbox: RunningSandbox) -> None:
    """Both plans succeed; one apply reports that the name is in use. The other resources of both are created."""
    terraform.plan(connection("shared") + connection("mine", label="own"))
    other.plan(connection("shared") + connection("theirs", label="own"))

    runs = [one.start(*APPLY) for one in (terraform, other)]
    printed = [run.communicate()[0] for run in runs]
    ended = [Result(APPLY, run.returncode, text) for run, text in zip(runs, printed, strict=True)]

    [error] = [error for result in ended for error in result.errors]
    assert sorted(result.code for result in ended) == [0, 1]
    assert error.address == "dynatrace_aws_connection.this"
    assert "There is another connection defined under this name" in error.detail
    assert Counter(found["value"]["name"] for found in sandbox.objects()) == Counter(["shared", "mine", "theirs"])
    ids = [values["id"] for one in (terraform, other) for values in one.state().values()]
    assert sorted(ids) == sorted(found["objectId"] for found in sandbox.objects())


TWO_BLOCKS = """
variable "owner" {{ sensitive = true }}
variable "stranger" {{ sensitive = true }}

provider "dynatrace" {{
  platform_token = var.owner
}}

provider "dynatrace" {{
  alias          = "stranger"
  platform_token = var.stranger
}}
{first}{second}
data "dynatrace_aws_connections" "first" {{
  depends_on = [dynatrace_aws_connection.first, dynatrace_aws_connection.second]
}}

data "dynatrace_aws_connections" "second" {{
  provider   = dynatrace.stranger
  depends_on = [dynatrace_aws_connection.first, dynatrace_aws_connection.second]
}}

output "seen" {{
  value = [
    data.dynatrace_aws_connections.first.connections[*].name,
    data.dynatrace_aws_connections.second.connections[*].name,
  ]
}}
"""


def test_two_provider_blocks_share_nothing(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """Each uses its own credential, and shows nothing that is private to the other."""
    tokens = {who: sandbox.credentials[f"{who}platform-token"]["secret"] for who in ("", "stranger-")}
    terraform.environ = sandbox.environ("none") | {
        "TF_VAR_owner": tokens[""],
        "TF_VAR_stranger": tokens["stranger-"],
    }
    second = connection("second", label="second").replace("{", "{\n  provider = dynatrace.stranger", 1)
    config = TWO_BLOCKS.format(first=connection("first", label="first"), second=second)

    terraform.apply(config)

    assert terraform.output("seen") == [["first"], ["second"]]
    owners = {found["value"]["name"]: found["owner"]["id"] for found in sandbox.objects()}
    assert owners == {"first": OWNER.id, "second": STRANGER.id}
    assert {request["status"] for request in sandbox.requests()} <= {200}
