"""`dynatrace_settings_permissions`: who else may read or write a settings object."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

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
    keep_state,
    warn,
)
from terraform_plugin.validators import matches, one_of
from terraform_provider_dynatrace.client.errors import NotFound
from terraform_provider_dynatrace.config.tenant import UnconfiguredTenant
from terraform_provider_dynatrace.connections.official_state import blocks, moved, same_ids
from terraform_provider_dynatrace.settings.permissions import ALL_USERS, Accessor, Level

if TYPE_CHECKING:
    from terraform_provider_dynatrace.config.tenant import Tenant
    from terraform_provider_dynatrace.settings.permissions import PermissionsApi

KINDS = {"users": ("user", "uid"), "groups": ("group", "id")}
"""For each outer block: the block inside it, which is also the API's accessor type, and the attribute with the UUID."""

NOBODY = "none"
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def _accessors(outer: str) -> Block:
    kind, key = KINDS[outer]
    access = Attribute(
        String,
        f"What the {kind} may do: `read`, or `write`, which includes reading.",
        required=True,
        validators=[one_of("read", "write")],
    )
    uuid = Attribute(
        String, f"The UUID of the {kind}.", required=True, validators=[matches(r"\S+", f"be the UUID of a {kind}")]
    )
    return Block(
        blocks={
            kind: Block({key: uuid, "access": access}, nesting="set", min_items=1, description=f"A {kind} with access.")
        },
        description=f"The {outer} that have access. Who is not listed has none.",
        max_items=1,
        validators=[lambda value, path: _named_once(outer, value, path)],
    )


def _named_once(outer: str, value: Mapping[str, Value], path: Path) -> Iterator[Error]:
    kind, key = KINDS[outer]
    if isinstance(value[kind], Unknown):
        return
    found = [item[key] for item in value[kind] or [] if isinstance(item, dict)]
    names = [_plain(name) for name in found if isinstance(name, str)]
    for name in sorted({name for name in names if names.count(name) > 1}):
        yield Error(
            f"A {kind} is listed more than once",
            f'{path} names the {kind} "{name}" {names.count(name)} times, with different access or spelling. Keep the '
            'one that is meant: "write" includes "read".',
            path / kind,
        )


class SettingsPermissions(Resource):
    """Its id is the settings object's. It is all the access there is: what it does not list is taken away."""

    type_name = "dynatrace_settings_permissions"
    schema = Schema(
        "Lets users and groups read or write a settings object that is private to its owner. It needs platform "
        "credentials, and an object that was created with such: without an owner, an object is public, whatever its "
        "permissions are.",
        attributes={
            "id": Attribute(String, "The ID of this resource.", computed=True, use_state_for_unknown=True),
            "settings_object_id": Attribute(
                String,
                "The ID of the settings object, of a `dynatrace_aws_connection` for example",
                required=True,
                requires_replace=True,
            ),
            "all_users": Attribute(
                String,
                "What everybody in the environment may do: `read`, `write` or `none`.",
                optional=True,
                default=NOBODY,
                validators=[one_of("read", "write", NOBODY)],
            ),
        },
        blocks={outer: _accessors(outer) for outer in KINDS},
    )

    def __init__(self, tenant: Tenant | UnconfiguredTenant) -> None:
        self.tenant = tenant

    @classmethod
    def upgrade(cls, version: int, state: dict[str, Any]) -> dict[str, Any]:
        """Return the state with "none" where it has null for all users, and as the official provider meant it."""
        del version
        state = same_ids(state, "settings_object_id")
        return (
            state | {"all_users": state.get("all_users") or NOBODY} | {name: blocks(state.get(name)) for name in KINDS}
        )

    @classmethod
    def move(cls, source: MoveSource) -> State | None:
        return moved(cls, source)

    async def plan(self, change: Change) -> Change:
        """Raise `Error` for an object that is not there or has no owner, as soon as it is known which one it is.

        And without platform credentials, whichever it is.
        """
        if change.planned is None or change.planned == change.prior:
            return change
        if isinstance(self.tenant, UnconfiguredTenant):
            self.tenant.warn_not_validated()
            return change
        permissions, object_id = self.tenant.permissions, change.planned["settings_object_id"]
        if not isinstance(object_id, Unknown):
            await _expect_owner(permissions, object_id)
        return change

    async def create(self, plan: State) -> State:
        object_id = plan["settings_object_id"]
        await _expect_owner(self.tenant.permissions, object_id)
        made = plan | {"id": object_id}
        keep_state(made)
        _tell_more_than_planned(await self.tenant.permissions.set(object_id, to_accessors(plan)))
        return made

    async def import_state(self, id_: str) -> State:
        """Take the id of a settings object that exists."""
        if not id_.strip():
            raise Error("The import id is empty", "Give the id of a settings object, of an AWS connection for example.")
        try:
            await self.tenant.permissions.list(id_)
        except NotFound as missing:
            raise Error("No such settings object", _NOT_THERE.format(object_id=id_)) from missing
        return State({"id": id_})

    async def read(self, state: State) -> State | None:
        try:
            found = await self.tenant.permissions.list(state["id"])
        except NotFound:
            return None
        return state | {"settings_object_id": state["id"]} | from_accessors(found, state)

    async def update(self, state: State, plan: State) -> State:
        lost = await self.tenant.permissions.set(state["id"], to_accessors(plan))
        _tell_more_than_planned(lost - to_accessors(state).keys())
        return plan

    async def delete(self, state: State) -> None:
        await self.tenant.permissions.remove(state["id"])


