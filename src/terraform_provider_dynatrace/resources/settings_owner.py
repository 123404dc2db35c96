"""The resource `dynatrace_settings_owner`: to whom a settings object belongs.

Source: docs/design/0008-sources.md#settings-transfer-ownership.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from terraform_plugin import (
    Attribute,
    Change,
    Error,
    Path,
    Resource,
    Schema,
    State,
    String,
    Value,
    is_known,
    warn,
)
from terraform_plugin.validators import exactly_one_of
from terraform_provider_dynatrace.aws.connection import AWS_CONNECTION, SCHEMA_ID, role_arn_of
from terraform_provider_dynatrace.client.errors import NotFound, Rejected
from terraform_provider_dynatrace.config.tenant import UnconfiguredTenant
from terraform_provider_dynatrace.connections.identities import same_spelling, uuid_of
from terraform_provider_dynatrace.connections.official_state import with_id
from terraform_provider_dynatrace.connections.planned_access import PlannedAccess
from terraform_provider_dynatrace.settings.model import Owner
from terraform_provider_dynatrace.settings.permissions import ALL_USERS, Accessor

if TYPE_CHECKING:
    from collections.abc import Mapping

    from terraform_provider_dynatrace.config.tenant import Tenant
    from terraform_provider_dynatrace.settings.model import SettingsObject
    from terraform_provider_dynatrace.settings.permissions import Level

_KINDS = ("user", "group")
_OBJECT = Path("settings_object_id")


def _owner(kind: str, description: str) -> Attribute:
    return Attribute(String, description, optional=True, validators=[uuid_of(kind)])


class SettingsOwner(Resource):
    """The owner of one settings object. Its ID is the settings object's."""

    type_name = "dynatrace_settings_owner"
    schema = Schema(
        "Gives a settings object, for example a connection, to another owner. Requires platform credentials of the "
        "present owner, or `admin_access`. Destroying this resource does not change the owner.",
        attributes={
            "id": Attribute(String, "The ID of this resource.", computed=True, use_state_for_unknown=True),
            "settings_object_id": Attribute(
                String,
                "The ID of the settings object, for example of a `dynatrace_aws_connection`. Refer to the resource "
                "that has to be applied before the transfer: permissions, or the role ARN",
                required=True,
                requires_replace=True,
                references=[AWS_CONNECTION.type_name],
            ),
            "user": _owner("user", "The UUID of the user who owns the object."),
            "group": _owner("group", "The UUID of the group whose members own the object."),
        },
        validators=[exactly_one_of(*_KINDS)],
    )

    def __init__(self, tenant: Tenant | UnconfiguredTenant) -> None:
        self.tenant = tenant
        self.planned = tenant.shared(PlannedAccess)

    @classmethod
    def upgrade(cls, version: int, state: dict[str, Any]) -> dict[str, Any]:
        """Return the state. Raises `Error` for one without an ID."""
        del version
        return with_id(state)

    async def plan(self, change: Change) -> Change:
        """Raise `Error` for a transfer that Dynatrace would refuse, or after which this credential had no access."""
        planned = change.planned
        if planned is None:
            self._plan_delete(change.prior)
            return change
        if planned == change.prior or change.requires_replace:
            return change
        if isinstance(self.tenant, UnconfiguredTenant):
            self.tenant.warn_not_validated()
            return change
        owners, object_id, wanted = self.tenant.owners, planned["settings_object_id"], wanted_owner(planned)
        # What this run created has been planned already, and `create` checks the transfer before it is sent.
        if wanted is None or not is_known(object_id) or self.tenant.settings(SCHEMA_ID).is_new(object_id):
            return change
        found = await self._owned(object_id)
        if found.owner != wanted:
            present = await self.tenant.permissions.list(object_id)
            granted = self.planned.permissions(object_id)
            accessors = present if granted is None else granted
            transfer = _Transfer(found, wanted, accessors, transferred_before=change.prior is not None)
            if not owners.admin_access:
                transfer.check(sets_role_arn=self.planned.sets_role_arn(object_id))
            transfer.warn_of_loss()
        return change

    def _plan_delete(self, prior: State | None) -> None:
        """Warn that the owner stays."""
        if prior is None:
            return
        kind = next((kind for kind in _KINDS if prior[kind]), None)
        owner = f"{kind} {prior[kind]}" if kind else "its present owner"
        warn("The owner stays in Dynatrace", _OWNER_STAYS.format(object_id=prior["id"], owner=owner))
        if not self.tenant.admin_access:
            self.planned.note_given_away(prior["id"], owner)

    async def _owned(self, object_id: str) -> SettingsObject:
        """Return an object that has an owner. Raises `Error`."""
        owners = self.tenant.owners
        try:
            found = await owners.get(object_id)
        except NotFound as missing:
            raise missing.replace(path=_OBJECT) from missing.__cause__
        if found.owner is not None:
            return found
        if await owners.schema_has_owners(found.schema_id) is False:
            raise Error(
                "Objects of this schema have no owner",
                f"The settings object {object_id} belongs to the schema {found.schema_id}, whose objects have no "
                "owner: everyone with settings permissions can read and change them. Remove this resource.",
                _OBJECT,
            )
        raise Error("The settings object has no owner", _NO_OWNER.format(object_id=object_id), _OBJECT)

    async def create(self, plan: State) -> State:
        await self._transfer(plan, transferred_before=False)
        return plan | {"id": plan["settings_object_id"]}

    async def _transfer(self, plan: State, *, transferred_before: bool) -> None:
        """Make the planned owner the owner; it is fine if it is the owner already."""
        object_id, wanted, owners = plan["settings_object_id"], wanted_owner(plan), self.tenant.owners
        assert wanted is not None  # an apply knows all values, and validate wants one of them
        await self.planned.wait_for_others(object_id)  # which may need the access that is about to be given away
        found = await self._owned(object_id)
        if found.owner == wanted:
            return
        if not owners.admin_access:
            accessors = await self.tenant.permissions.list(object_id)
            _Transfer(found, wanted, accessors, transferred_before=transferred_before).check()
        try:
            with self.tenant.settings(SCHEMA_ID).writing(object_id):
                await owners.transfer(object_id, wanted)
        except Rejected as refusal:
            raise refusal.at({"newOwner": Path(wanted.type)}) from refusal

    async def import_state(self, id_: str) -> State:
        """Import by the ID of a settings object that has an owner."""
        if not id_.strip():
            raise Error("The import ID is empty", "Pass the ID of a settings object, for example of an AWS connection.")
        try:
            found = await self._owned(id_)
        except NotFound as missing:
            raise Error(
                "Settings object not found",
                f'There is no settings object with the ID "{id_[:200]}". An owner is imported by the ID of its '
                "settings object, which is the ID of the resource that manages the object. Names are not accepted.",
            ) from missing
        return State({"id": found.object_id})

    async def read(self, state: State) -> State | None:
        """Return the state with the present owner. One that this resource cannot express is shown as null."""
        found = await self._as_it_was(state["id"])
        if found is None:
            return None
        return state | {"settings_object_id": state["id"]} | from_owner(found.owner, state)

    async def _as_it_was(self, object_id: str) -> SettingsObject | None:
        """Return an object as it was since this provider was configured, or later; None if it does not exist.

        Connections are read together with those of other resources: many of them from pages of a list. That is not
        possible if connections are read with an API token, which does not see what is private to an owner.
        """
        owners, connections = self.tenant.owners, self.tenant.settings(SCHEMA_ID)
        if owners.client is connections.client:
            return await connections.get_of_any_schema(object_id)
        try:
            return await owners.get(object_id)
        except NotFound:
            return None

    async def update(self, state: State, plan: State) -> State:
        del state
        await self._transfer(plan, transferred_before=True)
        return plan

    async def delete(self, state: State) -> None:
        """Change nothing: an object that has an owner cannot be without one. The plan has warned about it."""


