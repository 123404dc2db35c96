"""Wrong trust, explained twice: by the apply that fails, and by the doctor who may look into AWS."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest

from dynatrace_sandbox.testing import RunningSandbox
from terraform_plugin.testing import Terraform, TerraformFailed
from terraform_provider_dynatrace.aws.diagnosis import Outcome
from terraform_provider_dynatrace.cli.doctor.command import doctor
from tests.acceptance.configurations import AUDIENCE
from tests.terraform_provider_dynatrace.cli.doctor.far_aws import accounts_at

HOST = "token.dynatrace.com"
PROVIDER = f"arn:aws:iam::123456789012:oidc-provider/{HOST}"
RIGHT = {f"{HOST}:sub": "dt:connection-id/CONNECTION", f"{HOST}:aud": AUDIENCE}
EXTERNAL = {"sts:ExternalId": "CONNECTION"}
DYNATRACE = "arn:aws:iam::314146291599:root"
CONNECTOR, CARBON = "APP:dynatrace.aws.connector", "APP:dynatrace.biz.carbon"


def policy(principal: Mapping[str, str], action: str, conditions: Mapping[str, str]) -> dict[str, Any]:
    """Return a trust policy; CONNECTION in it becomes the connection's id."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": action}
    return {"Version": "2012-10-17", "Statement": [statement | {"Condition": {"StringEquals": conditions}}]}


def web(conditions: Mapping[str, str] = RIGHT, provider: str = PROVIDER, action: str = "WithWebIdentity") -> Any:
    return policy({"Federated": provider}, f"sts:AssumeRole{action}", conditions)


def based(conditions: Mapping[str, str] = EXTERNAL, principal: str = DYNATRACE) -> Any:
    return policy({"AWS": principal}, "sts:AssumeRole", conditions)


@dataclass(frozen=True)
class Mistake:
    """What a role's policy is, and what names the cause in the error of the apply and in the doctor's list."""

    policy: Any
    apply_says: str
    doctor_says: str
    block: str = "web_identity"
    consumer: str = CONNECTOR
    role_arn: str = ""


MISTAKES = {
    "audience-with-scheme": Mistake(
        web(RIGHT | {f"{HOST}:aud": f"https://{AUDIENCE}"}),
        f"The condition on {HOST}:aud starts with https://",
        f"The audience has a scheme (https://{AUDIENCE})",
    ),
    "audience-with-slash": Mistake(
        web(RIGHT | {f"{HOST}:aud": f"{AUDIENCE}/"}), "ends with a slash", "The audience ends with a slash"
    ),
    "audience-live-host": Mistake(
        web(RIGHT | {f"{HOST}:aud": AUDIENCE.replace(".apps.", ".live.")}),
        "the .live. host",
        "The audience has the .live. host",
    ),
    "old-subject": Mistake(
        web(RIGHT | {f"{HOST}:sub": "dtid:connection/old-subject"}),
        "the old form dtid:connection/<name>",
        "is an old form of the subject",
    ),
    "other-connection": Mistake(
        web(RIGHT | {f"{HOST}:sub": "dt:connection-id/ANOTHER"}),
        f"The condition on {HOST}:sub has the ID of another connection",
        "dt:connection-id/ANOTHER is the ID of another connection",
    ),
    "wrong-issuer": Mistake(
        web({"idp.example.com:sub": "dt:connection-id/CONNECTION", f"{HOST}:aud": AUDIENCE}),
        f"name another issuer than {HOST}",
        f"It requires a token from idp.example.com; the issuer of Dynatrace's token is {HOST}",
    ),
    "provider-of-another-account": Mistake(
        web(provider=PROVIDER.replace("123456789012", "999999999999")),
        f"another account or partition than {PROVIDER}",
        "is in the account 999999999999, not in 123456789012",
    ),
    "provider-of-another-partition": Mistake(
        web(provider=PROVIDER.replace("arn:aws:", "arn:aws-cn:")),
        f"another account or partition than {PROVIDER}",
        "is in the partition aws-cn, not in aws",
    ),
    "client-id-missing": Mistake(
        web(RIGHT | {f"{HOST}:aud": "abc12345.apps.dynatrace.com/app-id/dynatrace.biz.carbon"}),
        "The response of AWS shows the cause:\n  - The client IDs of the OIDC provider do not contain exactly abc12345",
        "Add abc12345.apps.dynatrace.com/app-id/dynatrace.biz.carbon to the client IDs",
        consumer=CARBON,
    ),
    "no-such-role": Mistake(
        None,
        "The account 123456789012 (aws) has no role with exactly this ARN: arn:aws:iam::123456789012:role/gone",
        "AWS has no such role",
        role_arn="arn:aws:iam::123456789012:role/gone",
    ),
    "role-of-another-account": Mistake(
        None,
        "The account 999999999999 (aws) has no role with exactly this ARN",
        "They belong to the account 123456789012 (aws)",
        role_arn="arn:aws:iam::999999999999:role/old-subject",
    ),
    "wrong-action": Mistake(
        web(action=""), "Action     sts:AssumeRoleWithWebIdentity", "Set Action to sts:AssumeRoleWithWebIdentity"
    ),
    "external-id-of-another": Mistake(
        based({"sts:ExternalId": "ANOTHER"}),
        "The condition on sts:ExternalId has the ID of another connection",
        "ANOTHER is the ID of another connection",
        block="role_based_auth",
        consumer="SVC:com.dynatrace.da",
    ),
    "another-principal": Mistake(
        based(principal="arn:aws:iam::111122223333:root"),
        f"The principal is another account than {DYNATRACE}",
        "is in the account 111122223333, not in 314146291599",
        block="role_based_auth",
        consumer="SVC:com.dynatrace.da",
    ),
}


