"""Where a library of the system came from."""

from pathlib import Path

import pytest

from release.system import package_of


def test_what_no_package_has_is_not_published(tmp_path: Path) -> None:
    """Its licence is unknown."""
    (tmp_path / "libmine.so").write_text("")
    with pytest.raises(SystemExit, match=r"Cannot find the package that installed .*libmine\.so"):
        package_of(tmp_path / "libmine.so")
