"""`running_sandbox`: both sides on real ports, in a process of their own."""

import json
from typing import Any

import boto3

from dynatrace_sandbox.testing import RunningSandbox

SCHEMA = "builtin:hyperscaler-authentication.connections.aws"
AUDIENCE = "abc12345.apps.dynatrace.com/app-id/dynatrace.aws.connector"
OBJECTS = "/api/v2/settings/objects"


def iam(sandbox: RunningSandbox) -> Any:
    session = boto3.Session(aws_access_key_id="x", aws_secret_access_key="x", region_name="us-east-1")
    return session.client("iam", endpoint_url=sandbox.aws_url)


def web_identity(name: str, role_arn: str = "") -> dict[str, Any]:
    arm = {"roleArn": role_arn, "consumers": ["APP:dynatrace.aws.connector"]}
    return {"name": name, "type": "awsWebIdentity", "awsWebIdentity": arm}


def create(sandbox: RunningSandbox, name: str) -> str:
    body = [{"schemaId": SCHEMA, "scope": "environment", "value": web_identity(name)}]
    return str(sandbox.call("POST", OBJECTS, json=body).raise_for_status().json()[0]["objectId"])


def trusted_role(sandbox: RunningSandbox, object_id: str) -> str:
    client = iam(sandbox)
    provider = client.create_open_id_connect_provider(Url="https://token.dynatrace.com", ClientIDList=[AUDIENCE])
    keys = {"token.dynatrace.com:sub": f"dt:connection-id/{object_id}", "token.dynatrace.com:aud": AUDIENCE}
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": provider["OpenIDConnectProviderArn"]},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": {"StringEquals": keys},
    }
    policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    return str(client.create_role(RoleName="connector", AssumeRolePolicyDocument=policy)["Role"]["Arn"])


def test_a_role_that_trusts_the_connection_can_be_set(sandbox: RunningSandbox) -> None:
    """Setting a role ARN assumes the role: connection, provider and role in IAM fit together over real HTTP."""
    object_id = create(sandbox, "connection")
    role_arn = trusted_role(sandbox, object_id)

    answer = sandbox.call("PUT", f"{OBJECTS}/{object_id}", json={"value": web_identity("connection", role_arn)})

    assert answer.status_code == 200
    assert sandbox.objects()[0]["value"]["awsWebIdentity"]["roleArn"] == role_arn
    assert [attempt["allowed"] for attempt in sandbox.aws()["assume_role_attempts"]] == [True]


def test_a_role_that_does_not_exist_is_refused_in_dynatraces_words(sandbox: RunningSandbox) -> None:
    """The error has the message of STS, and the control path has the reason."""
    object_id = create(sandbox, "connection")
    role_arn = "arn:aws:iam::123456789012:role/missing"

    answer = sandbox.call("PUT", f"{OBJECTS}/{object_id}", json={"value": web_identity("connection", role_arn)})

    violation = answer.json()["error"]["constraintViolations"][0]
    assert answer.status_code == 400
    assert violation["path"] == "awsWebIdentity/roleArn"
    assert violation["message"].startswith("Unable to assume role with web identity. (AccessDenied) Not authorized")
    assert sandbox.aws()["assume_role_attempts"][0]["reason"] == f"there is no role {role_arn}"


def test_a_new_role_can_be_delayed(sandbox: RunningSandbox) -> None:
    """`iam_propagation` hides new roles for that time."""
    object_id = create(sandbox, "connection")
    value = {"value": web_identity("connection", trusted_role(sandbox, object_id))}

    sandbox.configure(iam_propagation=3600)
    early = sandbox.call("PUT", f"{OBJECTS}/{object_id}", json=value)
    sandbox.configure(iam_propagation=0)
    late = sandbox.call("PUT", f"{OBJECTS}/{object_id}", json=value)

    assert (early.status_code, late.status_code) == (400, 200)


def test_a_reset_leaves_nothing(sandbox: RunningSandbox) -> None:
    """Objects, roles, OIDC providers, attempts and requests are deleted; the credentials stay."""
    trusted_role(sandbox, create(sandbox, "connection"))

    sandbox.reset()

    assert sandbox.objects() == []
    assert sandbox.requests() == []
    assert sandbox.aws() == {"roles": [], "providers": [], "assume_role_attempts": []}
    assert create(sandbox, "connection")


def test_the_environment_points_at_both_sides(sandbox: RunningSandbox) -> None:
    """The variables carry the URLs of both servers and one credential of the kind asked for."""
    token, client = sandbox.environ(), sandbox.environ("oauth")

    assert (token["DYNATRACE_ENV_URL"], token["AWS_ENDPOINT_URL"]) == (sandbox.url, sandbox.aws_url)
    assert token["DYNATRACE_API_TOKEN"].startswith("dt0c01.")
    assert client["DT_CLIENT_ID"].startswith("dt0s02.")
    assert "DYNATRACE_API_TOKEN" not in client


def test_a_request_can_be_waited_for(sandbox: RunningSandbox) -> None:
    """The journal knows method, path, status and the kind of credential."""
    create(sandbox, "connection")

    (entry,) = sandbox.wait_for_requests(1, "POST", "*/settings/objects")

    assert (entry["path"], entry["status"], entry["credential"]) == (OBJECTS, 200, "api-token")
