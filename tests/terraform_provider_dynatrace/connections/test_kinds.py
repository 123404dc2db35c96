"""Types of connection and their ways to authenticate."""

from __future__ import annotations

import pytest

from terraform_plugin import Error, Path
from terraform_provider_dynatrace.aws.connection import AWS_CONNECTION, ROLE_BASED, WEB_IDENTITY
from terraform_provider_dynatrace.connections.kinds import allowed_consumers, details_of
from terraform_provider_dynatrace.provider import DynatraceProvider

NEWER = {"name": "production", "type": "awsNewer", "awsNewer": {"consumers": []}}


def test_paths_of_dynatrace_become_attribute_paths() -> None:
    """Violations name properties of the value; users know blocks and attributes."""
    assert AWS_CONNECTION.paths() == {
        "name": Path("name"),
        "awsRoleBasedAuthentication": Path("role_based_auth"),
        "awsRoleBasedAuthentication/consumers": Path("role_based_auth", 0, "consumers"),
        "awsWebIdentity": Path("web_identity"),
        "awsWebIdentity/consumers": Path("web_identity", 0, "consumers"),
    }


def test_the_authentication_follows_from_the_type_of_the_value() -> None:
    """A type that is newer than this provider has none."""
    assert AWS_CONNECTION.authentication_of({"type": "awsWebIdentity"}) is WEB_IDENTITY
    assert AWS_CONNECTION.authentication_of({"type": "awsRoleBasedAuthentication"}) is ROLE_BASED
    assert AWS_CONNECTION.authentication_of(NEWER) is None


def test_a_newer_type_is_an_error_where_one_is_needed() -> None:
    """The message names the type, and says to upgrade."""
    with pytest.raises(Error, match="Unknown type of connection") as caught:
        AWS_CONNECTION.known_authentication(NEWER)

    assert '"awsNewer"' in caught.value.detail
    assert "Upgrade the provider" in caught.value.detail


@pytest.mark.parametrize("value", [{}, {"type": "a"}, {"type": "a", "a": None}, {"type": "a", "a": []}])
def test_absent_details_are_empty(value: dict[str, object]) -> None:
    """Also if they are not an object."""
    assert details_of(value) == {}


def test_a_connection_type_is_a_resource_of_the_provider() -> None:
    """Messages tell users to write this resource."""
    assert AWS_CONNECTION.type_name in {resource.type_name for resource in DynatraceProvider.resources}


@pytest.mark.parametrize(
    "schema", [None, [], {}, {"properties": []}, {"properties": {"awsWebIdentity": {"type": "x"}}}]
)
def test_a_schema_in_another_form_allows_nothing_that_is_known(schema: object) -> None:
    """The error then has only the message of Dynatrace."""
    assert allowed_consumers(schema, WEB_IDENTITY) == []
