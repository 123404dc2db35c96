"""Who gets access to settings objects in one run of Terraform, as far as this process has seen it."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from terraform_plugin import warn

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Mapping

    from terraform_provider_dynatrace.settings.permissions import Accessor, Level


async def window() -> None:
    """Wait 30 ms: Terraform starts the operations that wait for the same one within a few milliseconds."""
    await asyncio.sleep(0.03)


LONGEST_WAIT = 150.0
"""Seconds that a transfer waits for other operations on its object: the longest is setting a role ARN, 2 minutes."""


class PlannedAccess:
    """Planned permissions by object, and the operations that need access to an object which may be transferred.

    Terraform takes resources that do not refer to each other in any order, several at a time. `window` is how long a
    transfer waits for those that Terraform starts together with it.
    """

    def __init__(self, window: Callable[[], Awaitable[None]] = window) -> None:
        self._accessors: dict[str, Mapping[Accessor, Level]] = {}
        self._role_arns: set[str] = set()
        self._given_away: dict[str, str] = {}
        self._revoked: set[str] = set()
        self._running: Counter[str] = Counter()
        self._ended = asyncio.Event()
        self._window = window

    def note_permissions(self, object_id: str, accessors: Mapping[Accessor, Level]) -> None:
        """Note the planned permissions of an object that exists."""
        self._accessors[object_id] = accessors

    def permissions(self, object_id: str) -> Mapping[Accessor, Level] | None:
        """Return the planned permissions, None if none were planned so far."""
        return self._accessors.get(object_id)

    def note_role_arn(self, object_id: str) -> None:
        """Note that this run sets the role ARN of a connection that exists."""
        self._role_arns.add(object_id)

    def sets_role_arn(self, object_id: str) -> bool:
        """Return whether this run sets the role ARN of a connection, as far as was planned."""
        return object_id in self._role_arns

    def note_given_away(self, object_id: str, owner: str) -> None:
        """Note that this run destroys the resource for the owner of an object, who is `owner` in words."""
        self._given_away[object_id] = owner
        self._warn_of_lockout(object_id)

    def note_revoked(self, object_id: str) -> None:
        """Note that this run revokes all permissions on an object."""
        self._revoked.add(object_id)
        self._warn_of_lockout(object_id)

    def _warn_of_lockout(self, object_id: str) -> None:
        """Warn, once both are planned, that the credential may lose its access before the object can be deleted.

        Terraform plans the two in any order, and destroys both before the object itself.
        """
        if object_id not in self._revoked or object_id not in self._given_away:
            return
        warn(
            "Access is revoked before the object is deleted",
            f"The settings object {object_id} belongs to {self._given_away.pop(object_id)}. Destroying "
            "dynatrace_settings_permissions revokes the access of everybody else. If this credential has access only "
            "through these permissions, it cannot delete the object afterwards. Set admin_access = true in the "
            "provider block, or transfer the object back first.",
        )

    @contextmanager
    def using(self, object_id: str) -> Iterator[None]:
        """Let a transfer of the object that begins inside the block wait for its end."""
        self._running[object_id] += 1
        try:
            yield
        finally:
            self._running[object_id] -= 1
            ended, self._ended = self._ended, asyncio.Event()
            ended.set()

    async def wait_for_others(self, object_id: str) -> None:
        """Wait until no other operation of this process uses the object, for at most `LONGEST_WAIT` seconds."""
        await self._window()
        with suppress(TimeoutError):
            async with asyncio.timeout(LONGEST_WAIT):
                while self._running[object_id]:
                    await self._ended.wait()
