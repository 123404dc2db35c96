"""The checks of a connection and its role."""

from __future__ import annotations

import json
from typing import Any

import pytest

from terraform_plugin import Error
from terraform_provider_dynatrace.aws.diagnosis import Finding, Outcome
from terraform_provider_dynatrace.aws.trust import RoleBased, WebIdentity
from terraform_provider_dynatrace.cli.doctor.accounts import Accounts
from terraform_provider_dynatrace.cli.doctor.aws import Examination, examine
from terraform_provider_dynatrace.config.credentials import Credentials
from terraform_provider_dynatrace.config.tenant import Tenant
from tests.terraform_provider_dynatrace.far_end import ENVIRONMENT, FarEnd, client_of
from tests.terraform_provider_dynatrace.far_end import json as json_answer

from .far_aws import accounts_at, accounts_with, client_at, refusing

ROLE = "arn:aws:iam::123456789012:role/path/dynatrace"
PROVIDER = "arn:aws:iam::123456789012:oidc-provider/token.dynatrace.com"
AUDIENCE = "abc12345.apps.dynatrace.com/app-id/dynatrace.aws.connector"
WEB = WebIdentity("https://token.dynatrace.com", "dt:connection-id/OBJECT", (AUDIENCE,))


def web_identity(role_arn: str = "") -> dict[str, Any]:
    details = {"roleArn": role_arn, "consumers": ["APP:dynatrace.aws.connector"]}
    return {"name": "production", "type": "awsWebIdentity", "awsWebIdentity": details}


async def look(value: dict[str, Any] | None, accounts: Accounts, role_arn: str | None = None) -> Examination:
    """Examine the one connection of a tenant."""
    items = [{"objectId": "OBJECT", "value": value}] if value else []
    listed = json_answer({"items": items, "totalCount": len(items), "pageSize": 500})

    async with client_of(FarEnd(listed)) as client:
        credentials = Credentials(client.credential, None, "")
        tenant = Tenant(ENVIRONMENT, client, credentials)
        return await examine(tenant, "production", role_arn, accounts)


def make_role(aws_url: str, policy: dict[str, Any], path: str = "/path/") -> None:
    iam = client_at(aws_url)("iam", "us-east-1")
    iam.create_role(RoleName="dynatrace", Path=path, AssumeRolePolicyDocument=json.dumps(policy))


def make_provider(aws_url: str) -> None:
    iam = client_at(aws_url)("iam", "us-east-1")
    iam.create_open_id_connect_provider(Url=WEB.issuer, ClientIDList=[AUDIENCE], ThumbprintList=["0" * 40])


def nobody() -> Accounts:
    def new_client(service: str, region: str, **keys: str) -> Any:
        raise AssertionError(f"AWS was asked, in {region}")

    return accounts_with(new_client)


def failed(examination: Examination) -> list[Finding]:
    return [finding for finding in examination.findings if finding.outcome is Outcome.FAILED]


@pytest.mark.parametrize(("present", "option"), [(ROLE, None), ("", ROLE), (ROLE, ROLE)])
async def test_a_role_that_trusts_the_connection_passes(aws_url: str, present: str, option: str | None) -> None:
    """The role of the connection, or the one that is passed."""
    make_provider(aws_url)
    make_role(aws_url, WEB.policy(PROVIDER))

    found = await look(web_identity(present), accounts_at(aws_url), option)

    assert (found.name, found.connection_id, found.role_arn, found.trust) == ("production", "OBJECT", ROLE, WEB)
    assert found.access == "none; everyone with settings permissions can read and change the connection"
    assert [finding.outcome for finding in found.findings] == [Outcome.PASSED] * 9


async def test_a_role_based_connection_needs_no_oidc_provider(aws_url: str) -> None:
    """For a role-based connection, the principal and the external ID are checked."""
    trust = RoleBased("arn:aws:iam::314146291599:root", "OBJECT")
    make_role(aws_url, trust.policy())
    details = {"roleArn": ROLE, "consumers": ["SVC:com.dynatrace.da"]}
    value = {"name": "production", "type": "awsRoleBasedAuthentication", "awsRoleBasedAuthentication": details}

    found = await look(value, accounts_at(aws_url))

    assert found.trust == trust
    assert {finding.outcome for finding in found.findings} == {Outcome.PASSED}


