"""Folders that the official provider managed, taken over with real Terraform.

The golden files are states as the official provider 1.102.0 (`old`: an earlier one) writes them. The connections that
they speak of are created in the sandbox, and their ids filled in.
"""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dynatrace_sandbox.testing import RunningSandbox
from terraform_plugin.install.mirror import install, module_command
from terraform_plugin.testing import Terraform
from tests.acceptance.conftest import PROVIDERS
from tests.acceptance.tenants import PLATFORM_OBJECTS, Value, create, role_based, trusting_role, web_identity

OFFICIAL = "registry.terraform.io/dynatrace-oss/dynatrace"
OURS = PROVIDERS["dynatrace"]
GOLDEN = Path(__file__).parent / "golden"

SINGLE = """
resource "dynatrace_aws_connection" "web" {
  name = "web identity"
  web_identity {
    consumers = ["APP:dynatrace.aws.connector"]
  }
}

resource "dynatrace_aws_connection" "role_based" {
  name = "role based"
  role_based_auth {
    consumers = ["SVC:com.dynatrace.da"]
  }
}

resource "dynatrace_aws_connection" "plain" {
  name = "role based without consumers"
  role_based_auth {}
}

resource "dynatrace_aws_connection_role_arn" "web" {
  aws_connection_id = dynatrace_aws_connection.web.id
  role_arn          = "<role ARN>"
  timeouts {
    create = "15s"
  }
}

resource "dynatrace_aws_connection_role_arn" "role_based" {
  aws_connection_id = dynatrace_aws_connection.role_based.id
  role_arn          = "<role ARN>"
}
"""

MANY = """
resource "dynatrace_aws_connection" "counted" {
  count = 2
  name  = "counted ${count.index}"
  web_identity {
    consumers = ["APP:dynatrace.aws.connector"]
  }
}

resource "dynatrace_aws_connection_role_arn" "counted" {
  count             = 2
  aws_connection_id = dynatrace_aws_connection.counted[count.index].id
  role_arn          = "<role ARN>"
}

resource "dynatrace_aws_connection" "named" {
  for_each = toset(["east", "west"])
  name     = "named ${each.key}"
  role_based_auth {
    consumers = ["DA"]
  }
}

resource "dynatrace_aws_connection_role_arn" "named" {
  for_each          = dynatrace_aws_connection.named
  aws_connection_id = each.value.id
  role_arn          = "<role ARN>"
  timeouts {
    create = "5m"
  }
}

module "account" {
  source = "./account"
}
"""

OLD = """
resource "dynatrace_aws_connection" "old" {
  name = "written long ago"
  web_identity {
    consumers = ["APP:dynatrace.aws.connector"]
  }
}

resource "dynatrace_aws_connection" "empty" {
  name = "with an empty block"
  role_based_auth {}
}

resource "dynatrace_aws_connection_role_arn" "old" {
  aws_connection_id = dynatrace_aws_connection.old.id
  role_arn          = "<role ARN>"
}
"""

SHARED = """
resource "dynatrace_aws_connection" "open" {
  name = "open to all"
  web_identity {
    consumers = ["APP:dynatrace.aws.connector"]
  }
}

resource "dynatrace_settings_permissions" "open" {
  settings_object_id = dynatrace_aws_connection.open.id
  all_users          = "read"
}

resource "dynatrace_aws_connection" "team" {
  name = "shared with a team"
  web_identity {
    consumers = ["APP:dynatrace.aws.connector"]
  }
}

resource "dynatrace_settings_permissions" "team" {
  settings_object_id = dynatrace_aws_connection.team.id
  users {
    user {
      uid    = "2f1c0d6e-8a4b-4f5d-9c3e-7b6a5d4c3b2a"
      access = "write"
    }
  }
  groups {
    group {
      id     = "9e8d7c6b-5a4f-4e3d-8c2b-1a0f9e8d7c6b"
      access = "read"
    }
  }
}
"""

CONFIGURATIONS = {"single": SINGLE, "many": MANY, "old": OLD, "shared": SHARED}

IN_MODULE = """
terraform {
  required_providers {
    dynatrace = { source = "terraform.local/dynatrace/dynatrace" }
  }
}

resource "dynatrace_aws_connection" "inner" {
  name = "in a module"
  web_identity {
    consumers = ["APP:dynatrace.aws.connector"]
  }
}
"""


@pytest.fixture
def role(terraform: Terraform, sandbox: RunningSandbox) -> Iterator[str]:
    """The ARN of a role that trusts every connection; it goes before everything else does."""
    with trusting_role(sandbox) as arn:
        yield arn


def instances(state: dict[str, Any], type_name: str) -> list[dict[str, Any]]:
    """Return the attributes of every instance of a type in a state file."""
    found = [one for one in state["resources"] if one["type"] == type_name]
    return [instance["attributes"] for one in found for instance in one["instances"]]


def value_of(connection: dict[str, Any], arn: str) -> Value:
    """Return the settings value that a connection in a golden file was made with."""
    if web := connection["web_identity"]:
        return web_identity(connection["name"], arn, web[0]["consumers"])
    [block] = connection["role_based_auth"]
    return role_based(connection["name"], arn, (block or {}).get("consumers") or ())


