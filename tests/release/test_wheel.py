"""The wheel in an environment that has nothing but the wheel and what the wheel says that it needs."""

import shutil
import subprocess
from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest
from uv import find_uv_bin

from dynatrace_sandbox.testing import RunningSandbox
from release.building import Release
from release.contents import PROVIDER, required
from terraform_plugin.install.mirror import installations
from terraform_plugin.testing import Terraform
from terraform_provider_dynatrace import SOURCE
from tests.acceptance.configurations import connection
from tests.acceptance.tenants import create, web_identity


def uv(*arguments: str | Path) -> None:
    done = subprocess.run([find_uv_bin(), *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def environment(release: Release, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment with the wheel, installed as users do, and with its dependencies, taken from here.

    Which those are is read from the wheel. Nothing is downloaded: a test must not depend on a registry.
    """
    folder = tmp_path_factory.mktemp("environment") / "venv"
    python = folder / "bin" / "python"
    uv("venv", "--quiet", "--offline", folder)
    uv("pip", "install", "--quiet", "--offline", "--no-deps", "--python", python, release.wheel)
    [site] = folder.glob("lib/python*/site-packages")
    [installed] = distributions(name=PROVIDER, path=[str(site)])
    for needed in required(installed).values():
        if needed is not installed:
            copy(needed, site)
    uv("pip", "check", "--quiet", "--offline", "--python", python)
    return folder


def copy(one: Distribution, site: Path) -> None:
    """Put a distribution that is installed here into another environment, without its commands."""
    for file in one.files or ():
        if ".." not in file.parts:
            (site / file).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(str(file.locate()), site / file)


def test_what_the_wheel_installs_is_planned_with(tmp_path: Path, environment: Path, sandbox: RunningSandbox) -> None:
    """`install`, `terraform init` and `terraform plan` work: no module or dependency is missing."""
    command = environment / "bin" / "terraform-provider-dynatrace"
    done = subprocess.run(
        [command, "install", "--dir", tmp_path / "mirror"],
        env={"HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        check=True,
    )
    terraform = Terraform(tmp_path, tmp_path / "mirror", {"dynatrace": SOURCE}, sandbox.environ())

    plan = terraform.plan(connection())

    assert done.stdout.startswith("Installed terraform.local/dynatrace/dynatrace")
    assert [*plan.changes.values()] == [["create"]]
    [one] = installations(tmp_path / "mirror")
    assert one.command[0].startswith(str(environment))


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["-export", "-help"]], ids=" ".join)
def test_its_command_has_all_that_people_ask_for(environment: Path, arguments: list[str]) -> None:
    """With the dependencies that the wheel declares, and no others."""
    command = environment / "bin" / "terraform-provider-dynatrace"
    done = subprocess.run([command, *arguments], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def test_without_the_extra_the_doctor_says_what_to_install(environment: Path, sandbox: RunningSandbox) -> None:
    """boto3 is in an extra. The command in the message works without a package index that has this project."""
    create(sandbox, [web_identity("examined")])
    command = environment / "bin" / "terraform-provider-dynatrace"
    done = subprocess.run(
        [command, "doctor", "aws", "examined", "--role-arn", "arn:aws:iam::123456789012:role/any"],
        env=sandbox.environ(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert f"{environment / 'bin' / 'python'}" in done.stderr
    assert "-m pip install boto3" in done.stderr
