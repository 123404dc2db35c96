"""The resource `dynatrace_aws_connection_role_arn`: sets the IAM role of an AWS connection."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from itertools import count
from typing import TYPE_CHECKING, Any

from terraform_plugin import (
    Attribute,
    Change,
    Error,
    MoveSource,
    Path,
    Schema,
    State,
    String,
    Value,
    is_known,
    pause,
    timeout_of,
    timeouts,
    warn,
)
from terraform_provider_dynatrace.aws.connection import AWS_CONNECTION, role_arn_of
from terraform_provider_dynatrace.aws.refusal import is_not_assumable, not_assumed
from terraform_provider_dynatrace.aws.role_arn import role_arn_problem
from terraform_provider_dynatrace.client.errors import NotFound, Rejected, Unreachable
from terraform_provider_dynatrace.client.retry import ROLE_PROPAGATION
from terraform_provider_dynatrace.config.tenant import UnconfiguredTenant
from terraform_provider_dynatrace.connections.kinds import details_of
from terraform_provider_dynatrace.connections.official_state import moved, same_ids
from terraform_provider_dynatrace.connections.planned_access import PlannedAccess
from terraform_provider_dynatrace.connections.planned_monitoring import PlannedMonitoring
from terraform_provider_dynatrace.connections.resource import ConnectionResource
from terraform_provider_dynatrace.connections.search import find_by_id
from terraform_provider_dynatrace.deadline import OutOfTime, deadline, remaining

if TYPE_CHECKING:
    from terraform_provider_dynatrace.settings.model import SettingsObject

logger = logging.getLogger(__name__)

CREATE_TIMEOUT = "2m"


def _is_role_arn(value: str, path: Path) -> Iterator[Error]:
    if problem := role_arn_problem(value):
        yield Error("Invalid role ARN", problem, path)


class AwsConnectionRoleArn(ConnectionResource):
    """The role ARN of a connection. Dynatrace assumes the role when it is set, and never changes or removes it."""

    type_name = "dynatrace_aws_connection_role_arn"
    connection_type = AWS_CONNECTION
    schema = Schema(
        "Sets the IAM role of an AWS connection. Dynatrace assumes the role immediately, so the role must already "
        "trust the connection. While AWS propagates a new role, the provider retries until the create timeout.",
        attributes={
            "id": Attribute(String, "The ID of this resource.", computed=True, use_state_for_unknown=True),
            "aws_connection_id": Attribute(
                String,
                "The ID of a `dynatrace_aws_connection` resource instance",
                required=True,
                requires_replace=True,
                references=[AWS_CONNECTION.type_name],
            ),
            "role_arn": Attribute(
                String,
                "The ARN of the AWS role that should be assumed",
                required=True,
                validators=[_is_role_arn],
            ),
        },
        blocks={"timeouts": timeouts(create=CREATE_TIMEOUT)},
    )

    async def plan(self, change: Change) -> Change:
        """Report a role ARN that Dynatrace would reject whatever AWS says about the role. Raises `Error`."""
        prior, planned = change.prior, change.planned
        if prior is not None and (planned is None or change.requires_replace):
            self.planned.abandon_role_arn(prior["aws_connection_id"], prior["role_arn"])
        if planned is None:
            return change
        if prior is not None and not change.requires_replace:
            _check_unchanged(prior["aws_connection_id"], prior["role_arn"], planned["role_arn"])
            return change
        if prior is None and is_known(planned["aws_connection_id"]):
            self.tenant.shared(PlannedMonitoring).note_role_arn(planned["aws_connection_id"], planned["role_arn"])
            self.tenant.shared(PlannedAccess).note_role_arn(planned["aws_connection_id"])
        if not is_known(planned["role_arn"]) or not is_known(planned["aws_connection_id"]):
            return change
        if isinstance(self.tenant, UnconfiguredTenant):
            self.tenant.warn_not_validated()
        elif self.tenant.validate_at_plan and prior is None:
            await self._check_create(planned["aws_connection_id"], planned["role_arn"])
        return change

    async def _check_create(self, object_id: str, role_arn: str) -> None:
        if self.connections.is_new(object_id):  # while Terraform applies; what it created is not checked again
            return
        found = await find_by_id(self.tenant, AWS_CONNECTION, object_id, Path("aws_connection_id"), _REFER)
        with_role_arn(found.value, role_arn)
        if problem := role_arn_problem(role_arn, AWS_CONNECTION.known_authentication(found.value)):
            raise Error("Invalid role ARN", problem, Path("role_arn"))
        await self.connections.check_writable(found)

    @classmethod
    def upgrade(cls, version: int, state: dict[str, Any]) -> dict[str, Any]:
        """Return the state with both `id` and `aws_connection_id`, which are the same."""
        del version
        return same_ids(state, "aws_connection_id")

    @classmethod
    def move(cls, source: MoveSource) -> State | None:
        return moved(cls, source)

    async def create(self, plan: State) -> State:
        configured = bool(plan["timeouts"] and plan["timeouts"]["create"])
        access = self.tenant.shared(PlannedAccess).using(plan["aws_connection_id"])
        with access, deadline(timeout_of(plan, "create", CREATE_TIMEOUT), instead=configured):
            await self._set_role_arn(plan["aws_connection_id"], plan["role_arn"])
        return plan | {"id": plan["aws_connection_id"]}

    async def _set_role_arn(self, object_id: str, role_arn: str) -> None:
        """Set the role ARN. While AWS does not let Dynatrace assume the role, retry until the deadline."""
        refusal: Rejected | None = None
        value: Mapping[str, Any] = {}

        def change(current: Mapping[str, Any]) -> dict[str, Any]:
            nonlocal value
            value = current
            return with_role_arn(current, role_arn)

        for attempt in count():
            try:
                await self.connections.edit(object_id, change)
            except (NotFound, OutOfTime, Rejected, Unreachable) as failed:
                self._check_retryable(failed, object_id, refusal)
                failure = failed
                refusal = failed if isinstance(failed, Rejected) else refusal
            else:
                return
            left = remaining()
            if not left and refusal is not None:
                if isinstance(failure, Unreachable) and failure.outcome_unknown:
                    warn("The last attempt had no response", _MAYBE_SET, Path("role_arn"))
                raise not_assumed(refusal, value, object_id, self.tenant.environment, role_arn) from refusal
            logger.info("The role ARN cannot be set yet", extra={"role_arn": role_arn, "seconds_left": round(left)})
            await pause(min(ROLE_PROPAGATION.pause(attempt), left))

    def _check_retryable(self, failure: Error, object_id: str, refusal: Rejected | None) -> None:
        """Raise the failure of an attempt, unless another attempt can succeed. `refusal` is the last one before it."""
        if isinstance(failure, Rejected):
            if not is_not_assumable(failure):
                raise failure.at({}) from failure
        elif isinstance(failure, NotFound):
            # What this run has just created may not be readable yet. Nothing documents how long that takes.
            if not self.connections.is_new(object_id) or not remaining():
                raise failure
        elif refusal is None:  # otherwise Dynatrace responded before, and that refusal says more than no response
            raise failure

    async def import_state(self, id_: str) -> State:
        """Import by the ID or the name of a connection that has a role ARN."""
        found = await self.find(id_)
        if not role_arn_of(found.value):
            raise Error(
                "The connection has no role ARN",
                f'There is nothing to import: the connection "{found.value.get("name")}" ({found.object_id}) has no '
                "role ARN yet. Remove the import block; then this resource sets the role ARN.",
            )
        return State({"id": found.object_id})

    async def read(self, state: State) -> State | None:
        found = await self.connections.get(state["id"])
        role_arn = "" if found is None else role_arn_of(found.value)
        return state | {"aws_connection_id": state["id"], "role_arn": role_arn} if role_arn else None

    async def update(self, state: State, plan: State) -> State:
        """Return the plan if the role ARN is the same. Otherwise raise `Error`, which keeps the state as it is.

        A plan allows another role ARN if it is not known yet: a role that is created again can have the same ARN.
        """
        if state["role_arn"] != plan["role_arn"]:
            raise _already_set(state["id"], state["role_arn"], plan["role_arn"])
        return plan

    async def delete(self, state: State) -> None:
        """Change nothing: Dynatrace never removes a role ARN. The plan has warned about it."""

    @classmethod
    def from_connection(cls, connection: SettingsObject) -> dict[str, Any] | None:
        object_id, role_arn = connection.object_id, role_arn_of(connection.value)
        return {"id": object_id, "aws_connection_id": object_id, "role_arn": role_arn} if role_arn else None


_REFER = "Refer to a resource: aws_connection_id = dynatrace_aws_connection.NAME.id."
_MAYBE_SET = "If Dynatrace did set the role ARN, the next apply finds it and succeeds."


def _check_unchanged(connection_id: str, present: str, planned: Value) -> None:
    """Raise `Error` for another role ARN of a connection that stays, and warn about one that is not known yet."""
    if not is_known(planned):
        warn(
            "The role ARN of a connection cannot change",
            f"The new value of role_arn is only known during the apply. If it is not {present}, the apply fails, "
            "because Dynatrace never changes a role ARN, and Terraform may already have deleted the present role. "
            f"{_WAYS}",
            Path("role_arn"),
        )
    elif planned != present:
        raise _already_set(connection_id, present, planned)


def with_role_arn(value: Mapping[str, Any], role_arn: str) -> dict[str, Any]:
    """Return a connection's settings value with the role ARN, and everything else as it is.

    Raises `Error` if another role ARN is set, or for a type of connection that is newer than this provider.
    """
    authentication = AWS_CONNECTION.known_authentication(value)
    present = role_arn_of(value)
    if present not in ("", role_arn):
        raise _already_set(f'"{value.get("name")}"', present, role_arn)
    return {**value, authentication.type: {**details_of(value), "roleArn": role_arn}}


def _already_set(connection: str, present: str, wanted: str) -> Error:
    return Error(
        "The connection already has another role ARN",
        f"The connection {connection} has the role {present}, and Dynatrace never changes a role ARN. Keep it, or use "
        f"{wanted} with another connection. {_WAYS}",
        Path("role_arn"),
    )


_WAYS = (
    "To replace the connection together with this resource, run:\n\n"
    "  terraform apply -replace=dynatrace_aws_connection.NAME\n\n"
    "with the address of the connection to which aws_connection_id refers. In a module, the address includes that of "
    "the module, as in module.NAME.dynatrace_aws_connection.this. To replace both automatically whenever the role "
    "changes, in resources of your own, pass the name of the role as `input` to a terraform_data resource, and add to "
    "the connection:\n\n"
    "  lifecycle {\n    replace_triggered_by = [terraform_data.NAME]\n  }"
)
