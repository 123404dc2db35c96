"""The AWS side: moto's server over real HTTP, and what Dynatrace's side reads from it."""

import base64
import io
import json
import os
import subprocess
import sys
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import boto3
import httpx2
import pytest

from dynatrace_sandbox.aws.moto import ACCOUNT, Gate, Moto, Wsgi
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


def signed(service: str) -> dict[str, str]:
    scope = f"x/20250101/us-east-1/{service}/aws4_request"
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
        form("CreateRole", RoleName="x", AssumeRolePolicyDocument="{}"),
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
    """421: a page cannot come in by rebinding a name of its own."""
    response = httpx2.post(f"{moto.url}/", headers={"Host": host}, content=form("ListRoles"), trust_env=False)

    assert response.status_code == 421


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Content-Length": str(1024 * 1024 + 1)}, 413),
        ({"Content-Length": "9" * 5000}, 413),
        ({"Content-Length": "-1"}, 411),
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


def test_an_unsigned_request_is_for_sts() -> None:
    """`AssumeRoleWithWebIdentity` takes no signature. Source: docs/design/0008-sources.md#iam-api."""
    served: list[str] = []

    def service(name: str) -> Wsgi:
        def serve(_environ: Any, _start_response: Any) -> list[bytes]:
            served.append(name)
            return []

        return serve

    gate = Gate({name: service(name) for name in ("iam", "sts")})
    for body in (form("AssumeRoleWithWebIdentity"), form("AssumeRole"), b"Action=AssumeRoleWithSAML&Action=x", b"\xff"):
        environ = {"HTTP_HOST": "127.0.0.1", "REQUEST_METHOD": "POST", "PATH_INFO": "/"}
        gate(environ | {"CONTENT_LENGTH": str(len(body)), "wsgi.input": io.BytesIO(body)}, lambda *_: None)

    assert served == ["sts"]


def test_no_other_service_is_imported_and_no_file_is_written(tmp_path: Path) -> None:
    """A life of roles and all attacks, in a process of its own: only IAM and STS are loaded; the folder stays empty."""
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
