"""Who takes part: what the environment and dist/ say."""

import os
from pathlib import Path

import pytest

from benchmarks.contestants import contestants, newest_package
from terraform_plugin.install.source import HERE


def package(folder: Path, version: str, target: str = HERE[0], *, age: float = 0) -> Path:
    path = folder / f"terraform-provider-dynatrace_{version}_{target}.zip"
    path.write_bytes(b"")
    os.utime(path, (1_700_000_000 - age, 1_700_000_000 - age))
    return path


def test_the_newest_package_for_this_machine_takes_part(tmp_path: Path) -> None:
    """Others in dist/ are for other machines, or older."""
    package(tmp_path, "0.1.0", age=10)
    newest = package(tmp_path, "0.2.0-beta1", age=5)
    package(tmp_path, "0.3.0", "plan9_mips")
    (tmp_path / "terraform-provider-dynatrace_0.1.0_manifest.json").write_text("{}")

    assert newest_package(tmp_path) == newest
    assert newest_package(tmp_path / "nowhere") is None


def test_who_is_not_there_has_no_column(tmp_path: Path) -> None:
    """Without a package and an official provider there are Terraform alone and the provider from .venv."""
    taking_part = contestants({}, tmp_path / "dist", tmp_path / "mirrors")

    assert [one.name for one in taking_part] == ["floor", "ours"]


def test_the_official_provider_and_a_package_take_part_where_they_are_named(tmp_path: Path) -> None:
    """Each has a mirror of its own."""
    official = tmp_path / "official"
    official.write_text("#!/bin/sh\n")
    variables = {"OFFICIAL_PROVIDER": str(official), "PACKAGE": str(package(tmp_path, "0.1.0"))}

    taking_part = contestants(variables, tmp_path / "dist", tmp_path / "mirrors")

    assert [one.name for one in taking_part] == ["floor", "ours", "package", "official"]
    assert len({one.mirror for one in taking_part}) == 4


def test_a_file_that_is_not_there_is_said_at_once(tmp_path: Path) -> None:
    """Nobody waits ten minutes for a misspelt path."""
    with pytest.raises(SystemExit, match="OFFICIAL_PROVIDER=nowhere: the file does not exist"):
        contestants({"OFFICIAL_PROVIDER": "nowhere"}, tmp_path, tmp_path / "mirrors")
