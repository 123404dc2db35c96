"""Names that would do harm if they were pasted: Terraform, the provider and Dynatrace keep them unchanged.

Their export and the import of it is in `test_export`.
"""

import json

from dynatrace_sandbox.testing import RunningSandbox
from terraform_plugin.testing import Terraform
from tests.hostile.names import NAMES

CONFIG = """
variable "names" {
  type = list(string)
}

resource "dynatrace_aws_connection" "this" {
  count = length(var.names)
  name  = var.names[count.index]
  web_identity {
    consumers = ["APP:dynatrace.aws.connector"]
  }
}

data "dynatrace_aws_connection" "this" {
  count      = length(var.names)
  name       = var.names[count.index]
  depends_on = [dynatrace_aws_connection.this]
}

output "ids" {
  value = data.dynatrace_aws_connection.this[*].id
}
"""
ADDRESSES = [f"dynatrace_aws_connection.this[{index}]" for index in range(len(NAMES))]


def test_hostile_names_are_kept(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """In a create, an empty next plan, a data source, a rename, a refresh, and an import by name."""
    variables = terraform.folder / "terraform.tfvars.json"
    variables.write_text(json.dumps({"names": NAMES}))
    terraform.apply(CONFIG)

    names = {found["objectId"]: found["value"]["name"] for found in sandbox.objects()}
    assert sorted(names.values()) == sorted(NAMES)
    assert [names[object_id] for object_id in terraform.output("ids")] == NAMES

    for address in ADDRESSES[:3]:
        terraform.run("state", "rm", address)
    for address, name in zip(ADDRESSES[:3], NAMES, strict=False):
        terraform.import_(CONFIG, address, name)
    assert terraform.plan(CONFIG).empty

    variables.write_text(json.dumps({"names": [f"{name}!"[-100:] for name in NAMES]}))
    terraform.apply(CONFIG)
    assert {one["objectId"]: one["value"]["name"] for one in sandbox.objects()} == {
        object_id: f"{name}!"[-100:] for object_id, name in names.items()
    }
