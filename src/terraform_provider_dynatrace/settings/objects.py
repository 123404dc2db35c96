"""The objects of one settings schema, as resources use them: create, get, list, find, edit, delete, validate."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from copy import deepcopy
from itertools import chain, count
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from msgspec.structs import replace

from terraform_plugin.diagnostics import Error
from terraform_provider_dynatrace.client.errors import Conflict, DynatraceError, NotFound, Rejected
from terraform_provider_dynatrace.settings.api import SettingsApi
from terraform_provider_dynatrace.settings.batcher import Batcher
from terraform_provider_dynatrace.settings.cache import FEW, ReadCache
from terraform_provider_dynatrace.settings.model import SettingsObject

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from terraform_provider_dynatrace.client.client import Client

__all__ = ["SettingsObject", "SettingsObjects"]
_VALIDATED_AT_ONCE = 100  # well below the API's megabyte
_NAMED_AT_ONCE = 1000  # all in one list
CONFLICTS = 5  # how often an edit starts again because somebody else was faster


class SettingsObjects:
    """The settings objects of one schema in one environment.

    Every method raises `DynatraceError` (`Rejected` with the server's reasons, `Forbidden`, …) and `Stopped`.
    `new_external_id` makes the id that lets a create be repeated.
    """

    def __init__(
        self,
        client: Client,
        schema_id: str,
        *,
        scope: str = "environment",
        new_external_id: Callable[[], str] = lambda: f"terraform-{uuid4()}",
    ) -> None:
        self.client = client
        self.api = SettingsApi(client, schema_id, scope)
        self._reads = ReadCache(self.api)
        self._validations = Batcher(self._validate_all, most=_VALIDATED_AT_ONCE)
        self._names = Batcher(self._all_named, most=_NAMED_AT_ONCE)
        self._new_external_id = new_external_id

    async def create(self, value: Mapping[str, Any]) -> SettingsObject:
        """Create an object and return it as it was sent; however often the request is repeated, it is one object."""
        external_id = self._new_external_id()
        try:
            object_id = await self.api.create(value, external_id)
        except DynatraceError as failure:
            if failure.outcome_unknown:
                failure.detail += f"\n\n{_MAY_EXIST.format(external_id=external_id)}"
            raise
        self._reads.created(object_id, external_id)
        return SettingsObject(object_id, value, external_id=external_id)

    async def get(self, object_id: str) -> SettingsObject | None:
        """Return the object, None if there is none.

        It is as it was since this provider was configured, or later; as it is now if this process wrote it. Raises
        `Error` for an object of another schema.
        """
        found = await self._reads.get(object_id)
        if found and found.schema_id not in (None, self.api.schema_id):
            raise Error(
                "This is another kind of settings object",
                f"The object {object_id} belongs to the schema {found.schema_id}, not to {self.api.schema_id}.",
            )
        return found

    async def list(self, condition: str | None = None) -> Sequence[SettingsObject]:
        """Return all objects that the credential may read. `condition` is the API's filter, `value.name = 'x'`."""
        since = self._reads.now()
        found = [one async for page in self.api.pages(condition) for one in page.objects]
        self._reads.keep(found, since)
        return found

    async def find_by_name(self, name: str) -> SettingsObject | None:
        """Return the object whose value has this name, None if there is none that the credential may read."""
        return next(iter(await self.named(name)), None)

    async def named(self, name: str) -> Sequence[SettingsObject]:
        """Return all objects with this name, gathered: many names are looked up in one list."""
        return await self._names.ask(name)

    async def _all_named(self, names: Sequence[str]) -> Sequence[Sequence[SettingsObject]]:
        if len(names) > FEW:
            everything = await self.list()
        else:
            lists = await asyncio.gather(*(self.list(f"value.name = '{_quoted(name)}'") for name in set(names)))
            everything = list(chain.from_iterable(lists))
        return [[one for one in everything if one.value.get("name") == name] for name in names]

    def is_new(self, object_id: str) -> bool:
        """Return whether this process created the object."""
        return self._reads.is_new(object_id)

    async def edit(self, object_id: str, change: Callable[[dict[str, Any]], Mapping[str, Any]]) -> SettingsObject:
        """Change an object's value and return the object as it is then; nothing is sent if nothing changes.

        `change` gets the present value and returns the new one. It is called again with a newer value when somebody
        else changed the object in between, so that nothing but its own change is written. Raises `NotFound`.
        """
        for attempt in count():
            found = await self._reads.get_now(object_id)
            if found is None:
                raise NotFound(f"The settings object {object_id} does not exist", _GONE)
            value = change(deepcopy(dict(found.value)))
            if value == found.value:
                return found
            try:
                with self._writing(object_id):
                    await self.api.put(object_id, value, found.update_token)
            except DynatraceError as failure:
                await self._before_next_edit(failure, attempt)
            else:
                return replace(found, value=value, update_token=None)
        raise AssertionError  # pragma: no cover -- count() does not end

    async def _before_next_edit(self, failure: DynatraceError, attempt: int) -> None:
        """Wait a moment where reading again can help. Raises `failure` elsewhere.

        A conflict may come from our own write whose answer was lost, and so may the refusal of what is already there.
        """
        lost = isinstance(failure, Rejected) and failure.attempt > 0
        if attempt >= CONFLICTS or not (lost or isinstance(failure, Conflict)):
            raise failure
        if attempt:
            await self.client.pause(0.1 * 2**attempt)

    async def delete(self, object_id: str) -> None:
        """Delete the object; one that is not there any more is fine."""
        with self._writing(object_id):
            await self.api.delete(object_id)

    async def validate(self, value: Mapping[str, Any], object_id: str | None = None) -> None:
        """Ask whether this value could be written, as a new object or as that of `object_id`; nothing is written.

        What is asked at the same time goes into one request. Raises `Rejected` with the server's reasons if not.
        """
        await self._validations.ask((value, object_id))

    async def _validate_all(self, asked: Sequence[tuple[Mapping[str, Any], str | None]]) -> Sequence[Exception | None]:
        try:
            return await self.api.validate(asked)
        except Rejected as refusal:  # one of them spoils the whole request: find out which
            if len(asked) == 1:
                return [refusal]
            return [refused for one in asked for refused in await self._validate_all([one])]

    @contextmanager
    def _writing(self, object_id: str) -> Iterator[None]:
        self._reads.written(object_id)
        try:
            yield
        finally:
            self._reads.written(object_id)


_MAY_EXIST = (
    "Dynatrace may have created the object nevertheless, with the external id {external_id}; it is not in the state. "
    "If it is there, import it or delete it before the next apply."
)
_GONE = "It was deleted, or it is private and this credential's owner may not see it. Run terraform plan again."


def _quoted(text: str) -> str:
    """Return text for inside single quotes. Source: filter syntax of `GET /settings/objects`."""
    return text.replace("\\", "\\\\").replace("'", "\\'")
