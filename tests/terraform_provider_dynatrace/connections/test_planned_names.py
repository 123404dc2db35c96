"""Which planned connections can have a name, and what a replacement says of the one it replaces."""

from __future__ import annotations

import pytest

from terraform_plugin import Change, Error, Path, State
from terraform_provider_dynatrace.connections.planned_names import (
    PlannedNames,
    Predecessor,
    predecessor,
    private_data,
    taken,
)

BEFORE = Predecessor("an-id", "production")


def test_a_name_belongs_to_one_connection() -> None:
    """A second create, and a connection that keeps or gets the name, are refused at the name."""
    for first, second in [(None, None), (None, BEFORE), (BEFORE, None), (BEFORE, Predecessor("other", "b"))]:
        names = PlannedNames()
        names.claim("production", first)
        with pytest.raises(Error, match="Two connections") as refused:
            names.claim("production", second)
        assert refused.value.path == Path("name")


def test_a_connection_is_no_duplicate_of_itself() -> None:
    """Terraform plans a replacement twice, and -replace looks like no change the first time."""
    names = PlannedNames()

    names.claim("production", BEFORE)
    names.claim("production", BEFORE)
    names.claim("another", None)


def test_the_second_plan_of_a_replacement_knows_the_first() -> None:
    """It is a create; only the private data says what it replaces."""
    first = Change(State({"id": "an-id", "name": "production"}), State(), {})
    second = Change(None, State(), {}, prior_private=private_data(BEFORE))

    assert predecessor(first) == predecessor(second) == BEFORE


@pytest.mark.parametrize("private", [b"", b"null", b'{"schema_version":"0"}', b"\xff", b'{"replaces":null}'])
def test_other_private_data_replaces_nothing(private: bytes) -> None:
    """Such as what the official provider kept in the state."""
    assert predecessor(Change(None, State(), {}, prior_private=private)) is None


def test_only_connections_of_this_run_may_give_up_their_names() -> None:
    """Others are nobody's to rename."""
    names = PlannedNames()
    names.manages("an-id")

    assert names.may_become_free("an-id")
    assert not names.may_become_free("other")


def test_a_taken_name_comes_with_the_block_that_adopts_its_connection() -> None:
    """And says where it is taken."""
    detail = taken("production", "an-id", "https://abc12345.live.dynatrace.com").detail

    assert detail.startswith('https://abc12345.live.dynatrace.com has a connection with the name "production"')
    assert (
        '  import {\n    to = dynatrace_aws_connection.NAME # the address of this resource\n    id = "an-id"\n  }'
        in detail
    )
