"""A connection by its object id or its name, as people write it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from terraform_plugin import Error, Path

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from terraform_provider_dynatrace.settings.model import SettingsObject
    from terraform_provider_dynatrace.settings.objects import SettingsObjects

_OBJECT_ID = re.compile(r"vu9U3hXa3q0[A-Za-z0-9_-]{20,}")  # every settings object id begins like this
_NEAREST = 5


async def find(connections: SettingsObjects, text: str, tenant: str) -> SettingsObject:
    """Return the connection with this object id or name; `tenant` is the environment's URL for messages.

    Raises `Error` for none, and for several of one name.
    """
    if not text.strip():
        raise Error("The import id is empty", "Give the object id of an AWS connection, or its name.")
    if _OBJECT_ID.fullmatch(text) and (found := await connections.get(text)):
        return found
    return await find_named(connections, text, tenant, what="object id or name")


async def find_named(
    connections: SettingsObjects, name: str, tenant: str, path: Path = Path(), *, what: str = "name"
) -> SettingsObject:
    """Return the connection with this name. Raises `Error` at `path` for none, and for several."""
    found = await connections.named(name)
    if len(found) > 1:
        raise _several(name, found, path)
    if not found:
        raise not_found(name, [str(one.value.get("name")) for one in await connections.list()], tenant, path, what=what)
    return found[0]


def not_found(text: str, names: Iterable[str], tenant: str, path: Path = Path(), *, what: str = "object id") -> Error:
    """Return the error for a connection that is not there; `names` are those that are."""
    import difflib  # noqa: PLC0415  # rarely needed; not worth its import at every start

    known = {name.casefold(): name for name in names}
    nearest = difflib.get_close_matches(text.casefold(), known, _NEAREST, cutoff=0.5)
    listed = "".join(f'\n  "{known[name]}"' for name in nearest)
    hint = f" The nearest names are:\n{listed}" if nearest else ""
    return Error(
        "No such connection",
        f'{tenant} has no AWS connection with the {what} "{text}", or this credential may not see it: a connection can '
        f"be private to its owner.{hint}",
        path,
    )


def _several(name: str, found: Sequence[SettingsObject], path: Path) -> Error:
    ids = "".join(f"\n  {one.object_id}" for one in found)
    return Error("Several connections have this name", f'Name one of those called "{name}" by its id:\n{ids}', path)
