"""Writes files safely: readers never see half of a file, and planted links are not followed."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def replace(path: Path, text: str) -> None:
    """Write a file in one step, so that nobody ever reads half of it. A link is replaced, not followed.

    The folder may be writable by other users. So the name of the temporary file is random, and the file must not exist
    yet, also not as a link: whoever could guess it would choose what is overwritten.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name[:100]}.{secrets.token_hex(8)}.export")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0)
    try:
        with os.fdopen(os.open(temporary, flags, 0o666), "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)
