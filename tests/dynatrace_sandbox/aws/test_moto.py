"""The AWS side: moto's server over real HTTP, and what Dynatrace's side reads from it."""

import base64
import json
import os
import re
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import boto3
import httpx2
import pytest
from botocore.exceptions import ClientError

from dynatrace_sandbox.aws.gate import ACCOUNT, MOST_ACCOUNTS
from dynatrace_sandbox.aws.moto import Moto
from dynatrace_sandbox.aws.trust import OidcProvider, Role
from tests.aws_account import TRUST_POLICY
from tests.dynatrace_sandbox.in_process import AUDIENCE, PROVIDER, ROLE

STATEMENT = {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}
POLICY = {"Version": "2012-10-17", "Statement": [STATEMENT]}


def iam(moto: Moto, region: str = "us-east-1", key: str = "x") -> Any:
    return client(moto, "iam", aws_access_key_id=key, aws_secret_access_key="x", region_name=region)


def client(moto: Moto, service: str, **credentials: str) -> Any:
    session = boto3.Session(**{"region_name": "us-east-1"} | credentials)
    return session.client(service, endpoint_url=moto.url)


def create_role(moto: Moto, region: str = "us-east-1", key: str = "x", policy: Any = POLICY, **more: str) -> Any:
    document = json.dumps(policy)
    return iam(moto, region, key).create_role(RoleName="connector", AssumeRolePolicyDocument=document, **more)["Role"]


def test_a_role_is_found_by_its_arn(moto: Moto) -> None:
    """With its trust policy as an object, and the time at which it was created."""
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


MALFORMED = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole"}]}


def test_a_malformed_trust_policy_is_refused(moto: Moto) -> None:
    """When a role is created and when its policy changes, as by IAM; the role keeps the policy that it has."""
    with pytest.raises(ClientError, match=r"MalformedPolicyDocument.*CreateRole.*malformed: Principal is neither"):
        create_role(moto, policy=MALFORMED)
    create_role(moto)
    with pytest.raises(ClientError, match=r"MalformedPolicyDocument.*UpdateAssumeRolePolicy"):
        iam(moto).update_assume_role_policy(RoleName="connector", PolicyDocument=json.dumps(MALFORMED))
    with pytest.raises(ClientError, match="NoSuchEntity"):
        iam(moto).update_assume_role_policy(RoleName="nobody", PolicyDocument=json.dumps(POLICY))

    found = moto.role(ROLE)
    assert found is not None
    assert found.role.trust_policy == POLICY


def test_a_trust_policy_has_at_most_2048_characters(moto: Moto) -> None:
    """White space does not count."""
    sid = "x" * (2048 - len(json.dumps(POLICY | {"Statement": [STATEMENT | {"Sid": ""}]}, separators=(",", ":"))))
    long, too_long = (POLICY | {"Statement": [STATEMENT | {"Sid": text}]} for text in (sid, f"{sid}x"))

    create_role(moto, policy=long)

    with pytest.raises(ClientError, match=r"LimitExceeded.*ACLSizePerRole: 2048"):
        iam(moto).update_assume_role_policy(RoleName="connector", PolicyDocument=json.dumps(too_long, indent=9))


@pytest.mark.parametrize("action", ["sts:*", "*"])
def test_a_trust_policy_can_be_changed_to_what_a_role_can_be_created_with(moto: Moto, action: str) -> None:
    """moto itself refuses these in a change."""
    create_role(moto)
    changed = POLICY | {"Statement": [STATEMENT | {"Action": action}]}

    iam(moto).update_assume_role_policy(RoleName="connector", PolicyDocument=json.dumps(changed))

    found = moto.role(ROLE)
    assert found is not None
    assert found.role.trust_policy == changed


@pytest.mark.parametrize(
    ("service", "parameters"),
    [
        ("iam", {"Action": "NoSuchAction"}),
        ("iam", {"Action": "call_action"}),
        ("iam", {"Action": "ListRoles", "MaxItems": "x"}),
        ("iam", {"Action": "ListPolicies", "Marker": "<x>"}),
        ("sts", {"Action": "AssumeRole"}),
        ("sts", {"Action": "ListRoles"}),
    ],
)
def test_a_request_that_moto_cannot_read_is_refused(moto: Moto, service: str, parameters: dict[str, str]) -> None:
    """400, which AWS's clients do not repeat as they repeat 500."""
    response = httpx2.post(f"{moto.url}/", headers=signed(service) | FORM, data=parameters, trust_env=False)

    assert response.status_code in (400, 403)
    assert re.search("<Code>(ValidationError|AccessDenied)</Code>", response.text)


