"""What `ConfigureProvider` made, and how long it lives.

In debug mode one process is configured again and again, by one run of Terraform after the other and by each provider
block of a run: what came before is released when the last call that uses it has ended, not under its feet.
"""

from __future__ import annotations

import asyncio
from typing import Any

from terraform_plugin.data_source import DataSource
from terraform_plugin.list_resource import ListResource
from terraform_plugin.provider import Provider
from terraform_plugin.resource import Resource
from terraform_plugin.state.state import State

Configurable = type[Resource] | type[DataSource] | type[ListResource]


class Configured:
    """One client and the resources and data sources that were made with it."""

    def __init__(self, client: Any = None) -> None:
        self.client = client
        self._made: dict[Configurable, Any] = {}
        self._users: set[asyncio.Task[Any]] = set()

    def make(self, kind: Configurable) -> Any:
        """Return the instance of `kind`. The task that asks, which answers one call, is a user until it ends."""
        task = asyncio.current_task()
        if task is not None and task not in self._users:
            self._users.add(task)
            task.add_done_callback(self._users.discard)
        if kind not in self._made:
            self._made[kind] = kind(self.client)
        return self._made[kind]

    @property
    def in_use(self) -> bool:
        return bool(self._users)

    async def unused(self) -> None:
        """Return as soon as no call uses it."""
        while self._users:
            await asyncio.wait(self._users)


class Configurations:
    """The provider's configurations: one that new calls use, and earlier ones whose calls are still running."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._newest = Configured()
        self._releases: set[asyncio.Task[None]] = set()

    def make(self, kind: Configurable) -> Any:
        """Return the instance of `kind` in the newest configuration, for the call that begins now."""
        if self._newest.client is not None:
            self._provider.before_call(self._newest.client)
        return self._newest.make(kind)

    async def configure(self, config: State) -> None:
        """Let new calls use another configuration. Raises what the provider raises; there is none then."""
        await self._follow(Configured())
        await self._follow(Configured(await self._provider.configure(config)))

    async def close(self) -> None:
        """Release everything, as soon as no call uses it."""
        await self._follow(Configured())
        await asyncio.gather(*self._releases)

    async def _follow(self, newest: Configured) -> None:
        former, self._newest = self._newest, newest
        if former.in_use:
            release = asyncio.create_task(self._release(former))
            self._releases.add(release)
            release.add_done_callback(self._releases.discard)
        else:
            await self._release(former)

    async def _release(self, configured: Configured) -> None:
        await configured.unused()
        if configured.client is not None:
            await self._provider.close(configured.client)
