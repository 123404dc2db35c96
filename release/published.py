"""What a registry needs in addition to the zips: file names, checksums, and the manifest.

The publisher signs the checksums (SHA256SUMS.sig), because no build has the private key. Source:
docs/design/0008-sources.md#terraform-registry.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from release.archive import sha256
from terraform_plugin.install.source import platforms

TYPE = "dynatrace"
MANIFEST = {"version": 1, "metadata": {"protocol_versions": ["6.0"]}}
"""The provider only serves protocol 6, to every Terraform with any minor version of it."""


def this_target(system: str, machine: str) -> str:
    """Return OS_ARCH for `sys.platform` and `platform.machine()`. On macOS, only that of this machine."""
    architecture = platforms("any", machine)[0].rpartition("_")[2]
    return f"{platforms(system, machine)[0].partition('_')[0]}_{architecture}"


def zip_name(version: str, target: str) -> str:
    """Return the file name of a package."""
    return f"terraform-provider-{TYPE}_{version}_{target}.zip"


def executable_name(version: str, system: str) -> str:
    """Return the name of the executable. Terraform starts the first file whose name begins with its prefix."""
    return f"terraform-provider-{TYPE}_v{version}" + (".exe" if system == "win32" else "")


def parsed(name: str) -> tuple[str, str] | None:
    """Return version and target from the name of a zip, or None for other names."""
    found = re.fullmatch(rf"terraform-provider-{TYPE}_([^_]+)_([a-z0-9]+_[a-z0-9]+)\.zip", name)
    return (found[1], found[2]) if found else None


def write_manifest(folder: Path, version: str) -> Path:
    """Write the registry's manifest and return its path."""
    path = folder / f"terraform-provider-{TYPE}_{version}_manifest.json"
    path.write_text(json.dumps(MANIFEST, indent=2) + "\n", encoding="utf-8")
    return path


def write_sums(folder: Path, version: str) -> Path:
    """Write the checksums of all files of this version in `folder`, in the format of `sha256sum`.

    This includes zips that were built on other platforms.
    """
    path = folder / f"terraform-provider-{TYPE}_{version}_SHA256SUMS"
    names = (f"terraform-provider-{TYPE}_{version}_*", f"terraform_provider_{TYPE}-{version}-*.whl")
    files = {file for name in names for file in folder.glob(name) if not file.name.startswith(path.name)}
    lines = (f"{sha256(file)}  {file.name}\n" for file in sorted(files))
    path.write_text("".join(lines), encoding="utf-8")
    return path