async def test_without_role_and_provider_both_are_missing(aws_url: str) -> None:
    """A missing role and a missing OIDC provider are one finding each."""
    found = await look(web_identity(ROLE), accounts_at(aws_url))

    assert [finding.statement for finding in failed(found)] == [
        f"The role {ROLE} exists",
        "The role's account has an OIDC provider for https://token.dynatrace.com",
    ]


async def test_a_role_with_another_path_is_shown(aws_url: str) -> None:
    """IAM finds roles by name alone; Dynatrace needs the whole ARN."""
    make_role(aws_url, WEB.policy(PROVIDER), path="/")

    findings = failed(await look(web_identity(ROLE), accounts_at(aws_url)))

    assert findings[0].next_step == "Use arn:aws:iam::123456789012:role/dynatrace."


@pytest.mark.parametrize(
    "role_arn", ["arn:aws:iam::999999999999:role/dynatrace", "arn:aws-cn:iam::123456789012:role/dynatrace"]
)
async def test_a_role_in_another_account_or_partition_is_not_checked(aws_url: str, role_arn: str) -> None:
    """Credentials of one account show nothing about another. A role with the same name here may be the intended one."""
    make_role(aws_url, WEB.policy(PROVIDER))

    def new_client(service: str, region: str, **keys: str) -> Any:
        return client_at(aws_url)(service, "us-east-1")  # whatever partition is asked for, these credentials are of aws

    [finding] = (await look(web_identity(role_arn), accounts_with(new_client))).findings

    assert finding.outcome is Outcome.NOT_CHECKED
    assert "They belong to the account 123456789012 (aws)" in finding.cause
    assert ROLE in finding.cause
    assert "credentials of that account" in finding.next_step


async def test_what_the_credentials_may_not_read_is_not_checked(aws_url: str) -> None:
    """Neither the role nor the OIDC provider; each finding names the missing permission."""
    with refusing("AccessDenied", "User is not authorized.") as refusing_url:

        def new_client(service: str, region: str, **keys: str) -> Any:
            return client_at(refusing_url if service == "iam" else aws_url)(service, region)

        found = await look(web_identity(ROLE), accounts_with(new_client))

    unread = [finding for finding in found.findings if finding.outcome is Outcome.NOT_CHECKED]
    assert failed(found) == []
    assert [permission in finding.cause for permission, finding in zip(PERMISSIONS, unread, strict=True)] == [True] * 2


PERMISSIONS = ["iam:GetRole", "iam:GetOpenIDConnectProvider"]


async def test_a_malformed_role_arn_is_found_without_aws() -> None:
    """AWS is not asked."""
    [finding] = (await look(web_identity(), nobody(), "dynatrace")).findings

    assert finding.outcome is Outcome.FAILED
    assert "must be an ARN" in finding.cause


async def test_another_role_than_the_connection_has_cannot_be_set(aws_url: str) -> None:
    """Dynatrace never changes a role ARN."""
    make_provider(aws_url)
    make_role(aws_url, WEB.policy(PROVIDER))

    [finding] = failed(await look(web_identity("arn:aws:iam::123456789012:role/other"), accounts_at(aws_url), ROLE))

    assert "has the role arn:aws:iam::123456789012:role/other" in finding.cause


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (web_identity(), "The connection has no role yet"),
        (None, "AWS connection not found"),
        ({"name": "production", "type": "awsSomethingNew"}, "Unknown type of connection"),
    ],
)
async def test_where_there_is_nothing_to_examine_it_says_so(value: dict[str, Any] | None, says: str) -> None:
    """Without a connection or a role ARN, the reason is given and AWS is not asked."""
    with pytest.raises(Error, match=says):
        await look(value, nobody())
