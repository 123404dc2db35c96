"""Under which licence something is, as an SPDX expression, and the texts that must go along with it."""

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
    "python-dateutil": "BSD-3-Clause AND (Apache-2.0 OR BSD-3-Clause)",  # the second for what was added since 2017
    "s3transfer": "Apache-2.0",
}
"""Of distributions whose metadata do not say it in SPDX's words: what their licence files say."""

_SYSTEM = {
    "expat": "MIT",
    "gcc": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "libffi": "MIT",
    "mpdecimal": "BSD-2-Clause",
    "openssl": "Apache-2.0",
    "python": "PSF-2.0",
    "zlib": "Zlib",
}
"""Of libraries that came with the system, by their source's name without a version."""

_TEXT = re.compile(r"(LICEN[CS]E|COPYING|NOTICE|COPYRIGHT|AUTHORS)", re.IGNORECASE)


def licence_of(one: Distribution) -> str:
    """Return the SPDX expression of a distribution. Raises `SystemExit` where nobody has read it yet."""
    fields = one.metadata.json
    said = (fields.get("license_expression"), fields.get("license"), _READ.get(normalized(one.name)))
    found = next(
        (str(text) for text in said if text and (is_supported_id(str(text)) or is_expression(str(text)))), None
    )
    if found is None:
        raise SystemExit(f"{one.name} does not name its licence as SPDX does. Read it, and add it to {Path(__file__)}.")
    return found


def licence_of_source(name: str) -> str:
    """Return the SPDX expression of a library of the system, by the name of its source. Raises `SystemExit`."""
    family = re.sub(r"[-\d.]+\Z", "", name)
    if family not in _SYSTEM:
        raise SystemExit(
            f"The package would have a library of {name} in it. Leave that out in freezing.py, or read its licence and "
            f"add it to {Path(__file__)}."
        )
    return _SYSTEM[family]


def texts_of(one: Distribution) -> Mapping[str, Path]:
    """Return the licence files of a distribution, and lists of what is compiled into it, by their name in there.

    Source: PEP 639 (licenses/) and 770 (sboms/), and the places from before.
    """
    found: dict[str, Path] = {}
    for file in one.files or ():
        folder, *rest = file.parts
        if folder.endswith(".dist-info") and rest and (rest[0] in ("licenses", "sboms") or _TEXT.match(file.name)):
            found["/".join(rest[1:] if rest[0] == "licenses" else rest)] = Path(str(file.locate()))
    return found
