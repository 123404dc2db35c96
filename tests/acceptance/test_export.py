"""From a tenant to Terraform: export, plan (imports only), apply, plan (empty), with the real command and Terraform."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dynatrace_sandbox.testing import RunningSandbox
from terraform_plugin.testing import Terraform
from tests.acceptance.conftest import PROVIDERS
from tests.acceptance.tenants import PLATFORM_OBJECTS, create, role_based, trusting_role, web_identity
from tests.acceptance.test_aws_monitoring_configuration import monitoring_body
from tests.hostile.names import NAMES as HOSTILE
from tests.terraform_provider_dynatrace.cli.export import exporting
from tests.terraform_provider_dynatrace.in_process import Tenant

LAYOUTS = [(), ("-flat",), ("-ref",), ("-flat", "-ref", "-id")]
NAMES = [
    'Prod ${x} "a" %{y}',
    "prod x a y",
    "Zürich 接続 🔗",
    "1st account",
    "null",
    "back\\slash",
    "a" * 100,
    "con",
    *HOSTILE,
]
GROUP = "00000000-0000-4000-8000-000000000002"


@pytest.fixture
def terraform(tmp_path: Path, mirror: Path, sandbox: RunningSandbox) -> Iterator[Terraform]:
    """Terraform in an empty folder, the target of exports. Each test creates the objects itself."""
    quiet = sandbox.environ() | {"TF_LOG_PROVIDER": "", "DYNATRACE_TARGET_FOLDER": str(tmp_path)}
    yield Terraform(tmp_path, mirror, PROVIDERS, quiet)
    sandbox.reset()


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", "terraform_provider_dynatrace", "-export", *words]


def export(terraform: Terraform, *words: str, status: int = 0) -> str:
    """Run the command as a user does, and return its output."""
    ended = subprocess.run(command(*words), env=terraform.variables, capture_output=True, text=True, check=False)
    assert ended.returncode == status, ended.stdout + ended.stderr
    return ended.stdout + ended.stderr


def planned(terraform: Terraform) -> tuple[int, dict[str, Any]]:
    """Plan; return how many resources would be imported, and what else would be done."""
    terraform.run("plan", "-input=false", "-no-color", "-out=plan")
    changes = [
        one["change"] | {"address": one["address"]} for one in terraform.show("plan").get("resource_changes", [])
    ]
    return (
        sum("importing" in change for change in changes),
        {change["address"]: change["actions"] for change in changes if change["actions"] != ["no-op"]},
    )


def expect_round_trip(terraform: Terraform, count: int) -> None:
    """The exported files are formatted, import `count` resources and nothing else, and the next plan is empty."""
    terraform.run("fmt", "-check", "-recursive", "-diff")
    assert planned(terraform) == (count, {})
    terraform.run("apply", "-input=false", "plan")
    terraform.run("plan", "-input=false", "-detailed-exitcode")


@pytest.mark.parametrize("flags", LAYOUTS)
def test_one_private_connection_makes_the_round_trip(
    terraform: Terraform, sandbox: RunningSandbox, flags: tuple[str, ...]
) -> None:
    """With its role ARN and its permissions, read with a platform token."""
    del terraform.environ["DYNATRACE_API_TOKEN"]
    terraform.environ |= sandbox.environ("platform-token")
    with trusting_role(sandbox) as arn:
        [object_id] = create(sandbox, [web_identity("production", arn)], "platform-token").values()
    access = {"accessor": {"type": "group", "id": GROUP}, "permissions": ["r"]}
    path = f"{PLATFORM_OBJECTS}/{object_id}/permissions"
    sandbox.call("POST", path, "platform-token", json=access).raise_for_status()

    said = export(terraform, *flags)

    assert "dynatrace_settings_permissions     1" in said
    expect_round_trip(terraform, 3)


@pytest.mark.parametrize("flags", [(), ("-flat", "-ref")])
def test_a_monitored_account_makes_the_round_trip(
    terraform: Terraform, sandbox: RunningSandbox, flags: tuple[str, ...]
) -> None:
    """Connection, role ARN and monitoring configuration; the next plan is empty."""
    del terraform.environ["DYNATRACE_API_TOKEN"]
    terraform.environ |= sandbox.environ("platform-token")
    with trusting_role(sandbox) as arn:
        [object_id] = create(sandbox, [role_based("production", arn)], "platform-token").values()
    path = "/platform/extensions/v2/extensions/com.dynatrace.extension.da-aws/monitoring-configurations"
    sandbox.call("POST", path, "platform-token", json=monitoring_body(object_id)).raise_for_status()

    export(terraform, *flags)

    expect_round_trip(terraform, 3)


@pytest.mark.parametrize("flags", LAYOUTS)
def test_a_hundred_connections_make_the_round_trip(
    terraform: Terraform, sandbox: RunningSandbox, flags: tuple[str, ...]
) -> None:
    """Of both kinds, with and without consumers and role ARNs, with names of every kind."""
    sandbox.configure(release="0.0.24")
    with trusting_role(sandbox) as arn:
        create(
            sandbox,
            [
                *(web_identity(name, arn) for name in NAMES),
                *(role_based(f"role based {number}", arn, ()) for number in range(8)),
                *(web_identity(f"connection {number}", "", ["APP:dynatrace.biz.carbon"]) for number in range(84)),
            ],
        )

    export(terraform, *flags)

    expect_round_trip(terraform, 2 * (len(NAMES) + 8) + 84)


@pytest.mark.parametrize("flags", [(), ("-flat",)])
def test_role_arns_alone_make_the_round_trip_with_data_sources(
    terraform: Terraform, sandbox: RunningSandbox, flags: tuple[str, ...]
) -> None:
    """Connections that are managed elsewhere are looked up by their names."""
    with trusting_role(sandbox) as arn:
        create(sandbox, [web_identity(name, arn) for name in NAMES])

    export(terraform, "-datasources", *flags, "dynatrace_aws_connection_role_arn")

    expect_round_trip(terraform, len(NAMES))


async def test_three_thousand_connections_are_valid(terraform: Terraform) -> None:
    """As many as the schema allows, each with a role. Only validated: Terraform's time grows with their square."""
    tenant = Tenant()
    exporting.fill(tenant, [exporting.web_identity("connection 0", "")])
    await exporting.run(tenant, terraform.folder, "-flat")
    terraform.run("init", "-input=false")
    exporting.fill(tenant, (exporting.web_identity(f"connection {number}", exporting.ROLE) for number in range(3000)))

    await exporting.run(tenant, terraform.folder, "-flat")

    assert len(list(terraform.folder.glob("*.aws_connection.tf"))) == 3000
    assert len(list(terraform.folder.glob("*.aws_connection_role_arn.tf"))) == 3000
    terraform.run("validate")


