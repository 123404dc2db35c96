"""Which permissions of the Settings API a credential has, whatever the objects say. Pure functions.

Source: docs/design/0008-sources.md#settings-effective-permissions.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Literal

from dynatrace_sandbox.tenant.access import is_admin
from dynatrace_sandbox.tenant.credentials import OBJECTS_ADMIN, OBJECTS_READ, OBJECTS_WRITE, Credential
from dynatrace_sandbox.tenant.problems import Problem, violated

Granted = Literal["true", "false", "condition"]

_PERMISSIONS = (OBJECTS_READ, OBJECTS_WRITE, OBJECTS_ADMIN)
MOST_PERMISSIONS = 100
"""How many permissions one request may have. The page names no limit; a sibling of this endpoint has this one."""


def resolve(credential: Credential, schema_ids: Collection[str], body: Any) -> list[dict[str, Any]]:
    """Return whether each permission of a `ResolutionRequest` is granted.

    Raises `Problem` 400, and 404 for a schema that is not in `schema_ids`, a status that no source has.
    """
    requested = body.get("permissions") if isinstance(body, Mapping) else None
    if not isinstance(requested, list):
        raise violated("permissions", "Must not be null")
    if len(requested) > MOST_PERMISSIONS:
        raise violated("permissions", f"Must have at most {MOST_PERMISSIONS} elements")
    return [_resolved(credential, schema_ids, item, f"permissions/{index}") for index, item in enumerate(requested)]


def _resolved(credential: Credential, schema_ids: Collection[str], item: Any, path: str) -> dict[str, Any]:
    permission = item.get("permission") if isinstance(item, Mapping) else None
    if permission not in _PERMISSIONS:
        raise violated(f"{path}/permission", f"Must be one of {', '.join(_PERMISSIONS)}")
    context = item.get("context")
    if context is None:
        return {"permission": permission, "granted": _granted(credential, permission, None)}
    schema_id = context.get("schemaId") if isinstance(context, Mapping) else None
    if not isinstance(schema_id, str):
        raise violated(f"{path}/context/schemaId", "Must not be null")
    if schema_id not in schema_ids:
        raise Problem(404, f"There is no schema {schema_id}.")
    return {"permission": permission, "granted": _granted(credential, permission, schema_id), "context": dict(context)}


def _granted(credential: Credential, permission: str, schema_id: str | None) -> Granted:
    """Return whether a credential has a permission. `condition`: for some schemas, and none was named."""
    if permission not in credential.scopes:
        return "false"
    if permission != OBJECTS_ADMIN or is_admin(credential, schema_id):
        return "true"
    limited = credential.user is not None and credential.user.admin_schemas
    return "condition" if schema_id is None and limited else "false"
