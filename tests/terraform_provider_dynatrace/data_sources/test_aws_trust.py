"""The data source `dynatrace_aws_trust`, against the sandbox in process."""

from __future__ import annotations

import json
from typing import Any

import pytest

from terraform_plugin import Error, State
from terraform_plugin.state.objects import complete
from terraform_plugin.validation import validate
from terraform_provider_dynatrace.aws.trust import RoleBased, WebIdentity
from terraform_provider_dynatrace.config.credentials import Credentials
from terraform_provider_dynatrace.config.tenant import Tenant as Configured
from terraform_provider_dynatrace.data_sources.aws_trust import AwsTrustDataSource, to_state
from tests.terraform_provider_dynatrace.far_end import FarEnd, client_of
from tests.terraform_provider_dynatrace.far_end import json as json_answer
from tests.terraform_provider_dynatrace.in_process import ENVIRONMENT, Tenant

SCHEMA = "builtin:hyperscaler-authentication.connections.aws"
AUDIENCE = "abc12345.apps.dynatrace.com/app-id/dynatrace.aws.connector"
PROVIDER = "arn:aws:iam::123456789012:oidc-provider/token.dynatrace.com"
WEB_IDENTITY = {
    "name": "production",
    "type": "awsWebIdentity",
    "awsWebIdentity": {"roleArn": "", "consumers": ["APP:dynatrace.aws.connector"]},
}
ROLE_BASED = {
    "name": "role based",
    "type": "awsRoleBasedAuthentication",
    "awsRoleBasedAuthentication": {"roleArn": "", "consumers": ["SVC:com.dynatrace.da"]},
}


def config(**values: Any) -> State:
    return State(complete(AwsTrustDataSource.schema, values))


async def read(by: str, value: dict[str, Any], **values: Any) -> tuple[str, State]:
    """Create a connection, read the data source by `by` (connection_id or name); return the id and what was read."""
    async with Tenant().client() as client:
        tenant = Configured(ENVIRONMENT, client, Credentials(client.credential, None, ""))
        created = await tenant.settings(SCHEMA).create(value)
        which = {"connection_id": created.object_id, "name": str(value["name"])}[by]
        return (created.object_id, await AwsTrustDataSource(tenant).read(config(**{by: which}, **values)))


@pytest.mark.parametrize("by", ["connection_id", "name"])
async def test_web_identity_presents_issuer_subject_and_audience(by: str) -> None:
    """Found by its id or by its name."""
    object_id, found = await read(by, WEB_IDENTITY, oidc_provider_arn=PROVIDER)

    assert json.loads(found.pop("policy"))["Statement"][0]["Condition"]["StringEquals"] == {
        "token.dynatrace.com:sub": f"dt:connection-id/{object_id}",
        "token.dynatrace.com:aud": AUDIENCE,
    }
    assert found == {
        "id": object_id,
        "connection_id": object_id,
        "name": "production",
        "kind": "web_identity",
        "consumers": ["APP:dynatrace.aws.connector"],
        "role_arn": None,
        "issuer": "https://token.dynatrace.com",
        "issuer_host": "token.dynatrace.com",
        "subject": f"dt:connection-id/{object_id}",
        "audience": AUDIENCE,
        "audiences": [AUDIENCE],
        "principal": None,
        "external_id": None,
        "oidc_provider_arn": PROVIDER,
    }


@pytest.mark.parametrize("by", ["connection_id", "name"])
async def test_role_based_presents_principal_and_external_id(by: str) -> None:
    """The trust policy of a role-based connection needs no OIDC provider."""
    object_id, found = await read(by, ROLE_BASED)

    [statement] = json.loads(found.pop("policy"))["Statement"]
    assert statement["Condition"] == {"StringEquals": {"sts:ExternalId": object_id}}
    assert found == {
        "id": object_id,
        "connection_id": object_id,
        "name": "role based",
        "kind": "role_based_auth",
        "consumers": ["SVC:com.dynatrace.da"],
        "role_arn": None,
        "issuer": None,
        "issuer_host": None,
        "subject": None,
        "audience": None,
        "audiences": [],
        "principal": "arn:aws:iam::314146291599:root",
        "external_id": object_id,
        "oidc_provider_arn": None,
    }


TRUST = WebIdentity("https://token.dynatrace.com", "dt:connection-id/OBJECT", (AUDIENCE,))


@pytest.mark.parametrize(
    ("given", "role_arn", "provider"),
    [
        (None, "", None),
        (None, "arn:aws:iam::123456789012:role/path/name", PROVIDER),
        (
            None,
            "arn:aws-cn:iam::111122223333:role/name",
            "arn:aws-cn:iam::111122223333:oidc-provider/token.dynatrace.com",
        ),
        (PROVIDER, "", PROVIDER),
        (PROVIDER, "arn:aws:iam::111122223333:role/name", PROVIDER),
    ],
)
def test_the_oidc_provider_is_the_given_one_or_that_of_the_roles_account(
    given: str | None, role_arn: str, provider: str | None
) -> None:
    """Without either, the account is unknown, so there is no policy."""
    found = to_state(TRUST, given, role_arn)

    assert found["oidc_provider_arn"] == provider
    principal = json.loads(found["policy"])["Statement"][0]["Principal"] if found["policy"] else None
    assert principal == ({"Federated": provider} if provider else None)


def test_of_several_audiences_none_is_the_audience() -> None:
    """Older connections may have several consumers; each has its audience."""
    found = to_state(WebIdentity("https://token.dynatrace.com", "s", ("a", "b")), PROVIDER, "")

    assert (found["audience"], found["audiences"]) == (None, ["a", "b"])


def test_a_role_based_connection_says_nothing_of_tokens() -> None:
    """Attributes that do not apply are null."""
    found = to_state(RoleBased("arn:aws:iam::314146291599:root", "OBJECT"), None, "")

    assert found.keys() == to_state(TRUST, None, "").keys()


@pytest.mark.parametrize(("by", "value"), [("connection_id", "gone"), ("name", "nobody's")])
async def test_a_connection_that_is_not_there_is_named_with_its_attribute(by: str, value: str) -> None:
    """The error says that the connection may also be private to another owner."""
    async with Tenant().client() as client:
        source = AwsTrustDataSource(Configured(ENVIRONMENT, client, Credentials(client.credential, None, "")))
        with pytest.raises(Error, match="AWS connection not found") as caught:
            await source.read(config(**{by: value}))

    assert str(caught.value.path) == by
    assert value in caught.value.detail
    assert "private" in caught.value.detail


async def test_a_type_newer_than_the_provider_is_an_error() -> None:
    """What it presents is not guessed."""

    newer = {"objectId": "OBJECT", "value": {"name": "n", "type": "awsSomethingNew"}}
    client = client_of(FarEnd(json_answer(newer)))
    source = AwsTrustDataSource(Configured(ENVIRONMENT, client, Credentials(client.credential, None, "")))

    with pytest.raises(Error, match="Unknown type"):
        await source.read(config(connection_id="OBJECT"))


@pytest.mark.parametrize("values", [{}, {"connection_id": "x", "name": "y"}])
def test_a_connection_is_named_one_way(values: dict[str, str]) -> None:
    """By its id or by its name."""
    [error] = validate(AwsTrustDataSource.schema, config(**values))

    assert "Set exactly one of `connection_id` and `name`" in error.detail