def official_folder(
    terraform: Terraform, sandbox: RunningSandbox, name: str, arn: str, credentials: str = "api-token"
) -> None:
    """Let the folder and the tenant be as the official provider left them."""
    text = (GOLDEN / f"official_{name}.json").read_text().replace("<role ARN>", arn)
    state = json.loads(text)
    bound = [one["id"] for one in instances(state, "dynatrace_aws_connection_role_arn")]
    connections = instances(state, "dynatrace_aws_connection")
    values = [value_of(one, arn if one["id"] in bound else "") for one in connections]
    ids = create(sandbox, values, credentials)
    filled = re.sub(r"<id of ([^>]*)>", lambda found: ids[found[1]], text)
    for permissions in instances(json.loads(filled), "dynatrace_settings_permissions"):
        path = f"{PLATFORM_OBJECTS}/{permissions['id']}/permissions"
        for access in accessors(permissions):
            sandbox.call("POST", path, credentials, json=access).raise_for_status()
    (terraform.folder / "terraform.tfstate").write_text(filled)
    (terraform.folder / "account").mkdir()
    (terraform.folder / "account" / "main.tf").write_text(IN_MODULE)


def accessors(permissions: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the requests that give the access which permissions in a golden file tell of."""
    letters = {"read": ["r"], "write": ["r", "w"]}
    if permissions["all_users"] != "none":
        yield {"accessor": {"type": "all-users"}, "permissions": letters[permissions["all_users"]]}
    for kind, key in (("user", "uid"), ("group", "id")):
        for one in (one for block in permissions[f"{kind}s"] for one in block[kind]):
            yield {"accessor": {"type": kind, "id": one[key]}, "permissions": letters[one["access"]]}


def take_over(terraform: Terraform) -> None:
    terraform.run("state", "replace-provider", "-auto-approve", OFFICIAL, OURS)


@pytest.mark.parametrize(
    ("name", "credentials"),
    [("single", "api-token"), ("many", "api-token"), ("old", "api-token"), ("shared", "platform-token")],
)
def test_the_next_plan_shows_no_change(
    terraform: Terraform, sandbox: RunningSandbox, role: str, name: str, credentials: str
) -> None:
    """Only the address of the provider changes, whichever credentials created the connections."""
    sandbox.configure(release="0.0.26")  # the newest one that has all consumers of the golden files
    terraform.environ = sandbox.environ(credentials)
    official_folder(terraform, sandbox, name, role, credentials)

    take_over(terraform)

    assert terraform.plan(CONFIGURATIONS[name].replace("<role ARN>", role)).empty


def test_the_resources_can_be_changed_afterwards(terraform: Terraform, sandbox: RunningSandbox, role: str) -> None:
    """A rename and other timeouts are updates, and another kind of authentication is a replacement."""
    sandbox.configure(release="0.0.24")
    official_folder(terraform, sandbox, "single", role)
    take_over(terraform)
    config = SINGLE.replace("<role ARN>", role)
    config = config.replace('"web identity"', '"renamed"').replace('"15s"', '"30s"')
    config = config.replace("role_based_auth {}", 'web_identity {\n    consumers = ["APP:dynatrace.biz.carbon"]\n  }')

    plan = terraform.plan(config)
    terraform.run("apply", "plan")

    assert terraform.plan(config).empty
    assert plan.changes == {
        "dynatrace_aws_connection.plain": ["delete", "create"],
        "dynatrace_aws_connection.web": ["update"],
        "dynatrace_aws_connection_role_arn.web": ["update"],
    }
    values = {one["value"]["name"]: one["value"] for one in sandbox.objects()}
    assert values["renamed"]["awsWebIdentity"]["roleArn"] == role
    assert values["role based without consumers"]["type"] == "awsWebIdentity"


def test_a_moved_block_takes_over_single_resources(
    terraform: Terraform, sandbox: RunningSandbox, role: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """With both providers in one configuration, moved resources belong to this one, and the others do not change."""
    both = tmp_path_factory.mktemp("both")
    for source in (OFFICIAL, OURS):
        install(source, "0.1.0", module_command("terraform_provider_dynatrace"), both)
    providers = {"dynatrace": OURS, "official": OFFICIAL}
    terraform = Terraform(terraform.folder, both, providers, sandbox.environ())
    official_folder(terraform, sandbox, "single", role)
    config = SINGLE.replace("<role ARN>", role)
    config = re.sub(r'("dynatrace_aws_\w+" "(?:plain|role_based)" {)', r"\1\n  provider = official", config)
    config = config.replace('" "web"', '" "taken_over"').replace("connection.web.", "connection.taken_over.")
    for kind in ("dynatrace_aws_connection", "dynatrace_aws_connection_role_arn"):
        config += f"moved {{\n  from = {kind}.web\n  to   = {kind}.taken_over\n}}\n"

    plan = terraform.plan(config)
    terraform.run("apply", "plan")

    assert plan.changes == {}
    owners = {
        one["name"]: one["provider"]
        for one in json.loads((terraform.folder / "terraform.tfstate").read_bytes())["resources"]
    }
    assert {name: OURS in owner for name, owner in owners.items()} == {
        "taken_over": True,
        "plain": False,
        "role_based": False,
    }
    terraform.destroy()


OFFICIAL_ARGUMENTS = [
    *("dt_env_url", "dt_api_token", "client_id", "client_secret", "account_id", "platform_token"),
    *("automation_client_id", "automation_client_secret", "automation_token_url", "automation_env_url"),
    *("iam_client_id", "iam_client_secret", "iam_account_id", "iam_endpoint_url", "iam_token_url"),
    *("dt_cluster_url", "dt_cluster_api_token"),
]


def test_every_argument_of_the_official_provider_is_accepted(terraform: Terraform) -> None:
    """A provider block needs no change."""
    arguments = "\n".join(f'  {name} = "https://abc12345.live.dynatrace.com"' for name in OFFICIAL_ARGUMENTS)

    assert terraform.validate(f'provider "dynatrace" {{\n{arguments}\n}}') == []
