"""Which package of the system a shared library belongs to: its version, and what must be said about it."""

from __future__ import annotations

import platform
import subprocess
from pathlib import Path

from msgspec import Struct


class SystemPackage(Struct, frozen=True):
    """A package that Debian's package manager installed, and the file with its copyright.

    `system` is the distribution's own name for itself, such as "debian".
    """

    system: str
    name: str
    version: str
    source: str
    copyright: Path


def package_of(library: Path) -> SystemPackage:
    """Return the package that a library came with.

    Raises `SystemExit` where that cannot be told: nobody may publish what has no known licence.
    """
    real = library.resolve()
    merged = [real, Path("/usr", *real.parts[1:]), Path("/", *real.parts[2:])]  # /lib became /usr/lib; names did not
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
        f"Nothing here says where {library} came from, so nothing can say its licence. Build on Debian or Ubuntu, or "
        "with a Python that has its own libraries."
    )


def _asked(*arguments: str) -> str:
    try:
        return subprocess.run(  # noqa: S603  # the arguments are ours
            ["dpkg-query", *arguments],  # noqa: S607  # where the system has it
            capture_output=True,
            text=True,
            check=False,
        ).stdout.strip()
    except FileNotFoundError:
        return ""
