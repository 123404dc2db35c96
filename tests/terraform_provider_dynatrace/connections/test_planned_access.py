"""A transfer waits for what needs access to its object."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from terraform_plugin.diagnostics import collect_warnings
from terraform_provider_dynatrace.connections.planned_access import LONGEST_WAIT, PlannedAccess
from terraform_provider_dynatrace.settings.permissions import ALL_USERS


async def nothing() -> None:
    """Wait for nothing else."""


async def test_a_transfer_waits_for_everything_that_uses_its_object() -> None:
    """Also for what begins while it waits, and not for other objects."""
    access = PlannedAccess(nothing)
    order: list[str] = []

    async def use(name: str, object_id: str, ended: asyncio.Event) -> None:
        with access.using(object_id):
            await ended.wait()
            order.append(name)

    async def transfer() -> None:
        await access.wait_for_others("A")
        order.append("transfer")
        other.set()

    first, second, other = asyncio.Event(), asyncio.Event(), asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(use("permissions", "A", first))
        tasks.create_task(use("another object", "B", other))
        tasks.create_task(transfer())
        tasks.create_task(use("role ARN", "A", second))
        await asyncio.sleep(0)
        first.set()
        await asyncio.sleep(0)
        second.set()

    assert order == ["permissions", "role ARN", "transfer", "another object"]


async def test_an_operation_that_fails_has_ended_too() -> None:
    """The transfer goes on; whether it keeps access is checked then."""
    access = PlannedAccess(nothing)

    with pytest.raises(ValueError, match="refused"), access.using("A"):
        raise ValueError("refused")

    await access.wait_for_others("A")


@pytest.mark.virtual_time
async def test_a_transfer_does_not_wait_for_ever() -> None:
    """The longest operation that it may have to wait for takes 2 minutes."""
    access = PlannedAccess(nothing)
    loop = asyncio.get_running_loop()
    start = loop.time()

    with access.using("A"):
        await access.wait_for_others("A")

    assert loop.time() - start == pytest.approx(LONGEST_WAIT)


def test_plans_are_noted_by_object() -> None:
    """Permissions that are planned to be none are something else than no plan."""
    access = PlannedAccess()

    access.note_permissions("A", {})
    access.note_permissions("B", {ALL_USERS: "read"})
    access.note_role_arn("A")

    assert (access.permissions("A"), access.permissions("B"), access.permissions("C")) == (
        {},
        {ALL_USERS: "read"},
        None,
    )
    assert (access.sets_role_arn("A"), access.sets_role_arn("B")) == (True, False)


@pytest.mark.parametrize("owner_first", [True, False])
def test_a_destroy_that_revokes_access_first_is_a_warning(*, owner_first: bool) -> None:
    """Once, whichever of the two is planned first; not for another object, and not for one of the two alone."""
    access = PlannedAccess()
    notes: list[Callable[[], None]] = [lambda: access.note_given_away("A", "group G"), lambda: access.note_revoked("A")]

    with collect_warnings() as warnings:
        access.note_revoked("B")
        access.note_given_away("C", "user U")
        for note in notes if owner_first else reversed(notes):
            assert warnings == []
            note()

    [warning] = warnings
    assert warning.summary == "Access is revoked before the object is deleted"
    assert "The settings object A belongs to group G." in warning.detail
    assert "admin_access = true" in warning.detail
