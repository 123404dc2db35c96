"""`dynatrace_aws_connection_role_arn`: the IAM role that an AWS connection assumes."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from itertools import count
from typing import TYPE_CHECKING, Any

from terraform_plugin import (
    Attribute,
    Change,
    Error,
    MoveSource,
    Path,
    Resource,
    Schema,
    State,
    String,
    is_known,
    pause,
    timeout_of,
    timeouts,
    warn,
)
from terraform_provider_dynatrace.aws.connection import (
    ROLE_BASED,
    SCHEMA_ID,
    details_of,
    kind_of,
    known_kind,
    role_arn_of,
)
from terraform_provider_dynatrace.aws.refusal import is_not_assumable, not_assumed
from terraform_provider_dynatrace.aws.trust import role_arn_problem
from terraform_provider_dynatrace.client.errors import Rejected, Unreachable
from terraform_provider_dynatrace.config.tenant import UnconfiguredTenant
from terraform_provider_dynatrace.connections.official_state import moved, same_ids
from terraform_provider_dynatrace.connections.plan_checks import expect_writable
from terraform_provider_dynatrace.connections.planned_monitoring import PlannedMonitoring
from terraform_provider_dynatrace.connections.search import find
from terraform_provider_dynatrace.deadline import OutOfTime, deadline, remaining

if TYPE_CHECKING:
    from terraform_provider_dynatrace.config.tenant import Tenant
    from terraform_provider_dynatrace.settings.objects import SettingsObjects

logger = logging.getLogger(__name__)

CREATE_TIMEOUT = "2m"
_FIRST_PAUSE, _GROWTH, _LONGEST_PAUSE = 1.0, 1.5, 10.0  # seconds; a new role takes seconds to tens of seconds


def _is_role_arn(value: str, path: Path) -> Iterator[Error]:
    if problem := role_arn_problem(value):
        yield Error("Invalid role ARN", problem, path)


class AwsConnectionRoleArn(Resource):
    """Its id is the connection's. Dynatrace tries the role when it is set, and never lets go of it again."""

    type_name = "dynatrace_aws_connection_role_arn"
    schema = Schema(
        "Sets the IAM role of an AWS connection. Dynatrace assumes the role at once, so the role must trust the "
        "connection before; a role that AWS does not know everywhere yet is tried again until the create timeout.",
        attributes={
            "id": Attribute(String, "The ID of this resource.", computed=True, use_state_for_unknown=True),
            "aws_connection_id": Attribute(
                String, "The ID of a `dynatrace_aws_connection` resource instance", required=True, requires_replace=True
            ),
            "role_arn": Attribute(
                String,
                "The ARN of the AWS role that should be assumed",
                required=True,
                requires_replace=True,
                validators=[_is_role_arn],
            ),
        },
        blocks={"timeouts": timeouts(create=CREATE_TIMEOUT)},
    )

    def __init__(self, tenant: Tenant | UnconfiguredTenant) -> None:
        self.tenant = tenant

    @property
    def connections(self) -> SettingsObjects:
        return self.tenant.settings(SCHEMA_ID)

    async def plan(self, change: Change) -> Change:
        """Show before anything is written that Dynatrace would refuse the role ARN, whatever AWS says of the role."""
        planned = change.planned
        if planned is not None and change.prior is None and is_known(planned["aws_connection_id"]):
            self.tenant.shared(PlannedMonitoring).note_role_arn(planned["aws_connection_id"], planned["role_arn"])
        if planned is None or not is_known(planned["role_arn"]) or not is_known(planned["aws_connection_id"]):
            return change
        if change.prior is not None:
            _expect_unchanged(change.prior, planned)
        elif isinstance(self.tenant, UnconfiguredTenant):
            self.tenant.warn_not_validated()
        elif self.tenant.validate_at_plan:
            await self._expect_settable(planned["aws_connection_id"], planned["role_arn"])
        return change

    async def _expect_settable(self, object_id: str, role_arn: str) -> None:
        if self.connections.is_new(object_id):
            return
        found = await self.connections.get(object_id)
        if found is None:
            raise Error(
                "No such connection",
                f'{self.tenant.environment.url} has no AWS connection with the id "{object_id}", or this credential '
                "may not see it: a connection can be private to its owner. Refer to a resource, as in "
                "aws_connection_id = dynatrace_aws_connection.NAME.id.",
                Path("aws_connection_id"),
            )
        setting(role_arn)(found.value)
        if problem := partition_problem(found.value, role_arn):
            raise Error("Invalid role ARN", problem, Path("role_arn"))
        await expect_writable(self.connections, found.value, object_id)

    @classmethod
    def upgrade(cls, version: int, state: dict[str, Any]) -> dict[str, Any]:
        """Return the state with both names of the connection's id, whichever of them it has."""
        del version
        return same_ids(state, "aws_connection_id")

    @classmethod
    def move(cls, source: MoveSource) -> State | None:
        return moved(cls, source)

    async def create(self, plan: State) -> State:
        with deadline(timeout_of(plan, "create", CREATE_TIMEOUT), instead=_has_timeout(plan)):
            await self._set_when_assumable(plan["aws_connection_id"], plan["role_arn"])
        return plan | {"id": plan["aws_connection_id"]}

    async def import_state(self, id_: str) -> State:
        """Take the object id or the name of a connection that has a role ARN."""
        found = await find(self.connections, id_, self.tenant.environment.url)
        if not role_arn_of(found.value):
            raise Error(
                "The connection has no role ARN",
                f'Nothing can be imported: the connection "{found.value.get("name")}" ({found.object_id}) has no role '
                "ARN yet. Without an import, the resource sets it.",
            )
        return State({"id": found.object_id})

    async def read(self, state: State) -> State | None:
        found = await self.connections.get(state["id"])
        role_arn = "" if found is None else role_arn_of(found.value)
        return state | {"aws_connection_id": state["id"], "role_arn": role_arn} if role_arn else None

    async def update(self, state: State, plan: State) -> State:
        """Only the timeouts can change without a replacement, and they are Terraform's."""
        del state
        return plan

    async def delete(self, state: State) -> None:
        warn(
            "The role ARN stays in Dynatrace",
            "Nothing was changed: Dynatrace neither changes nor removes the role ARN of a connection. "
            f"{state['role_arn']} goes when the connection {state['id']} is deleted.",
        )

    async def _set_when_assumable(self, object_id: str, role_arn: str) -> None:
        """Set the role ARN; as long as AWS does not let Dynatrace assume the role, try again until the deadline."""
        seen: dict[str, Any] = {}

        def change(value: dict[str, Any]) -> dict[str, Any]:
            seen.update(value)
            return setting(role_arn)(value)

        refusal: Rejected | None = None
        for attempt in count():
            refusal = await self._refusal_now(object_id, change, refusal)
            if refusal is None:
                return
            left = remaining()
            if not left:
                raise not_assumed(refusal, seen, object_id, self.tenant.environment, role_arn) from refusal
            logger.info("The role cannot be assumed yet", extra={"role_arn": role_arn, "seconds_left": round(left)})
            await pause(min(_FIRST_PAUSE * _GROWTH**attempt, _LONGEST_PAUSE, left))

    async def _refusal_now(
        self, object_id: str, change: Callable[[dict[str, Any]], dict[str, Any]], before: Rejected | None
    ) -> Rejected | None:
        """Try once. Return why the role cannot be assumed, None if it is set.

        A try that the deadline ends says less than the refusal `before` it.
        """
        try:
            await self.connections.edit(object_id, change)
        except Rejected as refusal:
            if is_not_assumable(refusal):
                return refusal
            raise refusal.at({}) from refusal
        except (OutOfTime, Unreachable) as late:
            if before is None or remaining():
                raise
            if isinstance(late, Unreachable) and late.outcome_unknown:
                warn("The last try got no answer", _MAYBE_SET, Path("role_arn"))
            return before
        return None


