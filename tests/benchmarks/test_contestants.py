"""Who takes part: what the environment and dist/ say."""

import os
from pathlib import Path

import pytest

from benchmarks.contestants import contestants
from terraform_plugin.install.source import HERE


def package(folder: Path, version: str, target: str = HERE[0], *, age: float = 0) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / f"terraform-provider-dynatrace_{version}_{target}.zip"
    path.write_bytes(b"")
    os.utime(path, (1_700_000_000 - age, 1_700_000_000 - age))
    return path


def test_the_newest_package_for_this_machine_takes_part(tmp_path: Path) -> None:
    """Packages in dist/ that are for other machines, or older, do not."""
    package(tmp_path / "dist", "0.1.0", age=10)
    newest = package(tmp_path / "dist", "0.2.0-beta1", age=5)
    package(tmp_path / "dist", "0.3.0", "plan9_mips")

    *_, last = contestants({}, tmp_path / "dist", tmp_path / "mirrors")
    assert last.name == "package"
    assert last.mirror is not None
    assert [file.name for file in last.mirror.rglob("*.zip")] == [newest.name]


def test_the_official_provider_takes_part_if_it_is_named(tmp_path: Path) -> None:
    """Each provider has a mirror of its own; without a package and an official provider there are two contestants."""
    official = tmp_path / "official"
    official.write_text("#!/bin/sh\n")

    taking_part = contestants({"OFFICIAL_PROVIDER": str(official)}, tmp_path / "dist", tmp_path / "mirrors")

    assert [one.name for one in taking_part] == ["floor", "ours", "official"]
    assert len({one.mirror for one in taking_part}) == 3


def test_a_file_that_is_not_there_is_reported_at_once(tmp_path: Path) -> None:
    """Nobody waits ten minutes for a misspelt path."""
    with pytest.raises(SystemExit, match="OFFICIAL_PROVIDER=nowhere: the file does not exist"):
        contestants({"OFFICIAL_PROVIDER": "nowhere"}, tmp_path, tmp_path / "mirrors")
