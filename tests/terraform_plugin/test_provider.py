"""What a provider lists, imported at once or late."""

from __future__ import annotations

import subprocess
import sys

import pytest

from terraform_plugin import Attribute, Block, Late, Provider, Resource, Schema, String
from terraform_plugin.testing import in_process
from tests.terraform_plugin.echo_provider import Echo


class LateProvider(Provider):
    name = "echo"
    schema = Schema("Echoes.")
    resources = Late[Resource]("tests.terraform_plugin", {"echo_text": "echo_provider:Echo"})


def test_a_late_list_is_a_list() -> None:
    """Documentation, export and tests go through it as through a tuple of classes."""
    assert [*LateProvider.resources] == [Echo]
    assert LateProvider.resources[:1] == [Echo]
    assert (len(LateProvider.resources), LateProvider.resources[-1]) == (1, Echo)
    assert Echo in LateProvider.resources


def test_a_class_is_imported_when_its_name_is_used() -> None:
    """Not when the names are listed."""
    code = (
        "import sys; from terraform_plugin import Late; "
        "late = Late('xml', {'a_thing': 'sax.handler:ContentHandler'}); "
        "print([*late.by_name], len(late), 'a_thing' in late.by_name.places, 'xml.sax' in sys.modules); "
        "print(late.by_name['a_thing'].__name__, 'xml.sax' in sys.modules)"
    )
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert printed.splitlines() == ["['a_thing'] 1 True False", "ContentHandler True"]


async def test_a_late_resource_is_served() -> None:
    """Terraform names it in its calls."""
    async with in_process(LateProvider()) as client:
        config = {"text": "hello", "seconds": None}
        response = await client.apply("echo_text", config, await client.plan("echo_text", config))

    assert response.value["echo"] == "hello"


def test_a_name_that_is_not_offered_is_missing() -> None:
    """As in any mapping."""
    with pytest.raises(KeyError):
        LateProvider.resources.by_name["echo_nothing"]


@pytest.mark.parametrize("name", ["alias", "source", "version"])
def test_arguments_that_terraform_reads_itself_cannot_be_declared(name: str) -> None:
    """Terraform reads `alias` and `version` in a provider block, and reserves `source`."""
    own = Schema("", attributes={name: Attribute(String, "", optional=True)})
    with pytest.raises(ValueError, match=f"Own: reserved by Terraform in a provider block: {name}"):
        type("Own", (Provider,), {"schema": own})


def test_blocks_that_terraform_reserves_cannot_be_declared() -> None:
    """Terraform refuses `locals` in a provider block."""
    with pytest.raises(ValueError, match="reserved by Terraform in a provider block: locals"):
        type("Own", (Provider,), {"schema": Schema("", blocks={"locals": Block()})})