async def _expect_owner(permissions: PermissionsApi, object_id: str) -> None:
    if await permissions.owner(object_id) is None:
        raise Error("The settings object has no owner", _NO_OWNER.format(object_id=object_id), _OBJECT)


def _tell_more_than_planned(lost: Iterable[Accessor]) -> None:
    """Warn about accessors that lost an access which the plan did not show, because somebody else gave it."""
    if names := "".join(f"\n  {accessor}" for accessor in sorted(lost)):
        warn("Access was taken away that the plan did not show", f"{_MORE}\n{names}")


_MORE = (
    "This resource is all the access there is to the settings object, besides its owner's. Somebody else had given "
    "access to these, and they have none now; to let them keep it, list them in the configuration:"
)
_NOT_THERE = (
    'There is no settings object with the id "{object_id}". Permissions are imported by the id of their object, never '
    "by a name: it is the id of the resource that manages the object."
)
_OBJECT = Path("settings_object_id")
_NO_OWNER = (
    "The object {object_id} belongs to nobody, because it was created with an API token. Such an object is public: "
    "every user with settings permissions can read and change it, and permissions have no effect on it.\n\n"
    "Let it be created with platform credentials. If an API token is configured as well, set oauth_preference = true "
    "in the provider block, or the variable DYNATRACE_HTTP_OAUTH_PREFERENCE=true; then replace the object (terraform "
    "apply -replace=ADDRESS). To destroy what there is instead: terraform destroy -refresh=false."
)


def to_accessors(plan: Mapping[str, Value]) -> dict[Accessor, Level]:
    """Return who shall have which access."""
    found: dict[Accessor, Level] = {}
    if plan["all_users"] not in (None, NOBODY):
        found[ALL_USERS] = plan["all_users"]
    for outer, (kind, key) in KINDS.items():
        for item in _items(plan, outer):
            found[Accessor(kind, _plain(item[key]))] = item["access"]
    return found


def from_accessors(accessors: Mapping[Accessor, Level], state: Mapping[str, Value]) -> dict[str, Value]:
    """Return what `accessors` are as attributes and blocks; a UUID keeps the spelling it has in `state`.

    Raises `Error` for a kind of accessor that this provider does not know.
    """
    known = {ALL_USERS.type, *(kind for kind, _ in KINDS.values())}
    for accessor in accessors:
        if accessor.type not in known:
            raise Error("Unknown kind of accessor", _UNKNOWN_KIND.format(accessor=accessor))
    found = {outer: _block(outer, accessors, state) for outer in KINDS}
    return {"all_users": accessors.get(ALL_USERS, NOBODY), **found}


_UNKNOWN_KIND = (
    "Dynatrace says that {accessor} has access, which this version of the provider cannot express: it knows users, "
    "groups and all users. Remove that access in Dynatrace, or use a newer release of the provider."
)


def _block(outer: str, accessors: Mapping[Accessor, Level], state: Mapping[str, Value]) -> list[Value]:
    kind, key = KINDS[outer]
    spelling = {_plain(item[key]): item[key] for item in _items(state, outer)}
    found = [
        {key: spelling.get(_plain(accessor.id), accessor.id), "access": level}
        for accessor, level in sorted(accessors.items())
        if accessor.type == kind
    ]
    return [{kind: found}] if found else []


def _items(values: Mapping[str, Value], outer: str) -> list[dict[str, Value]]:
    return [item for block in values.get(outer) or [] for item in block[KINDS[outer][0]]]


def _plain(name: str) -> str:
    """Return the spelling in which two names of one accessor are equal: that of a UUID has no case."""
    return name.lower() if _UUID.fullmatch(name) else name
