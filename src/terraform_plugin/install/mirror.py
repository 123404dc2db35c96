"""Providers in a mirror, where `terraform init` finds them without a registry.

Source: Terraform, "Provider Installation", the unpacked layout of a filesystem mirror:
HOST/NAMESPACE/TYPE/VERSION/OS_ARCH/terraform-provider-TYPE_vVERSION. Terraform records a checksum of that last folder,
so a provider is in two folders next to each other:

- `OS_ARCH` is what Terraform reads: a launcher that is the same on every machine;
- `programs/OS_ARCH` is what the launcher starts on this machine: a command, or a package with its own Python. Terraform
  ignores it, because its name is not that of a platform.

Windows has no shell for a launcher, so there the program itself is in `OS_ARCH`.
"""

from __future__ import annotations

import itertools
import os
import re
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from terraform_plugin.command_line import UsageError
from terraform_plugin.diagnostics import Error
from terraform_plugin.install.launcher import COMMAND, decode, encode, is_launcher, launcher
from terraform_plugin.install.package import Package, h1, h1_of
from terraform_plugin.install.source import HERE, Source
from terraform_plugin.install.tree import holds, place, remove, write
from terraform_plugin.install.user_folders import default_mirror

_VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?\Z")
_PROGRAMS = "programs"
_CHECKSUM = "checksum"
"""The file that holds the checksum (`h1`) of what was put into `OS_ARCH`: only that is ever replaced or removed."""


@dataclass(frozen=True)
class Installation:
    """One provider in one version for one platform, in a mirror."""

    mirror: Path
    host: str
    namespace: str
    type: str
    version: str
    target: str
    """The platform, OS_ARCH."""

    @property
    def name(self) -> str:
        """The full source address."""
        return f"{self.host}/{self.namespace}/{self.type}"

    @property
    def folder(self) -> Path:
        """What Terraform reads."""
        return self.mirror / self.name / self.version / self.target

    @property
    def executable(self) -> Path:
        """What Terraform starts."""
        suffix = ".exe" if self.on_windows else ""
        return self.folder / f"terraform-provider-{self.type}_v{self.version}{suffix}"

    @property
    def program(self) -> Path:
        """The folder that says what is started on this machine."""
        return self.mirror / self.name / self.version / _PROGRAMS / self.target

    @property
    def on_windows(self) -> bool:
        return self.target.startswith("windows")

    @property
    def command(self) -> list[str]:
        """The words of the command that the launcher starts, empty on Windows. Raises `OSError`."""
        path = self.program / COMMAND
        if not path.exists():
            return []
        program, *arguments = decode(path.read_bytes()) or [""]
        return [str(self.program / program), *arguments]


def install(
    source: str,
    version: str,
    program: Package | Sequence[str | Path],
    mirror: Path | None = None,
    *,
    targets: Sequence[str] = HERE,
) -> list[Path]:
    """Make `program` the provider `source` in `version`, in the folder `mirror`.

    A program is a command, or a package, which is copied. Return the executables, one for each host and each target
    (OS_ARCH) that Terraform may ask for. Without a mirror it is that of the user (see `default_mirror`). Installing the
    same again changes nothing; another program replaces the old one in one step, and Terraform does not see a
    difference. On Windows, a command is a program (.exe) that needs no arguments; it is copied.

    Raises `UsageError` for an address or a version that Terraform would refuse, and `Error` where nothing can be
    written, or something is in the way that was not installed.
    """
    address = Source.parse(source)
    if not _VERSION.match(version):
        raise UsageError(
            "Invalid version",
            f'The version must be MAJOR.MINOR.PATCH, for example "1.2.0" or "1.2.0-beta1", got "{version}".',
        )
    mirror = mirror or default_mirror(address, os.environ)
    executables = []
    for host, target in itertools.product(address.hosts, targets):
        one = Installation(mirror, host, address.namespace, address.type, version, target)
        with _translated("Could not install the provider", f"write {one.executable}"):
            _refuse_links(one)
            if not one.on_windows:
                _refuse_strangers(one, h1_of({one.executable.name: _launcher_of(one)}))
                _place_program(one, program)
                _place_folder(one, {one.executable.name: _launcher_of(one)})
            elif isinstance(program, Package):
                _place_folder(one, program.files(one.executable.name))
            else:
                _place_folder(one, {one.executable.name: _windows_program(Path(program[0]))})
        executables.append(one.executable)
    return executables


def installations(mirror: Path) -> Iterator[Installation]:
    """Yield what `install` has put into a mirror, sorted by name, version and platform."""
    for checksum in sorted(mirror.glob(f"*/*/*/*/{_PROGRAMS}/*/{_CHECKSUM}")):
        host, namespace, type_, version, _, target, _ = checksum.relative_to(mirror).parts
        yield Installation(mirror, host, namespace, type_, version, target)


