"""What the runtime refuses by itself, in words for the user."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

from terraform_plugin.cty.types import Value, is_wholly_known
from terraform_plugin.data_source import DataSource
from terraform_plugin.diagnostics import Error
from terraform_plugin.function import Function, Parameter
from terraform_plugin.list_resource import ListResource
from terraform_plugin.provider import Provider
from terraform_plugin.resource import MoveSource, Resource
from terraform_plugin.state.objects import unknown_names
from terraform_plugin.state.state import State
from terraform_plugin.validation import validate

T = TypeVar("T")
Validated = type[Resource] | type[DataSource] | type[ListResource] | Provider


def refuse_mistakes(kind: Validated, config: State, *, write_only_allowed: bool = True) -> None:
    """Show all mistakes at once: those against the schema, and what the author's own check raises."""
    mistakes: list[Exception] = [*validate(kind.schema, config, write_only_allowed=write_only_allowed)]
    try:
        kind.validate(config)
    except Exception as error:  # noqa: BLE001  # raised again below, beside the others
        mistakes.append(error)
    if mistakes:
        raise ExceptionGroup("the configuration has mistakes", mistakes)


def named(known: Mapping[str, T], name: str, kind: str) -> T:
    """Return what is called `name`. Raises `Error` with what there is; `kind` says what it would be."""
    if name not in known:
        offered = ", ".join(sorted(known)) or f"no {kind}"
        raise Error(f"No {kind} is called {name}", f"This version of the provider offers {offered}.")
    return known[name]


def newer(version: int, resource: type[Resource]) -> Error:
    """Return the refusal of a state with a schema version that this provider does not know yet."""
    return Error(
        "The state was written by a newer provider",
        f"It has version {version} of the schema of {resource.type_name}, this provider knows version "
        f"{resource.schema.version}. Use a newer release of the provider.",
    )


def cannot_move(source: MoveSource, resource: type[Resource]) -> Error:
    """Return the refusal of a `moved` block from something that the resource does not know."""
    return Error(
        f"Cannot move {source.type_name} to {resource.type_name}",
        f"This provider does not know how a {source.type_name} of {source.provider} becomes a {resource.type_name}. "
        "Remove the moved block; import the object as a new resource instead.",
    )


def whole(kind: Resource | DataSource | type[Resource], state: State, operation: str) -> State:
    """Return the state if nothing in it is unknown."""
    if unknown := unknown_names(state):
        raise Error(
            f"{kind.type_name}: values are missing after {operation}",
            f"The provider did not say what {', '.join(unknown)} became. This is a bug in the provider.",
        )
    return state


def parameters(function: type[Function], count: int) -> list[Parameter]:
    """Return the parameter of each of `count` arguments. Raises `Error` where they are too few or too many."""
    fixed = list(function.parameters)
    surplus = count - len(fixed)
    if surplus < 0 or (surplus and function.variadic is None):
        raise Error(f"{function.name} takes {len(fixed)} arguments, got {count}")
    return fixed + [function.variadic] * surplus if function.variadic else fixed


def callable_with(parameters: Sequence[Parameter], arguments: Sequence[Value]) -> bool:
    """Return whether the function can be asked: not about something unknown, at any depth, that it does not allow.

    Raises `Error` for a null that it does not allow. OpenTofu looks only at the argument itself.
    """
    for index, (parameter, argument) in enumerate(zip(parameters, arguments, strict=True)):
        if argument is None and not parameter.allow_null:
            raise Error(f"{parameter.name} must not be null", argument=index)
    pairs = zip(parameters, arguments, strict=True)
    return all(parameter.allow_unknown or is_wholly_known(argument) for parameter, argument in pairs)
