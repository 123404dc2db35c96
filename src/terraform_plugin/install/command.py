"""The commands `install` and `uninstall`, for any provider's program."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from terraform_plugin.command_line import Parser
from terraform_plugin.diagnostics import Error
from terraform_plugin.install.cli_configuration import provider_installation
from terraform_plugin.install.mirror import Installation, install, installations, uninstall
from terraform_plugin.install.package import Package
from terraform_plugin.install.source import DEFAULT_HOSTS, HERE, Source
from terraform_plugin.install.tree import write
from terraform_plugin.install.user_folders import (
    default_mirror,
    forget,
    registry_mirror,
    remember,
    remembered,
    user_data,
    user_mirror,
)
from terraform_plugin.output import Output

Program = Package | Sequence[str | Path]
Commands = argparse._SubParsersAction  # noqa: SLF001  # what add_subparsers returns has no public name


def add_commands(
    commands: Commands[argparse.ArgumentParser] | Commands[Parser],
    source: str,
    version: str,
    program: Callable[[], Program],
    environ: Mapping[str, str] = os.environ,
) -> None:
    """Add `install` and `uninstall` of a provider to a program's commands.

    `source` is its usual address, and `program` returns what is installed. `environ` names the user's folders. The
    parsed arguments have a `run`, which takes them and returns the exit status; it raises `Error`.
    """
    installing = commands.add_parser(
        "install",
        help="put the provider where `terraform init` finds it",
        description="Puts the provider into a mirror on this machine. What Terraform reads there is the same on every "
        "machine, so a committed .terraform.lock.hcl works for all who install the same version.",
    )
    installing.add_argument(
        "--list", action="store_true", help="show what is installed, in which mirror, and how to undo it"
    )
    installing.add_argument(
        "--version",
        default=version,
        metavar="VERSION",
        help="the version that Terraform sees, for configurations that require one of another provider with this "
        "address (default: %(default)s)",
    )
    installing.set_defaults(run=lambda options: _install(options, program(), environ))
    uninstalling = commands.add_parser(
        "uninstall",
        help="undo `install`",
        description="Removes what `install` with the same options put into a mirror, in every version. Other files are "
        "left alone.",
    )
    uninstalling.set_defaults(run=lambda options: _uninstall(options, environ))
    for parser in (installing, uninstalling):
        parser.add_argument(
            "--dir",
            type=Path,
            metavar="DIR",
            help="the mirror (default: the one that Terraform searches without configuration; for the address of a "
            "registry, a separate one)",
        )
        parser.add_argument(
            "--source", default=source, metavar="ADDRESS", help="the provider's address (default: %(default)s)"
        )
        parser.set_defaults(program=parser.prog.rpartition(" ")[0])


def _install(options: argparse.Namespace, program: Program, environ: Mapping[str, str]) -> int:
    if options.list:
        _write(_list(options, environ))
        return 0
    address = Source.parse(options.source)
    mirror = options.dir or default_mirror(address, environ)
    for path in install(options.source, options.version, program, mirror):
        _write(f"Installed {options.source} {options.version}: {path}\n")
    _remember(mirror, environ)
    _write(_sudo_note(options, environ))
    if HERE[0].startswith("windows") and not isinstance(program, Package):
        _write(_WINDOWS)
    if _is_registry_mirror(mirror, environ):
        file = _configure(environ)
        _write(_registry_note(options, address, file, environ))
    _write(_NEXT.format(name=address.type, source=options.source, version=options.version))
    return 0


def _uninstall(options: argparse.Namespace, environ: Mapping[str, str]) -> int:
    address = Source.parse(options.source)
    mirror = options.dir or default_mirror(address, environ)
    found = [one for one in installations(mirror) if one.name in address.names]
    for one in found:
        left = uninstall(one)
        _write(f"Removed {one.name} {one.version} ({one.target}) from {mirror}\n")
        for path in left:
            _write(f"Left {path}: it was changed after it was installed.\n")
    if not found:
        _write(f"{options.source} is not installed in {mirror}. `{options.program} install --list` shows what is.\n")
    if not any(installations(mirror)):
        with suppress(Error):  # without a home folder there is no note of it
            forget(mirror, environ)
    if found and _is_registry_mirror(mirror, environ):
        _configure(environ)
    return 0


def _write(text: str) -> None:
    Output(sys.stdout).write(text)


def _list(options: argparse.Namespace, environ: Mapping[str, str]) -> str:
    try:
        mirrors = [user_mirror(environ), registry_mirror(environ), *remembered(environ)]
    except Error:
        if not options.dir:
            raise
        mirrors = []
    if options.dir:
        mirrors.insert(0, options.dir)
    text = ""
    for mirror in dict.fromkeys(path.absolute() for path in mirrors):
        for one in installations(mirror):
            text += f"{one.name} {one.version} ({one.target})\n  mirror  {mirror}\n"
            text += f"  starts  {_started(one)}\n"
            text += f"  undo    {_undo(options.program, one, environ)}\n"
    return text or "Nothing is installed.\n"


def _started(one: Installation) -> str:
    try:
        return shlex.join(one.command) or str(one.executable)
    except OSError as error:  # for example, another user has installed it, who alone may read the file
        return f"unknown, {error.filename} cannot be read: {error.strerror}"


def _undo(program: str, one: Installation, environ: Mapping[str, str]) -> str:
    source = f"{one.namespace}/{one.type}" if one.host in DEFAULT_HOSTS else one.name
    words = [program, "uninstall", "--source", source]
    with suppress(Error):  # without a home folder there is no default
        if one.mirror == default_mirror(Source.parse(source), environ).absolute():
            return shlex.join(words)
    return shlex.join([*words, "--dir", str(one.mirror)])


def _is_registry_mirror(mirror: Path, environ: Mapping[str, str]) -> bool:
    """Tell whether Terraform searches a mirror only if it is configured to; False for a user without a home folder."""
    with suppress(Error):
        return mirror == registry_mirror(environ)
    return False


def _remember(mirror: Path, environ: Mapping[str, str]) -> None:
    try:
        remember(mirror, environ)
    except (OSError, Error) as error:  # a container's user may have no home that can be written
        _write(f"`install --list` will not show {mirror}: could not note it ({error}).\n")


def _configure(environ: Mapping[str, str]) -> Path:
    """Write the CLI configuration that turns on everything in the registries' mirror, and return its path."""
    file = user_data(environ) / "terraform.tfrc"
    sources = [*dict.fromkeys(_short(one) for one in installations(registry_mirror(environ)))]
    if sources:
        write(file, _block(sources, environ).encode(errors="surrogateescape"))
    else:
        file.unlink(missing_ok=True)
    return file