def wanted_owner(plan: Mapping[str, Value]) -> Owner | None:
    """Return the planned owner, None if it is not known yet."""
    for kind in _KINDS:
        if not is_known(plan[kind]):
            return None
        if plan[kind] is not None:
            return Owner(kind, same_spelling(plan[kind]))
    return None


def from_owner(owner: Owner | None, state: Mapping[str, Value]) -> dict[str, Value]:
    """Return the attributes for an owner. A UUID keeps the spelling that it has in `state`.

    Both are null for an object without an owner, and for all users. Raises `Error` for an owner in an unknown form.
    """
    if owner == Owner():
        raise Error(
            "Unknown form of owner",
            "Dynatrace returned the owner of the settings object in a form that is not documented. Upgrade the "
            "provider.",
        )
    attributes: dict[str, Value] = dict.fromkeys(_KINDS)
    if owner is not None and (owner.type or "user") in _KINDS:
        kind = owner.type or "user"
        known = state.get(kind)
        same = isinstance(known, str) and same_spelling(known) == same_spelling(owner.id)
        attributes[kind] = known if same else owner.id
    return attributes


class _Transfer:
    """A transfer that is planned, and who has access to the object besides its owner."""

    def __init__(
        self,
        found: SettingsObject,
        wanted: Owner,
        accessors: Mapping[Accessor, Level],
        *,
        transferred_before: bool,
    ) -> None:
        self._found = found
        self._wanted = wanted
        self._accessors = accessors
        self._transferred_before = transferred_before

    def check(self, *, sets_role_arn: bool = False) -> None:
        """Raise `Error` if this credential could not read the object afterwards, or not finish it.

        `sets_role_arn`: this run sets the role ARN of the connection, as far as is known. Which groups the user of the
        credential is in is not known, so a new owner that is a group does not count.
        """
        level = self._remaining_level()
        names = {"object_id": self._found.object_id, "present": self._found.owner, "wanted": self._wanted}
        if level is None:
            raise Error("The transfer would lock this credential out", _LOCKED_OUT.format(**names), _OBJECT)
        if level == "read" and self._lacks_role_arn() and not sets_role_arn:
            raise Error("The connection has no role ARN yet", _NO_ROLE_ARN.format(**names), _OBJECT)

    def _remaining_level(self) -> Level | None:
        """Return the access that this credential keeps, None for none."""
        if self._transferred_before and self._accessors:
            # Whoever reads an object of another owner does so as one of its accessors. Which one is not known.
            return max(self._accessors.values())
        kept = [self._accessors.get(ALL_USERS), self._accessors.get(self._accessor())]
        return max((level for level in kept if level is not None), default=None)

    def _accessor(self) -> Accessor:
        owner = self._found.owner or Owner()
        return Accessor(owner.type, owner.id)

    def _lacks_role_arn(self) -> bool:
        return self._found.schema_id == SCHEMA_ID and not role_arn_of(self._found.value)

    def warn_of_loss(self) -> None:
        """Warn that the present owner loses access, unless permissions keep it."""
        if self._accessor() not in self._accessors and ALL_USERS not in self._accessors:
            names = {"object_id": self._found.object_id, "present": self._found.owner, "wanted": self._wanted}
            warn("The present owner loses access", _LOSES_ACCESS.format(**names), _OBJECT)


