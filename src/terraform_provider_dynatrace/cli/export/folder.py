"""The target folder: which files of earlier exports it has, what may be overwritten, and writing whole files only.

Each file that an export writes begins with a line that has the checksum of the rest. So a later export recognizes its
own files, and sees which of them were edited.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from enum import Enum
from pathlib import Path

from msgspec import Struct

from terraform_plugin import Error
from terraform_provider_dynatrace.cli.files import replace

_HEADER = (
    "# Exported by terraform-provider-dynatrace; checksum {checksum}. Once edited, exports do not change this file.\n\n"
)
_KNOWN = re.compile(r"# Exported by terraform-provider-dynatrace; checksum ([0-9a-f]{16})\.[^\n]*\n\n?")
_TEMPORARY = re.compile(r"\..+\.[0-9a-f]{16}\.export")


class Origin(Enum):
    """Where a file comes from."""

    ABSENT = "absent"
    EXPORT = "export"
    EDITED = "edited"
    """An export wrote it, and it was edited since."""
    OTHER = "other"
    """No export of this provider wrote it."""


class Changes(Struct, frozen=True):
    """What an export does to the files of a folder. All are paths below the folder."""

    written: Mapping[str, str]
    """New or changed files, with their text."""
    removed: Sequence[str]
    unchanged: Sequence[str]
    kept: Sequence[str]
    """Edited files that are not overwritten."""
    orphaned: Sequence[str] = []
    """Edited files whose object no longer exists in Dynatrace."""
    foreign: Sequence[str] = []
    """Files with resources of an exported type that no export of this provider wrote."""


def with_header(text: str) -> str:
    """Return the text of a file with the line that identifies it as exported."""
    return _HEADER.format(checksum=_checksum(text)) + text


def origin(content: str | None) -> Origin:
    """Return where a file with this content comes from; None stands for a missing file."""
    if content is None:
        return Origin.ABSENT
    text = content.replace("\r\n", "\n")
    header = _KNOWN.match(text)
    if header is None:
        return Origin.OTHER
    return Origin.EXPORT if _checksum(text[header.end() :]) == header[1] else Origin.EDITED


def changes(
    files: Mapping[str, str],
    present: Mapping[str, str],
    is_obsolete: Callable[[str], bool],
    *,
    overwrite: bool = False,
    is_resource: Callable[[str], bool] = lambda _: False,
) -> Changes:
    """Return the changes after which the folder has `files`, given its files `present`; nothing is written.

    `is_obsolete` tells whether a file of an earlier export may be removed if it is not in `files`. `overwrite`: replace
    files that were edited, or that no export wrote. `is_resource` tells whether the path is that of an exported
    resource. Raises `Error` for files that must not be overwritten.
    """
    origins = {path: origin(present.get(path)) for path in files}
    others = sorted(path for path, found in origins.items() if found is Origin.OTHER)
    if others and not overwrite:
        raise Error(
            "Files of the same name exist",
            f"No export wrote these files in the target folder, so they are not overwritten:\n{_lines(others)}\n\n"
            "Nothing was changed. Move the files, choose another folder (DYNATRACE_TARGET_FOLDER), or pass -overwrite.",
        )
    kept = [path for path, found in origins.items() if found is Origin.EDITED and not overwrite]
    wanted = {path: with_header(text) for path, text in files.items() if path not in kept}
    left = {path: origin(text) for path, text in sorted(present.items()) if path not in files}
    obsolete = {path: found for path, found in left.items() if is_obsolete(path)}
    return Changes(
        written={path: text for path, text in wanted.items() if not _same(present.get(path), text)},
        removed=[path for path, found in obsolete.items() if found is Origin.EXPORT],
        unchanged=[path for path, text in wanted.items() if _same(present.get(path), text)],
        kept=kept,
        orphaned=[path for path, found in obsolete.items() if found is Origin.EDITED],
        foreign=[path for path, found in left.items() if found is Origin.OTHER and is_resource(path)],
    )


def _lines(paths: Sequence[str]) -> str:
    return "\n".join(f"  {path}" for path in paths)


def _same(present: str | None, text: str) -> bool:
    return present is not None and present.replace("\r\n", "\n") == text


def _checksum(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def read(folder: Path) -> dict[str, str]:
    """Return every Terraform file that an export can write to, by its path below the folder. Raises `Error`."""
    try:
        paths = [path for path in _candidates(folder) if path.is_file()]
        return {path.relative_to(folder).as_posix(): path.read_text("utf-8", "replace") for path in paths}
    except OSError as error:
        raise Error("Cannot read the target folder", f"Tried to read {folder}: {error}.") from error


def _candidates(folder: Path) -> Iterator[Path]:
    for pattern in ("*.tf", "modules/*/*.tf", ".flawed/*.tf"):
        yield from sorted(folder.glob(pattern))


def apply(folder: Path, planned: Changes, advance: Callable[[], None]) -> None:
    """Write and remove the files. `advance` is called after each of them. Raises `Error`."""
    try:
        _remove_temporary(folder)
        for path, text in planned.written.items():
            replace(folder / path, text)
            advance()
        for path in planned.removed:
            _remove(folder, folder / path)
            advance()
    except OSError as error:
        raise Error("Cannot write to the target folder", f"Tried to write to {folder}: {error}.") from error


def _remove_temporary(folder: Path) -> None:
    """Remove the temporary files of exports that were killed."""
    for pattern in (".*.export", "modules/*/.*.export", ".flawed/.*.export"):
        for path in folder.glob(pattern):
            if _TEMPORARY.fullmatch(path.name):
                with suppress(FileNotFoundError):  # another export runs at the same time
                    path.unlink()


def _remove(folder: Path, path: Path) -> None:
    """Remove a file, and the folders that are empty without it."""
    path.unlink(missing_ok=True)
    for parent in path.parents:
        if parent == folder or any(parent.iterdir()):
            return
        parent.rmdir()