def test_providers_are_read_with_their_client_ids(moto: Moto) -> None:
    """IAM stores the URL without its scheme. Another account has no OIDC provider."""
    iam(moto).create_open_id_connect_provider(Url="https://token.dynatrace.com", ClientIDList=[AUDIENCE, "other"])

    assert moto.providers(ROLE) == [OidcProvider(PROVIDER, "token.dynatrace.com", (AUDIENCE, "other"))]
    assert moto.providers("arn:aws:iam::999999999999:role/x") == []


def test_a_url_has_one_provider_in_an_account(moto: Moto) -> None:
    """The error names it."""
    iam(moto).create_open_id_connect_provider(Url="https://token.dynatrace.com", ClientIDList=[AUDIENCE])

    with pytest.raises(ClientError, match=r"EntityAlreadyExists.*https://token\.dynatrace\.com already exists"):
        iam(moto).create_open_id_connect_provider(Url="https://token.dynatrace.com", ClientIDList=["other"])


def test_client_ids_are_added_and_removed_in_place(moto: Moto) -> None:
    """Repeating it has no effect. For an OIDC provider that does not exist, IAM returns an error."""
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


OTHER = "222222222222"


def test_an_access_key_of_12_digits_is_an_account(moto: Moto) -> None:
    """Each account has its own roles and OIDC providers, and they are found by their ARNs."""
    for key in ("x", OTHER):
        create_role(moto, key=key)
        iam(moto, key=key).create_open_id_connect_provider(Url="https://token.dynatrace.com", ClientIDList=[key])

    roles, providers = moto.inventory()

    arns = [f"arn:aws:iam::{account}:role/connector" for account in (ACCOUNT, OTHER)]
    assert [found.role.arn for found in roles] == arns
    assert [moto.role(arn) is not None for arn in arns] == [True, True]
    assert [provider.client_ids for provider in providers] == [("x",), (OTHER,)]
    assert [provider.client_ids for provider in moto.providers(arns[1])] == [(OTHER,)]


def test_a_reset_empties_every_account(moto: Moto) -> None:
    """Accounts begin empty again."""
    arn = create_role(moto, key=OTHER)["Arn"]

    moto.reset()

    assert moto.role(arn) is None
    assert iam(moto, key=OTHER).list_roles()["Roles"] == []


def assume(moto: Moto, arn: str, *, external_id: str = "", **credentials: str) -> dict[str, str]:
    """Assume a role; return the arguments with which boto3 uses its credentials."""
    credentials = credentials or {"aws_access_key_id": ACCOUNT, "aws_secret_access_key": "x"}
    more = {"ExternalId": external_id} if external_id else {}
    assumed = client(moto, "sts", **credentials).assume_role(RoleArn=arn, RoleSessionName="ci", **more)["Credentials"]
    return {
        "aws_access_key_id": assumed["AccessKeyId"],
        "aws_secret_access_key": assumed["SecretAccessKey"],
        "aws_session_token": assumed["SessionToken"],
    }


def trusting(principal: str, **condition: Any) -> Any:
    statement = {"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"}
    return {"Version": "2012-10-17", "Statement": [statement | ({"Condition": condition} if condition else {})]}


def test_an_assumed_role_works_in_its_account(moto: Moto) -> None:
    """Also for another role that trusts it by its ARN."""
    first = create_role(moto, key=OTHER, policy=trusting(f"arn:aws:iam::{ACCOUNT}:root"))["Arn"]
    second = create_role(moto, key="333333333333", policy=trusting(first))["Arn"]

    session = assume(moto, first)
    client(moto, "iam", **session).create_role(RoleName="made", AssumeRolePolicyDocument=TRUST_POLICY)
    identity = client(moto, "sts", **assume(moto, second, **session)).get_caller_identity()

    assert moto.role(f"arn:aws:iam::{OTHER}:role/made") is not None
    assert (identity["Account"], identity["Arn"]) == (
        "333333333333",
        "arn:aws:sts::333333333333:assumed-role/connector/ci",
    )


