"""What the runtime refuses by itself, in words for the user."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

from terraform_plugin.diagnostics import Error
from terraform_plugin.provider import Function, MoveSource, Parameter, Resource, State
from terraform_plugin.values import unknown_names

Kind = TypeVar("Kind")


def named(known: Mapping[str, Kind], name: str, kind: str) -> Kind:
    if name not in known:
        offered = ", ".join(sorted(known)) or f"no {kind}"
        raise Error(f"No {kind} is called {name}", f"This version of the provider offers {offered}.")
    return known[name]


def newer(version: int, resource: type[Resource]) -> Error:
    return Error(
        "The state was written by a newer provider",
        f"It has version {version} of the schema of {resource.type_name}, this provider knows version "
        f"{resource.schema.version}. Use a newer release of the provider.",
    )


def cannot_move(source: MoveSource, resource: type[Resource]) -> Error:
    return Error(
        f"Cannot move {source.type_name} to {resource.type_name}",
        f"This provider does not know how a {source.type_name} of {source.provider} becomes a {resource.type_name}. "
        "Remove the moved block; import the object as a new resource instead.",
    )


def refuse_unknowns(resource: Resource, result: State | None) -> None:
    if unknown := unknown_names(result or {}):
        raise Error(
            f"{resource.type_name}: values are missing after apply",
            f"The provider did not say what {', '.join(unknown)} became. This is a bug in the provider; the resource "
            "exists and is in the state.",
        )


def parameters(function: type[Function], count: int) -> list[Parameter]:
    fixed = list(function.parameters)
    surplus = count - len(fixed)
    if surplus < 0 or (surplus and function.variadic is None):
        raise Error(f"{function.name} takes {len(fixed)} arguments, got {count}")
    return fixed + [function.variadic] * surplus if function.variadic else fixed
