"""The SBOM of a package (CycloneDX), the list of its licences in Markdown, and the licence texts."""

from __future__ import annotations

import datetime as dt
import json
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path

from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.component import Component as Entry
from cyclonedx.model.component import ComponentType
from cyclonedx.model.license import LicenseExpression
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL

from release.archive import sha256
from release.components import Component
from release.contents import PROVIDER


def bill_of_materials(parts: Iterable[Component], moment: int) -> str:
    """Return the SBOM as CycloneDX JSON: every component with its licence, and its files with their SHA-256.

    Its time is `moment` (seconds since 1970). Its serial number is derived from its contents.
    """
    entries = {one.name: _entry(one) for one in parts}
    bom = Bom(
        components=[entry for name, entry in entries.items() if name != PROVIDER],
        metadata=BomMetaData(component=entries[PROVIDER], timestamp=dt.datetime.fromtimestamp(moment, dt.UTC)),
        serial_number=uuid.uuid5(uuid.NAMESPACE_URL, "\n".join(sorted(_digests(entries.values())))),
    )
    bom.register_dependency(entries[PROVIDER], bom.components)
    text = make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string()
    return json.dumps(json.loads(text), indent=1) + "\n"


def _entry(one: Component) -> Entry:
    return Entry(
        name=one.name,
        version=one.version,
        type=ComponentType.APPLICATION if one.name == PROVIDER else ComponentType.LIBRARY,
        bom_ref=one.purl,
        purl=PackageURL.from_string(one.purl),
        licenses=[LicenseExpression(one.licence)],
        components=[_file(name, path) for name, path in one.files.items()],
    )


def _file(name: str, path: Path) -> Entry:
    return Entry(
        name=name,
        type=ComponentType.FILE,
        bom_ref=f"file:{name}",
        hashes=[HashType(alg=HashAlgorithm.SHA_256, content=sha256(path))],
    )


def _digests(entries: Iterable[Entry]) -> Iterator[str]:
    for entry in entries:
        yield str(entry.purl)
        for file in entry.components:
            yield from (f"{file.name} {found.content}" for found in file.hashes)


def licence_list(parts: Iterable[Component]) -> str:
    """Return the list of components in Markdown, with their licences and the folders of the licence texts."""
    lines = (f"| {one.name} | {one.version} | {one.licence} | `{folder_of(one)}` |\n" for one in parts)
    return (
        "# Licences\n\nThe components of this package. The licence texts are in the folders next to this file.\n\n"
        "| component | version | licence | texts |\n| --- | --- | --- | --- |\n" + "".join(lines)
    )


def folder_of(one: Component) -> str:
    """Return the name of the folder with the licence texts of a component."""
    return f"{one.name}-{one.version}".replace(":", "-")


def licence_texts(parts: Iterable[Component]) -> dict[str, Path]:
    """Return the licence texts by their relative paths. Raises `SystemExit` for a component without one."""
    found: dict[str, Path] = {}
    for one in parts:
        if not one.texts:
            raise SystemExit(f"{one.name} contains no licence text ({one.licence}), which must be distributed with it.")
        found |= {f"{folder_of(one)}/{name}": path for name, path in one.texts.items()}
    return found
