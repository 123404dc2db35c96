"""The resource `dynatrace_settings_permissions`: who can read or write a settings object, besides its owner.

Source: docs/design/0008-sources.md#settings-permissions-page and #settings-permissions-api.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from terraform_plugin import (
    Attribute,
    Block,
    Change,
    Error,
    MoveSource,
    Path,
    Resource,
    Schema,
    State,
    String,
    Unknown,
    Value,
    is_wholly_known,
    keep_state,
    warn,
)
from terraform_plugin.validators import one_of
from terraform_provider_dynatrace.aws.connection import AWS_CONNECTION
from terraform_provider_dynatrace.client.errors import NotFound
from terraform_provider_dynatrace.config.tenant import UnconfiguredTenant
from terraform_provider_dynatrace.connections.identities import same_spelling, uuid_of
from terraform_provider_dynatrace.connections.official_state import blocks, moved, same_ids
from terraform_provider_dynatrace.connections.planned_access import PlannedAccess
from terraform_provider_dynatrace.settings.permissions import ALL_USERS, Accessor, Level

if TYPE_CHECKING:
    from terraform_provider_dynatrace.config.tenant import Tenant
    from terraform_provider_dynatrace.settings.permissions import PermissionsApi


class AccessorBlock(Struct, frozen=True):
    """A block that lists accessors of one type."""

    name: str
    """The outer block, for example `users`."""
    type: str
    """The API's accessor type, which is also the name of the block inside, for example `user`."""
    key: str
    """The attribute with the accessor's UUID."""


ACCESSOR_BLOCKS = (AccessorBlock("users", "user", "uid"), AccessorBlock("groups", "group", "id"))

NO_ACCESS = "none"


def _block(accessors: AccessorBlock) -> Block:
    access = Attribute(
        String,
        f"Access of the {accessors.type}: `read`, or `write`, which includes reading.",
        required=True,
        validators=[one_of("read", "write")],
    )
    uuid = Attribute(
        String,
        f"The UUID of the {accessors.type}.",
        required=True,
        validators=[uuid_of(accessors.type)],
    )
    inner = Block(
        {accessors.key: uuid, "access": access},
        nesting="set",
        min_items=1,
        description=f"A {accessors.type} with access.",
    )
    return Block(
        blocks={accessors.type: inner},
        description=f"The {accessors.name} that have access. {accessors.name.capitalize()} that are not listed have "
        "none.",
        max_items=1,
        validators=[lambda value, path: _listed_once(accessors, value, path)],
    )


def _listed_once(accessors: AccessorBlock, value: Mapping[str, Value], path: Path) -> Iterator[Error]:
    if isinstance(value[accessors.type], Unknown):
        return
    items = (item for item in value[accessors.type] or [] if isinstance(item, dict))
    counts = Counter(same_spelling(item[accessors.key]) for item in items if isinstance(item[accessors.key], str))
    for uuid, times in sorted(counts.items()):
        if times > 1:
            yield Error(
                f"A {accessors.type} is listed more than once",
                f'{path} lists the {accessors.type} "{uuid}" {times} times, with different access or spelling. Keep '
                'one of them; "write" includes "read".',
                path / accessors.type,
            )


class SettingsPermissions(Resource):
    """All permissions on one settings object, except the owner's. Its ID is the settings object's."""

    type_name = "dynatrace_settings_permissions"
    schema = Schema(
        "Manages who can read or write a settings object that is private to its owner. Requires platform credentials "
        "and an object created with them: an object without an owner is public, whatever its permissions are.",
        attributes={
            "id": Attribute(String, "The ID of this resource.", computed=True, use_state_for_unknown=True),
            "settings_object_id": Attribute(
                String,
                "The ID of the settings object, for example of a `dynatrace_aws_connection`",
                required=True,
                requires_replace=True,
                references=[AWS_CONNECTION.type_name],
            ),
            "all_users": Attribute(
                String,
                "Access of all users of the environment: `read`, `write` or `none`. Default: `none`.",
                optional=True,
                default=NO_ACCESS,
                validators=[one_of("read", "write", NO_ACCESS)],
            ),
        },
        blocks={accessors.name: _block(accessors) for accessors in ACCESSOR_BLOCKS},
    )

    def __init__(self, tenant: Tenant | UnconfiguredTenant) -> None:
        self.tenant = tenant
        self.planned = tenant.shared(PlannedAccess)

    @classmethod
    def upgrade(cls, version: int, state: dict[str, Any]) -> dict[str, Any]:
        """Return the state as this resource writes it: `none` for null, and no empty blocks."""
        del version
        state = same_ids(state, "settings_object_id")
        lists = {accessors.name: blocks(state.get(accessors.name)) for accessors in ACCESSOR_BLOCKS}
        return state | {"all_users": state.get("all_users") or NO_ACCESS} | lists

    @classmethod
    def move(cls, source: MoveSource) -> State | None:
        return moved(cls, source)

    async def plan(self, change: Change) -> Change:
        """Raise `Error` without platform credentials, or without the object; warn if the object has no owner."""
        if change.planned is None:
            if change.prior is not None and to_accessors(change.prior) and not self.tenant.admin_access:
                self.planned.note_revoked(change.prior["id"])
            return change
        if is_wholly_known(list(change.planned.values())):
            self.planned.note_permissions(change.planned["settings_object_id"], to_accessors(change.planned))
        if change.planned == change.prior:
            return change
        if isinstance(self.tenant, UnconfiguredTenant):
            self.tenant.warn_not_validated()
            return change
        permissions, object_id = self.tenant.permissions, change.planned["settings_object_id"]
        if isinstance(object_id, Unknown):
            return change
        found = await permissions.get(object_id)
        await permissions.check_writable(found)
        if found.owner is None:
            warn("The settings object may have no owner", _NO_OWNER.format(object_id=object_id), _OBJECT)
        return change

    async def create(self, plan: State) -> State:
        object_id = plan["settings_object_id"]
        owned = (await self.tenant.permissions.get(object_id)).owner is not None
        created = plan | {"id": object_id}
        keep_state(created)  # permissions are set one at a time: whatever was set must be in the state
        with self.planned.using(object_id), self.tenant.settings(AWS_CONNECTION.schema_id).writing(object_id):
            _warn_revoked(await self.tenant.permissions.set(object_id, to_accessors(plan)))
        if not owned:
            await _check_effect(self.tenant.permissions, object_id, to_accessors(plan))
        return created

    async def import_state(self, id_: str) -> State:
        """Import by the ID of a settings object that exists."""
        if not id_.strip():
            raise Error("The import ID is empty", "Pass the ID of a settings object, for example of an AWS connection.")
        try:
            await self.tenant.permissions.list(id_)
        except NotFound as missing:
            raise Error(
                "Settings object not found",
                f'There is no settings object with the ID "{id_[:200]}". Permissions are imported by the ID of their '
                "settings object, which is the ID of the resource that manages the object. Names are not accepted.",
            ) from missing
        return State({"id": id_})

    async def read(self, state: State) -> State | None:
        try:
            accessors = await self.tenant.permissions.list(state["id"])
        except NotFound:
            return None
        return state | {"settings_object_id": state["id"]} | from_accessors(accessors, state)

    async def update(self, state: State, plan: State) -> State:
        with self.planned.using(state["id"]), self.tenant.settings(AWS_CONNECTION.schema_id).writing(state["id"]):
            revoked = await self.tenant.permissions.set(state["id"], to_accessors(plan))
        _warn_revoked(revoked - to_accessors(state).keys())
        return plan

    async def delete(self, state: State) -> None:
        await self.tenant.permissions.remove(state["id"])


