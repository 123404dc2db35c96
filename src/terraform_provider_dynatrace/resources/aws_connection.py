"""`dynatrace_aws_connection`: lets Dynatrace use one AWS account."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from terraform_plugin import (
    Attribute,
    Block,
    Change,
    Error,
    MoveSource,
    Path,
    Resource,
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
    KINDS,
    ROLE_BASED,
    SCHEMA_ID,
    WEB_IDENTITY,
    Kind,
    consumers_of,
    known_kind,
    name_of,
)
from terraform_provider_dynatrace.client.errors import Rejected
from terraform_provider_dynatrace.config.tenant import UnconfiguredTenant
from terraform_provider_dynatrace.connections.official_state import blocks, moved, without_empty
from terraform_provider_dynatrace.connections.plan_checks import ConnectionPlans
from terraform_provider_dynatrace.connections.planned_names import Predecessor, predecessor, private_data
from terraform_provider_dynatrace.connections.search import find, not_found

if TYPE_CHECKING:
    from terraform_provider_dynatrace.config.tenant import Tenant
    from terraform_provider_dynatrace.settings.objects import SettingsObjects

PATHS = {"name": Path("name")} | {
    path: attribute
    for kind in KINDS
    for path, attribute in {
        kind.type: Path(kind.block),
        f"{kind.type}/consumers": Path(kind.block, 0, "consumers"),
    }.items()
}


def _has_consumers(value: list[Value], path: Path) -> Iterator[Error]:
    if not value:
        yield Error(
            "No consumer",
            f"{path} is empty: no Dynatrace integration could use this connection. Name one, for example "
            f'["{next(iter(WEB_IDENTITY.consumers))}"].',
            path,
        )


def _known_consumers(kind: Kind, value: list[Value], path: Path) -> Iterator[Error]:
    """Warn about a consumer that is not on the page: Dynatrace versions differ, so the server decides."""
    yield from ()
    for consumer in value:
        if isinstance(consumer, str) and consumer not in kind.consumers:
            warn("Unknown consumer", _unknown_consumer(kind, consumer), path)


def _unknown_consumer(kind: Kind, consumer: str) -> str:
    import difflib  # noqa: PLC0415  # rarely needed; not worth its import at every start

    listed = "\n".join(f"  {name}{f' ({title})' if title else ''}" for name, title in kind.consumers.items())
    nearest = difflib.get_close_matches(consumer, kind.consumers, 1)
    guess = f'Did you mean "{nearest[0]}"? ' if nearest else ""
    return (
        f'"{consumer}" is not one of the consumers that this provider knows for {kind.block}. {guess}Dynatrace decides '
        f"when the connection is planned. Known are:\n{listed}"
    )


def _consumers(kind: Kind, *, required: bool) -> Block:
    values = [f"`{name}`{f' ({title})' if title else ''}" for name, title in kind.consumers.items()]
    description = f"Dynatrace integrations that can use this connection. Possible values: {_and(values)}"
    checks = [_has_consumers, lambda value, path: _known_consumers(kind, value, path)]
    return Block(
        {"consumers": Attribute(Set(String), description, required=required, optional=not required, validators=checks)},
        description=f"Configuration required for authenticating via {kind.title}",
        max_items=1,
        requires_replace=True,
    )


def _and(values: list[str]) -> str:
    return f"{', '.join(values[:-1])} and {values[-1]}"


class AwsConnection(Resource):
    """Its object id is its id. Only the name changes in place; Dynatrace fixes the rest at birth."""

    type_name = "dynatrace_aws_connection"
    identity = ("id",)
    schema = Schema(
        "An AWS connection: what Dynatrace presents to AWS, and which of its integrations may do so. Use it together "
        "with `dynatrace_aws_connection_role_arn`, which names the IAM role.",
        attributes={
            "id": Attribute(String, "The ID of this resource.", computed=True, use_state_for_unknown=True),
            "name": Attribute(
                String,
                "Name",
                required=True,
                validators=[length(3, 100), matches("[^:]*", "not contain a colon")],
            ),
        },
        blocks={
            "role_based_auth": _consumers(ROLE_BASED, required=False),
            "web_identity": _consumers(WEB_IDENTITY, required=True),
        },
        validators=[exactly_one_of("role_based_auth", "web_identity")],
    )

    def __init__(self, tenant: Tenant | UnconfiguredTenant) -> None:
        self.tenant = tenant
        self.plans = ConnectionPlans(tenant, SCHEMA_ID, PATHS)

    @property
    def connections(self) -> SettingsObjects:
        return self.tenant.settings(SCHEMA_ID)

    async def plan(self, change: Change) -> Change:
        """Show before anything is written what would fail then, and that a connection will be public."""
        before = predecessor(change)
        if change.prior is not None:
            self.plans.names.manages(change.prior["id"])
        if change.planned is None:
            if change.prior is not None:
                await self.plans.delete(to_value(change.prior), change.prior["id"])
            return change
        if isinstance(self.tenant, UnconfiguredTenant):
            if change.planned != change.prior:
                self.tenant.warn_not_validated()
        elif change.prior is None and self.tenant.credentials.platform_credentials_unused:
            warn("The connection will be public", _PUBLIC)
        if not change.requires_replace:  # what takes its place is planned by itself
            await self._check(change.prior, change.planned, before)
        if before is None or change.prior is None:
            return change
        return replace(change, planned=change.planned.with_private(private_data(before)))

    async def _check(self, prior: State | None, planned: State, before: Predecessor | None) -> None:
        if not is_known(planned["name"]):
            return
        self.plans.names.claim(planned["name"], before)
        if prior is None:
            if is_wholly_known([planned[kind.block] for kind in KINDS]):
                await self.plans.create(to_value(planned), before)
        elif prior["name"] != planned["name"]:
            await self.plans.rename(planned["name"], prior["id"])

    @classmethod
    def upgrade(cls, version: int, state: dict[str, Any]) -> dict[str, Any]:
        """Return the state with null where the official provider wrote that there are no consumers."""
        del version
        return state | {
            kind.block: blocks(state.get(kind.block), lambda block: without_empty(block, "consumers")) for kind in KINDS
        }

    @classmethod
    def move(cls, source: MoveSource) -> State | None:
        return moved(cls, source)

    async def create(self, plan: State) -> State:
        try:
            created = await self.connections.create(to_value(plan))
        except Rejected as refusal:
            raise refusal.at(PATHS) from refusal
        return plan | {"id": created.object_id}

    async def import_state(self, id_: str) -> State:
        """Take the object id or the name of a connection."""
        found = await find(self.connections, id_, self.tenant.environment.url)
        return State({"id": found.object_id})

    async def import_identity(self, identity: Mapping[str, Value]) -> State:
        """Take the object id of a connection that exists."""
        found = await self.connections.get(identity["id"])
        if found is None:
            raise not_found(identity["id"], (), self.tenant.environment.url, what="object id")
        return State({"id": found.object_id})

    async def read(self, state: State) -> State | None:
        self.plans.names.manages(state["id"])
        found = await self.connections.get(state["id"])
        return None if found is None else state | from_value(found.value, state)

    async def update(self, state: State, plan: State) -> State:
        try:
            await self.connections.edit(state["id"], lambda value: {**value, "name": plan["name"]})
        except Rejected as refusal:
            raise refusal.at(PATHS) from refusal
        return plan

    async def delete(self, state: State) -> None:
        await self.connections.delete(state["id"])


_PUBLIC = (
    "It is created with the API token, although platform credentials are configured too, so it will have no owner: "
    "every user with settings permissions can read and change it, and dynatrace_settings_permissions has no effect on "
    "it.\n\nTo make it private to the owner of the platform credentials, set oauth_preference = true in the provider "
    "block, or the variable DYNATRACE_HTTP_OAUTH_PREFERENCE=true, before it is created."
)


def to_value(plan: Mapping[str, Value]) -> dict[str, Any]:
    """Return the settings value of a planned connection."""
    kind = next(kind for kind in KINDS if plan[kind.block])
    consumers = plan[kind.block][0]["consumers"] or []
    return {"name": plan["name"], "type": kind.type, kind.type: {"roleArn": "", "consumers": sorted(consumers)}}


def from_value(value: Mapping[str, Any], state: Mapping[str, Value]) -> dict[str, Value]:
    """Return what `value` says of a connection; an absence keeps the spelling it has in `state`.

    Raises `Error` for a type of connection that this provider does not know.
    """
    kind = known_kind(value)
    before = state.get(kind.block) or [{}]
    consumers = consumers_of(value) or _same_absence(before[0].get("consumers"))
    blocks = {other.block: [{"consumers": consumers}] if other is kind else [] for other in KINDS}
    return {"name": name_of(value), **blocks}


def _same_absence(before: Value) -> list[Value] | None:
    return [] if before == [] else None
