"""States of the official provider in our shape, and which moves are accepted."""

from typing import Any

import pytest

from terraform_plugin import Error, MoveSource, Resource
from terraform_plugin.state.state_json import from_json
from terraform_provider_dynatrace.resources.aws_connection import AwsConnection
from terraform_provider_dynatrace.resources.aws_connection_role_arn import AwsConnectionRoleArn
from terraform_provider_dynatrace.resources.settings_permissions import SettingsPermissions

OFFICIAL = "registry.terraform.io/dynatrace-oss/dynatrace"
CONNECTION = {"id": "an-id", "name": "production", "role_based_auth": []}
ROLE_ARN = {"id": "an-id", "aws_connection_id": "an-id", "role_arn": "arn:aws:iam::123456789012:role/r"}
PERMISSIONS = {"id": "an-id", "settings_object_id": "an-id"}


def source(
    state: dict[str, Any], *, provider: str = OFFICIAL, type_name: str = "dynatrace_aws_connection", version: int = 0
) -> MoveSource:
    return MoveSource(provider, type_name, version, state, b'{"schema_version":"0"}')


@pytest.mark.parametrize(
    ("resource", "state", "read"),
    [
        (
            AwsConnection,
            CONNECTION | {"web_identity": [{"consumers": ["DA"]}]},
            CONNECTION | {"web_identity": [{"consumers": ["DA"]}]},
        ),
        (
            AwsConnection,
            CONNECTION | {"role_based_auth": [{"consumers": []}], "web_identity": []},
            CONNECTION | {"role_based_auth": [{"consumers": None}], "web_identity": []},
        ),
        (
            AwsConnection,
            CONNECTION | {"role_based_auth": [None], "web_identity": None},
            CONNECTION | {"role_based_auth": [{"consumers": None}], "web_identity": []},
        ),
        (
            AwsConnection,
            {"id": "an-id", "name": "production", "a_later_attribute": 1},
            CONNECTION | {"web_identity": []},
        ),
        (AwsConnectionRoleArn, ROLE_ARN | {"timeouts": {"create": "15s"}}, ROLE_ARN | {"timeouts": {"create": "15s"}}),
        (AwsConnectionRoleArn, ROLE_ARN | {"timeouts": None}, ROLE_ARN | {"timeouts": None}),
        (AwsConnectionRoleArn, ROLE_ARN | {"timeouts": {"read": None}}, ROLE_ARN | {"timeouts": {"create": None}}),
        (
            SettingsPermissions,
            PERMISSIONS | {"all_users": "none", "users": [], "groups": [{"group": [{"id": "g", "access": "read"}]}]},
            PERMISSIONS | {"all_users": "none", "users": [], "groups": [{"group": [{"id": "g", "access": "read"}]}]},
        ),
        (
            SettingsPermissions,
            {"id": "an-id", "all_users": None, "users": None},
            PERMISSIONS | {"all_users": "none", "users": [], "groups": []},
        ),
        (AwsConnectionRoleArn, {**ROLE_ARN, "id": ""}, ROLE_ARN | {"timeouts": None}),
        (AwsConnectionRoleArn, {**ROLE_ARN, "aws_connection_id": None}, ROLE_ARN | {"timeouts": None}),
    ],
)
def test_a_state_of_the_official_provider_reads_as_it_would_be_configured(
    resource: type[Resource], state: dict[str, Any], read: dict[str, Any]
) -> None:
    """Its spellings of nothing become null, so that a configuration that says nothing shows no difference."""
    assert from_json(resource.schema, resource.upgrade(0, state)) == read


@pytest.mark.parametrize(
    "provider", [OFFICIAL, "registry.opentofu.org/dynatrace-oss/dynatrace", "terraform.local/elsewhere/dynatrace"]
)
def test_a_move_keeps_the_state_and_drops_the_other_providers_private_data(provider: str) -> None:
    """From the official provider or from this one under another address."""
    moved = AwsConnection.move(source(CONNECTION | {"web_identity": [{"consumers": ["DA"]}]}, provider=provider))

    assert moved == CONNECTION | {"web_identity": [{"consumers": ["DA"]}]}
    assert moved.private == b""


@pytest.mark.parametrize(
    "other",
    [
        source(CONNECTION, provider="registry.terraform.io/hashicorp/aws"),
        source(ROLE_ARN, type_name="dynatrace_aws_connection_role_arn"),
        source(CONNECTION, type_name="aws_iam_role"),
        source(CONNECTION, version=1),
    ],
)
def test_no_other_state_is_moved(other: MoveSource) -> None:
    """Another provider, another type, or a state newer than this provider would be a guess."""
    assert AwsConnection.move(other) is None


def test_a_role_arn_moves_with_its_timeouts() -> None:
    """The binding is taken over like the connection."""
    state = ROLE_ARN | {"timeouts": {"create": "15s"}}

    assert AwsConnectionRoleArn.move(source(state, type_name="dynatrace_aws_connection_role_arn")) == state


def test_timeouts_in_which_nothing_is_set_move_as_no_block() -> None:
    """The official provider's SDK may write such a block where none is configured."""
    state = ROLE_ARN | {"timeouts": {"create": None}}

    moved = AwsConnectionRoleArn.move(source(state, type_name="dynatrace_aws_connection_role_arn"))
    assert moved == ROLE_ARN | {"timeouts": None}


@pytest.mark.parametrize("resource", [AwsConnection, AwsConnectionRoleArn, SettingsPermissions])
@pytest.mark.parametrize("id_", [{}, {"id": None}, {"id": ""}, {"id": 5}])
def test_a_state_without_an_id_is_refused(resource: type[Resource], id_: dict[str, Any]) -> None:
    """Nothing could be read with it. The error says how to get a valid state."""
    with pytest.raises(Error, match="The state has no ID"):
        resource.upgrade(0, dict(id_))
