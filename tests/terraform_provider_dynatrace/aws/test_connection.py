"""The mapping between settings values and states of AWS connections, what data sources show, and filters."""

from __future__ import annotations

from typing import Any

import pytest

from terraform_plugin import Error, State
from terraform_plugin.state.objects import complete
from terraform_provider_dynatrace.aws.connection import (
    COMPUTED,
    FILTERS,
    consumers_of,
    describe,
    from_value,
    name_of,
    passes,
    role_arn_of,
    to_value,
    unmanaged_properties,
)
from terraform_provider_dynatrace.resources.aws_connection import AwsConnection

WEB_IDENTITY = {"web_identity": [{"consumers": ["APP:dynatrace.aws.connector"]}]}
ROLE_BASED = {"role_based_auth": [{"consumers": ["SVC:com.dynatrace.da"]}]}
ROLE = "arn:aws:iam::123456789012:role/r"


def config(**values: Any) -> State:
    return State(complete(AwsConnection.schema, {"name": "production", **values}))


@pytest.mark.parametrize(
    ("values", "value"),
    [
        (
            WEB_IDENTITY,
            {
                "name": "production",
                "type": "awsWebIdentity",
                "awsWebIdentity": {"roleArn": "", "consumers": ["APP:dynatrace.aws.connector"]},
            },
        ),
        (
            ROLE_BASED,
            {
                "name": "production",
                "type": "awsRoleBasedAuthentication",
                "awsRoleBasedAuthentication": {"roleArn": "", "consumers": ["SVC:com.dynatrace.da"]},
            },
        ),
        (
            {"role_based_auth": [{"consumers": None}]},
            {
                "name": "production",
                "type": "awsRoleBasedAuthentication",
                "awsRoleBasedAuthentication": {"roleArn": ""},
            },
        ),
    ],
)
def test_a_connection_becomes_a_value_and_comes_back(values: dict[str, Any], value: dict[str, Any]) -> None:
    """What is created reads back as it was configured: no difference in the next plan."""
    configured = config(**values)

    assert to_value(configured) == value
    assert configured | from_value(value, configured) == configured


@pytest.mark.parametrize("absent", [None, []])
@pytest.mark.parametrize(
    "details", [{}, {"consumers": None}, {"consumers": []}, {"consumers": ["SVC:com.dynatrace.da"]}]
)
def test_consumers_that_were_left_to_dynatrace_are_not_shown(absent: Any, details: dict[str, Any]) -> None:
    """Whatever the default is in this version of Dynatrace, the next plan has no changes."""
    state = config(role_based_auth=[{"consumers": absent}])
    value = {"name": "production", "type": "awsRoleBasedAuthentication", "awsRoleBasedAuthentication": details}

    assert from_value(value, state)["role_based_auth"] == [{"consumers": absent}]


def test_an_imported_connection_gets_everything_from_dynatrace() -> None:
    """An import knows only the id."""
    imported = State(complete(AwsConnection.schema, {"id": "an-id"}))
    value = {
        "name": "production",
        "type": "awsWebIdentity",
        "awsWebIdentity": {"roleArn": "arn:aws:iam::123456789012:role/r", "consumers": ["APP:dynatrace.biz.carbon"]},
    }

    assert imported | from_value(value, imported) == {
        "id": "an-id",
        "name": "production",
        "role_based_auth": [],
        "web_identity": [{"consumers": ["APP:dynatrace.biz.carbon"]}],
    }


def test_an_unknown_type_of_connection_is_an_error_not_a_guess() -> None:
    """A type newer than this provider is named in the message."""
    with pytest.raises(Error, match="Unknown type of connection") as caught:
        from_value({"name": "production", "type": "awsSomethingNew", "awsSomethingNew": {}}, config())

    assert "awsSomethingNew" in caught.value.detail


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (name_of, {"name": 1}),
        (consumers_of, {"type": "a", "a": {"consumers": "APP:x"}}),
        (consumers_of, {"type": "a", "a": {"consumers": [1]}}),
        (role_arn_of, {"type": "a", "a": {"roleArn": 12}}),
    ],
)
def test_a_property_of_another_type_is_an_error(read: Any, value: dict[str, Any]) -> None:
    """The schema does not allow it, so it is reported instead of guessed."""
    with pytest.raises(Error, match="Unexpected response from Dynatrace"):
        read(value)


def test_a_connection_is_described_with_everything_that_data_sources_show() -> None:
    """Without a role, `role_arn` is null."""
    value = {"name": "production", "type": "awsWebIdentity", "awsWebIdentity": {"consumers": ["APP:x"], "roleArn": ""}}

    described = describe("an-id", value)

    assert described == {
        "id": "an-id",
        "name": "production",
        "kind": "web_identity",
        "consumers": ["APP:x"],
        "role_arn": None,
    }
    assert described.keys() == COMPUTED.keys()


def test_a_connection_of_a_newer_type_is_described_without_its_kind() -> None:
    """Data sources show the rest."""
    described = describe("an-id", {"name": "production", "type": "awsNewer", "awsNewer": {"roleArn": ROLE}})

    assert (described["kind"], described["role_arn"], described["consumers"]) == (None, ROLE, [])


CONNECTION = {"name": "alpha", "kind": "web_identity", "consumers": ["APP:dynatrace.aws.connector"]}


@pytest.mark.parametrize(
    ("filters", "expected"),
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
def test_a_connection_must_pass_all_filters(filters: dict[str, str], *, expected: bool) -> None:
    """Without filters, every connection passes."""
    assert passes(CONNECTION, dict.fromkeys(FILTERS) | filters) is expected


def test_properties_without_an_attribute_are_listed() -> None:
    """Newer versions of Dynatrace may have more. Updates leave them unchanged."""
    details = {"roleArn": "", "consumers": [], "sessionName": "x"}
    value = {"name": "production", "type": "awsWebIdentity", "awsWebIdentity": details, "description": "x"}

    assert unmanaged_properties(value) == ["awsWebIdentity.sessionName", "description"]
