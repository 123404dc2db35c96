"""Checks a planned connection before anything is written: whether Dynatrace will accept it.

`check_create`, `check_rename` and `check_delete` send `validateOnly` requests, which change nothing.
Source: docs/design/0008-sources.md#settings-api.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from terraform_plugin import Error, Path, warn
from terraform_provider_dynatrace.client.errors import DynatraceError, Forbidden, NotAuthenticated, Rejected
from terraform_provider_dynatrace.connections.kinds import allowed_consumers, details_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from terraform_provider_dynatrace.config.tenant import Tenant, UnconfiguredTenant
    from terraform_provider_dynatrace.connections.kinds import ConnectionType
    from terraform_provider_dynatrace.connections.planned import PlannedConnections, ReplacedConnection
    from terraform_provider_dynatrace.settings.model import SettingsObject
    from terraform_provider_dynatrace.settings.objects import SettingsObjects


class PlanChecks:
    """Checks planned connections of one type. Methods raise `Error`, or a group of them, and warn."""

    def __init__(
        self, tenant: Tenant | UnconfiguredTenant, connection_type: ConnectionType, planned: PlannedConnections
    ) -> None:
        self._tenant = tenant
        self._type = connection_type
        self._planned = planned

    @property
    def _connections(self) -> SettingsObjects:
        return self._tenant.settings(self._type.schema_id)

    async def check_create(self, value: Mapping[str, Any], replaced: ReplacedConnection | None) -> None:
        """Check that a connection with this settings value can be created. `replaced` is deleted first."""
        await self._validate(value, None, replaced)

    async def check_rename(self, object_id: str, name: str) -> None:
        """Check that a connection can get another name."""
        if found := await self._connections.get(object_id):
            await self._validate({**found.value, "name": name}, object_id, None)

    async def check_delete(self, object_id: str, name: str | None) -> None:
        """Check that the credential may delete a connection. No other failure prevents a destroy."""
        try:
            found = await self._connections.get(object_id)
            if found is not None:
                await check_writable(self._connections, found)
        except (Forbidden, NotAuthenticated) as failure:
            # The resource may be gone from the configuration; then Terraform shows no address with the error.
            note = f'The connection "{name}" ({object_id}) is planned to be destroyed.'
            raise failure.with_note(note) from failure.__cause__
        except DynatraceError:
            return

    async def _validate(
        self, value: Mapping[str, Any], object_id: str | None, replaced: ReplacedConnection | None
    ) -> None:
        try:
            await self._connections.validate(value, object_id)
        except Rejected as rejected:
            refusal = await self._with_allowed_consumers(rejected, value)
            if mistakes := [*await self._mistakes(refusal, value["name"], replaced)]:
                raise (mistakes[0] if len(mistakes) == 1 else ExceptionGroup(refusal.summary, mistakes)) from refusal

    async def _with_allowed_consumers(self, refusal: Rejected, value: Mapping[str, Any]) -> Rejected:
        """Return a refusal of a consumer with those that this environment allows, as far as its schema can be read."""
        authentication = self._type.authentication_of(value)
        if authentication is None or not any("/consumers" in violation.path for violation in refusal.violations):
            return refusal
        try:
            allowed = allowed_consumers(await self._connections.api.schema(), authentication)
        except DynatraceError:  # for example without the scope settings:schemas:read
            return refusal
        if not allowed:
            return refusal
        hint = f"This environment allows: {', '.join(allowed[:50])}.{_nearest(value, allowed)}"
        return refusal.replace(
            violations=[
                replace(one, message=f"{one.message}\n\n{hint}") if "/consumers" in one.path else one
                for one in refusal.violations
            ]
        )

    async def _mistakes(self, refusal: Rejected, name: str, replaced: ReplacedConnection | None) -> list[Exception]:
        """Return what is wrong, except for a name that will be free by the time of the apply."""
        about_name = any(violation.path == "name" for violation in refusal.violations)
        if about_name and replaced and replaced.name == name:
            return [*_without_name(refusal, self._type.paths())]
        holder = await self._connections.find_by_name(name) if about_name else None
        if holder is None:
            return [refusal.at(self._type.paths())]
        return [*self._about_holder(name, holder), *_without_name(refusal, self._type.paths())]

    def _about_holder(self, name: str, holder: SettingsObject) -> Iterator[Error]:
        """Yield an error if another connection has the name for good, warn if this run may rename or delete it."""
        if not self._planned.is_managed(holder.object_id):
            yield name_taken(self._type, name, holder.object_id, self._tenant.environment.url)
            return
        warn(
            "The name is still in use",
            f'The connection {holder.object_id} in the same state has the name "{name}" until it is replaced, renamed '
            "or deleted. If that happens too late in this apply, Dynatrace rejects the name. In that case, run "
            "terraform apply again. If you only changed the label of the resource, add a `moved` block instead, which "
            "keeps the connection.",
            Path("name"),
        )


def _nearest(value: Mapping[str, Any], allowed: list[str]) -> str:
    import difflib  # noqa: PLC0415  # rarely needed, and not worth its import at every start

    consumer = str((details_of(value).get("consumers") or [""])[0])[:120]
    nearest = difflib.get_close_matches(consumer, allowed, 1)
    return f' Did you mean "{nearest[0]}"?' if nearest else ""


def name_taken(connection_type: ConnectionType, name: str, object_id: str, url: str) -> Error:
    """Return the error for a name that a connection outside of this state has."""
    return Error(
        "The name is already in use",
        f"""\
{url} already has a connection with the name "{name}", and names are unique: There is another connection defined under \
this name. To manage the existing connection with this resource, add:

  import {{
    to = {connection_type.type_name}.NAME # the address of this resource
    id = "{object_id}"
  }}

Otherwise, choose another name. If the existing connection is
  - the connection being replaced: remove create_before_destroy from this resource and from everything that refers to \
it, or change the name with every replacement;
  - this resource under another label: add a `moved` block, which keeps the connection;
  - another resource of this configuration that will get another name: apply that change first, because Terraform does \
not know which of them has to wait.""",
        Path("name"),
    )


async def check_writable(connections: SettingsObjects, found: SettingsObject) -> None:
    """Raise `Forbidden` or `NotAuthenticated` if the credential may not write an object.

    The object's own value is validated, so any other refusal is not about the credential.
    """
    try:
        await connections.validate(found.value, found.object_id)
    except (Forbidden, NotAuthenticated):
        raise
    except DynatraceError:
        return


def _without_name(refusal: Rejected, paths: Mapping[str, Path]) -> Iterator[Exception]:
    others = tuple(violation for violation in refusal.violations if violation.path != "name")
    if others:
        yield refusal.replace(violations=others).at(paths)