@pytest.mark.parametrize(
    ("policy", "external_id", "allowed"),
    [
        (trusting(f"arn:aws:iam::{ACCOUNT}:root"), "", True),
        (trusting(ACCOUNT), "", True),
        (trusting("arn:aws:iam::999999999999:root"), "", False),
        (trusting(ACCOUNT, StringEquals={"sts:ExternalId": "ours"}), "ours", True),
        (trusting(ACCOUNT, StringEquals={"sts:ExternalId": "ours"}), "theirs", False),
        (trusting(ACCOUNT, StringEquals={"sts:ExternalId": "ours"}), "", False),
        (trusting(ACCOUNT, ArnLike={"aws:PrincipalArn": f"arn:aws:sts::{ACCOUNT}:user/*"}), "", True),
    ],
)
def test_a_trust_policy_decides_whether_a_role_can_be_assumed(
    moto: Moto, policy: Any, external_id: str, *, allowed: bool
) -> None:
    """The sandbox decides for a program as it decides for Dynatrace."""
    arn = create_role(moto, key=OTHER, policy=policy)["Arn"]

    if allowed:
        assert assume(moto, arn, external_id=external_id)["aws_access_key_id"]
    else:
        with pytest.raises(ClientError, match=rf"AccessDenied.*sts:AssumeRole on resource: {arn}") as refused:
            assume(moto, arn, external_id=external_id)
        assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 403


@pytest.mark.parametrize(
    "arn", [f"arn:aws:iam::{OTHER}:role/nothing", "arn:aws:iam::7:role/x" + "x" * 20, "arn:aws:s3:::bucket-of-another"]
)
def test_a_role_that_does_not_exist_cannot_be_assumed(moto: Moto, arn: str) -> None:
    """Neither with a signature nor with a token, and no account comes into being."""
    with pytest.raises(ClientError, match="AccessDenied"):
        assume(moto, arn)
    with pytest.raises(ClientError, match="AccessDenied"):
        client(moto, "sts").assume_role_with_web_identity(RoleArn=arn, RoleSessionName="ci", WebIdentityToken="token")

    assert moto.inventory() == ([], [])


def test_the_number_of_accounts_is_limited(moto: Moto) -> None:
    """One more than that is refused, and those that exist go on."""
    with httpx2.Client(trust_env=False) as http:
        for number in range(MOST_ACCOUNTS - 1):
            headers = signed("sts", f"{number:012}") | FORM
            response = http.post(f"{moto.url}/", headers=headers, content=form("GetCallerIdentity"))
            assert f"<Account>{number:012}</Account>" in response.text

    with pytest.raises(ClientError, match="The sandbox has at most 100 accounts"):
        iam(moto, key="999999999999").list_roles()
    assert iam(moto, key="000000000098").list_roles()["Roles"] == []
    assert iam(moto).list_roles()["Roles"] == []


def test_a_header_names_no_account(moto: Moto) -> None:
    """moto's own header for an account is dropped: the access key names it."""
    body = form("CreateRole", RoleName="x", AssumeRolePolicyDocument=TRUST_POLICY)
    headers = signed("iam") | FORM | {"x-moto-account-id": OTHER}

    created = httpx2.post(f"{moto.url}/", headers=headers, content=body, trust_env=False)

    assert f"<Arn>arn:aws:iam::{ACCOUNT}:role/x</Arn>" in created.text


def signed(service: str, key: str = "x") -> dict[str, str]:
    scope = f"{key}/20250101/us-east-1/{service}/aws4_request"
    return {"Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=x"}


def form(action: str, **more: str) -> bytes:
    return urlencode({"Action": action, "Version": "2010-05-08"} | more).encode()


FORM = {"Content-Type": "application/x-www-form-urlencoded"}
TEMPLATE = '!!python/object/apply:os.system ["touch PWNED"]\n'
RECORDING = json.dumps(
    {
        "method": "POST",
        "url": "http://x/",
        "body": base64.b64encode(form("GetTemplateSummary", TemplateBody=TEMPLATE)).decode(),
        "body_encoded": True,
        "headers": signed("cloudformation") | FORM,
    }
)
ATTACKS: dict[str, tuple[str, str, dict[str, str], bytes]] = {
    "create a role": (
        "POST",
        "/",
        signed("iam") | FORM,
        form("CreateRole", RoleName="x", AssumeRolePolicyDocument=TRUST_POLICY),
    ),
    "list roles": ("POST", "/", signed("iam") | FORM, form("ListRoles")),
    "ask before (preflight)": ("OPTIONS", "/", {"Access-Control-Request-Headers": "authorization"}, b""),
    "write a file": ("POST", "/moto-api/recorder/upload-recording", {"Content-Type": "text/plain"}, RECORDING.encode()),
    "run code from the file": ("POST", "/moto-api/recorder/replay-recording", {"Content-Type": "text/plain"}, b""),
    "run code from a template": (
        *("POST", "/", signed("cloudformation") | FORM),
        form("GetTemplateSummary", TemplateBody=TEMPLATE),
    ),
    "empty the account": ("POST", "/moto-api/reset", {"Content-Type": "text/plain"}, b""),
    "send a request elsewhere": ("POST", "/", signed("sns") | FORM, form("CreateTopic", Name="x")),
    "fill the memory": ("PUT", "/bucket/key", signed("s3"), b"x" * 100_000),
    "read a role as an image": ("GET", f"/?{form('ListRoles').decode()}", signed("iam"), b""),
    "read the instance metadata": ("GET", "/latest/meta-data/", {}, b""),
    "read a key set": ("GET", "/us-east-1_x/.well-known/jwks.json", {}, b""),
    "name the service in the path": ("POST", "/s3_us-east-1/x", {}, b""),
}
"""What the record of attacks tried from a web page (S1), and what lies close by."""


