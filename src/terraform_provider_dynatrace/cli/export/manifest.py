"""What an export remembers in its folder: the layout, and the names that resources have.

A name is kept for as long as the object is there: Terraform knows resources by their names, so another name would mean
to destroy and create. The file holds no content of the tenant beside ids and names.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from terraform_plugin import Error
from terraform_provider_dynatrace.cli.export.folder import replace
from terraform_provider_dynatrace.cli.export.names import is_name
from terraform_provider_dynatrace.cli.export.options import TYPES

FILE = ".dynatrace-export.json"


@dataclass(frozen=True)
class Memory:
    """`resources` is type -> object id -> name; the rest is how they were laid out, None in a fresh folder."""

    resources: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    flat: bool | None = None
    references: bool | None = None

    @property
    def names(self) -> dict[str, str]:
        """Return the names by object id; an object has one name, whatever is made of it."""
        return {object_id: name for named in self.resources.values() for object_id, name in named.items()}


def load(folder: Path) -> Memory:
    """Return what an earlier export remembered in the folder. Raises `Error` for a file that cannot be understood."""
    try:
        found = json.loads((folder / FILE).read_text("utf-8"))
        return Memory(_resources(found["resources"]), _switch(found["flat"]), _switch(found["references"]))
    except FileNotFoundError:
        return Memory()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Error(
            "What an earlier export remembered cannot be read",
            f"{folder / FILE}: {error or type(error).__name__}. Restore it from version control. Without it, resources "
            "may get other names, which to Terraform are other resources; if that is fine, delete it.",
        ) from error


def save(folder: Path, memory: Memory) -> bool:
    """Write it down, sorted. Return whether anything changed."""
    content = {
        "flat": memory.flat,
        "references": memory.references,
        "resources": {name: dict(sorted(named.items())) for name, named in sorted(memory.resources.items()) if named},
    }
    text = json.dumps(content, indent=2) + "\n"
    path = folder / FILE
    if path.exists() and path.read_text("utf-8") == text:
        return False
    replace(path, text)
    return True


def _resources(found: Any) -> dict[str, dict[str, str]]:
    return {
        type_name: {one: name for one, name in found.get(type_name, {}).items() if _is_text(name) and is_name(name)}
        for type_name in TYPES
    }


def _is_text(found: Any) -> bool:
    return isinstance(found, str)


def _switch(found: Any) -> bool:
    if not isinstance(found, bool):
        raise TypeError("flat and references are true or false")
    return found