def test_import_state_puts_everything_into_the_state(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """The command runs Terraform; a second time, there is nothing to import."""
    with trusting_role(sandbox) as arn:
        ids = create(sandbox, [web_identity("production", arn)])

    said = export(terraform, "-import-state")

    assert "Imported into the state: 2." in said
    assert {values["id"] for values in terraform.state().values()} == set(ids.values())
    assert planned(terraform) == (0, {})
    assert "Imported into the state: 0." in export(terraform, "-import-state")


def test_import_state_does_nothing_but_import(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """If the folder contains other resources, they are named, and nothing is applied."""
    create(sandbox, [web_identity("production")])
    other = 'resource "dynatrace_aws_connection" "mine" {\n  name = "mine"\n  role_based_auth {}\n}\n'
    (terraform.folder / "mine.tf").write_text(other)

    said = export(terraform, "-flat", "-import-state", status=1)

    assert "The plan has other changes than imports" in said
    assert "dynatrace_aws_connection.mine: create" in said
    assert "Traceback" not in said
    assert terraform.state() == {}
    assert len(sandbox.objects()) == 1


def test_an_export_does_not_need_terraform(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """The output names the commands to run; only -import-state needs Terraform."""
    create(sandbox, [web_identity("production")])
    terraform.environ["PATH"] = str(terraform.folder)

    assert "terraform init && terraform plan" in export(terraform)
    assert (terraform.folder / "main.tf").exists()
    assert "-import-state runs terraform" in export(terraform, "-import-state", status=1)


@pytest.mark.parametrize("name", ["out put", "it's $HOME", "-flat"])
def test_the_next_step_can_be_pasted_into_a_shell(terraform: Terraform, sandbox: RunningSandbox, name: str) -> None:
    """Whatever the name of the target folder contains, `cd` goes there."""
    create(sandbox, [web_identity("production")])
    terraform.environ["DYNATRACE_TARGET_FOLDER"] = name

    said = subprocess.run(
        command(), cwd=terraform.folder, env=terraform.variables, capture_output=True, text=True, check=True
    ).stdout

    next_step = said.splitlines()[-1].removeprefix("Next: ")
    assert next_step.endswith(" && terraform plan")
    moved = next_step.replace("terraform plan", "pwd")
    shell = subprocess.run(moved, shell=True, cwd=terraform.folder, capture_output=True, text=True, check=True)  # noqa: S602 what a user pastes
    assert shell.stdout == f"{terraform.folder / name}\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupt_leaves_the_folder_as_it_was(
    terraform: Terraform, sandbox: RunningSandbox, number: signal.Signals
) -> None:
    """One line without a traceback, and the exit status of an interrupt."""
    create(sandbox, [web_identity("production")])
    before = sorted(terraform.folder.rglob("*"))
    fault = sandbox.fault("hold", "GET", "*/settings/objects")

    with subprocess.Popen(command(), env=terraform.variables, stderr=subprocess.PIPE, text=True) as process:
        fault.wait_until_holding()
        process.send_signal(number)
        _, said = process.communicate()
    fault.release()

    assert process.returncode == 130
    assert said.splitlines()[-1] == "Interrupted."
    assert "Traceback" not in said
    assert sorted(terraform.folder.rglob("*")) == before


def test_a_mistake_on_the_command_line_is_explained(terraform: Terraform) -> None:
    """Without a traceback, and with a suggestion."""
    said = export(terraform, "-flatt", status=64)

    assert said == (
        "Error: Unknown flag\n\n-export has no flag -flatt. Did you mean -flat? To list all flags: -export -help.\n"
    )


def test_an_export_reads_the_source_environment(terraform: Terraform, sandbox: RunningSandbox) -> None:
    """The environment of the usual variables gets no request."""
    create(sandbox, [web_identity("production")])
    names = {"DYNATRACE_ENV_URL": "DYNATRACE_SOURCE_ENV_URL", "DYNATRACE_API_TOKEN": "DT_SOURCE_API_TOKEN"}
    source = {names[name]: value for name, value in sandbox.environ().items() if name in names}
    terraform.environ |= source | {"DYNATRACE_ENV_URL": "http://127.0.0.1:9", "DYNATRACE_API_TOKEN": "dt0c01.A.B"}

    said = export(terraform, "-preview")

    assert f"Would export from {source['DYNATRACE_SOURCE_ENV_URL']}:\n  dynatrace_aws_connection" in said
    assert "The import blocks are for the source environment" in said
