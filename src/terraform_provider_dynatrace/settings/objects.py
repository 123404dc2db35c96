"""The objects of one settings schema, as resources use them: create, get, list, find, edit, delete, validate."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from copy import deepcopy
from itertools import chain
from typing import TYPE_CHECKING
from uuid import uuid4

from msgspec.structs import replace

from terraform_plugin.diagnostics import Error, warn
from terraform_provider_dynatrace.client.errors import (
    Conflict,
    DynatraceError,
    Forbidden,
    NotAuthenticated,
    NotFound,
    Rejected,
)
from terraform_provider_dynatrace.client.json import Json
from terraform_provider_dynatrace.client.retry import EDITS
from terraform_provider_dynatrace.settings.admin_access import (
    WRITING,
    advice,
    lacks_write,
    not_writable,
    without_effect,
)
from terraform_provider_dynatrace.settings.api import SettingsApi
from terraform_provider_dynatrace.settings.batcher import Batcher
from terraform_provider_dynatrace.settings.cache import FEW, ReadCache
from terraform_provider_dynatrace.settings.decision import Decision
from terraform_provider_dynatrace.settings.effective_permissions import EffectivePermissions, Rights
from terraform_provider_dynatrace.settings.model import SettingsObject
from terraform_provider_dynatrace.settings.new_objects import NewObjects

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from terraform_provider_dynatrace.client.client import Client

MAX_CONFLICTS = 5
"""How often an edit starts again because someone else changed the object at the same time."""
_MAX_VALIDATED = 100  # at once; far below the API's limit of a megabyte
_MAX_NAMES = 1000  # at once; they are all found in one list


class SettingsObjects:
    """The settings objects of one schema in one environment.

    Every method raises `DynatraceError` (`Rejected` with the server's reasons, `Forbidden`, …) and `Stopped`.
    `new_external_id` makes the ID that lets a create be retried. With `admin_access`, every request acts as the owner
    of all objects.
    """

    def __init__(
        self,
        client: Client,
        schema_id: str,
        *,
        scope: str = "environment",
        new_external_id: Callable[[], str] = lambda: f"terraform-{uuid4()}",
        admin_access: bool = False,
    ) -> None:
        self.client = client
        self.api = SettingsApi(client, schema_id, scope, admin_access=admin_access)
        self._effective_permissions = EffectivePermissions(client, schema_id, scope)
        self._warned = False
        self._cache = ReadCache(self.api)
        self._created: dict[str, Json] = {}
        """The names of the objects that this process created and has not deleted, by ID."""
        self._new_objects = NewObjects(self.is_new, client.pause)
        self._validations = Batcher(self._validate_all, max_batch=_MAX_VALIDATED)
        self._names = Batcher(self._all_named, max_batch=_MAX_NAMES)
        self._writing_is_allowed = Decision()
        self._schema: asyncio.Task[Json] | None = None
        self.validations = 0
        """How many requests that validate new objects have been sent."""
        self._new_external_id = new_external_id

    async def create(self, value: Mapping[str, Json]) -> SettingsObject:
        """Create an object and return it as it was sent; however often the request is retried, it is one object."""
        external_id = self._new_external_id()
        try:
            object_id = await self.api.create(value, external_id)
        except DynatraceError as failure:
            if failure.outcome_unknown:
                raise failure.with_note(_MAY_EXIST.format(external_id=external_id)) from failure.__cause__
            raise
        self._cache.created(object_id, external_id)
        self._created[object_id] = value.get("name")
        return SettingsObject(object_id, value)

    async def get(self, object_id: str) -> SettingsObject | None:
        """Return the object, None if it does not exist.

        It is as it was since this provider was configured, or later; as it is now if this process wrote it. An object
        that this process created is waited for. Raises `Error` for an object of another schema.
        """
        found = await self.get_of_any_schema(object_id)
        return found and self._of_this_schema(found)

    async def get_of_any_schema(self, object_id: str) -> SettingsObject | None:
        """Return an object as `get` does, also one of another schema, which takes a request of its own."""
        return await self._new_objects.read(object_id, lambda: self._cache.get(object_id))

    async def list(self, condition: str | None = None) -> Sequence[SettingsObject]:
        """Return all objects that the credential may read, and warn about those that are in an unknown form.

        Objects that this process created are waited for. `condition` is the API's filter, `value.name = 'x'`; then
        objects that the list does not contain yet are missing.
        """
        if self.api.admin_access:
            await self._warn_without_admin_access()
        since = self._cache.now()
        found: list[SettingsObject] = []
        async for page in self.api.pages(condition):
            found += page.objects
            for problem in page.unreadable:
                warn("An object was left out", problem)
        self._cache.keep(found, since)
        return found if condition else [*found, *await self._not_listed(found, self._created)]

    async def _not_listed(self, listed: Sequence[SettingsObject], created: Iterable[str]) -> Sequence[SettingsObject]:
        """Return those of the objects that this process created which are not in a list yet."""
        missing = set(created) - {found.object_id for found in listed}
        read = await asyncio.gather(*map(self._get_readable, sorted(missing)))
        return [found for found in read if found is not None]

    async def _get_readable(self, object_id: str) -> SettingsObject | None:
        try:
            return await self.get(object_id)
        except Forbidden:  # it belongs to somebody else by now, so no list shows it to this credential
            return None

    async def _warn_without_admin_access(self) -> None:
        """Warn once if admin access has no effect: a list then leaves objects of other owners out without a word."""
        rights = await self.rights()
        if rights.admin is False and not self._warned:
            self._warned = True
            warn(
                "admin_access has no effect",
                f"{without_effect(self.client.credential)} Its user also needs that permission for the schema "
                f"{self.api.schema_id}. Until then, objects that are private to other owners are missing from lists.",
            )

    async def rights(self) -> Rights:
        """Return what the credential may do with objects of this schema, as far as Dynatrace says. Raises `Stopped`."""
        return await self._effective_permissions.rights()

    async def find_by_name(self, name: str) -> SettingsObject | None:
        """Return the object whose value has this name, None if there is none that the credential may read."""
        return next(iter(await self.named(name)), None)

    async def named(self, name: str) -> Sequence[SettingsObject]:
        """Return all objects with this name. Many names at the same time are looked up in one list.

        Objects that this process created with this name are waited for.
        """
        found = await self._names.load(name)
        created = [object_id for object_id, given in self._created.items() if given == name]
        return [*found, *(each for each in await self._not_listed(found, created) if each.value.get("name") == name)]

    async def _all_named(self, names: Sequence[str]) -> Sequence[Sequence[SettingsObject]]:
        if len(names) > FEW:
            everything = await self.list()
        else:
            lists = await asyncio.gather(*(self.list(f"value.name = '{_quoted(name)}'") for name in set(names)))
            everything = list(chain.from_iterable(lists))
        return [[found for found in everything if found.value.get("name") == name] for name in names]

    @property
    def list_requests(self) -> int:
        """How many requests it takes to list all objects, as far as that is known."""
        return self._cache.pages

    async def is_listed(self, requests: int) -> bool:
        """Return whether all objects have been read, after reading them if that takes at most so many requests."""
        return await self._cache.is_listed(requests)

    def listed_as(self, name: str) -> Sequence[SettingsObject]:
        """Return the objects with this name, among those that were listed and that this process has not written."""
        return self._cache.named(name)

    async def schema(self) -> Json:
        """Return the schema as this environment has it. It is read once, and so is the failure to read it."""
        if self._schema is None:
            self._schema = asyncio.create_task(self.api.schema())
        return await asyncio.shield(self._schema)

    @property
    def has_created(self) -> bool:
        """Whether this process has created an object, which it only does while Terraform applies."""
        return self._cache.has_created

    def is_new(self, object_id: str) -> bool:
        """Return whether this process created the object, and has not deleted it."""
        return self._cache.is_new(object_id)

    async def edit(self, object_id: str, change: Callable[[dict[str, Json]], Mapping[str, Json]]) -> SettingsObject:
        """Change an object's value and return the object as it is then; nothing is sent if nothing changes.

        `change` takes the present value and returns the new one. It is called again with a newer value if someone else
        changed the object in between, so that nothing but its own change is written. Raises `NotFound`, and `Error` for
        an object of another schema.
        """
        conflicts = 0
        while True:
            found = await self._new_objects.read(object_id, lambda: self._cache.get_now(object_id))
            if found is None:
                raise NotFound(f"The settings object {object_id} does not exist", _GONE)
            self._of_this_schema(found)
            value = change(deepcopy(dict(found.value)))
            if value == found.value:
                return found
            try:
                with self.writing(object_id):
                    await self.api.put(object_id, value, found.update_token)
            except DynatraceError as failure:
                if conflicts == MAX_CONFLICTS or not _may_be_outdated(failure):
                    raise
                if conflicts:  # the first time, there is nobody to make room for: the object is read again at once
                    await self.client.pause(EDITS.pause(conflicts - 1))
                conflicts += 1
            else:
                return replace(found, value=value, update_token=None)

    async def delete(self, object_id: str) -> None:
        """Delete the object; one that does not exist any more counts as deleted."""
        with self.writing(object_id):
            await self.api.delete(object_id)
        self._cache.deleted(object_id)
        self._created.pop(object_id, None)

    async def validate(self, value: Mapping[str, Json], object_id: str | None = None) -> None:
        """Validate this value with Dynatrace, as a new object or as that of `object_id`; nothing is written.

        New objects that are validated at the same time go into one request. Raises `Rejected` with the server's
        reasons, `Forbidden` without permission to write, and `NotFound` for an object that does not exist.
        """
        if object_id is None:
            await self._validations.load(value)
            return
        # Not by POST: an objectId there only counts together with an externalId, so that the value would be validated
        # as that of a new object. Source: docs/design/0008-sources.md#settings-api.
        found = await self._cache.get(object_id)
        try:
            await self.api.put(object_id, value, found.update_token if found else None, validate_only=True)
        except Conflict:  # somebody changed the object since it was read; what this value is worth is still to be seen
            await self.api.put(object_id, value, None, validate_only=True)

    def check_operations(self, found: SettingsObject) -> None:
        """Raise `Forbidden` if it is known, without a request, that the credential may not change an object.

        Whether `resourceContext` follows admin access is not documented, so nothing is known with it.
        """
        credential, admin_access = self.client.credential, self.api.admin_access
        if lacks_write(found) and credential.gives_owner and not admin_access:
            raise not_writable(credential, found, advice(credential, admin_access=admin_access))

    async def check_may_create(self) -> None:
        """Raise `Forbidden` if Dynatrace says that the credential may not write objects of this schema at all."""
        if (await self.rights()).write is not False:
            return
        credential = self.client.credential
        scope = credential.scopes["write"]
        raise Forbidden(
            f"The {credential.kind} is not allowed to write this",
            f"Dynatrace does not grant {scope} for the schema {self.api.schema_id} to the {credential.kind} from "
            f"{credential.source}. Add the scope at {credential.page}. If it has the scope, the permission of its user "
            "may be limited to other schemas.",
        )

    async def check_writable(self, found: SettingsObject) -> None:
        """Raise `Forbidden` or `NotAuthenticated` if the credential may not write an object. Nothing is written.

        Dynatrace validates the object's own value, so that any other refusal is not about the credential. That shows,
        once for all objects, whether the credential has the scope. For the next objects it is enough that their
        `resourceContext` has the operations. Source: docs/design/0008-sources.md#settings-get-objects.
        """
        self.check_operations(found)
        decision = self._writing_is_allowed
        is_allowed = found.operations is not None and found.operations >= WRITING
        if is_allowed and decision.is_expected and await decision.wait():
            return
        with decision.asking():
            try:
                await self.validate(found.value, found.object_id)
            except (Forbidden, NotAuthenticated):
                raise
            except DynatraceError:
                return
            decision.settle()

    async def _validate_all(self, values: Sequence[Mapping[str, Json]]) -> Sequence[Exception | None]:
        self.validations += 1
        try:
            return await self.api.validate(values)
        except Rejected as refusal:  # one of them spoils the whole request: find out which
            if len(values) == 1:
                return [refusal]
            return [refused for each in values for refused in await self._validate_all([each])]

    def _of_this_schema(self, found: SettingsObject) -> SettingsObject:
        if found.schema_id not in (None, self.api.schema_id):
            raise Error(
                "This is another kind of settings object",
                f"The object {found.object_id} belongs to the schema {found.schema_id}, not to {self.api.schema_id}.",
            )
        return found

    @contextmanager
    def writing(self, object_id: str) -> Iterator[None]:
        """Forget what was read of an object: the block changes its value, its owner or its permissions."""
        self._cache.written(object_id)
        try:
            yield
        finally:
            self._cache.written(object_id)


_MAY_EXIST = (
    "Dynatrace may still have created the object, with the external ID {external_id}. It is not in the state: if "
    "it exists, import it or delete it before the next apply."
)
_GONE = "It was deleted, or it is private and this credential is not allowed to see it. Run terraform plan again."


def _may_be_outdated(failure: DynatraceError) -> bool:
    """Return whether reading the object again can help.

    A conflict may come from this provider's own write whose response was lost, and so may the refusal of what is
    already there.
    """
    return isinstance(failure, Conflict) or (isinstance(failure, Rejected) and failure.attempts > 1)


def _quoted(text: str) -> str:
    """Return text for inside single quotes. Source: docs/design/0008-sources.md#settings-api, `filter`."""
    return text.replace("\\", "\\\\").replace("'", "\\'")
