"""Taking over what exists, and reading what others manage: import blocks, generated configuration, data sources."""

import pytest

from dynatrace_sandbox.testing import RunningSandbox
from terraform_plugin.testing import Terraform, TerraformFailed
from tests.acceptance.configurations import connection
from tests.acceptance.tenants import create, role_based, trusting_role, web_identity

FOR_EACH = """
locals {
  names = toset(["first", "second"])
}

import {
  for_each = local.names
  to       = dynatrace_aws_connection.these[each.key]
  id       = each.key
}

import {
  for_each = local.names
  to       = dynatrace_aws_connection_role_arn.these[each.key]
  id       = each.key
}

resource "dynatrace_aws_connection" "these" {
  for_each = local.names
  name     = each.key
  web_identity {
    consumers = ["APP:dynatrace.aws.connector"]
  }
}

resource "dynatrace_aws_connection_role_arn" "these" {
  for_each          = local.names
  aws_connection_id = dynatrace_aws_connection.these[each.key].id
  role_arn          = "%s"
}
"""


def test_connections_and_role_arns_are_imported_by_name_with_for_each(
    terraform: Terraform, sandbox: RunningSandbox
) -> None:
    """Nothing is added, changed or destroyed."""
    with trusting_role(sandbox) as arn:
        create(sandbox, [web_identity("first", arn), web_identity("second", arn)])
        config = FOR_EACH % arn

        plan = terraform.plan(config)
        assert plan.changes == {}
        terraform.apply(config)

        assert len(terraform.state()) == 4
        terraform.destroy()


def test_generated_configuration_plans_no_change(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """-generate-config-out writes what validates and what is there: both kinds, by id and by name, with role ARNs."""
    with trusting_role(sandbox) as arn:
        ids = create(
            sandbox,
            [web_identity("web", arn), role_based("with", arn), role_based("without", consumers=[])],
        )
        blocks = [("aws_connection", name, ids[name] if name == "web" else name) for name in ids]
        blocks += [("aws_connection_role_arn", "web", ids["web"]), ("aws_connection_role_arn", "with", "with")]
        imports = "".join(
            f'import {{\n  to = dynatrace_{kind}.{name}\n  id = "{text}"\n}}\n' for kind, name, text in blocks
        )
        terraform.init(imports)
        terraform.run("plan", "-input=false", "-generate-config-out=generated.tf")

        plan = terraform.plan(imports)
        assert plan.changes == {}
        assert [warning.summary for warning in plan.warnings] == []
        terraform.apply(imports)

        assert len(terraform.state()) == 5
        terraform.destroy()


def test_an_empty_import_id_is_refused_by_terraform(terraform: Terraform) -> None:
    """For example, from an empty variable."""
    with pytest.raises(TerraformFailed, match="The import ID is empty"):
        terraform.import_(connection(), "dynatrace_aws_connection.this", "")


@pytest.mark.parametrize("text", ["Productoin", "vu9U3hXa3q0AAAABACxidWlsdGluOmh5cGVyc2NhbGVyLWF1dGhlbnRpY2F0aW9u"])
def test_an_import_of_what_is_not_there_names_the_nearest(
    terraform: Terraform, sandbox: RunningSandbox, text: str
) -> None:
    """For a name, the error lists the most similar names; for an ID, it shows the ID."""
    terraform.apply(connection("production", label="other"))

    with pytest.raises(TerraformFailed) as failed:
        terraform.import_(
            connection("new") + connection("production", label="other"), "dynatrace_aws_connection.this", text
        )

    assert "AWS connection not found" in failed.value.output
    assert text in failed.value.output
    assert ('"production"' in failed.value.output) == (text == "Productoin")
    assert len(sandbox.objects()) == 1


def test_a_role_arn_that_is_not_set_cannot_be_imported(terraform: Terraform) -> None:
    """The error says that no import is needed."""
    terraform.apply(connection())
    config = connection() + (
        'resource "dynatrace_aws_connection_role_arn" "this" {\n'
        "  aws_connection_id = dynatrace_aws_connection.this.id\n"
        '  role_arn          = "arn:aws:iam::123456789012:role/r"\n}\n'
    )

    with pytest.raises(TerraformFailed, match="The connection has no role ARN"):
        terraform.import_(config, "dynatrace_aws_connection_role_arn.this", "production")


DATA = """
data "dynatrace_aws_connection" "by_name" {
  name = "alpha one"
}
data "dynatrace_aws_connection" "by_id" {
  id = data.dynatrace_aws_connection.by_name.id
}
data "dynatrace_aws_connections" "all" {}
data "dynatrace_aws_connections" "fitting" {
  name_prefix = "alpha"
  kind        = "web_identity"
  consumer    = "APP:dynatrace.aws.connector"
}
output "one" {
  value = [data.dynatrace_aws_connection.by_name, data.dynatrace_aws_connection.by_id]
}
output "names" {
  value = {
    all     = data.dynatrace_aws_connections.all.connections[*].name
    fitting = data.dynatrace_aws_connections.fitting.connections[*].name
  }
}
"""


def test_data_sources_read_what_others_manage(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """One by its name or id, many by filters, sorted by name."""
    sandbox.configure(release="0.0.24")
    carbon = ["APP:dynatrace.biz.carbon"]
    values = [
        role_based("alpha three"),
        web_identity("alpha two", consumers=carbon),
        web_identity("beta"),
        web_identity("alpha one"),
    ]
    ids = create(sandbox, values)

    terraform.apply(DATA)

    one = {"id": ids["alpha one"], "name": "alpha one", "kind": "web_identity", "role_arn": None}
    access = {"owner": None, "public": True, "allowed_operations": ["delete", "read", "write"]}
    assert terraform.output("one") == [one | access | {"consumers": ["APP:dynatrace.aws.connector"]}] * 2
    names = terraform.output("names")
    assert names == {"all": ["alpha one", "alpha three", "alpha two", "beta"], "fitting": ["alpha one"]}
    for object_id in ids.values():
        assert sandbox.call("DELETE", f"/api/v2/settings/objects/{object_id}").status_code == 204
