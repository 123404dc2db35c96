"""The time that everything built gets."""

import subprocess
from pathlib import Path

import pytest

from release.building import ROOT, moment_of_build


def test_a_build_has_the_time_that_is_given() -> None:
    """SOURCE_DATE_EPOCH is the convention of reproducible builds."""
    assert moment_of_build({"SOURCE_DATE_EPOCH": "1700000000"}) == 1_700_000_000


def test_else_it_has_the_time_of_the_last_commit() -> None:
    """Not the time of the build, so that one commit gives one package."""
    shown = subprocess.run(["git", "log", "-1", "--format=%ct"], cwd=ROOT, capture_output=True, text=True, check=True)

    assert moment_of_build({}) == int(shown.stdout)


def test_without_either_it_asks_for_one(tmp_path: Path) -> None:
    """An archive of the sources has no commits."""
    with pytest.raises(SystemExit, match="SOURCE_DATE_EPOCH"):
        moment_of_build({}, tmp_path)
