"""Deletes a connection, also while Dynatrace is deleting it in the background."""

from __future__ import annotations

from itertools import count
from typing import TYPE_CHECKING

from terraform_provider_dynatrace.client.errors import Conflict
from terraform_provider_dynatrace.client.retry import DELETIONS
from terraform_provider_dynatrace.deadline import deadline, remaining

if TYPE_CHECKING:
    from terraform_provider_dynatrace.settings.objects import SettingsObjects

_LONGEST = 300.0
"""Seconds. How long Dynatrace takes is not known."""


async def delete_connection(connections: SettingsObjects, object_id: str) -> None:
    """Delete a connection; one that does not exist is fine.

    Dynatrace deletes a connection in the background after its monitoring configuration was deleted. Whether it refuses
    another deletion meanwhile is not known (docs/design/0008-sources.md#monitoring-configuration), so a conflict is
    retried until the connection is gone. Raises `DynatraceError`.
    """
    with deadline(_LONGEST):
        for attempt in count():
            try:
                await connections.delete(object_id)
            except Conflict:
                seconds = DELETIONS.pause(attempt)
                if seconds > remaining():
                    raise
                await connections.client.pause(seconds)
            else:
                return
