"""Identities (Terraform 1.12, OpenTofu 1.12) and queries (Terraform 1.14), with real Terraform.

With a version that does not have them, each test checks that this version refuses them: no test is skipped.
"""

import json
import re
from collections.abc import Mapping

import pytest

from dynatrace_sandbox.testing import RunningSandbox
from terraform_plugin.testing import Terraform, TerraformFailed
from tests.acceptance.configurations import connection
from tests.acceptance.tenants import create, role_based, trusting_role, web_identity

LISTS = """
list "dynatrace_aws_connection" "all" {
  provider = dynatrace
}

list "dynatrace_aws_connection" "web_identity" {
  provider         = dynatrace
  include_resource = true

  config {
    kind = "web_identity"
  }
}
"""
PROVIDER = 'provider "dynatrace" {}\n'


QUERIES = {"Terraform": (1, 14)}
IDENTITIES = {"Terraform": (1, 12), "OpenTofu": (1, 12)}


def has(terraform: Terraform, since: Mapping[str, tuple[int, int]]) -> bool:
    """Return whether this is a version with a feature, which each program has since a version, or never."""
    version = re.match(r"(\w+) v(\d+)\.(\d+)", terraform.run("version").output)
    assert version is not None
    return version[1] in since and (int(version[2]), int(version[3])) >= since[version[1]]


def found(printed: str, address: str) -> dict[str, dict[str, object] | None]:
    """Return what a query has found at an address: the resource, or None, by display name."""
    events = [json.loads(line) for line in printed.splitlines()]
    results = [event["list_resource_found"] for event in events if event["type"] == "list_resource_found"]
    return {one["display_name"]: one.get("resource_object") for one in results if one["address"] == address}


def test_a_query_lists_connections(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """All, or those of one kind with their attributes."""
    create(sandbox, [web_identity("web"), role_based("based")])
    terraform.init(PROVIDER)
    (terraform.folder / "list.tfquery.hcl").write_text(LISTS)

    if has(terraform, QUERIES):
        printed = terraform.run("query", "-json").printed
        assert found(printed, "list.dynatrace_aws_connection.all") == {"web": None, "based": None}
        [resource] = found(printed, "list.dynatrace_aws_connection.web_identity").values()
        assert resource is not None
        assert resource["name"] == "web"
    else:
        with pytest.raises(TerraformFailed, match='no command named "query"'):
            terraform.run("query", "-json")
    sandbox.reset()


def test_the_configuration_of_a_query_only_imports(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """`query -generate-config-out` writes resources and import blocks with identities; the next plan is empty."""
    if not has(terraform, QUERIES):
        with pytest.raises(TerraformFailed, match='no command named "query"'):
            terraform.run("query", "-generate-config-out=generated.tf")
        return
    with trusting_role(sandbox) as arn:
        create(sandbox, [web_identity("web", arn), role_based("based")])
        before = sandbox.objects()
        terraform.init(PROVIDER)
        (terraform.folder / "list.tfquery.hcl").write_text(LISTS.partition("\n\n")[0])
        terraform.run("query", "-generate-config-out=generated.tf")
        generated = (terraform.folder / "generated.tf").read_text()
        (terraform.folder / "generated.tf").unlink()
        (terraform.folder / "list.tfquery.hcl").unlink()

        plan = terraform.plan(PROVIDER + generated)
        terraform.apply(PROVIDER + generated)

        assert (plan.changes, sandbox.objects()) == ({}, before)
        assert len(terraform.state()) == 2
        terraform.destroy()


@pytest.mark.parametrize("exists", [True, False])
def test_an_import_block_accepts_an_identity(terraform: Terraform, sandbox: RunningSandbox, *, exists: bool) -> None:
    """One that does not exist is an error."""
    [object_id] = create(sandbox, [web_identity("production")]).values()
    block = f"""
    import {{
      to = dynatrace_aws_connection.this
      identity = {{
        id = "{object_id if exists else "vu9U3hXa3q0AAAABnope"}"
      }}
    }}
    """

    if not has(terraform, IDENTITIES):
        with pytest.raises(TerraformFailed, match=r'argument named "identity"|required argument|argument "id"'):
            terraform.plan(connection() + block)
    elif exists:
        assert terraform.plan(connection() + block).changes == {}
        terraform.apply(connection() + block)
        assert terraform.state()["dynatrace_aws_connection.this"]["id"] == object_id
    else:
        with pytest.raises(TerraformFailed, match="vu9U3hXa3q0AAAABnope"):
            terraform.plan(connection() + block)
    if not terraform.state():
        sandbox.reset()
