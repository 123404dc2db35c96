"""Terraform's type system: types, numbers, their msgpack encoding, and blocks with dynamic types.

The types and the two values that Python has no word for can be taken from here: `cty.List(cty.String)`.
"""

from terraform_plugin.cty.types import (
    UNKNOWN,
    Bool,
    Dynamic,
    DynamicNested,
    DynamicType,
    List,
    Map,
    Number,
    Object,
    Set,
    String,
    Tuple,
    Type,
    Unknown,
    Value,
    contains_dynamic,
    is_known,
    is_wholly_known,
    type_from_json,
)

__all__ = [
    "UNKNOWN",
    "Bool",
    "Dynamic",
    "DynamicNested",
    "DynamicType",
    "List",
    "Map",
    "Number",
    "Object",
    "Set",
    "String",
    "Tuple",
    "Type",
    "Unknown",
    "Value",
    "contains_dynamic",
    "is_known",
    "is_wholly_known",
    "type_from_json",
]
