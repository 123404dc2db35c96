"""What Terraform does with a resource, without Terraform: plan, apply, refresh, import, destroy."""

from collections.abc import Mapping
from typing import Any

from terraform_plugin import Change, Resource, State
from terraform_plugin.planning.plan import plan


def whole(resource: Resource, values: Mapping[str, Any]) -> State:
    """Return values as they come from the wire: every name is there."""
    return State(dict.fromkeys(resource.schema.attributes) | dict(values))


async def planned(resource: Resource, prior: State | None, config: Mapping[str, Any]) -> Change:
    """Return what is planned."""
    return await resource.plan(plan(resource.schema, prior, whole(resource, config)))


async def apply(resource: Resource, config: Mapping[str, Any], prior: State | None = None) -> State:
    """Create it, or update it in place."""
    change = await planned(resource, prior, config)
    assert change.planned is not None
    assert change.requires_replace == ()
    return await (resource.update(prior, change.planned) if prior else resource.create(change.planned))


async def refresh(resource: Resource, state: State) -> State | None:
    """Return what it is now."""
    return await resource.read(state)


async def imported(resource: Resource, id_: str) -> State | None:
    """Return the state after an import."""
    return await refresh(resource, whole(resource, await resource.import_state(id_)))


async def destroy(resource: Resource, state: State) -> None:
    """Remove it."""
    await resource.delete(state)
