"""Write a Terraform provider in Python. An author imports everything from here, and `serve` from `.serve`.

A provider is a subclass of `Provider`; it lists `Resource`, `DataSource` and `Function` subclasses, each of which
declares a `Schema` and takes and returns `State`. Mistakes are raised as `Error`.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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
    from terraform_plugin.provider import Late, Provider
    from terraform_plugin.resource import Change, MoveSource, Resource, keep_state
    from terraform_plugin.schema import NO_DEFAULT, Attribute, Block, Nested, Schema, Validator
    from terraform_plugin.state.state import State
    from terraform_plugin.stopping import Stopped, pause, stop_requested
    from terraform_plugin.timeout import timeout_of, timeouts

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
    "Late",
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

_MODULES = {
    "cty.types": "Bool Dynamic DynamicType List Map Number Object Set "
    "String Tuple Type UNKNOWN Unknown Value is_known is_wholly_known",
    "data_source": "DataSource",
    "diagnostics": "Diagnostic Error Key Path Severity warn",
    "function": "Function Parameter",
    "list_resource": "ListResource ListedObject",
    "provider": "Late Provider",
    "resource": "Change MoveSource Resource keep_state",
    "schema": "Attribute Block NO_DEFAULT Nested Schema Validator",
    "state.state": "State",
    "stopping": "Stopped pause stop_requested",
    "timeout": "timeout_of timeouts",
}
"""Where each name is from. A module is imported when a name is used: a process that starts needs `.serve` first."""


if not TYPE_CHECKING:

    def __getattr__(name: str) -> object:
        for module, names in _MODULES.items():
            if name in names.split():
                found = globals()[name] = getattr(import_module(f"terraform_plugin.{module}"), name)
                return found
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
