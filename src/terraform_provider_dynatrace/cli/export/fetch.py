"""Read what a tenant holds: connections in pages, and who may use those that belong to somebody."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from terraform_provider_dynatrace.aws.connection import SCHEMA_ID
from terraform_provider_dynatrace.cli.export.instances import Instance, instances, sharing
from terraform_provider_dynatrace.cli.export.options import PERMISSIONS, Selection
from terraform_provider_dynatrace.cli.export.progress import Reporter, Step
from terraform_provider_dynatrace.client.errors import Forbidden, NotFound
from terraform_provider_dynatrace.config.tenant import Tenant
from terraform_provider_dynatrace.settings.model import SettingsObject


async def find(tenant: Tenant, selection: Selection, report: Reporter) -> tuple[list[Instance], list[str]]:
    """Return everything that could be exported, and what cannot be read with the reason. Raises `Error`."""
    connections = await _connections(tenant, report)
    found = [instance for one in connections for instance in instances(one)]
    if not selection.takes_any(PERMISSIONS):
        return found, []
    if tenant.credentials.platform is None:
        return found, [_NO_CREDENTIALS]
    shared, unreadable = await _shared(tenant, [one for one in connections if one.owner], selection, report)
    return found + shared, unreadable


async def _connections(tenant: Tenant, report: Reporter) -> list[SettingsObject]:
    found: list[SettingsObject] = []
    with report.step("Reading AWS connections") as step:
        async for page in tenant.settings(SCHEMA_ID).api.pages():
            found += page.objects
            step.advance(len(page.objects), page.total)
    return found


async def _shared(
    tenant: Tenant, private: Sequence[SettingsObject], selection: Selection, report: Reporter
) -> tuple[list[Instance], list[str]]:
    """Return the permissions of objects with an owner, which the API gives for one object at a time."""
    wanted = [one for one in private if selection.takes(PERMISSIONS, one.object_id)]
    with report.step("Reading permissions", len(wanted)) as step:
        read = await asyncio.gather(*(_permissions(tenant, one, step) for one in wanted))
    return [one for one in read if isinstance(one, Instance)], [one for one in read if isinstance(one, str)]


async def _permissions(tenant: Tenant, found: SettingsObject, step: Step) -> Instance | str | None:
    """Return the permissions of an object, None if only its owner has any, or why they cannot be read."""
    try:
        accessors = await tenant.permissions.list(found.object_id)
    except (Forbidden, NotFound) as failure:
        return f"{PERMISSIONS} of {found.value.get('name')!r}: {failure.summary}."
    finally:
        step.advance()
    return sharing(found, accessors) if accessors else None


_NO_CREDENTIALS = f"{PERMISSIONS}: only platform credentials can read them (a platform token or an OAuth client)."
