"""The components of a frozen program, and the component to which each of its files belongs."""

from __future__ import annotations

import platform
import sys
import sysconfig
from collections import defaultdict
from collections.abc import Iterable, Mapping
from importlib.metadata import Distribution, distribution
from pathlib import Path, PurePosixPath

from msgspec import Struct

from release.archive import files_below
from release.contents import EXTRAS, OURS, PROVIDER, normalized, required
from release.freezing import RUNTIME, Frozen
from release.licences import licence_of, licence_of_source, texts_of
from release.system import SystemPackage, package_of

FREEZER = "pyinstaller"
PYTHON = "python"


class Component(Struct, frozen=True):
    """A component with a version and a licence (an SPDX expression), its licence texts, and its files by name.

    `purl` is its package URL.
    """

    name: str
    version: str
    purl: str
    licence: str
    texts: Mapping[str, Path]
    files: Mapping[str, Path]


def components(frozen: Frozen) -> list[Component]:
    """Return the components that have files, by name. Raises `SystemExit` for a file that belongs to none."""
    known = {**required(distribution(PROVIDER), EXTRAS), FREEZER: distribution(FREEZER)}
    owners = _owners(known.values())
    parts: dict[str, dict[str, Path]] = defaultdict(dict)
    libraries: dict[str, SystemPackage] = {}
    for name, path in files_below(frozen.folder).items():
        owner = _owner(name, owners, frozen.origins)
        if isinstance(owner, SystemPackage):
            libraries[owner.name] = owner
            owner = owner.name
        parts[owner][name] = path
    return [
        _python(files) if name == PYTHON
        else _library(libraries[name], files) if name in libraries
        else _distributed(known[name], files)
        for name, files in sorted(parts.items())
    ]  # fmt: skip


def _owners(known: Iterable[Distribution]) -> dict[str, str]:
    """Return the distribution of each file, by the path of the file in site-packages."""
    return {str(PurePosixPath(file)): normalized(one.name) for one in known for file in one.files or ()}


def _owner(name: str, owners: Mapping[str, str], origins: Mapping[str, Path]) -> str | SystemPackage:
    if not name.startswith(f"{RUNTIME}/"):
        return FREEZER  # the executable is its bootloader
    inside = name.removeprefix(f"{RUNTIME}/")
    source = inside.removesuffix("c") if inside.endswith(".pyc") else inside
    if found := owners.get(source):
        return found
    if inside.partition("/")[0] in OURS:
        return PROVIDER
    if _is_pythons(source, origins[inside]):
        return PYTHON
    return package_of(origins[inside])


def _is_pythons(source: str, origin: Path) -> bool:
    """Return whether a file belongs to the Python that builds. A Python of the system is in the system's folders."""
    library = Path(sysconfig.get_path("stdlib"))
    own = {library, *({Path(sys.base_prefix)} - {Path("/usr"), Path("/usr/local")})}
    if origin.name == sysconfig.get_config_var("INSTSONAME"):  # the interpreter as a shared library
        return True
    return (library / source).exists() or any(origin.is_relative_to(folder) for folder in own)


def _distributed(one: Distribution, files: Mapping[str, Path]) -> Component:
    name = normalized(one.name)
    return Component(name, one.version, f"pkg:pypi/{name}@{one.version}", licence_of(one), texts_of(one), files)


def _python(files: Mapping[str, Path]) -> Component:
    version = platform.python_version()
    text = Path(sysconfig.get_path("stdlib"), "LICENSE.txt")
    return Component(
        PYTHON, version, f"pkg:generic/python@{version}", licence_of_source(PYTHON), {text.name: text}, files
    )


def _library(one: SystemPackage, files: Mapping[str, Path]) -> Component:
    return Component(
        one.name,
        one.version,
        f"pkg:deb/{one.system}/{one.name}@{one.version}",
        licence_of_source(one.source),
        {one.copyright.name: one.copyright},
        files,
    )