async def _check_effect(permissions: PermissionsApi, object_id: str, wanted: Mapping[Accessor, Level]) -> None:
    """Raise `Error` if the permissions of an object, whose response names no owner, are not what was set.

    The documentation does not say how a response shows that an object has no owner, so only the effect is certain.
    """
    if wanted and await permissions.list(object_id) != wanted:
        raise Error("The settings object has no owner", _NO_OWNER.format(object_id=object_id), _OBJECT)


def _warn_revoked(accessors: Iterable[Accessor]) -> None:
    """Warn about accessors that lost access although the plan did not show it: they were granted it elsewhere."""
    if listed := "".join(f"\n  {accessor}" for accessor in sorted(accessors)):
        warn(
            "Permissions outside the plan were revoked",
            "This resource manages all permissions on the object except the owner's. The following were granted "
            f"outside Terraform and have been revoked. To keep them, add them to the configuration:\n{listed}",
        )


_OBJECT = Path("settings_object_id")
_NO_OWNER = (
    "Dynatrace names no owner of the object {object_id}. An object that was created with an API token has none. It is "
    "public: every user with settings permissions can read and change it, and permissions have no effect on it.\n\n"
    "Create it with platform credentials. If an API token is configured, too, set oauth_preference = true in the "
    "provider block, or the environment variable DYNATRACE_HTTP_OAUTH_PREFERENCE=true. Then replace the object: "
    "terraform apply -replace=ADDRESS. To destroy the existing resources instead, run terraform destroy -refresh=false."
)


def to_accessors(plan: Mapping[str, Value]) -> dict[Accessor, Level]:
    """Return the planned access of each accessor."""
    accessors: dict[Accessor, Level] = {}
    if plan["all_users"] not in (None, NO_ACCESS):
        accessors[ALL_USERS] = plan["all_users"]
    for block in ACCESSOR_BLOCKS:
        for item in _items(plan, block):
            accessors[Accessor(block.type, same_spelling(item[block.key]))] = item["access"]
    return accessors


def from_accessors(accessors: Mapping[Accessor, Level], state: Mapping[str, Value]) -> dict[str, Value]:
    """Return attributes and blocks for accessors. A UUID keeps the spelling that it has in `state`.

    Raises `Error` for a type of accessor that is newer than this provider.
    """
    if unknown := unknown_accessors(accessors):
        raise Error(
            "Unknown type of accessor",
            f"{unknown[0]} has access, and this version of the provider only supports users, groups and all users. "
            "Revoke that access in Dynatrace, or upgrade the provider.",
        )
    lists = {block.name: _block_values(block, accessors, state) for block in ACCESSOR_BLOCKS}
    return {"all_users": accessors.get(ALL_USERS, NO_ACCESS), **lists}


def unknown_accessors(accessors: Iterable[Accessor]) -> list[Accessor]:
    """Return the accessors of types that are newer than this provider."""
    known = {ALL_USERS.type, *(block.type for block in ACCESSOR_BLOCKS)}
    return [accessor for accessor in accessors if accessor.type not in known]


def _block_values(
    block: AccessorBlock, accessors: Mapping[Accessor, Level], state: Mapping[str, Value]
) -> list[dict[str, Value]]:
    spellings = {same_spelling(item[block.key]): item[block.key] for item in _items(state, block)}
    items = [
        {block.key: spellings.get(same_spelling(accessor.id), accessor.id), "access": level}
        for accessor, level in sorted(accessors.items())
        if accessor.type == block.type
    ]
    return [{block.type: items}] if items else []


def _items(values: Mapping[str, Value], block: AccessorBlock) -> list[dict[str, Value]]:
    """Return what a block lists. An element without a UUID, in a state that was edited by hand, is left out."""
    listed = (item for outer in values.get(block.name) or [] for item in outer[block.type] or [])
    return [item for item in listed if isinstance(item[block.key], str)]
