"""Data sources, functions and the provider's own configuration, with the real Terraform."""

import json

import pytest

from terraform_plugin.testing import TerraformFailed

from .conftest import ExampleTerraform

OUTPUTS = """
resource "terraform_data" "later" { input = "x" }
resource "example_thing" "this" { label = "a" }
data "example_ids" "now" { kind = "thing" }
data "example_ids" "after" {
  kind       = "item"
  depends_on = [example_thing.this]
}
output "all" {
  value = {
    now     = data.example_ids.now.ids
    after   = length(data.example_ids.after.ids)
    joined  = provider::example::join("-", "a", null, "b")
    alone   = provider::example::join("-")
    later   = provider::example::join("-", terraform_data.later.output, "b")
    known   = [provider::example::known(tostring(null)), provider::example::known([1, "x"])]
    largest = tostring(provider::example::largest([1, 12345678901234567890123, 0.1]))
  }
}
output "unknown" { value = provider::example::known(terraform_data.later.id) }
"""


def test_data_sources_and_functions_return_their_values(terraform: ExampleTerraform) -> None:
    """Before and after what they depend on; null, unknown, any number of arguments, exact numbers."""
    plan = terraform.plan(OUTPUTS)
    assert plan.json["planned_values"]["outputs"]["unknown"]["value"] == "unknown"
    (terraform.folder / "main.tf").write_text(
        (terraform.folder / "main.tf").read_text().replace("terraform_data.later.id)", '"x")')
    )
    terraform.run("apply", "-auto-approve", "-no-color")
    assert terraform.output("all") == {
        "now": [], "after": 1, "joined": "a-b", "alone": "", "later": "x-b", "known": ["null", "known"],
        "largest": "12345678901234567890123",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ('output "x" { value = provider::example::join("--", "a") }', "A separator has one character at most"),
        ('output "x" { value = provider::example::join(null, "a") }', "argument must not be null"),
        ('data "example_ids" "x" { kind = "nothing" }', "Choose another one"),
    ],
)
def test_a_mistake_in_a_call_is_one_error(terraform: ExampleTerraform, config: str, message: str) -> None:
    """A function's names the argument."""
    with pytest.raises(TerraformFailed, match=message) as failed:
        terraform.plan(config)
    assert len(failed.value.errors) == 1


def test_a_provider_that_cannot_be_configured_is_one_error(terraform: ExampleTerraform) -> None:
    """Whatever the secrets in its configuration."""
    terraform.environ["TF_VAR_folder"] = str(terraform.folder / "secret-in-a-path")
    with pytest.raises(TerraformFailed) as failed:
        terraform.plan('data "example_ids" "x" { kind = "x" }')
    [error] = failed.value.errors
    assert (error.summary, "is not there" in error.detail) == ("No such folder", True)


def test_the_schema_is_what_terraform_shows(terraform: ExampleTerraform) -> None:
    """For documentation and editors: nesting modes, descriptions, functions."""
    terraform.init("")
    printed = json.loads(terraform.run("providers", "schema", "-json").printed)
    [schema] = printed["provider_schemas"].values()
    block = schema["resource_schemas"]["example_everything"]["block"]
    assert {name: item["nesting_mode"] for name, item in block["block_types"].items()} == {
        "in_single": "single", "in_group": "group", "in_list": "list", "in_set": "set", "in_map": "map",
        "mixed": "list", "timeouts": "single",
    }  # fmt: skip
    assert block["attributes"]["as_map"]["nested_type"]["nesting_mode"] == "map"
    assert block["attributes"]["secret"]["sensitive"]
    assert sorted(schema["functions"]) == ["join", "known", "largest"]
