"""Folders of an installation: each is written in one step, and removed only if nobody has changed it."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from terraform_plugin.install.package import h1


def place(files: Mapping[str, Path | bytes], folder: Path, executable: str) -> None:
    """Make `folder`, which must not exist, with these files in it. Other processes see all of it or nothing.

    `files` are paths, or contents, by their name with slashes; the one called `executable` is made executable. Raises
    `OSError`.
    """
    with _workplace(folder.parent) as workplace:
        fresh = workplace / folder.name
        for name, file in files.items():
            target = fresh / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(file, bytes):
                target.write_bytes(file)
            else:
                shutil.copy(file, target)
        (fresh / executable).chmod(0o755)
        fresh.rename(folder)


def write(path: Path, content: bytes) -> None:
    """Write a file in one step. A link in its place is replaced, not followed. Raises `OSError`."""
    with _workplace(path.parent) as workplace:
        fresh = workplace / path.name
        fresh.write_bytes(content)
        fresh.replace(path)


def remove(folder: Path) -> None:
    """Remove a folder with everything in it. Other processes see all of it or nothing. Raises `OSError`."""
    with _workplace(folder.parent) as workplace:
        folder.rename(workplace / folder.name)


def holds(folder: Path, checksum: str) -> bool:
    """Return whether `folder` is a real folder with this checksum (`h1`), and holds no links or empty folders."""
    if folder.is_symlink() or not folder.is_dir():
        return False
    for path in folder.rglob("*"):
        if path.is_symlink() or (path.is_dir() and not any(path.iterdir())):
            return False
    return h1(folder) == checksum


@contextmanager
def _workplace(parent: Path) -> Iterator[Path]:
    """Make a folder that only this process knows, on the file system of `parent`, and remove it with what is left."""
    parent.mkdir(parents=True, exist_ok=True)
    workplace = Path(tempfile.mkdtemp(dir=parent, prefix=".install-"))
    try:
        yield workplace
    finally:
        shutil.rmtree(workplace)
