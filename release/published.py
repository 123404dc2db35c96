"""What a registry is given beside the zips: names, checksums, and the manifest.

Source: HashiCorp, "Publish a provider to the Terraform Registry". The signature of the checksums (SHA256SUMS.sig) is
the publisher's: it needs a private key, which no build has.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from release.archive import sha256
from terraform_plugin.install.mirror import platforms

TYPE = "dynatrace"
MANIFEST = {"version": 1, "metadata": {"protocol_versions": ["6.0"]}}
"""Protocol 6 is all that is served, with any Terraform that speaks a minor version of it."""


def this_target(system: str, machine: str) -> str:
    """Return OS_ARCH for what runs here: `sys.platform` and `platform.machine()`. A Mac is one of two here."""
    architecture = platforms("any", machine)[0].rpartition("_")[2]
    return f"{platforms(system, machine)[0].partition('_')[0]}_{architecture}"


def zip_name(version: str, target: str) -> str:
    """Return the name of a package."""
    return f"terraform-provider-{TYPE}_{version}_{target}.zip"


def executable_name(version: str, system: str) -> str:
    """Return what Terraform starts. It takes the first file in the package whose name begins like this one's."""
    return f"terraform-provider-{TYPE}_v{version}" + (".exe" if system == "win32" else "")


def parsed(name: str) -> tuple[str, str] | None:
    """Return version and target of a zip's name, None for anything else."""
    found = re.fullmatch(rf"terraform-provider-{TYPE}_([^_]+)_([a-z0-9]+_[a-z0-9]+)\.zip", name)
    return (found[1], found[2]) if found else None


def write_manifest(folder: Path, version: str) -> Path:
    """Write the registry's manifest and return its path."""
    path = folder / f"terraform-provider-{TYPE}_{version}_manifest.json"
    path.write_text(json.dumps(MANIFEST, indent=2) + "\n", encoding="utf-8")
    return path


def write_sums(folder: Path, version: str) -> Path:
    """Write the checksums of all that is published of this version in `folder`, in the form of `sha256sum`.

    Zips that were built on other platforms and put beside are in it, too.
    """
    path = folder / f"terraform-provider-{TYPE}_{version}_SHA256SUMS"
    names = (f"terraform-provider-{TYPE}_{version}_*", f"terraform_provider_{TYPE}-{version}-*.whl")
    files = {file for name in names for file in folder.glob(name) if not file.name.startswith(path.name)}
    lines = (f"{sha256(file)}  {file.name}\n" for file in sorted(files))
    path.write_text("".join(lines), encoding="utf-8")
    return path
