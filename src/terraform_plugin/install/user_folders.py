"""The folders of a user: the mirror that Terraform searches, and the data folder with what it does not search."""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from terraform_plugin.diagnostics import Error
from terraform_plugin.install.source import Source
from terraform_plugin.install.tree import write


def user_mirror(environ: Mapping[str, str], system: str = sys.platform) -> Path:
    """Return the mirror that Terraform and OpenTofu search for this user without configuration.

    Source: Terraform, "Implied Local Mirror Directories". Raises `Error` if the user has no home folder.
    """
    if system == "win32":
        return _windows_folder(environ, "APPDATA", "Roaming") / "terraform.d" / "plugins"
    return _home(environ) / ".terraform.d" / "plugins"


def user_data(environ: Mapping[str, str], system: str = sys.platform) -> Path:
    """Return the folder in which install commands keep what Terraform uses only if it is configured to.

    Source: XDG Base Directory Specification, which also wants relative paths ignored. Raises `Error` if the user has no
    home folder.
    """
    if system == "win32":
        return _windows_folder(environ, "LOCALAPPDATA", "Local") / "terraform-plugin"
    xdg = environ.get("XDG_DATA_HOME", "")
    usual = "Library/Application Support" if system == "darwin" else ".local/share"
    return (Path(xdg) if xdg.startswith("/") else _home(environ) / usual) / "terraform-plugin"


def registry_mirror(environ: Mapping[str, str]) -> Path:
    """Return the mirror for addresses that belong to a registry. Terraform uses it only if it is configured to."""
    return user_data(environ) / "mirror"


def default_mirror(address: Source, environ: Mapping[str, str]) -> Path:
    """Return where a provider goes if the user names no mirror.

    Terraform does not look up a provider in its registry if it finds one in the mirror that it searches without
    configuration. So a provider with the address of a registry goes into a mirror of its own: otherwise no other
    project of this user would get any other version of it.
    """
    return registry_mirror(environ) if address.has_registry else user_mirror(environ)


def remember(mirror: Path, environ: Mapping[str, str]) -> None:
    """Note a mirror that something was installed into, for `remembered`. Raises `OSError` and `Error`."""
    write(_note(mirror, environ), f"{mirror.absolute()}\n".encode(errors="surrogateescape"))


def forget(mirror: Path, environ: Mapping[str, str]) -> None:
    """Remove the note of a mirror. Raises `OSError` and `Error`."""
    _note(mirror, environ).unlink(missing_ok=True)


def remembered(environ: Mapping[str, str]) -> Iterator[Path]:
    """Yield the mirrors that this user has installed into. Raises `OSError` and `Error`."""
    for note in sorted((user_data(environ) / "mirrors").glob("[0-9a-f]*")):
        yield Path(note.read_bytes().decode(errors="surrogateescape").removesuffix("\n"))


def _note(mirror: Path, environ: Mapping[str, str]) -> Path:
    """One file for each mirror, so that two commands at once do not overwrite each other's."""
    name = hashlib.sha256(str(mirror.absolute()).encode(errors="surrogateescape")).hexdigest()[:16]
    return user_data(environ) / "mirrors" / name


def _home(environ: Mapping[str, str]) -> Path:
    return _folder(environ, "HOME", ".")


def _windows_folder(environ: Mapping[str, str], variable: str, usual: str) -> Path:
    return _folder(environ, variable, f"AppData/{usual}")


def _folder(environ: Mapping[str, str], variable: str, usual: str) -> Path:
    """Return the folder that a variable names, or the usual one in the user's home folder."""
    if named := environ.get(variable):
        return Path(named)
    try:
        return Path.home() / usual
    except RuntimeError as error:  # the user of a container may be missing in its list of users
        detail = f"{variable} is not set, and this user has no home folder. Set {variable}, or pass --dir DIR."
        raise Error("No home folder", detail) from error