@pytest.mark.parametrize("name", ATTACKS)
@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_a_web_page_is_forbidden(moto: Moto, name: str, headers: dict[str, str]) -> None:
    """Every request with one of a browser's headers is 403 without CORS headers."""
    method, path, more, body = ATTACKS[name]

    response = httpx2.request(method, moto.url + path, headers=more | headers, content=body, trust_env=False)

    assert response.status_code == 403
    assert [header for header in response.headers if header.startswith("access-control")] == []
    assert moto.inventory() == ([], [])


@pytest.mark.parametrize("name", [name for name in ATTACKS if not name.endswith("role") and name != "list roles"])
def test_a_program_reaches_iam_and_sts_only(moto: Moto, name: str) -> None:
    """Without the headers of a browser, too, no other service and no `/moto-api` is there."""
    method, path, more, body = ATTACKS[name]

    response = httpx2.request(method, moto.url + path, headers=more, content=body, trust_env=False)

    assert response.status_code in {403, 404, 411}
    assert [header for header in response.headers if header.startswith("access-control")] == []


@pytest.mark.parametrize("host", ["example.com", "127.0.0.1:evil", "[::1]", ""])
def test_another_host_name_is_misdirected(moto: Moto, host: str) -> None:
    """421, so that a page gets no access through DNS rebinding."""
    response = httpx2.post(f"{moto.url}/", headers={"Host": host}, content=form("ListRoles"), trust_env=False)

    assert response.status_code == 421


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Length": str(1024 * 1024 + 1)}, 413),
        ({"Content-Length": "9" * 5000}, 413),
        ({"Content-Length": "-1"}, 411),
        ({"Content-Length": "\xb2"}, 411),
        ({"Transfer-Encoding": "chunked"}, 411),
    ],
)
def test_a_body_has_a_known_length_of_at_most_a_megabyte(moto: Moto, headers: dict[str, str], status: int) -> None:
    """A longer one is refused before it is read."""
    connection = HTTPConnection("127.0.0.1", moto.port)
    connection.putrequest("POST", "/")
    for name, text in headers.items():
        connection.putheader(name, text)
    connection.endheaders()

    assert connection.getresponse().status == status
    connection.close()


def test_no_other_service_is_imported_and_no_file_is_written(tmp_path: Path) -> None:
    """Operations on roles and all attacks in a new process load only IAM and STS, and the folder stays empty."""
    code = (
        "import sys, httpx2\n"
        "from dynatrace_sandbox.aws.moto import Moto\n"
        "from tests.dynatrace_sandbox.aws.test_moto import ATTACKS, create_role, iam\n"
        "moto = Moto()\n"
        "moto.start()\n"
        "create_role(moto)\n"
        "iam(moto).create_open_id_connect_provider(Url='https://token.dynatrace.com', ClientIDList=['x'])\n"
        "for headers in {}, {'Origin': 'https://evil.example'}:\n"
        "    for method, path, more, body in ATTACKS.values():\n"
        "        httpx2.request(method, moto.url + path, headers=more | headers, content=body, trust_env=False)\n"
        "moto.inventory()\n"
        "moto.reset()\n"
        "print(*{name.split('.')[1] for name in sys.modules if name.startswith('moto.')})\n"
    )
    recording = {"MOTO_ENABLE_RECORDING": "true", "MOTO_RECORDER_FILEPATH": str(tmp_path / "recorded")}
    environ = os.environ | recording | {"PYTHONPATH": str(Path.cwd()), "PYTHONDONTWRITEBYTECODE": "1"}

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environ, capture_output=True, text=True, check=True
    )

    machinery = {"backend_index", "backends", "core", "moto_api", "moto_server", "settings", "utilities"}
    assert set(done.stdout.split()) - machinery == {"iam", "sts"}
    assert list(tmp_path.iterdir()) == []


def test_it_listens_on_loopback_only(moto: Moto) -> None:
    """The URL is a loopback address."""
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
