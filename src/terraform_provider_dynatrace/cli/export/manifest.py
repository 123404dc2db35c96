"""The manifest of an export: a file in its folder with the layout, and the names of the resources.

A resource keeps its name as long as its object exists: Terraform identifies resources by their names, and would
destroy and create one that gets another name. The file contains IDs and names, and nothing else from the environment.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from terraform_plugin import Error
from terraform_provider_dynatrace.cli.export.names import is_name
from terraform_provider_dynatrace.cli.export.resources import TYPES
from terraform_provider_dynatrace.cli.files import replace

FILE = ".dynatrace-export.json"


class Manifest(Struct, frozen=True):
    """What the folder contains from exports so far."""

    resources: Mapping[str, Mapping[str, str]] = {}
    """Names by type and object ID."""
    flat: bool | None = None
    """Whether the layout is flat; None for a new folder."""
    references: bool | None = None
    """Whether resources refer to each other; None for a new folder."""

    @property
    def names(self) -> dict[str, str]:
        """Return the names by object ID. All resources of an object have the same name."""
        return {object_id: name for names in self.resources.values() for object_id, name in names.items()}


def load(folder: Path) -> Manifest:
    """Return the manifest in the folder, or an empty one. Raises `Error` for a file that cannot be read."""
    try:
        content = json.loads((folder / FILE).read_text("utf-8"))
        return Manifest(_resources(content["resources"]), _switch(content["flat"]), _switch(content["references"]))
    except FileNotFoundError:
        return Manifest()
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise Error(
            "Cannot read the manifest of the export",
            f"{folder / FILE}: {error or type(error).__name__}. Restore the file from version control. If you delete "
            "it, resources may get other names, which makes Terraform destroy and create them.",
        ) from error


def save(folder: Path, manifest: Manifest) -> bool:
    """Write the manifest, sorted. Return whether the file changed."""
    content = {
        "flat": manifest.flat,
        "references": manifest.references,
        "resources": {
            type_name: dict(sorted(names.items())) for type_name, names in sorted(manifest.resources.items()) if names
        },
    }
    text = json.dumps(content, indent=2) + "\n"
    path = folder / FILE
    if path.exists() and path.read_text("utf-8") == text:
        return False
    replace(path, text)
    return True


def _resources(content: Any) -> dict[str, dict[str, str]]:
    """Return the names that are valid. They become paths of files, so a name that an export cannot write is dropped."""
    return {
        type_name: {
            object_id: name
            for object_id, name in content.get(type_name, {}).items()
            if isinstance(name, str) and is_name(name)
        }
        for type_name in TYPES
    }


def _switch(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("flat and references must be true or false")
    return value
