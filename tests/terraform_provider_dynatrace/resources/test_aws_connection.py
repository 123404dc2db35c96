"""The mapping between a `dynatrace_aws_connection` and its settings value, and what a configuration may say."""

from typing import Any

import pytest

from terraform_plugin import UNKNOWN, Error, State
from terraform_plugin.diagnostics import collect_warnings
from terraform_plugin.planning.plan import plan
from terraform_plugin.state.objects import complete
from terraform_plugin.validation import validate
from terraform_provider_dynatrace.config.credentials import Credentials
from terraform_provider_dynatrace.config.tenant import Tenant
from terraform_provider_dynatrace.resources.aws_connection import AwsConnection, from_value, to_value
from tests.terraform_provider_dynatrace.in_process import ENVIRONMENT
from tests.terraform_provider_dynatrace.in_process import Tenant as FarTenant

WEB_IDENTITY = {"web_identity": [{"consumers": ["APP:dynatrace.aws.connector"]}]}
ROLE_BASED = {"role_based_auth": [{"consumers": ["SVC:com.dynatrace.da"]}]}


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
                "awsRoleBasedAuthentication": {"roleArn": "", "consumers": []},
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
def test_no_consumers_keep_their_spelling(absent: Any) -> None:
    """Null and an empty set are two things to Terraform and one to Dynatrace."""
    state = config(role_based_auth=[{"consumers": absent}])
    value = {"name": "production", "type": "awsRoleBasedAuthentication", "awsRoleBasedAuthentication": {}}

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
    ("values", "path", "says"),
    [
        ({}, "", "Set exactly one of `role_based_auth` and `web_identity`"),
        (WEB_IDENTITY | ROLE_BASED, "web_identity", "Set exactly one of `role_based_auth` and `web_identity`"),
        ({"web_identity": [{"consumers": []}]}, "web_identity[0].consumers", "is empty"),
        ({"role_based_auth": [{"consumers": []}]}, "role_based_auth[0].consumers", "is empty"),
        (WEB_IDENTITY | {"name": "ab"}, "name", "3 to 100 characters"),
        (WEB_IDENTITY | {"name": "a" * 101}, "name", "3 to 100 characters"),
        (WEB_IDENTITY | {"name": "with: colon"}, "name", "not contain a colon"),
        (WEB_IDENTITY | {"id": "chosen"}, "id", "cannot be configured"),
    ],
)
def test_a_mistake_is_found_before_anything_is_planned(values: dict[str, Any], path: str, says: str) -> None:
    """Each mistake has its attribute's path and says what would be right."""
    errors = validate(AwsConnection.schema, config(**values))

    assert [(str(error.path), says in error.detail) for error in errors] == [(path, True)]


@pytest.mark.parametrize(
    "values",
    [
        {"name": UNKNOWN, **WEB_IDENTITY},
        {"web_identity": UNKNOWN},
        {"web_identity": UNKNOWN, "role_based_auth": UNKNOWN},
        {"web_identity": [{"consumers": UNKNOWN}]},
        {"web_identity": [{"consumers": [UNKNOWN]}]},
    ],
)
def test_what_is_not_known_yet_is_no_mistake(values: dict[str, Any]) -> None:
    """While modules are validated nearly everything is unknown."""
    assert validate(AwsConnection.schema, config(**values)) == []


def test_an_unknown_consumer_is_a_warning_with_the_nearest_known_one() -> None:
    """Dynatrace versions differ in their consumers: the server decides, not this list."""
    with collect_warnings() as warnings:
        errors = validate(AwsConnection.schema, config(web_identity=[{"consumers": ["APP:dynatrace.aws.conector"]}]))

    assert errors == []
    assert ['Did you mean "APP:dynatrace.aws.connector"?' in warning.detail for warning in warnings] == [True]


@pytest.mark.parametrize(
    ("change", "replaced_for"),
    [
        ({"name": "renamed"}, []),
        ({"web_identity": [{"consumers": ["APP:dynatrace.biz.carbon"]}]}, ["web_identity"]),
        ({"web_identity": [], **ROLE_BASED}, ["role_based_auth", "web_identity"]),
    ],
)
def test_only_the_name_changes_in_place(change: dict[str, Any], replaced_for: list[str]) -> None:
    """The kind of connection and its consumers are fixed at birth."""
    prior = config(id="an-id", **WEB_IDENTITY)

    planned = plan(AwsConnection.schema, prior, config(**{**WEB_IDENTITY, **change}))

    assert [str(path) for path in planned.requires_replace] == replaced_for
    assert planned.planned is not None
    assert planned.planned["id"] == "an-id"


async def test_an_identity_is_imported_if_a_connection_has_it() -> None:
    """An identity that no connection has is an error with the ID."""
    value = {"name": "production", "type": "awsWebIdentity", "awsWebIdentity": {"consumers": []}}

    async with FarTenant().client() as client:
        resource = AwsConnection(Tenant(ENVIRONMENT, client, Credentials(client.credential, None, "")))
        made = await resource.connections.create(value)
        assert await resource.import_identity({"id": made.object_id}) == {"id": made.object_id}
        with pytest.raises(Error, match="No such connection") as caught:
            await resource.import_identity({"id": "nothing"})
        assert 'the object id "nothing"' in caught.value.detail