_MAYBE_SET = "If Dynatrace has set the role ARN after all, the next apply finds it there and succeeds."


def _has_timeout(plan: State) -> bool:
    return bool(plan["timeouts"] and plan["timeouts"]["create"])


def _expect_unchanged(prior: State, planned: State) -> None:
    """Raise `Error` for another role ARN of a connection that lives on."""
    same = prior["aws_connection_id"] == planned["aws_connection_id"]
    if same and prior["role_arn"] != planned["role_arn"]:
        raise _already_set(prior["aws_connection_id"], prior["role_arn"], planned["role_arn"])


def partition_problem(value: Mapping[str, Any], role_arn: str) -> str:
    """Return why this kind of connection cannot use a role of this AWS partition, empty if it can.

    Source: schema `builtin:hyperscaler-authentication.connections.aws`, pattern of `roleArn` of either type.
    """
    if kind_of(value) is not ROLE_BASED or role_arn.startswith("arn:aws:"):
        return ""
    return (
        f"{role_arn} is in another AWS partition than aws, and a connection with role_based_auth only takes roles "
        "arn:aws:iam::…. For China and GovCloud use a connection with web_identity."
    )


def setting(role_arn: str) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    """Return the change that sets `role_arn` in a connection's value and leaves the rest alone.

    The change raises `Error` if another one is set already, or if the type of connection is not known.
    """

    def change(value: Mapping[str, Any]) -> dict[str, Any]:
        kind = known_kind(value)
        present = role_arn_of(value)
        if present not in ("", role_arn):
            raise _already_set(f'"{value.get("name")}"', present, role_arn)
        return {**value, kind.type: {**details_of(value), "roleArn": role_arn}}

    return change


def _already_set(connection: str, present: str, wanted: str) -> Error:
    return Error(
        "The connection has another role ARN already",
        f"The connection {connection} uses {present}, and Dynatrace never changes a role ARN once it is set. To use "
        f"{wanted}, replace the connection together with this resource:\n\n"
        "  terraform apply -replace=dynatrace_aws_connection.NAME\n\n"
        "where aws_connection_id is dynatrace_aws_connection.NAME.id. Or keep the role ARN. To have later changes "
        "replace both by themselves, give the role's name to a terraform_data as its input, and to the connection:\n\n"
        "  lifecycle {\n    replace_triggered_by = [terraform_data.NAME]\n  }",
        Path("role_arn"),
    )
