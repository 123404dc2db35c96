"""From what Dynatrace holds to resources, newer values included."""

from typing import Any

import pytest

from terraform_provider_dynatrace.aws.connection import AWS_CONNECTION
from terraform_provider_dynatrace.cli.export.instances import Instance, permissions_of
from terraform_provider_dynatrace.settings.model import Owner, SettingsObject
from terraform_provider_dynatrace.settings.permissions import ALL_USERS, Accessor
from tests.terraform_provider_dynatrace.cli.export.exporting import (
    CONNECTION,
    PERMISSIONS,
    ROLE,
    ROLE_ARN,
    instances,
    web_identity,
)


def of(value: dict[str, Any]) -> list[Instance]:
    return instances(SettingsObject("object-1", value))


def test_a_connection_with_a_role_is_two_resources() -> None:
    """Both have the connection's id, and what a state would hold."""
    connection, role_arn = of(web_identity("production"))

    assert (connection.type_name, connection.id, connection.title) == (CONNECTION, "object-1", "production")
    assert connection.values == {
        "id": "object-1",
        "name": "production",
        "web_identity": [{"consumers": ["APP:dynatrace.aws.connector"]}],
        "role_based_auth": [],
    }
    assert (role_arn.type_name, role_arn.id, role_arn.title) == (ROLE_ARN, "object-1", "production")
    assert role_arn.values == {"id": "object-1", "aws_connection_id": "object-1", "role_arn": ROLE, "timeouts": None}
    assert (connection.notes, connection.flaws, role_arn.notes, role_arn.flaws) == ((), (), (), ())


def test_a_connection_without_a_role_is_one_resource() -> None:
    """There is nothing to bind."""
    kind = "awsRoleBasedAuthentication"

    [connection] = of({"name": "production", "type": kind, kind: {"consumers": []}})

    assert connection.values["role_based_auth"] == [{"consumers": None}]
    assert connection.flaws == ()


def test_an_unknown_consumer_is_exported_with_a_note() -> None:
    """Dynatrace versions differ: the server decides, and the reader is told."""
    connection, _ = of(web_identity("production", ROLE, "APP:dynatrace.new"))

    assert connection.values["web_identity"] == [{"consumers": ["APP:dynatrace.new"]}]
    assert connection.flaws == ()
    [note] = connection.notes
    assert note == (
        'web_identity[0].consumers: This version of the provider does not know "APP:dynatrace.new" as a consumer for '
        "web_identity."
    )


def test_properties_that_no_argument_stands_for_are_named() -> None:
    """Terraform leaves them alone; nobody should think that they are in the configuration."""
    value = web_identity("production") | {"description": "newer"}
    value["awsWebIdentity"] |= {"sessionName": "newer"}

    connection, _ = of(value)

    assert connection.notes == (
        (
            "The object also has the properties awsWebIdentity.sessionName, description, which this resource does not "
            "manage."
        ),
    )


def test_an_unknown_kind_of_connection_is_kept_as_far_as_it_can_be() -> None:
    """No block would be right: the value is shown instead. Its role ARN is a resource like any other."""
    value = {"name": "production", "type": "awsNewer", "awsNewer": {"roleArn": ROLE, "audience": "x"}}

    connection, role_arn = of(value)

    assert connection.values == {"id": "object-1", "name": "production", "web_identity": [], "role_based_auth": []}
    [flaw] = connection.flaws
    assert '"awsNewer", which this version of the provider does not support' in flaw
    assert '"audience": "x"' in flaw
    assert (role_arn.values["role_arn"], role_arn.flaws) == (ROLE, ())


@pytest.mark.parametrize(
    ("value", "index", "says"),
    [
        (web_identity("ab"), 0, "name: "),
        (web_identity("with: colon"), 0, "name: "),
        (web_identity("production") | {"name": None}, 0, "name: "),
        (web_identity("production", "not an ARN"), 1, "role_arn: "),
        ({"name": "production", "type": "awsWebIdentity", "awsWebIdentity": {}}, 0, "web_identity[0].consumers: "),
    ],
)
def test_what_terraform_would_refuse_is_a_flaw(value: dict[str, Any], index: int, says: str) -> None:
    """The schema's own checks decide, so that a plan of the export never fails."""
    found = of(value)[index]

    assert [flaw.startswith(says) for flaw in found.flaws] == [True]


USER, GROUP = "00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"
SHARED = SettingsObject("object-1", web_identity("production"), owner=Owner("user", "somebody"))


def test_permissions_are_a_resource_of_the_connection() -> None:
    """Users, groups and everybody, as the resource has them."""
    found = permissions_of(
        AWS_CONNECTION, SHARED, {Accessor("user", USER): "write", Accessor("group", GROUP): "read", ALL_USERS: "read"}
    )

    assert (found.type_name, found.id, found.title, found.flaws) == (PERMISSIONS, "object-1", "production", ())
    assert found.values == {
        "id": "object-1",
        "settings_object_id": "object-1",
        "all_users": "read",
        "users": [{"user": [{"uid": USER, "access": "write"}]}],
        "groups": [{"group": [{"id": GROUP, "access": "read"}]}],
    }


def test_an_accessor_that_the_resource_cannot_express_is_a_flaw() -> None:
    """Terraform would take its access away; the others are shown."""
    found = permissions_of(AWS_CONNECTION, SHARED, {Accessor("user", USER): "write", Accessor("robot", "r2"): "read"})

    assert found.values["users"] == [{"user": [{"uid": USER, "access": "write"}]}]
    assert found.flaws == ("robot r2 has access, which this resource cannot express.",)


def test_references_name_the_type_of_the_connection() -> None:
    """The schema declares which attribute refers to which resources."""
    connection, role_arn = of(web_identity("production"))

    assert connection.references == {}
    assert role_arn.references == {"aws_connection_id": CONNECTION}
    assert permissions_of(AWS_CONNECTION, SHARED, {}).references == {"settings_object_id": CONNECTION}


@pytest.mark.parametrize("role_arn", [12, ["x"], {"a": 1}])
def test_a_property_of_another_type_is_a_flaw_of_its_resource(role_arn: Any) -> None:
    """The other resources of the connection, and all other connections, are exported."""
    connection, flawed = of(web_identity("production", role_arn))

    assert connection.flaws == ()
    assert "roleArn" in flawed.flaws[0]


def test_a_name_that_is_not_text_is_a_flaw() -> None:
    """It is shown as text, and the value as it is in Dynatrace."""
    [connection, *_] = of(web_identity("production") | {"name": 12})

    assert connection.title == "12"
    assert '"name": 12' in connection.flaws[0]
