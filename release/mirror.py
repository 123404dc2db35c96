"""Writes a mirror that Terraform uses as a `filesystem_mirror`, or over HTTPS as a `network_mirror`.

Both have the zips in HOST/NAMESPACE/TYPE/. A network mirror also has an index of the versions, and one index of the
zips of each version. Source: docs/design/0008-sources.md#terraform-registry.
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
from terraform_plugin.install.source import Source


def add_to_mirror(mirror: Path, source: str, zips: Iterable[Path]) -> list[Path]:
    """Add packages to a mirror as the provider `source`. Return their folders, one for each host.

    Other versions and platforms stay in the mirror. Raises `Error` for an invalid address.
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
    """Return the parsed source address. Raises `Error` if packages cannot have it."""
    address = Source.parse(source)
    if address.type != TYPE:
        raise Error("Invalid source address", f'The type must be "{TYPE}", which the packages contain, got "{source}".')
    return address


def write_indexes(folder: Path) -> None:
    """Write the indexes of a folder: first the zips of each version, then the list of versions."""
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
    """Copy a file so that it is never served incomplete."""
    fresh = path.with_name(f".{path.name}")
    shutil.copyfile(content, fresh)
    fresh.replace(path)