def uninstall(one: Installation) -> list[Path]:
    """Take an installation out of its mirror, and the folders that are empty then.

    Return what stays because it was changed or added since it was installed. Raises `Error` where that is in the folder
    that Terraform reads, and where something cannot be removed.
    """
    with _translated("Could not uninstall the provider", f"remove {one.folder}"):
        _refuse_links(one)
        _refuse_strangers(one)
        if one.folder.exists():
            remove(one.folder)
        for package in _packages(one):
            remove(package)
        for file in (COMMAND, _CHECKSUM):
            (one.program / file).unlink(missing_ok=True)
        left = [*one.program.iterdir()]
        for folder in (one.program, *one.program.parents):
            if folder == one.mirror or any(folder.iterdir()):
                break
            folder.rmdir()
    return left


def module_command(module: str, system: str = sys.platform) -> list[str | Path]:
    """Return the command that runs `python -m module` with this Python.

    Neither PYTHON* variables nor the folder that Terraform runs in decide what is imported; a package that was
    installed with `pip install --user` is found. On Windows it is the module's console script, which is called like the
    module, with dashes.
    """
    if system == "win32":
        return [Path(sysconfig.get_path("scripts")) / f"{module.replace('_', '-')}.exe"]
    return [sys.executable, "-E", "-P", "-m", module]


@contextmanager
def _translated(summary: str, what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Error(summary, f"Tried to {what}: {error}.") from error


def _refuse_links(one: Installation) -> None:
    """Nothing is written or removed through a link: what it leads to is somebody else's. The mirror itself may be one.

    Developers link a platform's folder to their build folder.
    """
    for path in (one.folder, one.program):
        for step in (path, *path.parents):
            if step == one.mirror:
                break
            if step.is_symlink():
                raise Error(
                    "A link is in the way",
                    f"{step} is a link to {step.readlink()}. Nothing was changed. Remove the link, and run the command "
                    "again.",
                )


def _refuse_strangers(one: Installation, wanted: str = "") -> None:
    """Raise `Error` if Terraform's folder holds anything but what was installed, or what is `wanted` there (`h1`)."""
    if not one.folder.exists() or holds(one.folder, wanted):
        return
    recorded = one.program / _CHECKSUM
    if recorded.exists() and holds(one.folder, recorded.read_text(encoding="ascii")):
        return
    files = [*one.folder.iterdir()]
    if files == [one.executable] and one.executable.is_file() and is_launcher(one.executable.read_bytes()):
        return  # of a release that recorded no checksum
    raise _not_installed(one.folder)


def _not_installed(folder: Path) -> Error:
    names = sorted(file.name for file in folder.iterdir()) if folder.is_dir() else []
    return Error(
        "The folder holds something that was not installed",
        f"{folder} is not as the install command leaves it; it holds {', '.join(names) or 'nothing'}. Nothing was "
        "changed. Move it away, and run the command again.",
    )


def _launcher_of(one: Installation) -> bytes:
    return launcher(one.name, one.version, one.target)


def _place_folder(one: Installation, files: Mapping[str, Path | bytes]) -> None:
    """Let Terraform's folder hold these files and nothing else."""
    checksum = h1_of(files)
    _refuse_strangers(one, checksum)
    one.program.mkdir(parents=True, exist_ok=True)
    if not holds(one.folder, checksum):
        if one.folder.exists():
            remove(one.folder)
        _place_once(files, one.folder, checksum, one.executable.name)
    if not os.access(one.executable, os.X_OK):
        one.executable.chmod(0o755)
    _write_once(one.program / _CHECKSUM, checksum.encode("ascii"))


def _place_program(one: Installation, program: Package | Sequence[str | Path]) -> None:
    """Let the launcher start `program`; packages that it started before are removed."""
    package = None
    if isinstance(program, Package):
        files = program.files(one.executable.name)
        checksum = h1_of(files)
        package = one.program / _folder_name(checksum)
        if not holds(package, checksum):
            if package.exists():
                raise _not_installed(package)
            _place_once(files, package, checksum, one.executable.name)
        command = encode([f"{package.name}/{one.executable.name}"])
    else:
        command = encode([Path(program[0]).absolute(), *program[1:]])
    one.program.mkdir(parents=True, exist_ok=True)
    _write_once(one.program / COMMAND, command)
    for other in _packages(one):
        if other != package:
            remove(other)


def _place_once(files: Mapping[str, Path | bytes], folder: Path, checksum: str, executable: str) -> None:
    """Make a folder unless another process makes the same one at this moment."""
    try:
        place(files, folder, executable)
    except OSError:
        if not holds(folder, checksum):
            raise


def _write_once(path: Path, content: bytes) -> None:
    if path.is_symlink() or not path.is_file() or path.read_bytes() != content:
        write(path, content)


def _packages(one: Installation) -> list[Path]:
    """Return the packages that were installed as its program and are as they were then: their names are checksums."""
    candidates = one.program.glob("package-*") if one.program.is_dir() else ()
    return [folder for folder in candidates if folder.is_dir() and _folder_name(h1(folder)) == folder.name]


def _folder_name(checksum: str) -> str:
    return "package-" + re.sub(r"[^0-9A-Za-z]", "", checksum.removeprefix("h1:"))[:16]


def _windows_program(path: Path) -> bytes:
    with _translated("Could not install the provider", f"read its program {path}"):
        return path.read_bytes()
