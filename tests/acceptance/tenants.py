"""What a tenant holds before Terraform comes: connections, and a role in AWS that trusts all of them."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

import boto3

from dynatrace_sandbox.testing import RunningSandbox

SCHEMA_ID = "builtin:hyperscaler-authentication.connections.aws"
OBJECTS = {"api-token": "/api/v2/settings/objects"}
PLATFORM_OBJECTS = "/platform/classic/environment-api/v2/settings/objects"
Value = dict[str, Any]


def web_identity(name: str, role_arn: str = "", consumers: Iterable[str] = ("APP:dynatrace.aws.connector",)) -> Value:
    """Return the value of a connection of this kind."""
    return {
        "name": name,
        "type": "awsWebIdentity",
        "awsWebIdentity": {"roleArn": role_arn, "consumers": list(consumers)},
    }


def role_based(name: str, role_arn: str = "", consumers: Iterable[str] = ("SVC:com.dynatrace.da",)) -> Value:
    """Return the value of a connection of this kind."""
    kind = "awsRoleBasedAuthentication"
    return {"name": name, "type": kind, kind: {"roleArn": role_arn, "consumers": list(consumers)}}


def create(sandbox: RunningSandbox, values: Iterable[Value], credentials: str = "api-token") -> dict[str, str]:
    """Create connections in the order given and return their object ids by name."""
    ids: dict[str, str] = {}
    path = OBJECTS.get(credentials, PLATFORM_OBJECTS)
    remaining = iter(values)
    while batch := list(islice(remaining, 500)):
        body = [{"schemaId": SCHEMA_ID, "scope": "environment", "value": value} for value in batch]
        made = sandbox.call("POST", path, credentials, json=body).json()
        assert [one for one in made if "objectId" not in one] == []
        ids |= {value["name"]: one["objectId"] for value, one in zip(batch, made, strict=True)}
    return ids


@contextmanager
def trusting_role(sandbox: RunningSandbox, account: str = "123456789012") -> Iterator[str]:
    """Let a role exist in an account that trusts every connection of the tenant, of either kind; its ARN."""
    audiences = [f"{sandbox.tenant}/app-id/dynatrace.{name}" for name in ("aws.connector", "biz.carbon")]
    iam = boto3.client(
        "iam",
        endpoint_url=sandbox.aws_url,
        region_name="us-east-1",
        aws_access_key_id=account,
        aws_secret_access_key="sandbox",
    )
    provider = iam.create_open_id_connect_provider(Url="https://token.dynatrace.com", ClientIDList=audiences)
    oidc = provider["OpenIDConnectProviderArn"]
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": oidc},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {"StringLike": {"token.dynatrace.com:sub": "dt:connection-id/*"}},
            },
            {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::314146291599:root"}, "Action": "sts:AssumeRole"},
        ],
    }
    role = iam.create_role(RoleName="trusting", AssumeRolePolicyDocument=json.dumps(policy))
    yield role["Role"]["Arn"]
    iam.delete_role(RoleName="trusting")
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=oidc)
