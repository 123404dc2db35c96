"""Names for resources and files: valid, unique and stable. Pure.

Valid means valid for Terraform (identifiers of HCL) and for the file systems of Linux, macOS and Windows, some of which
do not distinguish "A" from "a" and do not allow "con". Stable means that an object keeps its name if it is renamed in
Dynatrace, and whatever other objects are added. Source of the identifiers: docs/design/0008-sources.md#hcl.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping

MAX_LENGTH = 100
_VALID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")
_KEYWORDS = {"true", "false", "null", "for", "in", "if", "else", "endif", "endfor"}
_ROOTS = {"count", "each", "self", "var", "local", "module", "data", "path", "terraform"}
_DEVICES = {"con", "prn", "aux", "nul"} | {f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10)}
_RESERVED = _KEYWORDS | _ROOTS | _DEVICES


def is_name(text: str) -> bool:
    """Return whether the text is a name that `names` could return."""
    return bool(_VALID.match(text)) and len(text) <= 2 * MAX_LENGTH


def identifier(text: str) -> str:
    """Return the text as an identifier: letters without accents, and an underscore for other characters.

    Different texts can have the same identifier; `names` makes them unique.
    """
    plain = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    name = re.sub(r"[^A-Za-z0-9-]+", "_", plain)[:MAX_LENGTH].strip("_-") or "unnamed"
    return f"_{name}" if name[0].isdigit() or name.lower() in _RESERVED else name


def names(texts: Mapping[str, str], known: Mapping[str, str], taken: Iterable[str] = ()) -> dict[str, str]:
    """Return a name for every object ID in `texts`, which has the name of each object in Dynatrace.

    `known` are the names that IDs have since an earlier export. `taken` are names of objects that are not in `texts`.
    If several new objects would get the same name, each of them gets a part of the hash of its ID, so that the result
    does not depend on their order.
    """
    used = {name.lower() for name in taken}
    result: dict[str, str] = {}
    for object_id in texts:
        name = known.get(object_id, "")
        if is_name(name) and name.lower() not in used:
            result[object_id] = name
            used.add(name.lower())
    new = {object_id: identifier(text) for object_id, text in texts.items() if object_id not in result}
    counts = Counter(name.lower() for name in new.values())
    for object_id, name in sorted(new.items()):
        unique = counts[name.lower()] == 1 and name.lower() not in used
        result[object_id] = name if unique else _with_hash(name, object_id, used)
        used.add(result[object_id].lower())
    return result


def _with_hash(name: str, object_id: str, used: set[str]) -> str:
    digest = hashlib.sha256(object_id.encode()).hexdigest()
    lengths = (6, 12, len(digest))
    return next(longer for length in lengths if (longer := f"{name}_{digest[:length]}").lower() not in used)
