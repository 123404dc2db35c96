"""The AWS side: moto's server over real HTTP, and what Dynatrace's side reads from it."""

import json
from typing import Any

import boto3
import httpx2
import pytest

from dynatrace_sandbox.aws.moto import ACCOUNT, Moto
from dynatrace_sandbox.aws.trust import OidcProvider, Role
from tests.dynatrace_sandbox.in_process import AUDIENCE, PROVIDER, ROLE

POLICY = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]}


def iam(moto: Moto, region: str = "us-east-1") -> Any:
    session = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name=region)
    return session.client("iam", endpoint_url=moto.url)


def create_role(moto: Moto, region: str = "us-east-1", **more: str) -> Any:
    document = json.dumps(POLICY)
    return iam(moto, region).create_role(RoleName="connector", AssumeRolePolicyDocument=document, **more)["Role"]


def test_a_role_is_found_by_its_arn(moto: Moto) -> None:
    """With its trust policy as an object, and the moment it was created."""
    created = create_role(moto)

    found = moto.role(ROLE)

    assert found is not None
    assert (found.role, found.created) == (Role(ROLE, POLICY), created["CreateDate"])


def test_a_role_is_found_by_exactly_its_arn(moto: Moto) -> None:
    """The path is part of it; another account, or another name, is another role."""
    arn = create_role(moto, Path="/team/")["Arn"]

    assert moto.role(arn) is not None
    assert moto.role(ROLE) is None
    assert moto.role(f"{arn}x") is None
    assert moto.role("arn:aws:iam::999999999999:role/team/connector") is None
    assert moto.role("arn:aws:iam::aws:role/team/connector") is None


@pytest.mark.parametrize(("region", "partition"), [("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")])
def test_each_partition_has_its_own_roles(moto: Moto, region: str, partition: str) -> None:
    """A role in China or GovCloud has an ARN of its partition."""
    arn = create_role(moto, region)["Arn"]

    assert arn == f"arn:{partition}:iam::{ACCOUNT}:role/connector"
    assert moto.role(arn) is not None
    assert moto.role(ROLE) is None


def test_a_changed_trust_policy_is_read_at_once(moto: Moto) -> None:
    """An update in place keeps the role."""
    create_role(moto)
    changed = {"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"}]}
    iam(moto).update_assume_role_policy(RoleName="connector", PolicyDocument=json.dumps(changed))

    found = moto.role(ROLE)

    assert found is not None
    assert found.role.trust_policy == changed


def test_providers_are_read_with_their_client_ids(moto: Moto) -> None:
    """IAM keeps the URL without its scheme; another account has none."""
    iam(moto).create_open_id_connect_provider(Url="https://token.dynatrace.com", ClientIDList=[AUDIENCE, "other"])

    assert moto.providers(ROLE) == [OidcProvider(PROVIDER, "token.dynatrace.com", (AUDIENCE, "other"))]
    assert moto.providers("arn:aws:iam::999999999999:role/x") == []


def test_client_ids_are_added_and_removed_in_place(moto: Moto) -> None:
    """Each as often as one likes; a provider that is not there is an error of IAM's."""
    client = iam(moto)
    which = {"OpenIDConnectProviderArn": PROVIDER}
    client.create_open_id_connect_provider(Url="https://token.dynatrace.com", ClientIDList=["old"])

    for _ in range(2):
        client.add_client_id_to_open_id_connect_provider(**which, ClientID=AUDIENCE)
        client.remove_client_id_from_open_id_connect_provider(**which, ClientID="old")

    assert [provider.client_ids for provider in moto.providers(ROLE)] == [(AUDIENCE,)]
    with pytest.raises(client.exceptions.NoSuchEntityException):
        client.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=f"{PROVIDER}x", ClientID="x")


def test_the_inventory_has_everything_until_a_reset(moto: Moto) -> None:
    """Roles and providers, for the control path."""
    create_role(moto)
    iam(moto).create_open_id_connect_provider(Url="https://token.dynatrace.com", ClientIDList=[AUDIENCE])

    roles, providers = moto.inventory()
    moto.reset()

    assert ([one.role.arn for one in roles], [one.arn for one in providers]) == ([ROLE], [PROVIDER])
    assert moto.inventory() == ([], [])


@pytest.mark.parametrize("host", ["example.com", "127.0.0.1", "127.0.0.1:1"])
def test_another_name_of_the_server_is_refused(moto: Moto, host: str) -> None:
    """A web page cannot reach it by rebinding a name of its own."""
    answer = httpx2.post(f"{moto.url}/moto-api/reset", headers={"Host": host}, trust_env=False)

    assert answer.status_code == 421


def test_it_listens_on_loopback_only(moto: Moto) -> None:
    """The URL is this machine's."""
    assert moto.url == f"http://127.0.0.1:{moto.port}"


def test_a_server_can_be_stopped_before_it_is_ready() -> None:
    """Its port is free again."""
    first = Moto()
    first.start()
    first.stop()

    again = Moto(first.port)
    again.start()
    again.stop()

    assert again.port == first.port
