"""`make package`: a mistake shows before half a minute of building."""

from pathlib import Path

import pytest

from release.__main__ import main


@pytest.mark.parametrize("source", ["example.com/other/cloud", "dynatrace"])
def test_an_address_that_cannot_be_ends_it_before_anything_is_built(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], source: str
) -> None:
    """An address of another provider type, or none at all."""
    dist, mirror = str(tmp_path / "dist"), str(tmp_path / "mirror")

    assert main(["--dist", dist, "--mirror", mirror, "--source", source]) == 1
    assert "Invalid source address" in capsys.readouterr().err
    assert [*tmp_path.iterdir()] == []
