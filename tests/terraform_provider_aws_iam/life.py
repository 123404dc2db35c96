"""What Terraform does with a resource, without Terraform: plan, apply, refresh, import, destroy."""

import asyncio
from collections.abc import Mapping
from typing import Any

from terraform_plugin import Change, Resource, State
from terraform_plugin.planning.plan import plan


def whole(resource: Resource, values: Mapping[str, Any]) -> State:
    """Return values as they come from the wire: every name is there."""
    return State(dict.fromkeys(resource.schema.attributes) | dict(values))


def planned(resource: Resource, prior: State | None, config: Mapping[str, Any]) -> Change:
    """Return what is planned."""
    return asyncio.run(resource.plan(plan(resource.schema, prior, whole(resource, config))))


def apply(resource: Resource, config: Mapping[str, Any], prior: State | None = None) -> State:
    """Create it, or update it in place."""
    change = planned(resource, prior, config)
    assert change.planned is not None
    assert change.requires_replace == ()
    return asyncio.run(resource.update(prior, change.planned) if prior else resource.create(change.planned))


def refresh(resource: Resource, state: State) -> State | None:
    """Return what it is now."""
    return asyncio.run(resource.read(state))


def imported(resource: Resource, id_: str) -> State | None:
    """Return the state after an import."""
    return refresh(resource, whole(resource, asyncio.run(resource.import_state(id_))))


def destroy(resource: Resource, state: State) -> None:
    """Remove it."""
    asyncio.run(resource.delete(state))
