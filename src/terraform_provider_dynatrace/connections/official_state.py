"""States that the official provider wrote, as ours. Pure.

Source: the fact sheet on the official provider, "State it writes". It is written with another SDK, which keeps an empty
set where nothing is configured, and `[null]` for a block with nothing in it. Only the provider's address changes with
`terraform state replace-provider`; a `moved` block between the two providers asks for a move.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from terraform_plugin import MoveSource, Resource, State
from terraform_plugin.state.state_json import from_json


def moved(resource: type[Resource], source: MoveSource) -> State | None:
    """Return the state of the same resource of another Dynatrace provider, or None for anything else.

    The other provider may be the official one or this one under another address; its private data stays behind.
    """
    *_, provider = source.provider.split("/")
    if (provider, source.type_name) != ("dynatrace", resource.type_name) or source.version > resource.schema.version:
        return None
    return State(from_json(resource.schema, resource.upgrade(source.version, dict(source.state))))


def same_ids(state: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the state with `id` and the attribute `name`, which are one id: each stands in for the other."""
    known = state.get("id") or state.get(name)
    return {**state, "id": known, name: known}


def blocks(value: Any, change: Callable[[dict[str, Any]], dict[str, Any]] = dict) -> Any:
    """Return a list of blocks without the other SDK's spellings: null for none, null for an empty one.

    Each goes through `change`. What is no block, or no list, stays as it is: who reads it by the schema refuses it.
    """
    if not isinstance(value, list | None):
        return value
    found = ({} if element is None else element for element in value or [])
    return [change(element) if isinstance(element, dict) else element for element in found]


def without_empty(block: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the block with null where its set `name` is empty: that is how it is configured, too."""
    return {**block, name: block.get(name) or None}
