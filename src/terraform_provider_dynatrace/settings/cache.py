"""Objects read for many: a few by their ids, many by pages of 500; never older than this provider's configuration."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from terraform_provider_dynatrace.client.errors import DynatraceError, Rejected
from terraform_provider_dynatrace.settings.api import PAGE_SIZE, SettingsApi
from terraform_provider_dynatrace.settings.batcher import Batcher, a_moment, a_while
from terraform_provider_dynatrace.settings.model import SettingsObject

FEW = 3  # so many objects are read one by one before a page is worth its weight
_AT_ONCE = 100  # askers answered together; also keeps a list of external ids below the length of a URL


class Snapshot:
    """Objects as they were read, without those that this process wrote since."""

    def __init__(self) -> None:
        self._objects: dict[str, SettingsObject] = {}
        self._written: dict[str, int] = {}
        self._writes = 0

    def get(self, object_id: str) -> SettingsObject | None:
        return self._objects.get(object_id)

    def now(self) -> int:
        """Return the moment that a read begins at, for `keep`."""
        return self._writes

    def keep(self, found: Iterable[SettingsObject], since: int) -> None:
        """Remember what a read that began at `since` brought, unless it was written in between."""
        for one in found:
            if self._written.get(one.object_id, 0) <= since:
                self._objects[one.object_id] = one

    def written(self, object_id: str) -> None:
        """Forget an object. Called before and after each write: a read in between may have seen either."""
        self._writes += 1
        self._written[object_id] = self._writes
        self._objects.pop(object_id, None)


class Wanted(NamedTuple):
    """One question: `fresh` for who will write the object and needs it as it is now."""

    object_id: str
    fresh: bool


class ReadCache:
    """Answers reads of the objects of one schema, gathered.

    What was read once is not asked for again, until this process writes it. When more than a few objects have been
    asked for, and fewer requests do it, pages are read; an object that is on none of them is asked for by its id before
    it is called gone.
    """

    def __init__(
        self,
        api: SettingsApi,
        *,
        moment: Callable[[], Awaitable[None]] = a_moment,
        longer: Callable[[], Awaitable[None]] = a_while,
    ) -> None:
        self._api = api
        self._known = Snapshot()
        self._external_ids: dict[str, str] = {}
        self._demand: set[str] = set()
        self._pages = 1  # how many the list has, as far as we know
        self._listed = False
        self._listing = asyncio.Lock()
        self._gathering = Batcher(self._answer, most=_AT_ONCE, moment=moment)
        self._gathering_new = Batcher(self._answer, most=_AT_ONCE, moment=longer)

    async def get(self, object_id: str) -> SettingsObject | None:
        """Return an object as it is or was since the provider was configured; None if there is none."""
        return self._known.get(object_id) or await self._gathering.ask(Wanted(object_id, fresh=False))

    async def get_now(self, object_id: str) -> SettingsObject | None:
        """Return an object as it is now; None if there is none.

        One that this process created is waited for a little longer: a second write follows many creates, and they are
        read together.
        """
        gathering = self._gathering_new if self.is_new(object_id) else self._gathering
        return await gathering.ask(Wanted(object_id, fresh=True))

    def created(self, object_id: str, external_id: str) -> None:
        """Note an object that this process created: many of those are read by their external ids at once."""
        self._external_ids[object_id] = external_id

    def now(self) -> int:
        """Return the moment that a list begins at, for `keep`."""
        return self._known.now()

    def keep(self, found: Iterable[SettingsObject], since: int) -> None:
        """Note what a list that began at `since` brought: it need not be read again."""
        self._known.keep(found, since)

    def is_new(self, object_id: str) -> bool:
        """Return whether this process created the object."""
        return object_id in self._external_ids

    def written(self, object_id: str) -> None:
        """Note that this process is about to write an object, or has just written it."""
        self._known.written(object_id)

    async def _answer(self, wanted: Sequence[Wanted]) -> Sequence[SettingsObject | Exception | None]:
        found: dict[str, SettingsObject | DynatraceError | None] = {}
        old = {one.object_id for one in wanted} - {one.object_id for one in wanted if one.fresh}
        found |= await self._created_here([one.object_id for one in wanted])
        found |= await self._read_before(old - found.keys())
        missing = list({one.object_id for one in wanted} - found.keys())
        found |= zip(missing, await asyncio.gather(*map(self._by_id, missing)), strict=True)
        return [found[one.object_id] for one in wanted]

    async def _created_here(self, object_ids: Sequence[str]) -> Mapping[str, SettingsObject]:
        external_ids = {self._external_ids[one] for one in object_ids if one in self._external_ids}
        if len(external_ids) < 2:
            return {}
        since = self._known.now()
        try:
            found = await self._api.by_external_ids(sorted(external_ids))
        except Rejected:  # an API that does not know this parameter is asked for each id
            return {}
        self._known.keep(found, since)
        return {one.object_id: one for one in found if one.object_id in object_ids}

    async def _read_before(self, object_ids: set[str]) -> Mapping[str, SettingsObject]:
        """Return those of the objects that are known, after reading pages if that is worth it."""
        if not object_ids:
            return {}
        async with self._listing:  # who comes while pages are read finds them afterwards
            self._demand |= {one for one in object_ids if self._known.get(one) is None}
            if not self._listed and len(self._demand) > FEW and len(self._demand) >= self._pages:
                await self._list()
        return {one: found for one in object_ids if (found := self._known.get(one))}

    async def _list(self) -> None:
        """Read all pages; only the first one if they turn out to be more than the objects that anybody wants."""
        since = self._known.now()
        async for page in self._api.pages():
            self._known.keep(page.objects, since)
            self._pages = max(1, -(-page.total // PAGE_SIZE))
            if self._pages > len(self._demand):
                return
        self._listed = True

    async def _by_id(self, object_id: str) -> SettingsObject | DynatraceError | None:
        since = self._known.now()
        try:
            found = await self._api.get(object_id)
        except DynatraceError as failure:
            return failure
        self._known.keep([found] if found else [], since)
        return found
