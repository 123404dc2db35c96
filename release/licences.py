"""The licence of a component as an SPDX expression, and the texts that must be distributed with it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.metadata import Distribution
from pathlib import Path

from cyclonedx.spdx import is_expression, is_supported_id

from release.contents import normalized

_READ = {
    "hyperframe": "MIT",
    "protobuf": "BSD-3-Clause",
    "pyinstaller": "GPL-2.0-or-later WITH Bootloader-exception",
    "python-dateutil": "BSD-3-Clause AND (Apache-2.0 OR BSD-3-Clause)",  # the second for code added since 2017
    "s3transfer": "Apache-2.0",
}
"""Licences of distributions without an SPDX expression in their metadata, from their licence files."""

_SYSTEM = {
    "expat": "MIT",
    "gcc": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "libffi": "MIT",
    "mpdecimal": "BSD-2-Clause",
    "openssl": "Apache-2.0",
    "python": "PSF-2.0",
    "zlib": "Zlib",
}
"""Licences of libraries of the system, by the name of their source package without its version."""

_TEXT = re.compile(r"(LICEN[CS]E|COPYING|NOTICE|COPYRIGHT|AUTHORS)", re.IGNORECASE)


def licence_of(one: Distribution) -> str:
    """Return the SPDX expression of a distribution. Raises `SystemExit` if it is not known."""
    fields = one.metadata.json
    said = (fields.get("license_expression"), fields.get("license"), _READ.get(normalized(one.name)))
    found = next(
        (str(text) for text in said if text and (is_supported_id(str(text)) or is_expression(str(text)))), None
    )
    if found is None:
        raise SystemExit(f"{one.name} has no SPDX licence expression. Read its licence and add it to {Path(__file__)}.")
    return found


def licence_of_source(name: str) -> str:
    """Return the SPDX expression of a source package. Raises `SystemExit` if it is not known."""
    family = re.sub(r"[-\d.]+\Z", "", name)
    if family not in _SYSTEM:
        raise SystemExit(
            f"The package would contain a library of {name}, whose licence is not known. Exclude it in freezing.py, or "
            f"read its licence and add it to {Path(__file__)}."
        )
    return _SYSTEM[family]


def texts_of(one: Distribution) -> Mapping[str, Path]:
    """Return the licence files of a distribution and its SBOMs, by their names in the metadata folder.

    Source: PEP 639 (licenses/), PEP 770 (sboms/), and the locations used before them.
    """
    found: dict[str, Path] = {}
    for file in one.files or ():
        folder, *rest = file.parts
        if folder.endswith(".dist-info") and rest and (rest[0] in ("licenses", "sboms") or _TEXT.match(file.name)):
            found["/".join(rest[1:] if rest[0] == "licenses" else rest)] = Path(str(file.locate()))
    return found
