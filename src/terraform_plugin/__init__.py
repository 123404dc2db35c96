"""Write a Terraform provider in Python. An author imports everything from here, and `serve` from `.serve`.

A provider is a subclass of `Provider`; it lists `Resource`, `DataSource` and `Function` subclasses, each of which
declares a `Schema` and takes and returns `State`. Mistakes are raised as `Error`.
"""

from terraform_plugin.cty.types import (
    UNKNOWN,
    Bool,
    Dynamic,
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
    is_known,
    is_wholly_known,
)
from terraform_plugin.data_source import DataSource
from terraform_plugin.diagnostics import Diagnostic, Error, Key, Path, Severity, warn
from terraform_plugin.function import Function, Parameter
from terraform_plugin.list_resource import ListedObject, ListResource
from terraform_plugin.provider import Provider
from terraform_plugin.resource import Change, MoveSource, Resource, keep_state
from terraform_plugin.schema import NO_DEFAULT, Attribute, Block, Nested, Schema, Validator
from terraform_plugin.state.state import State
from terraform_plugin.stopping import Stopped, pause, stop_requested
from terraform_plugin.timeouts import timeout_of, timeouts

__all__ = [
    "NO_DEFAULT",
    "UNKNOWN",
    "Attribute",
    "Block",
    "Bool",
    "Change",
    "DataSource",
    "Diagnostic",
    "Dynamic",
    "DynamicType",
    "Error",
    "Function",
    "Key",
    "List",
    "ListResource",
    "ListedObject",
    "Map",
    "MoveSource",
    "Nested",
    "Number",
    "Object",
    "Parameter",
    "Path",
    "Provider",
    "Resource",
    "Schema",
    "Set",
    "Severity",
    "State",
    "Stopped",
    "String",
    "Tuple",
    "Type",
    "Unknown",
    "Validator",
    "Value",
    "is_known",
    "is_wholly_known",
    "keep_state",
    "pause",
    "stop_requested",
    "timeout_of",
    "timeouts",
    "warn",
]
