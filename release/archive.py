"""Zips that Terraform accepts: reproducible, and with the modes that the files need after unpacking.

Terraform computes the checksum of a package (h1) from file names and contents, first of the zip and later of the
unpacked folder. The zip therefore has no entries for folders, which only the zip would contain, and no symbolic links,
which Terraform does not unpack. Source: docs/design/0008-sources.md#terraform-registry.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Mapping
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from terraform_plugin.install.package import hash1

_UNIX = 3  # the system that created the entry; Terraform reads the mode only for this one
_REGULAR = 0o100000
_FIRST_YEAR = 315532800  # 1980, in seconds: the earliest time that a zip can store


def files_below(folder: Path) -> dict[str, Path]:
    """Return every file below a folder by its relative name with slashes, sorted. Links to files are followed."""
    return {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"), key=lambda one: one.relative_to(folder).as_posix())
        if path.is_file()
    }


def write_zip(files: Mapping[str, Path], target: Path, moment: int) -> None:
    """Write `files` (by their names in the zip), all with the time `moment` (seconds since 1970)."""
    with ZipFile(target, "w", ZIP_DEFLATED, compresslevel=9) as archive:
        for name, path in sorted(files.items()):
            entry = ZipInfo(name, time.gmtime(max(moment, _FIRST_YEAR))[:6])
            entry.create_system = _UNIX
            entry.external_attr = (_REGULAR | (0o755 if os.access(path, os.X_OK) else 0o644)) << 16
            archive.writestr(entry, path.read_bytes(), ZIP_DEFLATED)


def h1_of_zip(path: Path) -> str:
    """Return the checksum of the zip in Terraform's lock file. Source: Go's dirhash, HashZip."""
    with ZipFile(path) as archive:
        return hash1({name: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()})


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file in hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
