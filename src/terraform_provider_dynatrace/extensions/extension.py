"""One extension in one environment, as resources use it: its versions, and its monitoring configurations."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from terraform_plugin import warn
from terraform_provider_dynatrace.client.client import Attempts, failing_with
from terraform_provider_dynatrace.client.errors import Conflict, DynatraceError, NotFound
from terraform_provider_dynatrace.client.retry import EDITS, Idempotency
from terraform_provider_dynatrace.extensions.model import Configuration, contains, version_key
from terraform_provider_dynatrace.settings.batcher import Batcher
from terraform_provider_dynatrace.settings.new_objects import NewObjects

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from terraform_provider_dynatrace.extensions.api import ExtensionsApi

FEW = 3
"""Up to this many configurations are read one by one; for more, the whole list is read."""
_MAX_BATCH = 1000
MAX_CONFLICTS = 5
"""How often a change starts again because somebody else changed the configuration at the same time."""


class Extension:
    """The monitoring configurations of one extension. What was read is kept until this process writes it.

    Every method raises `DynatraceError` (`Rejected` with the server's reasons, `Forbidden`, …) and `Stopped`.
    """

    def __init__(self, api: ExtensionsApi) -> None:
        self.api = api
        self._known: dict[str, Configuration] = {}
        self._written: set[str] = set()
        self._new: set[str] = set()
        self._new_objects = NewObjects(self._new.__contains__, api.configurations.pause)
        self._reads = Batcher(self._read, max_batch=_MAX_BATCH)
        self._lists = Batcher(self._list_once, max_batch=_MAX_BATCH)
        self._snapshot: Sequence[Configuration] | None = None
        self._versions: list[str] | None = None
        self._enums: dict[str, Mapping[str, Sequence[str]]] = {}
        self.unreadable: Sequence[str] = ()
        """A sentence for each configuration that the last list left out."""

    @property
    def name(self) -> str:
        """The name of the extension."""
        return self.api.name

    async def versions(self) -> Sequence[str]:
        """Return the installed versions, newest first; none if the extension is not installed."""
        if self._versions is None:
            self._versions = sorted(await self.api.versions(), key=version_key, reverse=True)
        return self._versions

    async def default_version(self) -> str | None:
        """Return the active version, else the newest; None if the extension is not installed."""
        return await self.api.active_version() or next(iter(await self.versions()), None)

    async def enums(self, version: str) -> Mapping[str, Sequence[str]]:
        """Return the values of the enumerations in the schema of an installed version, by name."""
        if version not in self._enums:
            self._enums[version] = await self.api.enums(version)
        return self._enums[version]

    async def list(self) -> Sequence[Configuration]:
        """Return all configurations that the credential may read, and warn about those in an unknown form."""
        listing = await self.api.list()
        for problem in listing.unreadable:
            warn("A monitoring configuration was left out", problem)
        self.unreadable = listing.unreadable
        found = listing.configurations
        self._known |= {one.object_id: one for one in found if one.object_id not in self._written}
        return found

    async def snapshot(self) -> Sequence[Configuration]:
        """Return all configurations as they were since this provider was configured: one list for a whole plan."""
        if self._snapshot is None:
            self._snapshot = await self._lists.load(None)
        return self._snapshot

    async def _list_once(self, wanted: Sequence[None]) -> Sequence[Sequence[Configuration]]:
        return [await self.list()] * len(wanted)

    async def get(self, object_id: str) -> Configuration | None:
        """Return a configuration, None if it does not exist.

        It is as it was since this provider was configured, or later; as it is now if this process wrote it. One that
        this process created is waited for.
        """
        return self._known.get(object_id) or await self._new_objects.read(
            object_id, lambda: self._reads.load(object_id)
        )

    async def _read(self, object_ids: Sequence[str]) -> Sequence[Configuration | Exception | None]:
        wanted = dict.fromkeys(object_ids)
        found = {} if len(wanted) <= FEW else {one.object_id: one for one in await self.list()}
        missing = [one for one in wanted if one not in found]
        single = await asyncio.gather(*map(self.api.get, missing), return_exceptions=True)
        results = dict(zip(missing, single, strict=True))
        for one in results.values():
            if isinstance(one, Configuration) and one.object_id not in self._written:
                self._known[one.object_id] = one
        answers: list[Configuration | Exception | None] = []
        for object_id in object_ids:
            one = found.get(object_id) or results.get(object_id)
            if isinstance(one, BaseException) and not isinstance(one, Exception):
                raise one
            answers.append(one)
        return answers

    async def create(self, scope: str, value: Mapping[str, Any]) -> Configuration:
        """Create a configuration and return it as it was sent."""
        object_id = await self._create_once(scope, value)
        self._written.add(object_id)
        self._new.add(object_id)
        return Configuration(object_id, scope, dict(value))

    async def _create_once(self, scope: str, value: Mapping[str, Any]) -> str:
        """Create a configuration and return its ID, also if a response is lost.

        The API cannot recognize a repeated request. So the list shows whether a request without a usable response had
        an effect, and the request is repeated only if it had none. If the list is late, Dynatrace refuses the second
        configuration for the same account, and the list is read again. Source:
        docs/design/0008-sources.md#monitoring-configuration.
        """
        client, attempts = self.api.configurations, Attempts()
        failure: DynatraceError | None = None
        while True:
            with failing_with(failure):
                if failure is not None:
                    if created := await self._created(scope, value, failure):
                        return created.object_id
                    request = f"The creation of a monitoring configuration of {self.name}"
                    await client.wait_before_retry(request, failure, Idempotency.IDEMPOTENT, attempts)
                attempts.sent_at = client.connection.clock()
                try:
                    return await self.api.create(scope, value)
                except DynatraceError as latest:
                    failure = latest.with_earlier(failure)
                    attempts.note(latest)
                    if not failure.outcome_unknown:
                        raise

    async def _created(self, scope: str, value: Mapping[str, Any], failure: DynatraceError) -> Configuration | None:
        """Return the configuration with everything that was sent, None if there is none.

        Raises `failure` if that cannot be decided: if the list fails, or contains several.
        """
        try:
            listing = await self.api.list()
        except DynatraceError:
            raise failure from None
        found = [one for one in listing.configurations if one.scope == scope and contains(one.value, value)]
        if len(found) > 1:
            raise failure
        return found[0] if found else None

    async def edit(self, object_id: str, change: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> Configuration:
        """Change a value and return the configuration as it is then; nothing is sent if nothing changes.

        `change` gets the present value and returns the new one. The API has no lock that would notice a change made by
        somebody else between this read and this write. Raises `NotFound`.
        """
        conflicts = 0
        while True:
            found = await self.api.get(object_id)
            if found is None:
                raise _gone(object_id)
            value = change(found.value)
            if value == found.value:
                return found
            self._forget(object_id)
            try:
                await self.api.put(object_id, value)
            except Conflict:
                if conflicts == MAX_CONFLICTS:
                    raise
                await self.api.configurations.pause(EDITS.pause(conflicts))
                conflicts += 1
            else:
                return replace(found, value=dict(value))

    async def delete(self, object_id: str) -> None:
        """Delete a configuration; one that does not exist is fine."""
        self._forget(object_id)
        await self.api.delete(object_id)
        self._new.discard(object_id)

    def _forget(self, object_id: str) -> None:
        self._written.add(object_id)
        self._known.pop(object_id, None)


def _gone(object_id: str) -> NotFound:
    return NotFound(
        "Monitoring configuration not found",
        f"The monitoring configuration {object_id} was deleted, or this credential may not read it. Run terraform plan "
        "again.",
    )
