"""The target folder: what an earlier export left there, what may be written over, and writing without half files.

Each file that an export writes begins with a line that holds the checksum of the rest: so a later export knows its own
files, and sees which of them somebody has edited.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from terraform_plugin import Error

_HEADER = (
    "# Exported by terraform-provider-dynatrace; checksum {checksum}. Once edited, exports leave this file alone.\n\n"
)
_KNOWN = re.compile(r"# Exported by terraform-provider-dynatrace; checksum ([0-9a-f]{16})\.[^\n]*\n\n?")


class Mark(Enum):
    """Whose a file is."""

    ABSENT = "absent"
    OURS = "ours"
    EDITED = "edited"
    FOREIGN = "foreign"


@dataclass(frozen=True)
class Changes:
    """What an export does to a folder, by path.

    `written` is new or changed, `kept` was edited and is left alone, `orphaned` too, and nothing in Dynatrace stands
    behind it any more.
    """

    written: Mapping[str, str]
    removed: Sequence[str]
    unchanged: Sequence[str]
    kept: Sequence[str]
    orphaned: Sequence[str]


def marked(text: str) -> str:
    """Return the text of a file with the line that makes it ours."""
    return _HEADER.format(checksum=_checksum(text)) + text


def mark(content: str | None) -> Mark:
    """Return whose a file with this content is; None is no file."""
    if content is None:
        return Mark.ABSENT
    found = _KNOWN.match(content.replace("\r\n", "\n"))
    if found is None:
        return Mark.FOREIGN
    rest = content.replace("\r\n", "\n")[found.end() :]
    return Mark.OURS if _checksum(rest) == found[1] else Mark.EDITED


def changes(
    files: Mapping[str, str], present: Mapping[str, str], stale: Callable[[str], bool], *, overwrite: bool = False
) -> Changes:
    """Return what to do, so that the folder with the files `present` has `files`; nothing is done here.

    `stale` says whether a file of an earlier export may go if it is not in `files`. With `overwrite`, files that
    somebody edited or wrote are written over. Raises `Error` for files in the way.
    """
    marks = {path: mark(present.get(path)) for path in files}
    foreign = sorted(path for path, found in marks.items() if found is Mark.FOREIGN)
    if foreign and not overwrite:
        raise Error("Files are in the way", _IN_THE_WAY.format(files="\n".join(f"  {path}" for path in foreign)))
    kept = [path for path, found in marks.items() if found is Mark.EDITED and not overwrite]
    wanted = {path: marked(text) for path, text in files.items() if path not in kept}
    gone = {path: mark(text) for path, text in sorted(present.items()) if path not in files and stale(path)}
    return Changes(
        written={path: text for path, text in wanted.items() if not _same(present.get(path), text)},
        removed=[path for path, found in gone.items() if found is Mark.OURS],
        unchanged=[path for path, text in wanted.items() if _same(present.get(path), text)],
        kept=kept,
        orphaned=[path for path, found in gone.items() if found is Mark.EDITED],
    )


_IN_THE_WAY = (
    "These files were not written by an export, so they are not written over:\n{files}\n\nNothing was changed. Move "
    "them away, choose another folder (DYNATRACE_TARGET_FOLDER), or say -overwrite."
)


def _same(present: str | None, text: str) -> bool:
    return present is not None and present.replace("\r\n", "\n") == text


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def read(folder: Path) -> dict[str, str]:
    """Return every Terraform file that an export may write to, by its path below the folder. Raises `Error`."""
    try:
        paths = [path for path in _places(folder) if path.is_file()]
        return {path.relative_to(folder).as_posix(): path.read_text("utf-8", "replace") for path in paths}
    except OSError as error:
        raise Error("The target folder cannot be read", f"Tried to read {folder}: {error}.") from error


def _places(folder: Path) -> Iterator[Path]:
    for pattern in ("*.tf", "modules/*/*.tf", ".flawed/*.tf"):
        yield from sorted(folder.glob(pattern))


def apply(folder: Path, planned: Changes, advance: Callable[[], None]) -> None:
    """Do what is planned; each file is whole at any moment. `advance` is called for each. Raises `Error`."""
    try:
        for path, text in planned.written.items():
            replace(folder / path, text)
            advance()
        for path in planned.removed:
            _remove(folder, folder / path)
            advance()
    except OSError as error:
        raise Error("The target folder cannot be written", f"Tried to write to {folder}: {error}.") from error


def _remove(folder: Path, path: Path) -> None:
    """Remove a file, and the folders that are empty without it."""
    path.unlink(missing_ok=True)
    for parent in path.parents:
        if parent == folder or any(parent.iterdir()):
            return
        parent.rmdir()


def replace(path: Path, text: str) -> None:
    """Write a file in one step: nobody ever sees half of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        fresh.write_text(text, encoding="utf-8", newline="\n")
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
