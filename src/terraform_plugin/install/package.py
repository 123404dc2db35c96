"""A provider as a folder: one executable with its runtime beside it, as a zip of a registry unpacks."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Package:
    """A frozen provider: its executable, and the folder beside it that the executable needs.

    Nothing else is part of it, whatever else is in that place.
    """

    executable: Path
    runtime: Path

    def files(self, executable: str) -> dict[str, Path]:
        """Return every file by its name in the package, in which the program is called `executable`."""
        below = {path.relative_to(self.runtime.parent).as_posix(): path for path in self.runtime.rglob("*")}
        return {executable: self.executable, **{name: path for name, path in below.items() if path.is_file()}}


def this_package() -> Package | None:
    """Return the package that this process was started from; None where it is Python that runs.

    Source: PyInstaller, "Run-time information".
    """
    if not getattr(sys, "frozen", False):
        return None
    return Package(Path(sys.executable), Path(sys._MEIPASS))  # type: ignore[attr-defined]  # noqa: SLF001  # documented


def hash1(digests: Mapping[str, str]) -> str:
    """Return the checksum of a package from its files' SHA-256 (hexadecimal) by name with slashes.

    Source: Go's dirhash, Hash1: a SHA-256 over the sorted lines "SHA-256 of a file, its name".
    """
    lines = "".join(f"{digests[name]}  {name}\n" for name in sorted(digests))
    return "h1:" + base64.b64encode(hashlib.sha256(lines.encode()).digest()).decode("ascii")


def h1(folder: Path) -> str:
    """Return the checksum that Terraform's lock file has for the package in `folder`."""
    return _h1({path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()})


def _h1(files: Mapping[str, Path]) -> str:
    return hash1({name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in files.items()})


def place_package(package: Package, path: Path) -> None:
    """Let the folder of `path` hold a copy of the package and nothing else, with its executable at `path`.

    A folder that is as it should be is left alone. Raises `OSError`.
    """
    files = package.files(path.name)
    if os.access(path, os.X_OK) and h1(path.parent) == _h1(files):
        return
    path.parent.parent.mkdir(parents=True, exist_ok=True)
    fresh, old = (path.parent.with_name(f".{path.name}.{os.getpid()}.{part}") for part in ("new", "old"))
    try:
        for name, file in files.items():
            (fresh / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, fresh / name)
        _swap(path.parent, fresh, old)
    finally:
        for folder in (fresh, old):
            shutil.rmtree(folder, ignore_errors=True)


def _swap(folder: Path, fresh: Path, old: Path) -> None:
    """Put `fresh` where `folder` is: for no longer than two renames is there nothing."""
    if folder.is_symlink():
        folder.unlink()
    elif folder.exists():
        folder.replace(old)
    fresh.replace(folder)
