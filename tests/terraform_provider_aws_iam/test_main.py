"""The command `terraform-provider-aws-iam`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from terraform_provider_aws_iam import SOURCE

PROVIDER = [sys.executable, "-m", "terraform_provider_aws_iam"]


def started(*arguments: str, home: Path | None = None) -> "subprocess.CompletedProcess[str]":
    environment = {name: value for name, value in os.environ.items() if not name.startswith("TF_")}
    environment |= {"HOME": str(home)} if home else {}
    return subprocess.run([*PROVIDER, *arguments], env=environment, capture_output=True, text=True, check=False)


def test_started_by_a_person_it_says_what_it_is() -> None:
    """Nothing reaches standard output, where Terraform would look for a handshake."""
    ended = started()
    assert (ended.returncode, ended.stdout) == (1, "")
    assert SOURCE in ended.stderr


def test_install_names_what_it_installed(tmp_path: Path) -> None:
    """It is installed into the folder of `--dir`."""
    ended = started("install", "--dir", str(tmp_path / "mirror"), home=tmp_path)
    (executable,) = (tmp_path / "mirror").rglob("terraform-provider-aws_v*")
    assert (ended.returncode, ended.stderr) == (0, "")
    assert str(executable) in ended.stdout
    assert executable.is_relative_to(tmp_path / "mirror" / "terraform.local" / "dynatrace" / "aws")


def test_an_invalid_source_address_is_an_error_without_a_traceback(tmp_path: Path) -> None:
    """The error says what a source address looks like."""
    ended = started("install", "--dir", str(tmp_path), "--source", "nonsense")
    assert (ended.returncode, ended.stdout) == (64, "")
    assert "HOST/NAMESPACE/TYPE" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_anything_else_gets_the_usage() -> None:
    """With exit status 64."""
    ended = started("instal")
    assert ended.returncode == 64
    assert "usage: terraform-provider-aws-iam" in ended.stderr


@pytest.mark.parametrize("words", [["--help"], ["-help"], ["help"], ["-version"], ["version"], ["install", "-help"]])
def test_help_and_version_are_written_as_people_write_them(words: list[str]) -> None:
    """With two dashes, one, or none."""
    ended = started(*words)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout


def test_a_closed_pipe_ends_the_command_quietly(tmp_path: Path) -> None:
    """`install | head -1`: the installation is complete, without a traceback, also if Python does not buffer."""
    reader, writer = os.pipe()
    os.close(reader)
    ended = subprocess.run(
        [*PROVIDER, "install", "--dir", tmp_path / "mirror", "--source", "hashicorp/aws"],
        env={**os.environ, "HOME": str(tmp_path), "PYTHONUNBUFFERED": "1"},
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    os.close(writer)

    assert (ended.returncode, ended.stderr) == (0, "")
    assert len([*(tmp_path / "mirror").rglob("terraform-provider-aws_v*")]) == 2
