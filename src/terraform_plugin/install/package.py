"""A provider as a folder: one executable with its runtime next to it, as Terraform unpacks it from a registry's zip."""

from __future__ import annotations

import base64
import hashlib
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Package:
    """A frozen provider. Other files next to these two are not part of it."""

    executable: Path
    """The program."""
    runtime: Path
    """The folder next to it that the program needs."""

    def files(self, executable: str) -> dict[str, Path]:
        """Return every file by its name in the package, in which the program is called `executable`."""
        below = {path.relative_to(self.runtime.parent).as_posix(): path for path in self.runtime.rglob("*")}
        return {executable: self.executable, **{name: path for name, path in below.items() if path.is_file()}}


def this_package() -> Package | None:
    """Return the package that this process was started from, or None if this is an ordinary Python.

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
    return h1_of({path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()})


def h1_of(files: Mapping[str, Path | bytes]) -> str:
    """Return the checksum of files by their name in the package; each is a path, or its content."""
    return hash1({name: _sha256(file) for name, file in files.items()})


def _sha256(file: Path | bytes) -> str:
    return hashlib.sha256(file if isinstance(file, bytes) else file.read_bytes()).hexdigest()
