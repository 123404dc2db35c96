"""Adds the SBOM, the list of licences and the licence texts to a package."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from release.components import components
from release.freezing import RUNTIME, Frozen
from release.sbom import bill_of_materials, licence_list, licence_texts

_LICENCES = f"{RUNTIME}/licences"
"""The folder in the package. It is in the runtime folder, because `install` copies only that and the executable."""


class Described(Struct, frozen=True):
    """The two lists, and all files to add to the package, by their names in it."""

    materials: Path
    licences: Path
    in_package: dict[str, Path]


def describe(frozen: Frozen, work: Path, moment: int) -> Described:
    """Write the lists into `work`. Raises `SystemExit` for a file without a component, or one without a licence."""
    parts = components(frozen)
    materials, licences = work / "sbom.cdx.json", work / "licences.md"
    materials.write_text(bill_of_materials(parts, moment), encoding="utf-8")
    licences.write_text(licence_list(parts), encoding="utf-8")
    texts = {f"{_LICENCES}/{name}": path for name, path in licence_texts(parts).items()}
    lists = {f"{RUNTIME}/{materials.name}": materials, f"{_LICENCES}/README.md": licences}
    return Described(materials, licences, texts | lists)