_OWNER_STAYS = (
    "Destroying this resource does not change the owner: as long as the settings object {object_id} exists, it belongs "
    "to {owner}. To give it to another owner, change user or group instead."
)
_NO_OWNER = (
    "Dynatrace names no owner of the object {object_id}. An object that was created with an API token has none, and "
    "cannot be transferred. It is public: every user with settings permissions can read and change it.\n\n"
    "Create it with platform credentials. If an API token is configured, too, set oauth_preference = true in the "
    "provider block, or the environment variable DYNATRACE_HTTP_OAUTH_PREFERENCE=true. Then replace the object: "
    "terraform apply -replace=ADDRESS."
)
_LOCKED_OUT = (
    "The settings object {object_id} belongs to {present}. After the transfer to {wanted}, the previous owner has no "
    "access to it unless permissions grant it, so Terraform could not read what this configuration manages. Do one of "
    "these:\n\n"
    "  - Grant access in dynatrace_settings_permissions: to {present}, or to all users. Let this resource wait for it: "
    "settings_object_id = dynatrace_settings_permissions.NAME.id.\n"
    "  - Set admin_access = true in the provider block, which requires the scope settings:objects:admin.\n\n"
    "If {wanted} includes the user of this credential, Dynatrace does not say so. Grant access in that case, too."
)
_NO_ROLE_ARN = (
    "The connection {object_id} belongs to {present}. After the transfer to {wanted}, this credential can only read "
    "it, so it could not set the role ARN any more. Set the role ARN first: let this resource wait for it, "
    "settings_object_id = dynatrace_aws_connection_role_arn.NAME.id. If somebody else sets the role ARN, grant this "
    "credential write access in dynatrace_settings_permissions, or set admin_access = true in the provider block."
)
_LOSES_ACCESS = (
    "The settings object {object_id} belongs to {present}. After the transfer to {wanted}, the previous owner has no "
    "access to it. To keep it, list the previous owner in dynatrace_settings_permissions."
)
