"""The system package to which a shared library belongs, with its version and its copyright."""

from __future__ import annotations

import platform
import subprocess
from pathlib import Path

from msgspec import Struct


class SystemPackage(Struct, frozen=True):
    """A package that dpkg installed, and its copyright file.

    `system` is the ID of the Linux distribution, such as "debian".
    """

    system: str
    name: str
    version: str
    source: str
    copyright: Path


def package_of(library: Path) -> SystemPackage:
    """Return the package that installed a library.

    Raises `SystemExit` if it is not known, because a file without a known licence must not be published.
    """
    real = library.resolve()
    merged = [
        real,
        Path("/usr", *real.parts[1:]),
        Path("/", *real.parts[2:]),
    ]  # /lib is now a link to /usr/lib, but dpkg keeps the old names
    for path in merged:
        if owner := _asked("--search", str(path)):
            name = owner.partition(":")[0]
            shown = _asked("--show", "--showformat=${Version}\n${source:Package}", name)
            version, source = shown.split("\n")
            return SystemPackage(
                platform.freedesktop_os_release()["ID"],
                name,
                version,
                source,
                Path("/usr/share/doc", name, "copyright"),
            )
    raise SystemExit(
        f"Cannot find the package that installed {library}, so its licence is not known. Build on Debian or Ubuntu, or "
        "with a Python that includes its own libraries."
    )


def _asked(*arguments: str) -> str:
    try:
        return subprocess.run(  # noqa: S603  # the arguments are ours
            ["dpkg-query", *arguments],  # noqa: S607  # wherever the system has it
            capture_output=True,
            text=True,
            check=False,
        ).stdout.strip()
    except FileNotFoundError:
        return ""
