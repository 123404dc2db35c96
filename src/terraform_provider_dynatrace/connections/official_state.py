"""Converts states that the official provider wrote. Pure.

That provider is built with another SDK, which stores an empty set where nothing is configured, and `[null]` for an
empty block. Source: docs/design/0008-sources.md#official-state.

States arrive in two ways: `terraform state replace-provider` only changes the provider's address, so `upgrade` of the
resource sees them; a `moved` block between the two providers calls `move`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from terraform_plugin import Error, MoveSource, Resource, State
from terraform_plugin.state.state_json import without_empty_timeouts


def moved(resource: type[Resource], source: MoveSource) -> State | None:
    """Return the state of the same resource of another Dynatrace provider, or None for anything else.

    The other provider may be the official one, or this one under another address. Its private data is dropped.
    """
    *_, provider = source.provider.split("/")
    if (provider, source.type_name) != ("dynatrace", resource.type_name) or source.version > resource.schema.version:
        return None
    return State(without_empty_timeouts(resource.schema, resource.upgrade(source.version, dict(source.state))))


def same_ids(state: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the state with `id` and the attribute `name` set to the one ID that they share; either may be missing."""
    known = with_id({**state, "id": state.get("id") or state.get(name)})["id"]
    return {**state, "id": known, name: known}


def with_id(state: Mapping[str, Any]) -> dict[str, Any]:
    """Return the state. Raises `Error` for one whose ID is absent or not text: nothing could be read with it."""
    if not isinstance(state.get("id"), str) or not state["id"]:
        raise Error(
            "The state has no ID",
            "The attribute id in the state must be the ID of an object in Dynatrace. Remove the resource from the "
            "state (terraform state rm ADDRESS), then import the object.",
        )
    return dict(state)


def blocks(value: Any, change: Callable[[dict[str, Any]], dict[str, Any]] = dict) -> Any:
    """Return a list of blocks without the other SDK's forms of "absent", each changed by `change`.

    None becomes an empty list, and a null element an empty block. A value that is not a list, or an element that is not
    an object, is returned as it is: reading it with the schema reports the error.
    """
    if not isinstance(value, list | None):
        return value
    elements = ({} if element is None else element for element in value or [])
    return [change(element) if isinstance(element, dict) else element for element in elements]


def without_empty(block: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the block with null in place of an empty set `name`: a configuration that does not set it has null."""
    return {**block, name: block.get(name) or None}
