"""What one run plans with connections: their names, and which of them it replaces or deletes."""

from __future__ import annotations

import pytest

from terraform_plugin import Change, Error, Path, State
from terraform_plugin.diagnostics import collect_warnings
from terraform_provider_dynatrace.aws.connection import AWS_CONNECTION
from terraform_provider_dynatrace.connections.kinds import ConnectionType
from terraform_provider_dynatrace.connections.planned import PlannedConnections, ReplacedConnection

REPLACED = ReplacedConnection("an-id", "production")
OTHER_TYPE = ConnectionType("dynatrace_other_connection", "builtin:other", "other connection", ())


@pytest.mark.parametrize(
    ("first", "second"),
    [(None, None), (None, REPLACED), (REPLACED, None), (REPLACED, ReplacedConnection("other", "b"))],
)
def test_a_name_belongs_to_one_connection(first: ReplacedConnection | None, second: ReplacedConnection | None) -> None:
    """A second create with the name is refused, and so is a connection that keeps or gets it."""
    planned = PlannedConnections()
    planned.claim_name(AWS_CONNECTION, "production", first)

    with pytest.raises(Error, match="Two connections with the same name") as refused:
        planned.claim_name(AWS_CONNECTION, "production", second)

    assert refused.value.path == Path("name")


def test_a_connection_is_not_a_duplicate_of_itself() -> None:
    """Terraform plans a replacement twice, and plans a connection again after `-replace`."""
    planned = PlannedConnections()

    planned.claim_name(AWS_CONNECTION, "production", REPLACED)
    planned.claim_name(AWS_CONNECTION, "production", REPLACED)
    planned.claim_name(AWS_CONNECTION, "another", None)


def test_connections_of_different_clouds_may_have_the_same_name() -> None:
    """Names are unique within a schema."""
    planned = PlannedConnections()

    planned.claim_name(AWS_CONNECTION, "production", None)
    planned.claim_name(OTHER_TYPE, "production", None)


def test_the_second_plan_of_a_replacement_knows_the_replaced_connection() -> None:
    """It is a create without a prior state: only the private data says what it replaces."""
    first = Change(State({"id": "an-id", "name": "production"}), State(), {})
    second = Change(None, State(), {}, prior_private=REPLACED.private_data())

    assert ReplacedConnection.of(first) == ReplacedConnection.of(second) == REPLACED


@pytest.mark.parametrize("private", [b"", b"null", b'{"schema_version":"0"}', b"\xff", b'{"replaces":null}'])
def test_other_private_data_names_no_replaced_connection(private: bytes) -> None:
    """For example the timeouts that the official provider stored."""
    assert ReplacedConnection.of(Change(None, State(), {}, prior_private=private)) is None


def test_only_connections_of_this_state_are_managed() -> None:
    """This run can rename or delete no others."""
    planned = PlannedConnections()
    planned.note_managed("an-id")

    assert planned.is_managed("an-id")
    assert not planned.is_managed("other")


def test_a_deleted_connection_is_noted() -> None:
    """Resources that depend on the connection are planned after it."""
    planned = PlannedConnections()
    planned.note_deleted("an-id")

    assert planned.is_deleted("an-id")
    assert not planned.is_deleted("other")


@pytest.mark.parametrize("first", ["role ARN", "connection"])
@pytest.mark.parametrize(("deleted", "count"), [(False, 1), (True, 0)])
def test_a_role_arn_whose_connection_stays_is_one_warning(first: str, *, deleted: bool, count: int) -> None:
    """In whichever order Terraform plans the two resources."""
    planned = PlannedConnections()

    def plan_connection() -> None:
        (planned.note_deleted if deleted else planned.note_kept)("an-id")

    with collect_warnings() as warnings:
        if first == "connection":
            plan_connection()
        planned.abandon_role_arn("an-id", "arn:aws:iam::123456789012:role/one")
        if first != "connection":
            plan_connection()

    assert [warning.summary for warning in warnings] == ["The role ARN stays in Dynatrace"] * count
