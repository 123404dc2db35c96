"""Schemas and functions as Terraform gets them."""

from typing import Any

import pytest
from hypothesis import given

from terraform_plugin._protocol import tfplugin6_pb2 as pb
from terraform_plugin.cty.types import Bool, List, Number, String
from terraform_plugin.function import Function, Parameter
from terraform_plugin.rpc.schemas import function_message, schema_message
from terraform_plugin.schema import Attribute, Block, Nested, Schema
from tests.terraform_plugin.profiles import costly
from tests.terraform_plugin.schemas import schemas


def attribute(**options: Any) -> pb.Schema.Attribute:
    """The message of one attribute."""
    declared = Attribute(options.pop("type", String), "What it is.", **options)
    [message] = schema_message(Schema("thing", attributes={"a": declared})).block.attributes
    return message


def test_an_empty_schema_has_a_block() -> None:
    """Terraform crashes without one; so it does without that of a nested block."""
    message = schema_message(Schema("", blocks={"b": Block()}))
    assert message.HasField("block")
    assert message.block.block_types[0].HasField("block")
    assert schema_message(Schema("")).HasField("block")


def test_an_attribute_says_all_about_itself() -> None:
    """With its type as compact JSON, and a description in Markdown."""
    message = attribute(type=List(Number), optional=True, computed=True, sensitive=True, deprecated="Use b.")
    assert (message.name, message.type, message.description) == ("a", b'["list","number"]', "What it is.")
    assert (message.required, message.optional, message.computed) == (False, True, True)
    assert (message.sensitive, message.write_only, message.deprecated) == (True, False, True)
    assert (message.deprecation_message, message.description_kind) == ("Use b.", pb.MARKDOWN)
    assert not message.HasField("nested_type")


def test_what_has_a_default_is_computed() -> None:
    """Terraform lets a provider fill in nothing else."""
    assert attribute(optional=True, default="x").computed


def test_what_is_normalized_is_computed_and_nothing_else() -> None:
    """Terraform lets a provider plan another value for nothing else."""
    message = attribute(required=True, normalize=str.lower)
    assert (message.required, message.optional, message.computed) == (False, False, True)


@pytest.mark.parametrize("nesting", ["single", "list", "set", "map"])
def test_nested_attributes_have_a_nested_type_and_no_type(nesting: Any) -> None:
    """Terraform panics on both."""
    inner = Attribute(Bool, "", required=True)
    message = attribute(type=Nested(nesting, {"x": inner}), optional=True)
    assert message.type == b""
    assert message.nested_type.nesting == pb.Schema.Object.NestingMode.Value(nesting.upper())
    assert [(one.name, one.type, one.required) for one in message.nested_type.attributes] == [("x", b'"bool"', True)]


@pytest.mark.parametrize("nesting", ["single", "group", "list", "set", "map"])
def test_a_block_says_all_about_itself(nesting: Any) -> None:
    """Nesting, limits, description, deprecation, blocks inside."""
    limited = nesting in ("list", "set")
    block = Block(
        {}, {"c": Block()}, "Rules.", nesting=nesting, min_items=1 * limited, max_items=3 * limited, deprecated="No."
    )
    [message] = schema_message(Schema("", blocks={"b": block})).block.block_types
    assert (message.type_name, message.nesting) == ("b", pb.Schema.NestedBlock.NestingMode.Value(nesting.upper()))
    assert (message.min_items, message.max_items) == ((1, 3) if limited else (0, 0))
    assert (message.block.description, message.block.deprecated) == ("Rules.", True)
    assert message.block.deprecation_message == "No."
    assert [inner.type_name for inner in message.block.block_types] == ["c"]


def test_a_schema_has_its_version_and_description() -> None:
    """Both for the state and for people."""
    message = schema_message(Schema("A thing.", version=3, deprecated="Use another."))
    assert (message.version, message.block.version, message.block.description) == (3, 3, "A thing.")
    assert (message.block.deprecated, message.block.deprecation_message) == (True, "Use another.")


class Join(Function):
    name = "join"
    summary = "Join texts."
    description = "Joins them."
    parameters = (Parameter("by", String, "Between them."),)
    variadic = Parameter("texts", String, "What to join.", allow_null=True, allow_unknown=True)
    returns = List(String)
    deprecated = "Use another."


def test_a_function_says_all_about_itself() -> None:
    """Parameters, the variadic one, and what comes back."""
    message = function_message(Join)
    assert (message.summary, message.description, message.deprecation_message) == (
        "Join texts.", "Joins them.", "Use another.",
    )  # fmt: skip
    assert getattr(message, "return").type == b'["list","string"]'
    [by], variadic = message.parameters, message.variadic_parameter
    assert (by.name, by.type, by.allow_null_value, by.allow_unknown_values) == ("by", b'"string"', False, False)
    assert (variadic.name, variadic.allow_null_value, variadic.allow_unknown_values) == ("texts", True, True)


def test_a_function_without_a_variadic_parameter_has_none() -> None:
    """An empty one would be a parameter without a name."""
    message = function_message(type("Simple", (Function,), {"name": "f", "summary": "", "description": ""}))
    assert not message.HasField("variadic_parameter")
    assert message.HasField("return")


@costly
@given(schemas())
def test_any_schema_keeps_terraforms_rules(schema: Schema) -> None:
    """Whatever is declared: one of type and nested type, one of required, optional and computed, a block in each."""
    message = schema_message(schema)
    assert message.HasField("block")
    assert all_fine(message.block)


def all_fine(block: pb.Schema.Block) -> bool:
    inner = (nested.HasField("block") and nested.nesting and all_fine(nested.block) for nested in block.block_types)
    return all(map(fine, block.attributes)) and all(inner)


def fine(message: pb.Schema.Attribute) -> bool:
    kinds = message.required + (message.optional or message.computed)
    nested = message.HasField("nested_type")
    return kinds == 1 and bool(message.type) is not nested and all(map(fine, message.nested_type.attributes))
