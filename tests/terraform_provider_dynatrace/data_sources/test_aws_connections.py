"""Which connections a filter fits."""

from __future__ import annotations

from typing import Any

import pytest

from terraform_plugin import State
from terraform_plugin.state.objects import complete
from terraform_plugin.validation import validate
from terraform_provider_dynatrace.data_sources.aws_connections import AwsConnections, fits

CONNECTION = {"name": "alpha", "kind": "web_identity", "consumers": ["APP:dynatrace.aws.connector"]}


def config(**values: Any) -> State:
    return State(complete(AwsConnections.schema, values))


@pytest.mark.parametrize(
    ("wanted", "fitting"),
    [
        ({}, True),
        ({"name_prefix": "al"}, True),
        ({"name_prefix": "lph"}, False),
        ({"kind": "web_identity"}, True),
        ({"kind": "role_based_auth"}, False),
        ({"consumer": "APP:dynatrace.aws.connector"}, True),
        ({"consumer": "APP:dynatrace.biz.carbon"}, False),
        ({"name_prefix": "al", "kind": "role_based_auth"}, False),
    ],
)
def test_all_filters_that_are_set_must_fit(wanted: dict[str, str], fitting: bool) -> None:  # noqa: FBT001 -- a table
    """Without any, everything does."""
    assert fits(CONNECTION, config(**wanted)) == fitting


def test_a_kind_that_does_not_exist_is_found_by_validate() -> None:
    """It would fit nothing, silently."""
    [error] = validate(AwsConnections.schema, config(kind="web"))

    assert "web_identity" in error.detail
