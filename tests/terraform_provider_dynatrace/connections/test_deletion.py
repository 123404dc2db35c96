"""A connection that Dynatrace is deleting already."""

import asyncio

import pytest

from terraform_provider_dynatrace.client.errors import Conflict
from terraform_provider_dynatrace.connections.deletion import delete_connection
from terraform_provider_dynatrace.settings.objects import SettingsObjects
from tests.terraform_provider_dynatrace.far_end import FarEnd, Time, client_of, json, refusal

GOING = refusal(409, "Settings object is being deleted.")


async def test_a_deletion_under_way_is_waited_for() -> None:
    """Until the connection is not found any more."""
    time = Time()
    far_end = FarEnd(GOING, GOING, refusal(404, "gone"))

    await delete_connection(SettingsObjects(client_of(far_end, time), "builtin:x"), "A")

    assert [request.method for request in far_end.requests] == ["DELETE"] * 3
    assert time.waited == [0.5, 1.0]


@pytest.mark.virtual_time
async def test_a_conflict_that_stays_is_reported() -> None:
    """After five minutes."""
    client = client_of(FarEnd(GOING))
    client.connection.pause = asyncio.sleep

    with pytest.raises(Conflict):
        await delete_connection(SettingsObjects(client, "builtin:x"), "A")


async def test_a_deletion_is_sent_once() -> None:
    """In the usual case."""
    far_end = FarEnd(json(None, 204))

    await delete_connection(SettingsObjects(client_of(far_end), "builtin:x"), "A")

    assert len(far_end.requests) == 1
