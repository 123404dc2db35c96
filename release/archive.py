"""Zips as Terraform wants them: the same bytes for the same folder, and every file as it must be when unpacked.

Terraform's checksum of a package (h1) is over file names and contents, of the zip and of what was unpacked from it. So
there are no entries for folders, which only the zip would have, and no symbolic links, which unpacking leaves out.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Mapping
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from terraform_plugin.install.package import hash1

_UNIX = 3  # what made the entry: where Terraform looks for the mode
_REGULAR = 0o100000
_FIRST_YEAR = 315532800  # 1980, seconds: a zip knows nothing older


def files_below(folder: Path) -> dict[str, Path]:
    """Return every file below a folder, links to files followed, by its name with slashes, sorted."""
    return {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"), key=lambda one: one.relative_to(folder).as_posix())
        if path.is_file()
    }


def write_zip(files: Mapping[str, Path], target: Path, moment: int) -> None:
    """Write `files`, by their names in it, all with the time `moment` (seconds since 1970)."""
    with ZipFile(target, "w", ZIP_DEFLATED, compresslevel=9) as archive:
        for name, path in sorted(files.items()):
            entry = ZipInfo(name, time.gmtime(max(moment, _FIRST_YEAR))[:6])
            entry.create_system = _UNIX
            entry.external_attr = (_REGULAR | (0o755 if os.access(path, os.X_OK) else 0o644)) << 16
            archive.writestr(entry, path.read_bytes(), ZIP_DEFLATED)


def h1_of_zip(path: Path) -> str:
    """Return the checksum that Terraform's lock file has for what is in the zip. Source: Go's dirhash, HashZip."""
    with ZipFile(path) as archive:
        return hash1({name: hashlib.sha256(archive.read(name)).hexdigest() for name in archive.namelist()})


def sha256(path: Path) -> str:
    """Return the checksum of a file in hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
