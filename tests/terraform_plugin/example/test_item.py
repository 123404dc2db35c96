"""States that something else has written, such as an older version or another type, with the real Terraform."""

import base64
import json

import pytest

from terraform_plugin.testing import TerraformFailed

from .conftest import ExampleTerraform
from .trouble import in_trouble

THIS = "example_item.this"
OLD = 'resource "example_item" "this" {\ntitle = "a"\ncount_of = "12345678901234567890123"\ngone = "x"\n}\n'
NEW = 'resource "example_item" "this" {\nname = "a"\namount = 12345678901234567890123\n}\n'


def test_a_state_of_an_older_version_is_upgraded_without_a_difference(terraform: ExampleTerraform) -> None:
    """Names and types changed, blocks are new; the plan is empty."""
    terraform.environ["EXAMPLE_AGE"] = "old"
    terraform.apply(OLD)
    id_ = terraform.state()[THIS]["id"]
    del terraform.environ["EXAMPLE_AGE"]

    assert terraform.plan(NEW).empty
    terraform.apply(NEW + 'output "amount" { value = tostring(example_item.this.amount) }')
    assert terraform.state()[THIS] == {
        "id": id_, "name": "a", "amount": 12345678901234567890123, "color": None, "part": [], "timeouts": None,
    }  # fmt: skip
    assert terraform.output("amount") == "12345678901234567890123"


def test_a_newer_state_is_refused(terraform: ExampleTerraform) -> None:
    """Terraform refuses it itself."""
    terraform.apply(NEW)
    terraform.environ["EXAMPLE_AGE"] = "old"
    with pytest.raises(TerraformFailed, match="newer provider version"):
        terraform.plan(OLD)
    del terraform.environ["EXAMPLE_AGE"]
    terraform.init(NEW)


def test_a_state_of_another_release_needs_no_change(terraform: ExampleTerraform) -> None:
    """Of the same version: timeouts without anything in them, null for blocks, a number as a string, other names."""
    config = NEW.replace("12345678901234567890123", "7")
    terraform.apply(config)
    path = terraform.folder / "terraform.tfstate"
    state = json.loads(path.read_bytes())
    instance = state["resources"][0]["instances"][0]
    instance["private"] = base64.b64encode(b"null").decode()  # as HashiCorp's older SDK writes it
    del instance["attributes"]["color"]
    instance["attributes"] |= {"timeouts": {"create": None}, "part": None, "amount": "7", "unheard_of": [1]}
    path.write_text(json.dumps(state))

    assert terraform.plan(config).empty


def test_an_unreadable_state_is_one_error(terraform: ExampleTerraform) -> None:
    """The error says what to do."""
    terraform.apply(NEW)
    path = terraform.folder / "terraform.tfstate"
    good = path.read_bytes()
    path.write_bytes(good.replace(b"12345678901234567890123", b'"many"'))

    with pytest.raises(TerraformFailed) as failed:
        terraform.plan(NEW)
    [error] = failed.value.errors
    assert (error.summary, error.address) == ("The state cannot be read", THIS)
    assert "terraform state rm" in error.detail
    path.write_bytes(good)


def test_a_resource_moves_to_another_type(terraform: ExampleTerraform) -> None:
    """Nothing is created or destroyed. An unknown type is refused."""
    terraform.apply('resource "example_thing" "old" { label = "a" }')
    id_ = terraform.state()["example_thing.old"]["id"]
    moved = "moved {\nfrom = example_thing.old\nto = example_item.this\n}\n"
    new = 'resource "example_item" "this" { name = "a" }\n'

    with pytest.raises(TerraformFailed, match="Cannot move example_thing to example_trouble"):
        terraform.plan(in_trouble("nothing") + moved.replace("example_item", "example_trouble"))
    assert terraform.plan(new + moved).changes == {}
    terraform.apply(new + moved)
    assert terraform.state()[THIS]["id"] == id_


def test_what_exists_is_imported(terraform: ExampleTerraform) -> None:
    """By command and by block. An invalid ID is refused, and so is one that does not exist."""
    terraform.apply(in_trouble("nothing"))
    [id_] = terraform.store.ids()
    terraform.run("state", "rm", "example_trouble.this")
    with pytest.raises(TerraformFailed, match='"x" does not begin with "trouble-"'):
        terraform.import_(in_trouble("nothing"), "example_trouble.this", "x")
    with pytest.raises(TerraformFailed, match="Cannot import non-existent remote object"):
        terraform.import_(in_trouble("nothing"), "example_trouble.this", "trouble-none")
    terraform.import_(in_trouble("nothing"), "example_trouble.this", id_)
    assert terraform.plan(in_trouble("nothing")).empty

    terraform.run("state", "rm", "example_trouble.this")
    terraform.apply(in_trouble("nothing") + f'import {{\nto = example_trouble.this\nid = "{id_}"\n}}')
    assert terraform.store.ids() == [id_]