def _block(sources: Iterable[str], environ: Mapping[str, str]) -> str:
    usual = user_mirror(environ)
    names = sorted({"/".join(path.relative_to(usual).parts) for path in usual.glob("*/*/*") if path.is_dir()})
    return provider_installation(registry_mirror(environ), sources, usual if usual.is_dir() else None, names)


def _short(one: Installation) -> str:
    """Return the address as both Terraform and OpenTofu read it: without the host that each puts there by itself."""
    return f"{one.namespace}/{one.type}" if one.host in DEFAULT_HOSTS else one.name


def _registry_note(options: argparse.Namespace, address: Source, file: Path, environ: Mapping[str, str]) -> str:
    return _REGISTRY.format(
        source=options.source,
        hosts=" or ".join(address.hosts),
        variable=f'$env:TF_CLI_CONFIG_FILE = "{file}"'
        if sys.platform == "win32"
        else f"export TF_CLI_CONFIG_FILE={shlex.quote(str(file))}",
        block="".join(f"  {line}\n" for line in _block([options.source.lower()], environ).splitlines()),
        undo=shlex.join([options.program, "uninstall", "--source", options.source]),
    )


def _sudo_note(options: argparse.Namespace, environ: Mapping[str, str]) -> str:
    user = environ.get("SUDO_USER", "root")
    return "" if options.dir or user == "root" else _SUDO.format(user=user)


_REGISTRY = """
Terraform does not use it yet. The address belongs to a registry ({hosts}),
and Terraform does not query the registry for a provider that it finds in a local mirror. So this provider is in a
mirror that Terraform searches only if you configure it to.

To use it in this shell:

  {variable}

Or for all your projects, in the CLI configuration (~/.terraformrc):

{block}
To undo the installation: {undo}
"""

_SUDO = """
It is installed for the user that sudo switched to. To install it for {user}, run the command without sudo.
"""

_WINDOWS = """
On Windows, the checksum in .terraform.lock.hcl is valid on this machine only. For a team, use the package.
"""

_NEXT = """
Next, add this to a Terraform configuration, and run terraform init:

  terraform {{
    required_providers {{
      {name} = {{
        source  = "{source}"
        version = "{version}"
      }}
    }}
  }}
"""
