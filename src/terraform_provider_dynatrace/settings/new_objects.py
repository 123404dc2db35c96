"""Objects that this process has just created, and that Dynatrace may not show yet.

No source says whether a read that follows a create at once finds the object (docs/design/0008-sources.md#settings-api).
So a 404 about such an object is waited out. Any other 404 counts at once.
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


async def when_shown(
    request: Callable[[], Awaitable[T]], pause: Callable[[float], Awaitable[None]], longest: float = LONGEST
) -> T:
    """Return the result of a request about a new object, repeated while it raises `NotFound`.

    `longest` seconds after the first `NotFound`, or if the operation has no time left, it is raised. The request itself
    has all the time of the operation: an outage is not what is waited for here.
    """
    now = asyncio.get_running_loop().time
    last = math.inf
    for attempt in count():
        try:
            return await request()
        except NotFound:
            last = min(last, now() + longest)
            seconds = NEW_OBJECTS.pause(attempt)
            if now() + seconds > last or seconds > remaining():
                raise
        await pause(seconds)
    raise AssertionError("count() does not end")
