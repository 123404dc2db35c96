"""A mirror: served over HTTPS it is Terraform's `network_mirror`, as a folder its `filesystem_mirror`.

Source: Terraform, "Provider Network Mirror Protocol", and the packed layout of a filesystem mirror: both have the zips
in HOST/NAMESPACE/TYPE/, the first beside an index of versions and an index of each version's zips.
"""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from release.archive import h1_of_zip, sha256
from release.published import TYPE, parsed
from terraform_plugin.diagnostics import Error
from terraform_plugin.install.mirror import Source


def add_to_mirror(mirror: Path, source: str, zips: Iterable[Path]) -> list[Path]:
    """Put packages into a mirror as the provider `source` and return the folders that they are in, one for each host.

    Versions and platforms that the mirror has already stay in it. Raises `Error` for an address that cannot be.
    """
    address = address_of(source)
    packages = list(zips)
    folders = [mirror / host / address.namespace / address.type for host in address.hosts]
    for folder in folders:
        folder.mkdir(parents=True, exist_ok=True)
        for package in packages:
            _in_one_step(folder / package.name, package)
        write_indexes(folder)
    return folders


def address_of(source: str) -> Source:
    """Return a source address that packages can have. Raises `Error` for any other."""
    address = Source.parse(source)
    if address.type != TYPE:
        raise Error(
            "Invalid source address", f'"{source}": what is in the packages is called {TYPE}; so must the type.'
        )
    return address


def write_indexes(folder: Path) -> None:
    """Describe the zips in a folder: what each version consists of first, then which versions there are."""
    versions: dict[str, dict[str, Any]] = defaultdict(dict)
    for path in sorted(folder.glob("*.zip")):
        if found := parsed(path.name):
            versions[found[0]][found[1]] = {"url": path.name, "hashes": [h1_of_zip(path), f"zh:{sha256(path)}"]}
    for version, archives in versions.items():
        _write_json(folder / f"{version}.json", {"archives": archives})
    _write_json(folder / "index.json", {"versions": {version: {} for version in versions}})


def _write_json(path: Path, content: object) -> None:
    fresh = path.with_name(f".{path.name}")
    fresh.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
    fresh.replace(path)


def _in_one_step(path: Path, content: Path) -> None:
    """Copy a file so that nobody is ever served half of it."""
    fresh = path.with_name(f".{path.name}")
    shutil.copyfile(content, fresh)
    fresh.replace(path)
