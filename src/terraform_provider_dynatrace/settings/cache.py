"""Objects that were read, for whoever wants them again: never older than the configuration of this provider."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from terraform_provider_dynatrace.client.errors import DynatraceError, Rejected
from terraform_provider_dynatrace.settings.api import PAGE_SIZE, SettingsApi
from terraform_provider_dynatrace.settings.batcher import Batcher, no_window, usual_window
from terraform_provider_dynatrace.settings.model import SettingsObject

FEW = 3
"""Up to this many objects are read one by one; for more, pages are read."""
_MAX_BATCH = 100  # also keeps a list of external IDs below the length of a URL


class Snapshot:
    """Objects as they were read, without those that this process has written since."""

    def __init__(self) -> None:
        self._objects: dict[str, SettingsObject] = {}
        self._written: dict[str, int] = {}
        self._writes = 0

    def get(self, object_id: str) -> SettingsObject | None:
        return self._objects.get(object_id)

    def now(self) -> int:
        """Return the moment at which a read begins, for `keep`."""
        return self._writes

    def keep(self, objects: Iterable[SettingsObject], since: int) -> None:
        """Remember what a read that began at `since` returned, without what was written in between."""
        for found in objects:
            if self._written.get(found.object_id, 0) <= since:
                self._objects[found.object_id] = found

    def written(self, object_id: str) -> None:
        """Forget an object. Called before and after each write: a read in between may have seen either version."""
        self._writes += 1
        self._written[object_id] = self._writes
        self._objects.pop(object_id, None)


class _Wanted(NamedTuple):
    object_id: str
    fresh: bool
    """Whether it must be read now, because the caller is going to change the object."""


class ReadCache:
    """Reads objects of one schema in batches, and keeps them.

    What was read once is not read again until this process writes it. When more than a few objects are wanted, and
    fewer requests do it, pages are read instead of single objects. An object that is on no page is read by its ID
    before it counts as deleted.
    """

    def __init__(
        self,
        api: SettingsApi,
        *,
        window: Callable[[], Awaitable[None]] = usual_window,
    ) -> None:
        self._api = api
        self._snapshot = Snapshot()
        self._external_ids: dict[str, str] = {}
        self.has_created = False
        """Whether this process has created an object, which it only does while Terraform applies."""
        self._demand: set[str] = set()
        self.pages = 1
        """How many the list has, as far as is known."""
        self._listed = False
        self._listing = asyncio.Lock()
        self._by_name: dict[str, list[str]] = {}
        self._batcher = Batcher(self._load, max_batch=_MAX_BATCH, window=window)
        self._batcher_for_new = Batcher(self._load, max_batch=_MAX_BATCH, window=no_window)

    async def get(self, object_id: str) -> SettingsObject | None:
        """Return an object as it is, or was since the provider was configured; None if it does not exist."""
        return self._snapshot.get(object_id) or await self._batcher.load(_Wanted(object_id, fresh=False))

    async def get_now(self, object_id: str) -> SettingsObject | None:
        """Return an object as it is now; None if it does not exist.

        For an object that this process created, nobody waits for others: Terraform creates the objects of an apply one
        after the other, and the time of the apply is the sum of what each of them waits for.
        """
        batcher = self._batcher_for_new if self.is_new(object_id) else self._batcher
        return await batcher.load(_Wanted(object_id, fresh=True))

    async def is_listed(self, requests: int) -> bool:
        """Return whether all objects have been read, after reading them if that takes at most so many requests."""
        async with self._listing:
            if not self._listed and self.pages <= requests:
                await self._list(requests)
        return self._listed

    def named(self, name: str) -> Sequence[SettingsObject]:
        """Return the objects with this name, among those that were listed and that this process has not written."""
        known = (self._snapshot.get(object_id) for object_id in self._by_name.get(name, ()))
        return [found for found in known if found is not None and found.value.get("name") == name]

    def created(self, object_id: str, external_id: str) -> None:
        """Note an object that this process created: many of those are read at once by their external IDs."""
        self._external_ids[object_id] = external_id
        self.has_created = True

    def deleted(self, object_id: str) -> None:
        """Note an object that this process deleted."""
        self._external_ids.pop(object_id, None)

    def now(self) -> int:
        """Return the moment at which a list begins, for `keep`."""
        return self._snapshot.now()

    def keep(self, objects: Iterable[SettingsObject], since: int) -> None:
        """Note what a list that began at `since` returned: it need not be read again."""
        self._snapshot.keep(objects, since)

    def is_new(self, object_id: str) -> bool:
        """Return whether this process created the object, and has not deleted it."""
        return object_id in self._external_ids

    def written(self, object_id: str) -> None:
        """Note that this process is about to write an object, or has just written it."""
        self._snapshot.written(object_id)

    async def _load(self, wanted: Sequence[_Wanted]) -> Sequence[SettingsObject | Exception | None]:
        """Load a batch in the cheapest way: new objects by external ID, others from pages, what is left one by one."""
        fresh = {each.object_id for each in wanted if each.fresh}
        found: dict[str, SettingsObject | DynatraceError | None] = {}
        found |= await self._load_new([each.object_id for each in wanted])
        # A page may be older than the last write of somebody who wants to write again: those are not read from one.
        found |= await self._load_pages({each.object_id for each in wanted} - fresh - found.keys())
        missing = list({each.object_id for each in wanted} - found.keys())
        loaded = await asyncio.gather(*(self._load_by_id(object_id) for object_id in missing))
        found |= dict(zip(missing, loaded, strict=True))
        return [found[each.object_id] for each in wanted]

    async def _load_new(self, object_ids: Sequence[str]) -> Mapping[str, SettingsObject]:
        external_ids = {self._external_ids[each] for each in object_ids if each in self._external_ids}
        if len(external_ids) < 2:
            return {}
        since = self._snapshot.now()
        try:
            found = await self._api.by_external_ids(sorted(external_ids))
        except Rejected:  # for an API that does not know this parameter, they are read one by one
            return {}
        self._snapshot.keep(found, since)
        return {each.object_id: each for each in found if each.object_id in object_ids}

    async def _load_pages(self, object_ids: set[str]) -> Mapping[str, SettingsObject]:
        """Return those of the objects that are in the snapshot, after reading pages if that is worth it."""
        if not object_ids:
            return {}
        async with self._listing:  # whoever comes while pages are read finds the objects afterwards
            self._demand |= {each for each in object_ids if self._snapshot.get(each) is None}
            if not self._listed and len(self._demand) > FEW and len(self._demand) >= self.pages:
                await self._list(len(self._demand))
        return {each: found for each in object_ids if (found := self._snapshot.get(each))}

    async def _list(self, requests: int) -> None:
        """Read all pages, or only the first one if it shows that there are more pages than `requests`.

        With 20 wanted objects among 50,000, a hundred pages would cost more than reading the 20 by their IDs.
        """
        since = self._snapshot.now()
        async for page in self._api.pages():
            self._snapshot.keep(page.objects, since)
            for found in page.objects:
                if isinstance(name := found.value.get("name"), str):
                    self._by_name.setdefault(name, []).append(found.object_id)
            self.pages = max(1, -(-page.total // PAGE_SIZE))
            if self.pages > requests:
                return
        self._listed = True

    async def _load_by_id(self, object_id: str) -> SettingsObject | DynatraceError | None:
        since = self._snapshot.now()
        try:
            found = await self._api.get(object_id)
        except DynatraceError as failure:
            return failure
        self._snapshot.keep([found] if found else [], since)
        return found
