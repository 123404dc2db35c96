"""Whose a file of a frozen program is."""

import sysconfig
from pathlib import Path

import pytest

from release.components import components
from release.freezing import Frozen


def frozen(folder: Path, *names: str, origin: str = "/nowhere") -> Frozen:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return Frozen(folder, {name.removeprefix("runtime/"): Path(origin, name) for name in names})


def test_each_file_belongs_to_one_component(tmp_path: Path) -> None:
    """Its path below a folder of packages decides. The executable belongs to PyInstaller."""
    names = [
        "program",
        "runtime/idna/core.pyc",
        "runtime/asyncio/runners.pyc",
        "runtime/terraform_plugin/cty/msgpack.pyc",
    ]

    found = components(frozen(tmp_path, *names))

    assert [(one.name, [*one.files]) for one in found] == [
        ("idna", ["runtime/idna/core.pyc"]),
        ("pyinstaller", ["program"]),
        ("python", ["runtime/asyncio/runners.pyc"]),
        ("terraform-provider-dynatrace", ["runtime/terraform_plugin/cty/msgpack.pyc"]),
    ]


def test_the_interpreter_is_pythons_wherever_it_is_installed(tmp_path: Path) -> None:
    """Also in a folder of the system that contains other files."""
    name = f"runtime/{sysconfig.get_config_var('INSTSONAME')}"

    assert [one.name for one in components(frozen(tmp_path, name, origin="/usr/local/lib"))] == ["python"]


def test_a_file_without_a_component_fails_the_build(tmp_path: Path) -> None:
    """A file of unknown origin is not published."""
    with pytest.raises(SystemExit, match=r"Cannot find the package that installed .*secret\.txt"):
        components(frozen(tmp_path, "runtime/secret.txt"))
