"""Put what is said about a package into it: the list for scanners, the list for people, the licence texts."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from release.components import components
from release.freezing import RUNTIME, Frozen
from release.sbom import bill_of_materials, licence_list, licence_texts

_LICENCES = f"{RUNTIME}/licences"
"""The folder in the package. It is in the runtime, which is what goes along when a package is installed."""


class Described(Struct, frozen=True):
    """The two lists, and all files that go into the package with them, by their name in it."""

    materials: Path
    licences: Path
    in_package: dict[str, Path]


def describe(frozen: Frozen, work: Path, moment: int) -> Described:
    """Write the lists below `work`. Raises `SystemExit` for what has no owner or no licence."""
    parts = components(frozen)
    materials, licences = work / "sbom.cdx.json", work / "licences.md"
    materials.write_text(bill_of_materials(parts, moment), encoding="utf-8")
    licences.write_text(licence_list(parts), encoding="utf-8")
    texts = {f"{_LICENCES}/{name}": path for name, path in licence_texts(parts).items()}
    lists = {f"{RUNTIME}/{materials.name}": materials, f"{_LICENCES}/README.md": licences}
    return Described(materials, licences, texts | lists)
