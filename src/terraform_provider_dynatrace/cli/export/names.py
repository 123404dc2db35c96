"""Names for resources and files: valid, unique and stable. Pure.

Valid for Terraform (HCL's identifiers) and for the file systems of Linux, macOS and Windows, where "A" and "a" are one
name and "con" is none. Stable: an object keeps its name whatever it is called later and whatever else appears.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping

LONGEST = 100
_VALID = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*\Z")
_KEYWORDS = {"true", "false", "null", "for", "in", "if", "else", "endif", "endfor"}
_ROOTS = {"count", "each", "self", "var", "local", "module", "data", "path", "terraform"}
_DEVICES = {"con", "prn", "aux", "nul"} | {f"{port}{number}" for port in ("com", "lpt") for number in range(1, 10)}
_RESERVED = _KEYWORDS | _ROOTS | _DEVICES


def is_name(text: str) -> bool:
    """Return whether the text could be a name made here."""
    return bool(_VALID.match(text)) and len(text) <= 2 * LONGEST


def identifier(text: str) -> str:
    """Return the text as an identifier: letters without their accents, other characters as one underscore.

    Texts that differ can become equal; `names` keeps them apart.
    """
    plain = "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))
    name = re.sub(r"[^A-Za-z0-9-]+", "_", plain)[:LONGEST].strip("_-") or "unnamed"
    return f"_{name}" if name[0].isdigit() or name.lower() in _RESERVED else name


def names(texts: Mapping[str, str], known: Mapping[str, str], taken: Iterable[str] = ()) -> dict[str, str]:
    """Return a name for every id in `texts` (id -> what Dynatrace calls it).

    `known` are the names that ids have since an earlier export, `taken` those of objects that are not in `texts`. Where
    several texts would get one name, all that have none yet get a part of their id's hash: so the result does not
    depend on an order.
    """
    used = {name.lower() for name in taken}
    found: dict[str, str] = {}
    for object_id in texts:
        name = known.get(object_id, "")
        if is_name(name) and name.lower() not in used:
            found[object_id] = name
            used.add(name.lower())
    fresh = {object_id: identifier(text) for object_id, text in texts.items() if object_id not in found}
    wished = Counter(name.lower() for name in fresh.values())
    for object_id in sorted(fresh):
        name = fresh[object_id]
        alone = wished[name.lower()] == 1 and name.lower() not in used
        found[object_id] = name if alone else _apart(name, object_id, used)
        used.add(found[object_id].lower())
    return found


def _apart(name: str, object_id: str, used: set[str]) -> str:
    digest = hashlib.sha256(object_id.encode()).hexdigest()
    lengths = (6, 12, len(digest))
    return next(longer for length in lengths if (longer := f"{name}_{digest[:length]}").lower() not in used)
