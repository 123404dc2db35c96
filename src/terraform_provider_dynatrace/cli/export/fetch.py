"""Reads what an environment has: connections in pages, and the permissions of those that have an owner."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from terraform_provider_dynatrace.aws.monitoring import EXTENSION
from terraform_provider_dynatrace.cli.export.instances import Instance, instance_of, monitoring_of, permissions_of
from terraform_provider_dynatrace.cli.export.options import Selection
from terraform_provider_dynatrace.cli.export.resources import (
    MONITORING,
    PERMISSIONS,
    connection_resources,
    connection_types,
)
from terraform_provider_dynatrace.cli.objects import all_objects
from terraform_provider_dynatrace.cli.progress import Reporter, Step
from terraform_provider_dynatrace.client.errors import Forbidden, NotAuthenticated, NotFound
from terraform_provider_dynatrace.config.tenant import Tenant
from terraform_provider_dynatrace.connections.kinds import ConnectionType
from terraform_provider_dynatrace.settings.admin_access import without_effect
from terraform_provider_dynatrace.settings.model import SettingsObject


class Connection(NamedTuple):
    """A connection and its type."""

    type: ConnectionType
    object: SettingsObject


async def fetch(tenant: Tenant, selection: Selection, report: Reporter) -> tuple[list[Instance], list[str]]:
    """Return everything that can be exported, and a sentence about each part that cannot be read. Raises `Error`."""
    connections: list[Connection] = []
    unread: list[str] = []
    for connection_type in connection_types():
        readable, problems = await _list(tenant, connection_type, report)
        connections += readable
        unread += problems
    resources = connection_resources()
    instances = [
        instance
        for connection in connections
        for resource in resources[connection.type.schema_id]
        if (instance := instance_of(resource, connection.object))
    ]
    monitoring, problems = await _monitoring(tenant, selection, connections, report)
    instances += monitoring
    unread += problems
    if not selection.takes_any(PERMISSIONS):
        return instances, unread
    if tenant.credentials.platform is None:
        return instances, [*unread, _NO_CREDENTIALS.format(PERMISSIONS)]
    owned = [one for one in connections if one.object.owner and selection.takes(PERMISSIONS, one.object.object_id)]
    # The API has no list of permissions: each object needs a request of its own.
    with report.step("Reading permissions", len(owned)) as step:
        read = await asyncio.gather(*(_permissions(tenant, one, step) for one in owned))
    unreadable = [one for one in read if isinstance(one, str)]
    return instances + [one for one in read if isinstance(one, Instance)], unread + unreadable


async def _monitoring(
    tenant: Tenant, selection: Selection, connections: list[Connection], report: Reporter
) -> tuple[list[Instance], list[str]]:
    """Return the monitoring configurations, or a sentence about why they cannot be read."""
    if not selection.takes_any(MONITORING):
        return [], []
    if tenant.credentials.platform is None:
        return [], [_NO_CREDENTIALS.format(MONITORING)]
    with report.step("Reading monitoring configurations") as step:
        try:
            extension = tenant.extension(EXTENSION)
            found = await extension.list()
        except (Forbidden, NotAuthenticated) as failure:
            return [], [f"{MONITORING}: {failure.summary}."]
        step.advance(len(found), len(found))
    names = {one.object.object_id: str(one.object.value.get("name") or "") for one in connections}
    unreadable = [f"{MONITORING}: {problem}" for problem in extension.unreadable]
    return [monitoring_of(one, names) for one in found], unreadable


async def _list(
    tenant: Tenant, connection_type: ConnectionType, report: Reporter
) -> tuple[list[Connection], list[str]]:
    """Return the connections of one type, and a sentence about each that is in a form that cannot be read."""
    with report.step(f"Reading {connection_type.title}s") as step:
        objects, unreadable = await all_objects(tenant, connection_type.schema_id, step)
    connections = [Connection(connection_type, one) for one in objects]
    problems = [f"{connection_type.type_name}: {problem}" for problem in unreadable]
    if tenant.admin_access and (await tenant.settings(connection_type.schema_id).rights()).admin is False:
        problems.append(f"{connection_type.type_name} of other owners: {without_effect(tenant.client.credential)}")
    return connections, problems


async def _permissions(tenant: Tenant, connection: Connection, step: Step) -> Instance | str | None:
    """Return the permissions of an object, None if only its owner has access, or why they cannot be read."""
    try:
        accessors = await tenant.permissions.list(connection.object.object_id)
    except (Forbidden, NotFound) as failure:
        return f"{PERMISSIONS} of {connection.object.value.get('name')!r}: {failure.summary}."
    finally:
        step.advance()
    return permissions_of(connection.type, connection.object, accessors) if accessors else None


_NO_CREDENTIALS = "{}: requires platform credentials (a platform token or an OAuth client)."
