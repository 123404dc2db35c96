"""Put a provider where `terraform init` looks for it: a local mirror, with no registry and no CLI configuration.

Source: Terraform's filesystem mirror, unpacked: HOST/NAMESPACE/TYPE/VERSION/OS_ARCH/terraform-provider-TYPE_vVERSION.
Terraform records a checksum of that last folder (`h1`) and compares it at every command, so nothing else may ever be
in it, and the same command always gives the same bytes.
"""

from __future__ import annotations

import itertools
import os
import platform
import re
import shlex
import shutil
import sys
import sysconfig
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from terraform_plugin.diagnostics import Error
from terraform_plugin.install.package import Package, place_package

DEFAULT_HOSTS = ("registry.terraform.io", "registry.opentofu.org")
"""What Terraform and OpenTofu put before a source address without a host."""

_PART = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\Z")
_HOST = re.compile(r"(localhost|[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+)(:\d{1,5})?\Z")
_VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z-]+(\.[0-9A-Za-z-]+)*)?\Z")
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "i386": "386", "i686": "386", "x86": "386"}
_LAUNCHER = """\
#!/bin/sh
# Starts {source} {version} for Terraform. Written by its install command.
if [ ! -x {program} ]; then
    printf '%s\\n' {gone}
    exit 1
fi
exec {command} "$@"
"""


@dataclass(frozen=True)
class Source:
    """A provider's source address. `hosts` are those it means: one, or both defaults."""

    hosts: tuple[str, ...]
    namespace: str
    type: str

    @classmethod
    def parse(cls, address: str) -> Source:
        """Return the address written as HOST/NAMESPACE/TYPE or NAMESPACE/TYPE. Raises `Error` for anything else."""
        *host, namespace, type_ = address.lower().split("/") if "/" in address else ("", "")
        if len(host) > 1 or not all(map(_PART.match, (namespace, type_))) or not all(map(_HOST.match, host)):
            raise Error(
                "Invalid source address",
                f'"{address}" is none. Write HOST/NAMESPACE/TYPE or NAMESPACE/TYPE, for example '
                '"terraform.local/example/cloud": letters, digits and single dashes, and a host with a dot in it.',
            )
        if type_.startswith("terraform-"):
            raise Error("Invalid source address", f'"{address}": leave out "terraform-provider-", it is implied.')
        return cls(tuple(host) or DEFAULT_HOSTS, namespace, type_)


def platforms(system: str, machine: str) -> tuple[str, ...]:
    """Return what Terraform calls an operating system (`sys.platform`) and a processor (`platform.machine()`).

    On a Mac that is both processors: a Terraform for the other one runs there, too.
    """
    os_name = {"win32": "windows", "cygwin": "windows"}.get(system, re.sub(r"\d+\Z", "", system))
    if os_name == "darwin":
        return ("darwin_amd64", "darwin_arm64")
    name = machine.lower()
    return (f"{os_name}_{'arm' if name.startswith('armv') else _ARCHITECTURES.get(name, name)}",)


HERE = platforms(sys.platform, platform.machine())


def install(
    source: str,
    version: str,
    program: Package | Sequence[str | Path],
    mirror: Path | None = None,
    *,
    targets: Sequence[str] = HERE,
) -> list[Path]:
    """Make `program` the provider `source` in `version`, in the folder `mirror` (by default the user's own mirror).

    A program is a command, or a package, which is copied. Return the executables: one for each host and each target
    (OS_ARCH) that Terraform may ask for. Installing again changes nothing, another program replaces the old one in one
    step. On Windows the first word of a command is a program (.exe) that needs no arguments; it is copied. Raises
    `Error` for an address or a version that Terraform would refuse, and where nothing can be written.
    """
    address = Source.parse(source)
    if not _VERSION.match(version):
        raise Error(
            "Invalid version",
            f'"{version}" is none for Terraform. Write MAJOR.MINOR.PATCH, for example "1.2.0" or "1.2.0-beta1".',
        )
    mirror = mirror or user_mirror(os.environ)
    executables = []
    for host, target in itertools.product(address.hosts, targets):
        folder = mirror / host / address.namespace / address.type / version / target
        windows = target.startswith("windows")
        path = folder / (f"terraform-provider-{address.type}_v{version}" + (".exe" if windows else ""))
        with _translated(path):
            if isinstance(program, Package):
                place_package(program, path)
            else:
                content = _program(Path(program[0])) if windows else launcher(source, version, program).encode()
                _place(content, path)
        executables.append(path)
    return executables


@contextmanager
def _translated(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Error("Could not install the provider", f"Tried to write {path}: {error}.") from error


def module_command(module: str, system: str = sys.platform) -> list[str | Path]:
    """Return the command that runs `python -m module` with this Python.

    Neither PYTHON* variables nor the folder that Terraform runs in decide what is imported; a package that was
    installed with `pip install --user` is found. On Windows it is the module's console script, which is called like the
    module, with dashes.
    """
    if system == "win32":
        return [Path(sysconfig.get_path("scripts")) / f"{module.replace('_', '-')}.exe"]
    return [sys.executable, "-E", "-P", "-m", module]


def launcher(source: str, version: str, command: Sequence[str | Path]) -> str:
    """Return the script that becomes `command`, or says that its program is gone.

    It says so on stdout: Terraform quotes the first line there that is no handshake, and hides stderr.
    """
    program = str(command[0])
    gone = f"The provider {source} {version} was installed for {program}, which is gone. Install it again."
    return _LAUNCHER.format(
        source=source,
        version=version,
        program=shlex.quote(program),
        gone=shlex.quote(gone),
        command=shlex.join(map(str, command)),
    )


def user_mirror(environment: Mapping[str, str], system: str = sys.platform) -> Path:
    """Return the mirror that Terraform and OpenTofu search for this user by themselves."""
    if system == "win32":
        return Path(environment.get("APPDATA") or Path.home() / "AppData/Roaming") / "terraform.d" / "plugins"
    return Path(environment.get("HOME") or Path.home()) / ".terraform.d" / "plugins"


def _program(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Error(
            "Could not install the provider", f"Tried to read its program {path}: {error}. Install the package again."
        ) from error


def _place(content: bytes, path: Path) -> None:
    """Let the folder of `path` hold this one executable and nothing else."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.is_file() or path.read_bytes() != content or not os.access(path, os.X_OK):
        _replace(path, content)
    for other in path.parent.iterdir():
        if other != path:
            shutil.rmtree(other) if other.is_dir() and not other.is_symlink() else other.unlink()


def _replace(path: Path, content: bytes) -> None:
    """Write beside the folder first: nobody ever sees half a file, nor a second one in there."""
    fresh = path.parent.with_name(f".{path.name}.{os.getpid()}")
    try:
        fresh.write_bytes(content)
        fresh.chmod(0o755)
        fresh.replace(path)
    finally:
        fresh.unlink(missing_ok=True)
