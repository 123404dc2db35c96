"""What Dynatrace would answer to a planned connection, asked before anything is written."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from terraform_plugin import Error, Path, warn
from terraform_provider_dynatrace.client.errors import DynatraceError, Forbidden, NotAuthenticated, Rejected
from terraform_provider_dynatrace.connections.planned_names import (
    PlannedNames,
    Predecessor,
    still_taken,
    taken,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from terraform_provider_dynatrace.config.tenant import Tenant, UnconfiguredTenant
    from terraform_provider_dynatrace.settings.model import SettingsObject
    from terraform_provider_dynatrace.settings.objects import SettingsObjects


class ConnectionPlans:
    """Checks the planned connections of one process against the tenant and against each other.

    `schema_id` is their settings schema.

    `paths` maps the server's paths to attribute paths. Methods raise `Error`, or a group of them.
    """

    def __init__(self, tenant: Tenant | UnconfiguredTenant, schema_id: str, paths: Mapping[str, Path]) -> None:
        self._tenant = tenant
        self._schema_id = schema_id
        self._paths = paths
        self.names = PlannedNames()

    @property
    def _connections(self) -> SettingsObjects:
        return self._tenant.settings(self._schema_id)

    async def create(self, value: Mapping[str, Any], replaced: Predecessor | None) -> None:
        """Ask whether a connection with this value can be created; `replaced` is deleted before."""
        if self._tenant.validate_at_plan:
            await self._ask(value, None, replaced)

    async def rename(self, name: str, object_id: str) -> None:
        """Ask whether a connection can have another name."""
        if not self._tenant.validate_at_plan:
            return
        found = await self._connections.get(object_id)
        if found is not None:
            await self._ask({**found.value, "name": name}, object_id, None)

    async def delete(self, value: Mapping[str, Any], object_id: str) -> None:
        """Ask whether the credential may delete a connection. Nothing else keeps a destroy back."""
        if not self._tenant.validate_at_plan:
            return
        try:
            await expect_writable(self._connections, value, object_id)
        except DynatraceError as failure:  # Terraform shows no address for what is not in the configuration any more
            failure.detail += f'\n\nThe connection "{value["name"]}" ({object_id}) is planned to be destroyed.'
            raise

    async def _ask(self, value: Mapping[str, Any], object_id: str | None, replaced: Predecessor | None) -> None:
        try:
            await self._connections.validate(value, object_id)
        except Rejected as refusal:
            if mistakes := [*await self._mistakes(refusal, value["name"], replaced)]:
                raise (mistakes[0] if len(mistakes) == 1 else ExceptionGroup(refusal.summary, mistakes)) from refusal

    async def _mistakes(self, refusal: Rejected, name: str, replaced: Predecessor | None) -> list[Exception]:
        """Return what is wrong beyond names that are free by the time of the apply."""
        about_name = any(violation.path == "name" for violation in refusal.violations)
        if about_name and replaced and replaced.name == name:
            return [*_without_name(refusal, self._paths)]
        holder = await self._connections.find_by_name(name) if about_name else None
        if holder is None:
            return [refusal.at(self._paths)]
        return [*self._about_holder(name, holder), *_without_name(refusal, self._paths)]

    def _about_holder(self, name: str, holder: SettingsObject) -> Iterator[Error]:
        if self.names.may_become_free(holder.object_id):
            warn(*still_taken(name, holder.object_id))
        else:
            yield taken(name, holder.object_id, self._tenant.environment.url)


async def expect_writable(connections: SettingsObjects, value: Mapping[str, Any], object_id: str) -> None:
    """Raise `Forbidden` or `NotAuthenticated` if the credential may not write an object; what it holds is no matter."""
    try:
        await connections.validate(value, object_id)
    except (Forbidden, NotAuthenticated):
        raise
    except DynatraceError:
        return


def _without_name(refusal: Rejected, paths: Mapping[str, Path]) -> Iterator[Exception]:
    rest = tuple(violation for violation in refusal.violations if violation.path != "name")
    if rest:
        yield Rejected(refusal.summary, refusal.detail, violations=rest, status=refusal.status).at(paths)
