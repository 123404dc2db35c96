"""What the library refuses by itself, with the text for the user."""

from __future__ import annotations

from terraform_plugin.data_source import DataSource
from terraform_plugin.diagnostics import Error
from terraform_plugin.list_resource import ListResource
from terraform_plugin.provider import Provider
from terraform_plugin.resource import MoveSource, Resource
from terraform_plugin.state.objects import unknown_names
from terraform_plugin.state.state import State
from terraform_plugin.validation import validate

Configured = type[Resource] | type[DataSource] | type[ListResource] | Provider
"""What has a configuration."""


def check_config(configured: Configured, config: State, *, write_only_allowed: bool = True) -> None:
    """Check a configuration against the schema and with the author's `validate`.

    Raises an `ExceptionGroup` of all mistakes, so that the user sees them at once.
    """
    mistakes: list[Exception] = [*validate(configured.schema, config, write_only_allowed=write_only_allowed)]
    try:
        _call_validate(configured, config)
    except Exception as error:  # noqa: BLE001  # raised again below, with the others
        mistakes.append(error)
    if mistakes:
        raise ExceptionGroup("the configuration has mistakes", mistakes)


def _call_validate(configured: Configured, config: State) -> None:
    returned: object = configured.validate(config)  # an author may forget to raise it
    if returned is not None:
        # A list of errors, a generator, or a coroutine: the mistakes in it would pass unnoticed.
        raise TypeError(f"validate must raise Error or return None, got {type(returned).__name__}")


def check_known(owner: Resource | DataSource | type[Resource], state: State, operation: str) -> State:
    """Return the state if everything in it is known. Raises `Error`, and `TypeError` for anything but a state."""
    check_returned(operation, state, dict, "a State")
    if unknown := unknown_names(state):
        raise values_missing(owner, unknown, operation)
    return state


def check_returned(method: str, returned: object, kind: type, expected: str) -> None:
    """Raise `TypeError` if an author's method returned something else, before it fails elsewhere."""
    if not isinstance(returned, kind):
        raise TypeError(f"{method} must return {expected}, got {type(returned).__name__}")


def values_missing(owner: Resource | DataSource | type[Resource], names: list[str], operation: str) -> Error:
    """Return the error for values that are still unknown after an operation."""
    return Error(
        f"{owner.type_name}: values are missing after {operation}",
        f"The provider left {', '.join(names)} unknown. This is a bug in the provider: please report it.",
    )


def state_too_new(version: int, resource: type[Resource]) -> Error:
    """Return the error for a state with a schema version that this provider does not support yet."""
    return Error(
        "The state was written by a newer provider",
        f"It has version {version} of the schema of {resource.type_name}; this provider supports versions up to "
        f"{resource.schema.version}. Use a newer release of the provider.",
    )


def cannot_move(source: MoveSource, resource: type[Resource]) -> Error:
    """Return the error for a `moved` block from a resource type that the resource does not support."""
    return Error(
        f"Cannot move {source.type_name} to {resource.type_name}",
        f"This provider cannot convert a {source.type_name} of {source.provider} to a {resource.type_name}. Remove the "
        "moved block and import the object as a new resource instead.",
    )
