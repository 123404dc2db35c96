"""Objects that this process has just created, and that Dynatrace may not show yet.

No source says whether a read that follows a create at once finds the object (docs/design/0008-sources.md#settings-api).
So a 404 about such an object is waited out. Any other 404 counts at once. A list may not contain such an object either.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable
from itertools import count
from typing import TypeVar

from terraform_provider_dynatrace.client.errors import NotFound
from terraform_provider_dynatrace.client.retry import NEW_OBJECTS
from terraform_provider_dynatrace.deadline import remaining

T = TypeVar("T")

LONGEST = 120.0
"""Seconds that are waited at most: as long as for a role by default."""
LONGEST_CHANGE = 10.0
"""Seconds for which a change of who has access is repeated: a 404 can also mean that there is no such user or group."""


class NewObjects:
    """Sends requests about objects, and waits for those that this process has just created."""

    def __init__(self, is_new: Callable[[str], bool], pause: Callable[[float], Awaitable[None]]) -> None:
        """`is_new`: whether this process created the object with an ID, and has not deleted it."""
        self._is_new = is_new
        self._pause = pause

    async def request(self, object_id: str, request: Callable[[], Awaitable[T]], longest: float = LONGEST) -> T:
        """Return the result of a request about an object, repeated for a new one while it raises `NotFound`.

        `longest` seconds after the first `NotFound`, or if the operation has no time left, it is raised. The request
        itself has all the time of the operation: an outage is not what is waited for here.
        """
        now = asyncio.get_running_loop().time
        last = math.inf
        for attempt in count():
            try:
                return await request()
            except NotFound:
                last = min(last, now() + longest)
                seconds = NEW_OBJECTS.pause(attempt)
                if not self._is_new(object_id) or now() + seconds > last or seconds > remaining():
                    raise
            await self._pause(seconds)
        raise AssertionError("count() does not end")

    async def read(self, object_id: str, read: Callable[[], Awaitable[T | None]]) -> T | None:
        """Return the result of reading an object, repeated for a new one while it is None. None if it stays None."""

        async def shown() -> T:
            if (found := await read()) is None:
                raise _NotShown("The object does not exist")
            return found

        try:
            return await self.request(object_id, shown)
        except _NotShown:
            return None


class _NotShown(NotFound):
    """A read returned None."""
