"""For debug mode: several configurations in one process, each with its own lifetime.

Without `--debug`, Terraform starts a process for each provider block and configures it once. A process in debug mode is
configured again by every run of Terraform, and by each provider block of a run. The previous configuration is released
when the last call that uses it has ended, so that no running call loses its client.
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


class Configuration:
    """What one `ConfigureProvider` returned: a client, and the resources and data sources made with it."""

    def __init__(self, client: Any = None) -> None:
        self.client = client
        self._instances: dict[Configurable, Any] = {}
        self._users: set[asyncio.Task[Any]] = set()

    def instance(self, class_: Configurable) -> Any:
        """Return the instance of a class. The running task, which handles one call, is a user until it ends."""
        task = asyncio.current_task()
        if task is not None and task not in self._users:
            self._users.add(task)
            task.add_done_callback(self._users.discard)
        if class_ not in self._instances:
            self._instances[class_] = class_(self.client)
        return self._instances[class_]

    @property
    def in_use(self) -> bool:
        return bool(self._users)

    async def wait_until_unused(self) -> None:
        """Return as soon as no call uses it."""
        while self._users:
            await asyncio.wait(self._users)


class Configurations:
    """The newest configuration, which new calls use, and earlier ones whose calls are still running."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider
        self._newest = Configuration()
        self._releases: set[asyncio.Task[None]] = set()

    def instance(self, class_: Configurable) -> Any:
        """Return the instance of a class in the newest configuration, for the call that begins now."""
        if self._newest.client is not None:
            self._provider.before_call(self._newest.client)
        return self._newest.instance(class_)

    async def configure(self, config: State) -> None:
        """Let new calls use another configuration. If the provider raises an error, there is none."""
        await self._replace(Configuration())
        await self._replace(Configuration(await self._provider.configure(config)))

    async def close(self) -> None:
        """Release everything, as soon as no call uses it."""
        await self._replace(Configuration())
        await asyncio.gather(*self._releases)

    async def _replace(self, newest: Configuration) -> None:
        previous, self._newest = self._newest, newest
        if previous.in_use:
            release = asyncio.create_task(self._release(previous))
            self._releases.add(release)
            release.add_done_callback(self._releases.discard)
        else:
            await self._release(previous)

    async def _release(self, configuration: Configuration) -> None:
        await configuration.wait_until_unused()
        if configuration.client is not None:
            await self._provider.close(configuration.client)
