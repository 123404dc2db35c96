"""The resource `dynatrace_aws_connection`: lets Dynatrace use an AWS account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from terraform_plugin import (
    Attribute,
    Block,
    Change,
    Error,
    MoveSource,
    Path,
    Schema,
    Set,
    State,
    String,
    Value,
    is_known,
    is_wholly_known,
    warn,
)
from terraform_plugin.validators import exactly_one_of, length, matches
from terraform_provider_dynatrace.aws.connection import (
    AWS_CONNECTION,
    ROLE_BASED,
    WEB_IDENTITY,
    from_value,
    to_value,
    unmanaged_properties,
)
from terraform_provider_dynatrace.client.errors import Rejected
from terraform_provider_dynatrace.config.tenant import UnconfiguredTenant
from terraform_provider_dynatrace.connections.deletion import delete_connection
from terraform_provider_dynatrace.connections.official_state import blocks, moved, with_id, without_empty
from terraform_provider_dynatrace.connections.plan_checks import PlanChecks
from terraform_provider_dynatrace.connections.planned import ReplacedConnection
from terraform_provider_dynatrace.connections.resource import ConnectionResource
from terraform_provider_dynatrace.connections.search import find_by_id

if TYPE_CHECKING:
    from terraform_provider_dynatrace.config.tenant import Tenant
    from terraform_provider_dynatrace.connections.kinds import Authentication
    from terraform_provider_dynatrace.settings.model import SettingsObject


def _has_consumers(authentication: Authentication, value: list[Value], path: Path) -> Iterator[Error]:
    if not value:
        yield Error(
            "No consumers",
            f"{path} must have a consumer, got an empty set: no Dynatrace integration could use this connection. For "
            f'example, set it to ["{next(iter(authentication.consumers))}"].',
            path,
        )


def _known_consumers(authentication: Authentication, value: list[Value], path: Path) -> Iterator[Error]:
    """Warn about unknown consumers. Dynatrace versions differ in what they accept, so only Dynatrace can reject one."""
    yield from ()
    unknown = [one for one in value if isinstance(one, str) and one not in authentication.consumers]
    if unknown:
        warn("Unknown consumer", _unknown_consumers(authentication, unknown), path)


def _unknown_consumers(authentication: Authentication, unknown: list[str]) -> str:
    import difflib  # noqa: PLC0415  # rarely needed, and not worth its import at every start

    names = ", ".join(f'"{name[:120]}"' for name in unknown[:5])
    nearest = difflib.get_close_matches(unknown[0][:120], authentication.consumers, 1)
    suggestion = f' Did you mean "{nearest[0]}"?' if nearest else ""
    listed = "\n".join(f"  {consumer}" for consumer in _titled(authentication, "{name}"))
    return (
        f"This version of the provider does not know {names} as a consumer for {authentication.block}.{suggestion} "
        f"Dynatrace decides when the connection is planned. Known consumers:\n{listed}"
    )


def _titled(authentication: Authentication, form: str) -> list[str]:
    return [
        f"{form.format(name=name)} ({title})" if title else form.format(name=name)
        for name, title in authentication.consumers.items()
    ]


def _block(authentication: Authentication, *, required: bool) -> Block:
    *most, last = _titled(authentication, "`{name}`")
    consumers = Attribute(
        Set(String),
        f"Dynatrace integrations that can use this connection. Possible values: {', '.join(most)} and {last}",
        required=required,
        optional=not required,
        validators=[partial(_has_consumers, authentication), partial(_known_consumers, authentication)],
    )
    return Block(
        {"consumers": consumers},
        description=f"Configuration required for authenticating via {authentication.title}",
        max_items=1,
        requires_replace=True,
    )


class AwsConnection(ConnectionResource):
    """A connection. Dynatrace only lets its name change: any other change needs a replacement."""

    type_name = AWS_CONNECTION.type_name
    connection_type = AWS_CONNECTION
    identity = ("id",)
    schema = Schema(
        "An AWS connection: how Dynatrace authenticates to an AWS account, and which of its integrations may use that. "
        "Use it together with `dynatrace_aws_connection_role_arn`, which sets the IAM role.",
        attributes={
            "id": Attribute(String, "The ID of this resource.", computed=True, use_state_for_unknown=True),
            "name": Attribute(
                String,
                "Name. It must be unique, have 3 to 100 characters, and not contain a colon.",
                required=True,
                validators=[length(3, 100), matches("[^:]*", "not contain a colon")],
            ),
        },
        blocks={
            "role_based_auth": _block(ROLE_BASED, required=False),
            "web_identity": _block(WEB_IDENTITY, required=True),
        },
        validators=[exactly_one_of("role_based_auth", "web_identity")],
    )

    def __init__(self, tenant: Tenant | UnconfiguredTenant) -> None:
        super().__init__(tenant)
        self.checks = PlanChecks(tenant, AWS_CONNECTION, self.planned)

    async def plan(self, change: Change) -> Change:
        """Report what Dynatrace would reject during the apply. Raises `Error`."""
        replaced = ReplacedConnection.of(change)
        if change.prior is not None:
            self.planned.note_managed(change.prior["id"])
        if change.planned is None:
            await self._plan_delete(change.prior)
            return change
        self._warn(change)
        if change.prior is None and replaced is not None:
            self.planned.note_deleted(replaced.object_id)
        elif change.prior is not None and not change.requires_replace:
            self.planned.note_kept(change.prior["id"])
        # Terraform plans a replacement twice: as a change, then as a create. Only the create will be sent.
        if not change.requires_replace:
            await self._check(change.prior, change.planned, replaced)
        if change.prior is None or replaced is None:
            return change
        return change.with_planned(change.planned.with_private(replaced.private_data()))

    async def _plan_delete(self, prior: State | None) -> None:
        if prior is None:
            return
        self.planned.note_deleted(prior["id"])
        if self.tenant.validate_at_plan:
            await self.checks.check_delete(prior["id"], prior["name"])

    def _warn(self, change: Change) -> None:
        if isinstance(self.tenant, UnconfiguredTenant):
            if change.planned != change.prior:
                self.tenant.warn_not_validated()
        elif change.prior is None and self.tenant.credentials.platform_credentials_unused:
            warn("The connection will be public", _PUBLIC)

    async def _check(self, prior: State | None, planned: State, replaced: ReplacedConnection | None) -> None:
        if not is_known(planned["name"]):
            if prior is None and self.tenant.validate_at_plan:
                await self.checks.check_may_create()
            return
        self.planned.claim_name(AWS_CONNECTION, planned["name"], replaced)
        if not self.tenant.validate_at_plan:
            return
        if prior is None:
            if is_wholly_known([planned[one.block] for one in AWS_CONNECTION.authentications]):
                await self.checks.check_create(to_value(planned), replaced)
            else:
                await self.checks.check_may_create()
        elif prior["name"] != planned["name"]:
            await self.checks.check_rename(prior["id"], planned["name"])

    @classmethod
    def upgrade(cls, version: int, state: dict[str, Any]) -> dict[str, Any]:
        """Return the state with null where the official provider stored an empty set of consumers."""
        del version
        return with_id(state) | {
            one.block: blocks(state.get(one.block), lambda block: without_empty(block, "consumers"))
            for one in AWS_CONNECTION.authentications
        }

    @classmethod
    def move(cls, source: MoveSource) -> State | None:
        return moved(cls, source)

    async def create(self, plan: State) -> State:
        try:
            created = await self.connections.create(to_value(plan))
        except Rejected as refusal:
            raise await self.checks.refused_create(refusal, plan["name"]) from refusal
        return plan | {"id": created.object_id}

    async def import_identity(self, identity: Mapping[str, Value]) -> State:
        """Import by the ID of a connection that exists."""
        found = await find_by_id(self.tenant, AWS_CONNECTION, identity["id"])
        return State({"id": found.object_id})

    async def read(self, state: State) -> State | None:
        self.planned.note_managed(state["id"])
        found = await self.connections.get(state["id"])
        return None if found is None else state | from_value(found.value, state)

    async def update(self, state: State, plan: State) -> State:
        try:
            await self.connections.edit(state["id"], lambda value: {**value, "name": plan["name"]})
        except Rejected as refusal:
            raise refusal.at(AWS_CONNECTION.paths()) from refusal
        return plan

    async def delete(self, state: State) -> None:
        await delete_connection(self.connections, state["id"])

    @classmethod
    def from_connection(cls, connection: SettingsObject) -> dict[str, Value]:
        return {"id": connection.object_id, **from_value(connection.value, {})}

    @classmethod
    def unmanaged_properties(cls, value: Mapping[str, Any]) -> list[str]:
        return unmanaged_properties(value)


_PUBLIC = (
    "It will be created with the API token, although platform credentials are configured, too. So it will have no "
    "owner: every user with settings permissions can read and change it, and dynatrace_settings_permissions has no "
    "effect on it.\n\nTo make it private to the owner of the platform credentials, set oauth_preference = true in the "
    "provider block, or the environment variable DYNATRACE_HTTP_OAUTH_PREFERENCE=true, before you create it."
)
