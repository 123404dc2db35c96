"""Who is measured: Terraform alone, the provider from .venv, the provider from its package, the official provider."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.configurations import SOURCE
from benchmarks.results import FLOOR, OFFICIAL, OURS, PACKAGE
from terraform_plugin.install.mirror import install, module_command
from terraform_plugin.install.source import HERE

_PACKAGE = re.compile(r"terraform-provider-dynatrace_(\d[^_]*)_([a-z0-9]+_[a-z0-9]+)\.zip\Z")


@dataclass(frozen=True)
class Contestant:
    """One column: a plugin mirror with the provider in it; None for what Terraform has built in."""

    name: str
    mirror: Path | None


def contestants(environment: Mapping[str, str], dist: Path, folder: Path) -> list[Contestant]:
    """Return who takes part; mirrors are made in `folder`.

    `environment` may have OFFICIAL_PROVIDER (an executable) and PACKAGE (a zip of `make package`; by default the newest
    in `dist` that is for this machine). Raises `SystemExit` for a file that is not there.
    """
    mirrors = {name: folder / name for name in (OURS, PACKAGE, OFFICIAL)}
    found = [Contestant(FLOOR, None), Contestant(OURS, mirrors[OURS])]
    install(SOURCE, "0.1.0", module_command("terraform_provider_dynatrace"), mirrors[OURS])
    if package := _file(environment, "PACKAGE") or newest_package(dist):
        _put_package(package, mirrors[PACKAGE])
        found.append(Contestant(PACKAGE, mirrors[PACKAGE]))
    if official := _file(environment, "OFFICIAL_PROVIDER"):
        install(SOURCE, "0.1.0", [official], mirrors[OFFICIAL])
        found.append(Contestant(OFFICIAL, mirrors[OFFICIAL]))
    return found


def _file(environment: Mapping[str, str], variable: str) -> Path | None:
    """Return the file that a variable names."""
    if not (named := environment.get(variable)):
        return None
    if not Path(named).is_file():
        raise SystemExit(f"{variable}={named}: the file does not exist.")
    return Path(named).absolute()


def newest_package(dist: Path) -> Path | None:
    """Return the package for this machine that was built last."""
    here = [path for path in dist.glob("*.zip") if (name := _PACKAGE.match(path.name)) and name[2] in HERE]
    return max(here, key=lambda path: path.stat().st_mtime, default=None)


def _put_package(package: Path, mirror: Path) -> None:
    """Put the zip where Terraform unpacks it from. Source: packed layout of a filesystem mirror."""
    place = mirror / SOURCE
    place.mkdir(parents=True)
    shutil.copy(package, place)