def configuration() -> str:
    """Return connections, roles and role ARNs with every mistake, and one without, in one account."""
    right = Mistake(web(), "", "")
    return PROVIDERS + "".join(block(name, mistake) for name, mistake in {**MISTAKES, "right": right}.items())


PROVIDERS = f"""
resource "aws_iam_openid_connect_provider" "p" {{
  url            = "https://{HOST}"
  client_id_list = ["{AUDIENCE}"]
}}
"""


def block(name: str, mistake: Mistake) -> str:
    """Return a connection, its role with the mistake in it (unless it has another role), and the binding."""
    text = json.dumps(json.dumps(mistake.policy))
    role = f"""
resource "aws_iam_role" "{name}" {{
  name               = "{name}"
  assume_role_policy = replace({text}, "CONNECTION", dynatrace_aws_connection.{name}.id)
}}
"""
    return f"""{"" if mistake.role_arn else role}
resource "dynatrace_aws_connection" "{name}" {{
  name = "{name}"
  {mistake.block} {{
    consumers = ["{mistake.consumer}"]
  }}
}}

resource "dynatrace_aws_connection_role_arn" "{name}" {{
  aws_connection_id = dynatrace_aws_connection.{name}.id
  role_arn          = {json.dumps(mistake.role_arn) if mistake.role_arn else f"aws_iam_role.{name}.arn"}
  timeouts {{
    create = "3s"
  }}
  depends_on = [aws_iam_openid_connect_provider.p]
}}
"""


def command(variables: Mapping[str, str], *arguments: str, before: str = "") -> subprocess.CompletedProcess[str]:
    """Run the provider's command as a person does; `before` is Python that runs first in its process."""
    code = f"import sys\n{before}\nfrom terraform_provider_dynatrace.__main__ import main\nsys.exit(main())"
    environment = {"PATH": os.environ["PATH"], "HOME": "/nonexistent", **variables}
    return subprocess.run(
        [sys.executable, "-c", code, *arguments], env=environment, capture_output=True, text=True, check=False
    )


def test_every_wrong_trust_is_explained_by_the_apply_and_by_the_doctor(
    terraform: Terraform, sandbox: RunningSandbox
) -> None:
    """The apply lists what is usually wrong, the doctor says what is wrong in this role."""
    sandbox.configure(release="0.0.24")  # its connections with web identity can have two audiences
    with pytest.raises(TerraformFailed) as failed:
        terraform.apply(configuration(), "-parallelism=20")

    errors = {error.address.rpartition(".")[2]: error.detail for error in failed.value.errors}
    assert {name: MISTAKES[name].apply_says in errors.get(name, "") for name in MISTAKES} == dict.fromkeys(
        MISTAKES, True
    )
    for name, mistake in MISTAKES.items():
        arn = mistake.role_arn or f"arn:aws:iam::123456789012:role/{name}"
        found = doctor(name, arn, sandbox.environ(), accounts_at(sandbox.aws_url))
        told = [f"{one.cause} {one.next_step}" for one in found.findings if one.outcome is not Outcome.PASSED]
        assert any(mistake.doctor_says in text for text in told), (name, told)
    check_the_command(sandbox.environ(), terraform.state()["dynatrace_aws_connection.right"]["id"])


def check_the_command(variables: dict[str, str], right_id: str) -> None:
    """By the connection's id or name; status 0 while all is right, 1 when something is not."""
    right = command(variables, "doctor", "aws", right_id)
    wrong = command(variables, "doctor", "aws", "right", "--role-arn", "arn:aws:iam::123456789012:role/gone")
    without = {name: text for name, text in variables.items() if not name.startswith("AWS_")}
    nobody = command(without | {"AWS_EC2_METADATA_DISABLED": "true"}, "doctor", "aws", "right")
    no_boto3 = command(variables, "doctor", "aws", "right", before="sys.modules['botocore'] = None")

    assert (right.returncode, right.stderr) == (0, "")
    assert right.stdout.endswith("All 9 checks passed. Dynatrace can use this role.\n")
    assert f"subject     dt:connection-id/{right_id}\n" in right.stdout
    assert (wrong.returncode, wrong.stderr) == (1, "")
    assert "FAIL  The role arn:aws:iam::123456789012:role/gone exists\n" in wrong.stdout
    assert (nobody.returncode, "AWS_PROFILE" in nobody.stderr, nobody.stdout) == (1, True, "")
    assert (no_boto3.returncode, "-m pip install boto3" in no_boto3.stderr) == (1, True)
    assert "Traceback" not in nobody.stderr + no_boto3.stderr


def test_an_error_of_the_command_has_no_traceback(sandbox: RunningSandbox) -> None:
    """No such connection, no environment, no argument."""
    unknown = command(sandbox.environ(), "doctor", "aws", "nobody's")
    nowhere = command({}, "doctor", "aws", "production")
    nothing = command({}, "doctor", "aws")

    assert (unknown.returncode, "AWS connection not found" in unknown.stderr) == (1, True)
    assert (nowhere.returncode, "DYNATRACE_ENV_URL" in nowhere.stderr) == (1, True)
    assert (nothing.returncode, "CONNECTION" in nothing.stderr) == (64, True)
    assert "Traceback" not in unknown.stderr + nowhere.stderr + nothing.stderr
