"""Finds a connection by its ID or its name."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from terraform_plugin import Error, Path

if TYPE_CHECKING:
    from collections.abc import Iterable

    from terraform_provider_dynatrace.config.tenant import Tenant, UnconfiguredTenant
    from terraform_provider_dynatrace.connections.kinds import ConnectionType
    from terraform_provider_dynatrace.settings.model import SettingsObject

_OBJECT_ID = re.compile(r"vu9U3hXa3q0[A-Za-z0-9_-]{20,}")  # inferred: every settings object ID that we saw
_NEAREST = 5
_CANDIDATES = 100


async def find(tenant: Tenant | UnconfiguredTenant, connection_type: ConnectionType, text: str) -> SettingsObject:
    """Return the connection with this ID or name. Raises `Error` if there is none, or several have this name."""
    if not text.strip():
        raise Error("The import ID is empty", "Pass the ID or the name of a connection.")
    if _OBJECT_ID.fullmatch(text) and (found := await tenant.settings(connection_type.schema_id).get(text)):
        return found
    return await find_by_name(tenant, connection_type, text, what="ID or name")


async def find_by_name(
    tenant: Tenant | UnconfiguredTenant,
    connection_type: ConnectionType,
    name: str,
    path: Path = Path(),
    *,
    what: str = "name",
) -> SettingsObject:
    """Return the connection with this name. Raises `Error` at `path` if there is none, or several have this name."""
    connections = tenant.settings(connection_type.schema_id)
    named = await connections.named(name)
    if len(named) == 1:
        return named[0]
    if named:
        ids = "".join(f"\n  {connection.object_id}" for connection in named)
        raise Error(
            "Several connections have this name",
            f'Use the ID instead of the name "{name[:120]}". The IDs are:\n{ids}',
            path,
        )
    names = [str(connection.value.get("name")) for connection in await connections.list()]
    nearest = "".join(f'\n  "{similar}"' for similar in nearest_names(name, names))
    hint = f"The most similar names are:\n{nearest}" if nearest else ""
    raise _missing(tenant, connection_type, f'{what} "{name[:120]}"', path, hint)


async def find_by_id(
    tenant: Tenant | UnconfiguredTenant,
    connection_type: ConnectionType,
    object_id: str,
    path: Path = Path(),
    hint: str = "",
) -> SettingsObject:
    """Return the connection with this ID. Raises `Error` at `path`, with `hint`, if there is none."""
    found = await tenant.settings(connection_type.schema_id).get(object_id)
    if found is None:
        raise _missing(tenant, connection_type, f'ID "{object_id[:200]}"', path, hint)
    return found


def _missing(
    tenant: Tenant | UnconfiguredTenant, connection_type: ConnectionType, what: str, path: Path, hint: str
) -> Error:
    from terraform_provider_dynatrace.settings.admin_access import advice  # noqa: PLC0415  # HTTP: not at a start

    title = connection_type.title
    owner = advice(tenant.credentials.settings, admin_access=tenant.admin_access)
    text = (
        f"{tenant.environment.url} has no {title} with the {what}, or this credential may not read it: a connection "
        "can be private to its owner."
    )
    return Error(f"{title} not found", " ".join(part for part in (text, owner, hint) if part), path)


def nearest_names(text: str, names: Iterable[str]) -> list[str]:
    """Return up to five of the names that are most similar to `text`, without regard to upper case.

    An environment can hold thousands of connections, and comparing all of them would block every other operation for
    seconds. So only the names that share the most pairs of letters with `text` are compared.
    """
    import difflib  # noqa: PLC0415  # rarely needed, and not worth its import at every start
    from heapq import nlargest  # noqa: PLC0415  # the same

    wanted = text[:200].casefold()
    pairs = _pairs(wanted)
    known = {name.casefold(): name for name in names}
    candidates = nlargest(_CANDIDATES, known, key=lambda name: len(pairs & _pairs(name)))
    return [known[name] for name in difflib.get_close_matches(wanted, candidates, _NEAREST, cutoff=0.5)]


def _pairs(text: str) -> set[str]:
    return {text[index : index + 2] for index in range(len(text) - 1)}
