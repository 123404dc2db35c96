"""Schemas and functions -> the protocol's messages."""

from __future__ import annotations

import json

from terraform_plugin._protocol import tfplugin6_pb2 as pb
from terraform_plugin.cty.types import Type
from terraform_plugin.function import Function, Parameter
from terraform_plugin.schema import Attribute, Block, Nested, Schema


def schema_message(schema: Schema) -> pb.Schema:
    """Return the message of a schema; its block is set even where it is empty, or Terraform crashes."""
    block = _body(schema, schema.description, schema.deprecated)
    block.version = schema.version
    return pb.Schema(version=schema.version, block=block)


def _body(body: Schema | Block, description: str, deprecated: str) -> pb.Schema.Block:
    return pb.Schema.Block(
        attributes=[_attribute(name, attribute) for name, attribute in body.attributes.items()],
        block_types=[_nested_block(name, block) for name, block in body.blocks.items()],
        description=description,
        description_kind=pb.MARKDOWN,
        deprecated=bool(deprecated),
        deprecation_message=deprecated,
    )


def _nested_block(name: str, block: Block) -> pb.Schema.NestedBlock:
    return pb.Schema.NestedBlock(
        type_name=name,
        block=_body(block, block.description, block.deprecated),
        nesting=block.nesting.upper(),
        min_items=block.min_items,
        max_items=block.max_items,
    )


def _attribute(name: str, attribute: Attribute) -> pb.Schema.Attribute:
    message = pb.Schema.Attribute(
        name=name,
        description=attribute.description,
        description_kind=pb.MARKDOWN,
        required=attribute.required and not attribute.normalize,
        optional=attribute.optional and not attribute.normalize,
        computed=attribute.computed or bool(attribute.normalize),
        sensitive=attribute.sensitive,
        write_only=attribute.write_only,
        deprecated=bool(attribute.deprecated),
        deprecation_message=attribute.deprecated,
    )
    if isinstance(attribute.type, Nested):
        attributes = [_attribute(*item) for item in attribute.type.attributes.items()]
        nested = pb.Schema.Object(nesting=attribute.type.nesting.upper(), attributes=attributes)
        message.nested_type.CopyFrom(nested)
    else:
        message.type = type_bytes(attribute.type)
    return message


def function_message(function: type[Function]) -> pb.Function:
    """Return the message that declares a function."""
    message = pb.Function(
        parameters=[_parameter(parameter) for parameter in function.parameters],
        variadic_parameter=_parameter(function.variadic) if function.variadic else None,
        summary=function.summary,
        description=function.description,
        description_kind=pb.MARKDOWN,
        deprecation_message=function.deprecated,
    )
    getattr(message, "return").type = type_bytes(function.returns)
    return message


def _parameter(parameter: Parameter) -> pb.Function.Parameter:
    return pb.Function.Parameter(
        name=parameter.name,
        type=type_bytes(parameter.type),
        allow_null_value=parameter.allow_null,
        allow_unknown_values=parameter.allow_unknown,
        description=parameter.description,
        description_kind=pb.MARKDOWN,
    )


def type_bytes(type_: Type) -> bytes:
    """Return how the protocol writes a type."""
    return json.dumps(type_.json(), separators=(",", ":")).encode()
